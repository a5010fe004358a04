"""Typing, pressing and sending forms, without a browser."""

import html
import re
from typing import Any

import httpx
import pytest

from bot.ports import Person, Reply, Request
from bot.ui import Button, Buttons, Call, Card, Form, Select, ShortText
from tests.adapters.web.world import BOARD, GALLERY, Visitor, World

ASK = Card("A question", (Buttons(Button("A", Call.of("answer", "A")), Button("Open", Call("open"))),), "question")
FORM = Form("About you", (ShortText("name", "Name"), ShortText("zone", "Zone", required=False)), Call("save"))


def messages(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["messages"]
    return found


def handle(message: dict[str, Any]) -> str:
    """What the controls of a message say it is."""
    return html.unescape(re.findall(r'data-message="([^"]+)"', message["html"])[0])


def token(response: httpx.Response) -> str:
    return html.unescape(re.findall(r'data-form="([^"]+)"', response.json()["form"])[0])


async def ask(world: World, ann: Visitor, card: Card = ASK, person: str = "") -> str:
    await world.post(card, person=person)
    return handle((await ann.sees())[-1])


# ---- typing


async def test_a_plain_line_is_said_to_everybody(ann: Visitor, bo: Visitor) -> None:
    said = messages(await ann.say("Good   morning"))[0]
    assert said["mine"]
    seen = (await bo.sees())[0]
    assert "Good morning" in seen["html"]
    assert not seen["mine"]
    assert "Only you can see this" not in seen["html"]


async def test_a_command_and_its_private_reply_are_seen_by_nobody_else(world: World, ann: Visitor, bo: Visitor) -> None:
    world.app.replies["/quiz me"] = Reply(private=Card("For Ann alone"))
    typed, told = messages(await ann.say("/quiz me"))
    assert "used <code>/quiz me</code>" in typed["html"]
    assert "Only you can see this" in told["html"]
    assert len(await ann.sees()) == 2
    assert await bo.sees() == []
    assert "For Ann alone" not in await bo.page()


async def test_a_public_reply_is_seen_by_everybody(world: World, ann: Visitor, bo: Visitor) -> None:
    world.app.replies["/quiz team create Blue"] = Reply(public=Card("Ann made the team Blue"))
    await ann.say("/quiz team create Blue")
    assert ["Ann made the team Blue" in message["html"] for message in await bo.sees()] == [True]


async def test_the_parts_of_a_reply_come_in_order(world: World, ann: Visitor) -> None:
    world.app.replies["/quiz all"] = Reply(update=Card("One"), private=Card("Two"), public=Card("Three"))
    shown = messages(await ann.say("/quiz all"))
    titles = [re.sub("<.*?>", "", message["html"]) for message in shown]
    assert [word for title in titles for word in ("One", "Two", "Three") if word in title] == ["One", "Two", "Three"]


async def test_the_same_act_sent_twice_is_kept_once(ann: Visitor) -> None:
    await ann.say("hello", act="the-same-act")
    await ann.say("hello", act="the-same-act")
    await ann.say("hello", act="another-act")
    assert len(await ann.sees()) == 2


@pytest.mark.parametrize(("line", "problem"), [("  \n ", "nothing to send"), ("x" * 2001, "longer than 2,000")])
async def test_a_line_that_cannot_be_sent_says_why(ann: Visitor, line: str, problem: str) -> None:
    response = await ann.say(line)
    assert response.status_code == 422
    assert problem in response.json()["problem"]


async def test_a_channel_that_does_not_exist_is_refused(ann: Visitor) -> None:
    assert (await ann.say("hello", channel="secret")).status_code == 404


@pytest.mark.parametrize(("typed", "asked"), [("/", "/quiz "), ("/qu", "/quiz "), ("/lea", "/quiz lea")])
async def test_completion_takes_any_slash_as_a_command(world: World, ann: Visitor, typed: str, asked: str) -> None:
    world.app.lines = ["/quiz leaderboard", "/quiz league", "/quiz daily"]
    response = await ann.client.get("/complete", params={"line": typed, "channel": "daily"})
    assert response.json()["lines"] == [line for line in world.app.lines if line.startswith(asked)]


# ---- pressing


async def test_a_press_reaches_the_application_as_its_call(world: World, ann: Visitor) -> None:
    message = await ask(world, ann)
    world.app.replies["answer:A"] = Reply(private=Card("Right: A", accent="right"))
    told = messages(await ann.press(message, "answer:A"))
    assert world.app.heard[-1].what == Call.of("answer", "A")
    assert "Right: A" in told[0]["html"]


async def test_choosing_from_a_menu_adds_the_value(world: World, ann: Visitor) -> None:
    message = await ask(world, ann, BOARD)
    await ann.press(message, "board:turn", "today")
    assert world.app.heard[-1].what == Call.of("board", "turn", "today")


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("answer:B", ""),
        ("admin season end", ""),
        ("answer:A", "today"),
        ("", ""),
        ("answer:A:", ""),
        ("settings.save_space", ""),
    ],
)
async def test_a_forged_call_is_refused_and_never_reaches_the_application(
    world: World, ann: Visitor, call: str, value: str
) -> None:
    message = await ask(world, ann)
    response = await ann.press(message, call, value)
    assert response.status_code == 409
    assert response.json()["problem"].startswith("This button is not on the message any more. Look for")
    assert world.app.heard == []


