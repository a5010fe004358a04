"""The page in a real browser."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, async_playwright, expect

from bot.ports import Post, Reply, Request
from bot.ui import Button, Buttons, Call, Card, Form, Number, ShortText, Text, When
from tests.adapters.web.browser import (
    ARGUMENTS,
    CONTRASTS,
    PHONE,
    Crowd,
    chromium,
    connected,
    focused,
    tab_to,
    type_line,
)
from tests.adapters.web.world import BOARD, FORM, GALLERY, NOON, QUESTION, World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

FIRST = "play.answer:1:0:A"
ASK_FORM = Form("About you", (ShortText("zone", "Zone", "Such as UTC"), Number("count", "Count")), Call("save"))
OPENER = Card("Settings", (Buttons(Button("Change", Call("open")), Button("Other", Call("other"))),))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="module")
async def world(web_template: Path, tmp_path: Path) -> AsyncIterator[World]:
    path = tmp_path / "quizbot.sqlite3"
    shutil.copy(web_template, path)
    made = World(f"sqlite:///{path}")
    await made.start()
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def crowd(browser: Browser, world: World) -> AsyncIterator[Crowd]:
    """People at the playground; a test fails if their pages log an error or ask another site for anything."""
    people = Crowd(browser, world)
    yield people
    await people.close()
    assert people.troubles == []


# ---- coming in


async def test_who_comes_first_says_their_name_and_is_remembered(crowd: Crowd) -> None:
    crowd.expected = ("Failed to load resource",)
    page = await crowd.stranger()
    assert await focused(page) == "Your name"
    await page.keyboard.press("Escape")
    await expect(page.locator("#naming")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator("#name-error")).to_have_text("Your name is empty. Type what your team calls you.")
    await page.keyboard.type("Ann")
    await page.keyboard.press("Enter")
    await expect(page.locator(".me strong")).to_have_text("Ann")
    await page.reload()
    await expect(page.locator(".me strong")).to_have_text("Ann")


async def test_a_taken_name_comes_back_with_one_that_is_free(crowd: Crowd) -> None:
    crowd.expected = ("Failed to load resource",)
    await crowd.enter("Ann")
    page = await crowd.stranger()
    await page.fill("#name", "ann")
    await page.keyboard.press("Enter")
    await expect(page.locator("#name-error")).to_have_text("ann is here already. How about ann 2?")
    await expect(page.locator("#name")).to_have_value("ann 2")
    await page.keyboard.press("Enter")
    await expect(page.locator(".me strong")).to_have_text("ann 2")


async def test_a_name_can_be_changed(crowd: Crowd) -> None:
    page = await crowd.enter("Ann")
    await page.click(".me")
    await page.fill("#name", "Anna")
    await page.click("#naming button[type=submit]")
    await expect(page.locator(".me strong")).to_have_text("Anna")


async def test_a_link_on_another_site_does_not_make_a_second_person(crowd: Crowd) -> None:
    page = await crowd.enter("Ann")
    await page.route(
        "http://other.example/",
        lambda route: route.fulfill(body=f'<a href="{crowd.world.address}">play</a>', content_type="text/html"),
    )
    await page.goto("http://other.example/")
    await page.click("a")
    await expect(page.locator(".me strong")).to_have_text("Ann")
    crowd.troubles = [line for line in crowd.troubles if "other.example" not in line]


# ---- messages


async def test_a_line_of_a_second_person_arrives_by_itself(crowd: Crowd) -> None:
    ann, bo = await crowd.enter("Ann"), await crowd.enter("Bo")
    await type_line(bo, "Hello **everybody** <b>")
    await expect(ann.locator("#stream-daily .said .text")).to_have_text("Hello **everybody** <b>")
    await expect(bo.locator("#line")).to_have_value("")
    await type_line(bo, "/quiz help")
    await expect(bo.locator(".typed")).to_contain_text("Bo used /quiz help")
    await type_line(bo, "Still here?")
    await expect(ann.locator("#stream-daily .said .text")).to_have_count(2)
    await expect(ann.locator(".typed")).to_have_count(0)
    await expect(ann.locator(".private")).to_have_count(0)


async def test_other_channels_show_how_much_is_unread(crowd: Crowd) -> None:
    ann, bo = await crowd.enter("Ann"), await crowd.enter("Bo")
    await bo.get_by_role("link", name="general").click()
    await expect(bo).to_have_url(f"{crowd.world.address}/c/general")
    await type_line(bo, "Lunch?")
    await expect(ann.get_by_role("link", name="general")).to_contain_text("1")
    await expect(ann).to_have_title("(1) #daily · Quizbot")
    await ann.get_by_role("link", name="general").click()
    await expect(ann.locator("#stream-general .said .text")).to_have_text("Lunch?")
    await expect(ann).to_have_title("#general · Quizbot")
    await ann.go_back()
    await expect(ann.locator("#stream-daily")).to_be_visible()
    await expect(ann.locator("#stream-general")).to_be_hidden()


async def test_pressing_a_button_brings_a_private_reply_and_twice_is_once(crowd: Crowd) -> None:
    await crowd.world.post(QUESTION)
    page = await crowd.enter("Ann")
    crowd.world.app.replies[FIRST] = Reply(private=Card("✗ Not quite: B", (Text("You chose A."),), "wrong"))
    await page.get_by_role("button", name="A", exact=True).dblclick()
    verdict = page.locator(".private")
    await expect(verdict).to_contain_text("Only you can see this")
    await expect(verdict).to_contain_text("Not quite: B")
    await expect(page.locator("button[aria-busy=true]")).to_have_count(0)
    assert len(crowd.world.app.heard) == 1


async def test_a_pressed_button_is_busy_until_the_answer_comes(crowd: Crowd) -> None:
    await crowd.world.post(QUESTION)
    page = await crowd.enter("Ann")
    go = asyncio.Event()
    handle = crowd.world.app.handle

    async def slow(request: Request) -> Reply:
        await go.wait()
        return await handle(request)

    crowd.world.app.handle = slow  # type: ignore[method-assign]
    button = page.get_by_role("button", name="A", exact=True)
    await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")
    go.set()
    await expect(button).not_to_have_attribute("aria-busy", "true")


async def test_an_edit_leaves_focus_and_buttons_where_they_were(crowd: Crowd) -> None:
    receipt = await crowd.world.post(QUESTION)
    page = await crowd.enter("Ann")
    await tab_to(page, "B")
    await page.evaluate("document.activeElement.kept = true")
    fresh = Card(QUESTION.title, (*QUESTION.body[:-1], Text("8 have answered", small=True)), QUESTION.accent)
    await crowd.world.web.edit(Post("post", "web", "playground", "daily", fresh, receipt=receipt))
    await expect(page.locator("article.ours")).to_contain_text("8 have answered")
    assert await focused(page) == "B"
    assert await page.evaluate("document.activeElement.kept") is True
    await expect(page.locator("article.ours")).to_have_attribute("aria-live", "off")


async def test_focus_stays_on_a_message_whose_buttons_are_gone(crowd: Crowd) -> None:
    await crowd.world.post(QUESTION)
    page = await crowd.enter("Ann")
    crowd.world.app.replies[FIRST] = Reply(update=Card("A question", (Text("You answered A."),)))
    await tab_to(page, "A")
    await page.keyboard.press("Enter")
    await expect(page.locator("article.ours")).to_contain_text("You answered A.")
    assert await page.evaluate("document.activeElement.matches('article.ours')")


async def test_a_button_that_is_outdated_says_what_to_do(crowd: Crowd) -> None:
    crowd.expected = ("Failed to load resource",)
    receipt = await crowd.world.post(QUESTION)
    page = await crowd.enter("Ann")
    await page.evaluate("document.querySelector('[data-call]').dataset.call = 'forged:1'")
    await page.get_by_role("button", name="A", exact=True).click()
    await expect(page.locator("#toasts[role=alert] .toast")).to_contain_text("Look for the newest message")
    assert receipt
    await page.get_by_role("button", name="Dismiss").click()
    await expect(page.locator(".toast")).to_have_count(0)


async def test_a_menu_acts_on_choice_and_by_arrow_keys_only_on_enter(crowd: Crowd) -> None:
    await crowd.world.post(BOARD)
    page = await crowd.enter("Ann")
    menu = page.locator("article select")
    await menu.select_option("today")
    await expect(page.locator(".private")).to_have_count(1)
    await menu.focus()
    await menu.dispatch_event("keydown", {"key": "ArrowDown", "bubbles": True})
    await menu.evaluate("e => { e.value = 'week'; e.dispatchEvent(new Event('change', {bubbles: true})) }")
    await menu.dispatch_event("keydown", {"key": "Enter", "bubbles": True})
    await expect(page.locator(".private")).to_have_count(2)
    assert [request.what for request in crowd.world.app.heard] == [
        Call.of("board", "turn", "today"),
        Call.of("board", "turn", "week"),
    ]


async def test_earlier_messages_can_be_shown(crowd: Crowd) -> None:
    for n in range(60):
        await crowd.world.post(Card(f"Number {n}"), key=f"n{n}")
    page = await crowd.enter("Ann")
    await expect(page.locator("#stream-daily article")).to_have_count(50)
    await page.get_by_role("button", name="Show earlier messages").click()
    await expect(page.locator("#stream-daily article")).to_have_count(60)
    await expect(page.locator("#stream-daily article").first).to_contain_text("Number 0")


async def test_times_are_those_of_the_reader(crowd: Crowd) -> None:
    await crowd.world.post(Card("When", (Text("At ", When(NOON, "time"), " on ", When(NOON, "date")),)))
    page = await crowd.enter("Ann", timezone_id="Asia/Tokyo")
    await expect(page.locator("article .text")).to_have_text("At 21:00 on 24 November")
    await type_line(page, "/quiz help")
    await expect(page.locator(".typed")).to_have_count(1)
    assert crowd.world.app.heard[-1].person.zone == "Asia/Tokyo"


# ---- forms


async def test_a_form_is_filled_refused_and_sent_by_keyboard_alone(crowd: Crowd) -> None:
    await crowd.world.post(OPENER)
    page = await crowd.enter("Ann")

    def save(request: Request) -> Reply:
        if request.values["zone"] != ("UTC",):
            return Reply(errors={"zone": "There is no such zone. Try Europe/Berlin."})
        return Reply(update=Card("Settings, saved", OPENER.body))

    crowd.world.app.replies |= {"open": Reply(form=ASK_FORM), "save": save}
    await tab_to(page, "Change")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="About you")).to_be_visible()
    assert await focused(page) == "Zone"
    await page.keyboard.type("Mars")
    await page.keyboard.press("Enter")
    zone = page.get_by_label("Zone")
    await expect(zone).to_have_attribute("aria-invalid", "true")
    await expect(zone).to_have_accessible_description("Such as UTC There is no such zone. Try Europe/Berlin.")
    assert await focused(page) == "Zone"
    await expect(page.get_by_label("Count")).not_to_have_attribute("aria-invalid", "true")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("UTC")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.locator("article.ours")).to_contain_text("Settings, saved")
    assert await focused(page) == "Change"


async def test_a_form_can_be_left_and_focus_goes_back(crowd: Crowd) -> None:
    await crowd.world.post(OPENER)
    page = await crowd.enter("Ann")
    crowd.world.app.replies["open"] = Reply(form=FORM)
    await page.get_by_role("button", name="Change", exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert await focused(page) == "Change"


async def test_every_input_sends_what_was_given(crowd: Crowd) -> None:
    await crowd.world.post(OPENER)
    page = await crowd.enter("Ann")
    crowd.world.app.replies["open"] = Reply(form=FORM)
    await page.get_by_role("button", name="Change", exact=True).click()
    await page.get_by_label("A line").fill("short")
    await page.get_by_label("Some lines").fill("one\ntwo")
    await page.get_by_label("A number").fill("12 s")
    await page.get_by_label("One of").select_option(label="First")
    await page.get_by_label("Choice 1").check()
    await page.get_by_label("Choice 3").check()
    await page.get_by_role("button", name="Send").last.click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert crowd.world.app.heard[-1].values == {
        "short": ("short",),
        "long": ("one\ntwo",),
        "number": ("12 s",),
        "one": ("1",),
        "some": ("1", "3"),
    }


# ---- typing


async def test_commands_are_completed_by_keyboard(crowd: Crowd) -> None:
    crowd.world.app.lines = ["/quiz leaderboard", "/quiz leaderboard today", "/quiz leaderboard week", "/quiz help"]
    page = await crowd.enter("Ann")
    line, offers = page.locator("#line"), page.locator("#offers [role=option]")
    await line.focus()
    await page.keyboard.type("/")
    await expect(offers).to_have_count(4)
    await expect(line).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("Escape")
    await expect(page.locator("#offers")).to_be_hidden()
    await expect(line).to_have_attribute("aria-expanded", "false")
    await page.keyboard.type("quiz le")
    await expect(offers).to_have_count(3)
    await page.keyboard.press("Tab")
    await expect(line).to_have_value("/quiz leaderboard ")
    await expect(offers).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(offers.nth(1)).to_have_attribute("aria-selected", "true")
    await expect(line).to_have_attribute("aria-activedescendant", "offer-1")
    await page.keyboard.press("Enter")
    await expect(line).to_have_value("/quiz leaderboard week ")
    await expect(page.locator("#offers")).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(page.locator(".typed")).to_contain_text("Ann used /quiz leaderboard week")
    assert crowd.world.app.heard[-1].what == "/quiz leaderboard week"


async def test_what_was_typed_survives_a_reload(crowd: Crowd) -> None:
    page = await crowd.enter("Ann")
    await page.fill("#line", "half a thought")
    await page.reload()
    await expect(page.locator("#line")).to_have_value("half a thought")


async def test_the_page_says_that_the_bot_is_away_and_comes_back_without_loss(crowd: Crowd) -> None:
    crowd.expected = ("Failed to load resource", "GET http", "POST http")
    await crowd.world.post(QUESTION)
    page = await crowd.enter("Ann")
    await crowd.world.stop()
    await expect(page.locator("#link")).to_have_text("Reconnecting …")
    await type_line(page, "Anybody there?")
    await expect(page.locator(".toast")).to_contain_text("What you typed is still here")
    await expect(page.locator("#line")).to_have_value("Anybody there?")
    await crowd.world.write(Card("Said while you were away"))
    await crowd.world.restart()
    await expect(page.locator("article").last).to_contain_text("Said while you were away", timeout=10_000)
    await expect(page.locator("#link")).to_have_text("")
    await page.press("#line", "Enter")
    await expect(page.locator(".said .text")).to_have_text("Anybody there?")
    await page.get_by_role("button", name="B", exact=True).click()
    await expect(page.locator(".private")).to_contain_text("Nothing to say to play.answer:1:0:B")


async def test_a_stream_that_is_refused_is_asked_for_again(crowd: Crowd) -> None:
    crowd.expected = ("Failed to load resource",)
    page = await crowd.enter("Ann")
    refusals: list[str] = []

    async def refuse(route: Route) -> None:
        refusals.append(route.request.url)
        await route.fulfill(status=503, body="busy")

    await page.route("**/events*", refuse, times=1)
    await page.reload()
    await expect(page.locator("#link")).to_have_text("Reconnecting …")
    await connected(page)
    assert len(refusals) == 1


async def test_lines_typed_one_after_another_arrive_in_order(crowd: Crowd) -> None:
    page = await crowd.enter("Ann")
    for word in ("one", "two", "three"):
        await type_line(page, word)
    await expect(page.locator(".said .text")).to_have_text(["one", "two", "three"])


# ---- how it looks, and how it is for everybody


async def fill(world: World) -> None:
    for n, card in enumerate(GALLERY):
        pictures = tuple(element for element in card.body if type(element).__name__ != "Image")
        await world.post(Card(card.title, pictures, card.accent), key=f"card:{n}")


async def test_a_phone_never_scrolls_sideways(crowd: Crowd) -> None:
    await fill(crowd.world)
    page = await crowd.enter("Somebody with quite a long name indeed", viewport=PHONE, is_mobile=True, has_touch=True)
    await type_line(page, "x" * 300)
    await expect(page.locator(".said")).to_have_count(1)
    wide = await page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("main, .stream, .side")]
            .filter((element) => element.scrollWidth > element.clientWidth).map((element) => element.className)"""
    )
    assert wide == []
    await expect(page.get_by_role("link", name="general")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_stands_out_from_its_ground(crowd: Crowd, scheme: Any) -> None:
    await fill(crowd.world)
    page = await crowd.enter("Ann", color_scheme=scheme)
    await type_line(page, "A line")
    await type_line(page, "/quiz help")
    await expect(page.locator(".typed")).to_have_count(1)
    contrasts: list[tuple[float, str]] = await page.evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert [found for found in contrasts if found[0] < 4.5] == []
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")


async def test_every_control_has_a_name_and_the_page_its_landmarks(crowd: Crowd) -> None:
    await fill(crowd.world)
    page = await crowd.enter("Ann")
    crowd.world.app.replies["board:teams"] = Reply(form=FORM)
    await page.get_by_role("button", name="Teams").click()
    await expect(page.get_by_role("dialog", name="Everything")).to_be_visible()
    session = await page.context.new_cdp_session(page)
    controls = {"button", "link", "textbox", "combobox", "listbox", "radio", "checkbox", "group", "radiogroup", "image"}
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    await page.keyboard.press("Escape")
    nodes += (await session.send("Accessibility.getFullAXTree"))["nodes"]
    shown = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    assert [role for role, name in shown if role in controls and not name.strip()] == []
    roles = {role for role, _ in shown}
    assert {"banner", "navigation", "main", "form", "log", "heading", "dialog", "table", "image"} <= roles
    assert ("log", "Messages in #daily") in shown
    assert ("form", "Write a message") in shown


async def test_the_keyboard_goes_through_the_page_in_reading_order(crowd: Crowd) -> None:
    await crowd.world.post(QUESTION)
    page = await crowd.enter("Ann")
    await page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    order = []
    for _ in range(12):
        await page.keyboard.press("Tab")
        order.append(await focused(page))
    assert order == [
        "Skip to the message box",
        *("daily", "quiz", "general"),
        "AnnChange name",
        "Messages in #daily",
        *("A", "B", "C", "D"),
        "Message",
        "Send",
    ]


async def test_messages_are_announced_as_they_come_and_the_status_too(crowd: Crowd) -> None:
    page = await crowd.enter("Ann")
    log = page.get_by_role("log", name="Messages in #daily")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log).to_have_attribute("aria-relevant", "additions")
    await expect(page.locator("#link")).to_have_role("status")
    await expect(page.locator("#toasts")).to_have_role("alert")


async def test_without_scripts_the_page_says_what_it_needs(crowd: Crowd) -> None:
    context = await crowd.browser.new_context(java_script_enabled=False)
    crowd.contexts.append(context)
    page = await context.new_page()
    await page.goto(crowd.world.address)
    await expect(page.locator(".noscript")).to_contain_text("This page is a chat and needs JavaScript.")


async def test_a_tab_too_many_rests_and_wakes_when_it_is_used(crowd: Crowd) -> None:
    first = await crowd.enter("Ann")
    tabs = []
    for _ in range(4):
        tab = await first.context.new_page()
        crowd.watch(tab)
        await tab.goto(crowd.world.address)
        await connected(tab)
        tabs.append(tab)
    await type_line(tabs[-1], "Hello from the last tab")
    for tab in tabs:
        await expect(tab.locator(".said .text")).to_have_text("Hello from the last tab")
    await first.bring_to_front()
    await first.evaluate("dispatchEvent(new Event('focus'))")
    await expect(first.locator(".said .text")).to_have_text("Hello from the last tab")
