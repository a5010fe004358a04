"""The three seconds: what is slow gets a sign, and whatever was slow is said after it."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from bot.ports import Reply
from bot.ui import Call, Card, Chart, Form, Point, ShortText
from tests.adapters.discord.loopback import RESET, RESET_AFTER, Fault
from tests.adapters.discord.wired import FORM, ONE_MOMENT, SILENT, Wired, heading

CHART = Card("How it went", (Chart("bars", "Answers given", (Point("A", 4), Point("B", 11, "right"))),))


@contextmanager
def busy_threads() -> Iterator[threading.Event]:
    """The only thread there is for drawing is taken until the event is set."""
    free = threading.Event()
    pool = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(pool)
    pool.submit(free.wait)
    try:
        yield free
    finally:
        free.set()


async def test_a_slow_store_is_one_moment_and_then_the_reply(wired: Wired) -> None:
    await wired.start(patience=0.0)
    wired.app.held = asyncio.Event()
    asked = wired.wire.slash("quiz", "help")
    answer = (await wired.do(asked))[0]
    assert heading(answer["data"]) == ONE_MOMENT
    assert answer["data"]["flags"] & 1 << 6
    wired.app.held.set()
    await wired.wire.until(lambda: asked["token"] in wired.wire.originals)
    assert heading(wired.wire.originals[asked["token"]]) == "### What you can do"


async def test_what_all_shall_see_comes_after_one_moment_as_a_message_of_its_own(wired: Wired) -> None:
    await wired.start(patience=0.0)
    wired.app.held = asyncio.Event()
    asked = wired.wire.slash("quiz-admin", "season", "start", admin=True)
    await wired.do(asked)
    wired.app.held.set()
    await wired.wire.until(lambda: asked["token"] in wired.wire.followups)
    told = wired.wire.followups[asked["token"]][0]
    assert heading(told) == "### Season 1 begins"
    assert not told["flags"] & 1 << 6
    await wired.wire.until(lambda: wired.wire.deleted == [asked["token"]])
    assert asked["token"] not in wired.wire.originals


async def slow(wired: Wired, reply: Reply) -> dict[str, Any]:
    """A button pressed that is answered with `reply`, after "one moment"."""
    await wired.start(patience=0.0)
    wired.app.held, wired.app.says = asyncio.Event(), reply
    pressed = wired.wire.click("play.answer:1:0:A")
    assert (await wired.do(pressed))[0]["type"] == SILENT
    await wired.wire.until(lambda: pressed["token"] in wired.wire.followups)
    sign = wired.wire.followups[pressed["token"]][0]
    assert heading(sign) == ONE_MOMENT
    assert sign["flags"] & 1 << 6
    wired.app.held.set()
    return pressed


async def test_a_slow_update_is_seen_on_the_message_whose_button_was_pressed(wired: Wired) -> None:
    token = (await slow(wired, Reply(update=Card("Answered"))))["token"]
    await wired.wire.until(lambda: wired.wire.deleted == [token])
    assert heading(wired.wire.originals[token]) == "### Answered"
    assert len(wired.wire.followups[token]) == 1


async def test_what_a_slow_button_says_to_one_takes_the_place_of_one_moment(wired: Wired) -> None:
    reply = Reply(update=Card("Answered"), private=Card("Verdict"), public=Card("For all"))
    token = (await slow(wired, reply))["token"]
    await wired.wire.until(lambda: len(wired.wire.followups[token]) == 2)
    assert heading(wired.wire.originals[token]) == "### Answered"
    assert [heading(one) for one in wired.wire.replaced[token]] == ["### Verdict"]
    assert heading(wired.wire.followups[token][1]) == "### For all"
    assert wired.wire.deleted == []


async def test_a_slow_button_that_says_nothing_leaves_no_sign(wired: Wired) -> None:
    token = (await slow(wired, Reply()))["token"]
    await wired.wire.until(lambda: wired.wire.deleted == [token])
    assert token not in wired.wire.originals


async def test_a_form_that_a_slow_button_cannot_open_any_more_is_offered_in_place_of_one_moment(wired: Wired) -> None:
    form = Form("Your answer", (ShortText("text", "Text"),), Call("play.submit"))
    token = (await slow(wired, Reply(form=form)))["token"]
    await wired.wire.until(lambda: token in wired.wire.replaced)
    assert heading(wired.wire.replaced[token][0]) == "### Your form is ready"


@pytest.mark.parametrize("fault", [RESET, RESET_AFTER])
async def test_a_reply_whose_connection_breaks_is_said_again_and_once(wired: Wired, fault: Fault) -> None:
    await wired.start()
    wired.app.says = Reply(private=CHART, public=Card("For all"))
    asked = wired.wire.slash("quiz", "daily")
    wired.wire.faults = [(f"POST /interactions/{asked['id']}/.*", fault)]
    taken = (await wired.do(asked))[0]
    await wired.wire.until(lambda: asked["token"] in wired.wire.followups)
    assert heading(taken["data"]) == "### How it went"
    assert [heading(one) for one in wired.wire.followups[asked["token"]]] == ["### For all"]
    assert [size for size in wired.wire.pictures if size == 0] == []


@pytest.mark.parametrize("faults", [[RESET_AFTER], [RESET_AFTER, RESET], [RESET_AFTER, RESET_AFTER], [RESET, RESET]])
async def test_a_sign_that_is_not_known_to_have_arrived_does_not_stay(wired: Wired, faults: list[Fault]) -> None:
    await wired.start(patience=0.0)
    wired.app.held = asyncio.Event()
    asked = wired.wire.slash("quiz", "help")
    wired.wire.faults = [(f"POST /interactions/{asked['id']}/.*", fault) for fault in faults]
    await wired.wire.dispatch("INTERACTION_CREATE", asked)
    await wired.wire.until(lambda: not wired.wire.faults)
    wired.app.held.set()
    await wired.wire.until(lambda: asked["token"] in wired.wire.originals)
    assert heading(wired.wire.originals[asked["token"]]) == "### What you can do"
    assert heading(wired.wire.answers[asked["id"]][0]["data"]) == ONE_MOMENT


async def test_a_slow_drawing_is_one_moment_too(wired: Wired) -> None:
    """A store that answers just in time, and then a picture that takes long."""
    await wired.start(patience=0.2)
    wired.app.says = Reply(private=CHART)
    asked = wired.wire.slash("quiz", "daily")
    with busy_threads() as free:
        answer = (await wired.do(asked))[0]
        assert heading(answer["data"]) == ONE_MOMENT
        free.set()
        await wired.wire.until(lambda: asked["token"] in wired.wire.originals)
    assert heading(wired.wire.originals[asked["token"]]) == "### How it went"


async def test_a_command_that_opens_a_form_is_not_waited_for_where_it_is_given_all_it_needs(wired: Wired) -> None:
    await wired.start(patience=0.0, form_patience=600.0)
    wired.app.held = asyncio.Event()
    asked = wired.wire.slash("quiz-admin", "daily", "schedule", admin=True, time="09:00")
    assert heading((await wired.do(asked))[0]["data"]) == ONE_MOMENT
    wired.app.held.set()
    await wired.wire.until(lambda: asked["token"] in wired.wire.originals)
    assert heading(wired.wire.originals[asked["token"]]) == "### The daily question is set"


async def test_a_form_that_comes_too_late_to_open_is_offered_by_a_button(wired: Wired) -> None:
    await wired.start(form_patience=0.0)
    wired.app.held = asyncio.Event()
    asked = wired.wire.slash("quiz-admin", "daily", "schedule", admin=True)
    assert heading((await wired.do(asked))[0]["data"]) == ONE_MOMENT
    wired.app.held.set()
    await wired.wire.until(lambda: asked["token"] in wired.wire.originals)
    offered = wired.wire.originals[asked["token"]]["components"][0]["components"][-1]["components"][0]
    assert offered["label"] == "Open the form"
    wired.app.held = None
    await wired.start(form_patience=600.0)
    opened = await wired.do(wired.wire.click(offered["custom_id"], admin=True))
    assert opened[0]["type"] == FORM


async def test_a_form_is_waited_for(wired: Wired) -> None:
    await wired.start(patience=0.0, form_patience=600.0)
    wired.app.held = asyncio.Event()
    asked = wired.wire.click("settings.edit")
    await wired.wire.dispatch("INTERACTION_CREATE", asked)
    async with asyncio.timeout(10):
        while not wired.app.replies:
            await asyncio.sleep(0)
    assert asked["id"] not in wired.wire.answers
    wired.app.held.set()
    await wired.wire.until(lambda: asked["id"] in wired.wire.answers)
    assert wired.wire.answers[asked["id"]][0]["type"] == FORM