@pytest.mark.parametrize("value", ["", "tomorrow", "x" * 100])
async def test_a_value_that_was_not_offered_is_refused(world: World, ann: Visitor, value: str) -> None:
    message = await ask(world, ann, BOARD)
    assert (await ann.press(message, "board:turn", value)).status_code == 409
    assert world.app.heard == []


@pytest.mark.parametrize("forged", ["1", "1.abc", "", "x.y", "99999999"])
async def test_a_forged_message_is_refused(world: World, ann: Visitor, forged: str) -> None:
    await ask(world, ann)
    assert (await ann.press(forged, "answer:A")).status_code == 409


async def test_the_private_message_of_somebody_else_cannot_be_pressed(world: World, ann: Visitor, bo: Visitor) -> None:
    await bo.say("/quiz help")
    person = world.app.heard[-1].person.external
    message = await ask(world, bo, person=person)
    assert (await ann.press(message, "answer:A")).status_code == 409
    assert (await bo.press(message, "answer:A")).status_code == 200


async def test_an_update_replaces_the_pressed_message(world: World, ann: Visitor, bo: Visitor) -> None:
    message = await ask(world, ann)
    world.app.replies["answer:A"] = Reply(update=Card("Answered"))
    updated = messages(await ann.press(message, "answer:A"))[0]
    seen = await bo.sees()
    assert [one["id"] for one in seen] == [updated["id"]]
    assert "Answered" in seen[0]["html"]


async def test_a_button_that_is_gone_after_an_update_is_refused(world: World, ann: Visitor) -> None:
    message = await ask(world, ann)
    world.app.replies["answer:A"] = Reply(update=Card("Answered"))
    await ann.press(message, "answer:A")
    assert (await ann.press(message, "answer:A")).status_code == 409


async def test_an_update_of_a_message_that_changed_meanwhile_is_said_privately(
    world: World, ann: Visitor, bo: Visitor
) -> None:
    message = await ask(world, ann)
    id = (await ann.sees())[-1]["id"]

    async def close_first(request: Request) -> Reply:
        await world.store.run(lambda uow: uow.messages.replace(id, Card("Closed")))
        return Reply(update=Card("Your answer"))

    world.app.handle = close_first  # type: ignore[method-assign]
    await ann.press(message, "answer:A")
    assert ["Closed" in one["html"] for one in await bo.sees()] == [True]
    assert "Your answer" in (await ann.sees())[-1]["html"]


async def test_old_buttons_work_after_a_restart(world: World, ann: Visitor) -> None:
    message = await ask(world, ann)
    cookies = ann.client.cookies
    await world.store.close()
    world.open()
    again = world.visitor()
    again.client.cookies = cookies
    assert "A question" in await again.page()
    assert (await again.press(message, "answer:A")).status_code == 200


# ---- forms


async def opened(world: World, ann: Visitor) -> str:
    message = await ask(world, ann)
    world.app.replies["open"] = Reply(form=FORM)
    return token(await ann.press(message, "open"))


async def test_a_form_comes_as_a_dialog_and_goes_back_with_its_values(world: World, ann: Visitor) -> None:
    form = await opened(world, ann)
    world.app.replies["save"] = Reply(private=Card("Saved"))
    told = messages(await ann.submit(form, {"name": ["Ann"], "extra": ["forged"]}))
    heard = world.app.heard[-1]
    assert heard.what == Call("save")
    assert heard.values == {"name": ("Ann",), "zone": ()}
    assert "Saved" in told[0]["html"]


async def test_what_is_wrong_with_a_form_comes_back_by_input(world: World, ann: Visitor) -> None:
    form = await opened(world, ann)
    world.app.replies["save"] = Reply(errors={"zone": "There is no such zone. Try Europe/Berlin."})
    response = await ann.submit(form, {"name": ["Ann"]})
    assert response.json()["errors"] == {"zone": "There is no such zone. Try Europe/Berlin."}
    assert response.json()["messages"] == []


async def test_a_form_may_update_the_message_that_opened_it(world: World, ann: Visitor) -> None:
    form = await opened(world, ann)
    world.app.replies["save"] = Reply(update=Card("Settings, saved"))
    messages(await ann.submit(form, {}))
    assert ["Settings, saved" in one["html"] for one in await ann.sees()] == [True]


async def test_a_form_opened_by_a_command_updates_nothing(world: World, ann: Visitor) -> None:
    world.app.replies["/quiz edit"] = Reply(form=FORM)
    form = token(await ann.say("/quiz edit"))
    world.app.replies["save"] = Reply(update=Card("Saved"))
    told = messages(await ann.submit(form, {}))
    assert "Only you can see this" in told[0]["html"]


async def test_a_forged_form_is_refused(world: World, ann: Visitor) -> None:
    form = await opened(world, ann)
    for forged in (form[:-2] + "xx", "", "save"):
        response = await ann.submit(forged, {})
        assert response.status_code == 409
        assert "Press the button that opened it once more" in response.json()["problem"]


async def test_a_form_opened_by_somebody_else_is_refused(world: World, ann: Visitor, bo: Visitor) -> None:
    form = await opened(world, ann)
    assert (await bo.submit(form, {})).status_code == 409


async def test_a_form_may_open_another(world: World, ann: Visitor) -> None:
    form = await opened(world, ann)
    world.app.replies["save"] = Reply(form=FORM)
    assert token(await ann.submit(form, {}))


# ---- posts of the bot


async def test_a_post_sent_again_is_one_message(world: World, ann: Visitor) -> None:
    first = await world.post(ASK, key="daily:1")
    assert await world.post(Card("Another"), key="daily:1") == first
    assert len(await ann.sees()) == 1


async def test_a_post_is_found_by_its_key_and_edited_by_its_receipt(world: World, ann: Visitor) -> None:
    from bot.ports import Post

    post = Post("daily:1", "web", "playground", "daily", ASK)
    assert await world.web.find(post) is None
    receipt = await world.web.send(post)
    assert await world.web.find(post) == receipt
    await world.web.edit(Post("daily:1", "web", "playground", "daily", Card("Closed"), receipt=receipt))
    assert ["Closed" in one["html"] for one in await ann.sees()] == [True]


async def test_a_post_for_one_person_is_seen_by_that_person(world: World, ann: Visitor, bo: Visitor) -> None:
    await ann.say("/quiz help", channel="quiz")
    await world.post(Card("Your streak waits"), person=world.app.heard[-1].person.external)
    assert len(await ann.sees()) == 1
    assert await bo.sees() == []


async def test_earlier_messages_come_page_by_page(world: World, ann: Visitor) -> None:
    for n in range(60):
        await world.post(Card(f"Number {n}"), key=f"n{n}")
    page = await ann.page()
    assert "Number 59" in page
    assert "Number 9<" not in page
    assert "Show earlier messages" in page
    oldest = int(re.findall(r'data-id="(\d+)"', page)[0])
    response = await ann.client.get("/earlier", params={"channel": "daily", "before": oldest, "have": 50})
    assert [f"Number {n}<" in one["html"] for n, one in enumerate(response.json()["messages"])] == [True] * 10


async def test_every_card_of_the_gallery_is_shown_and_every_button_can_be_pressed(world: World, ann: Visitor) -> None:
    for n, card in enumerate(GALLERY):
        await world.post(card, key=f"card:{n}")
        shown = (await ann.sees())[-1]
        for element in card.body:
            if isinstance(element, Buttons):
                for button in element.items:
                    assert (await ann.press(handle(shown), button.call.id)).status_code == 200
            if isinstance(element, Select):
                for option in element.options:
                    assert (await ann.press(handle(shown), element.call.id, option.value)).status_code == 200


async def test_a_person_is_told_the_same_whatever_they_are_called(world: World) -> None:
    visitor = await world.joined('O\'Brien "Q" & Co')
    await visitor.say("/quiz help")
    assert world.app.heard[-1].person == Person(
        world.app.heard[-1].person.external, 'O\'Brien "Q" & Co', zone="Europe/Berlin"
    )
    assert "O&#39;Brien &#34;Q&#34; &amp; Co" in await visitor.page()
