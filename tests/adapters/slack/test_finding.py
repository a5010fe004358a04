"""Looking for messages of which it is not known whether they were sent."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.adapters.slack import posting
from bot.adapters.slack.grants import open_session
from bot.ports import Later, Unknown
from tests.adapters.slack.loopback import RESET, RESET_AFTER, Fault, running
from tests.adapters.slack.posted import HISTORY, POST, SEND, Wire


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with running() as slack, open_session() as session:
        slack.workspace()
        made = Wire(slack, session)
        made.with_history()
        yield made


async def test_a_lost_message_is_found_by_its_key(wire: Wire) -> None:
    wire.slack.faults = [(SEND, RESET_AFTER)]
    with pytest.raises(Unknown):
        await wire.send()
    await wire.send(replace(POST, key="daily:2"))
    lost = wire.slack.messages("C1")[0]
    assert await wire.poster.find(POST) == f"C1/{lost['ts']}"
    assert await wire.poster.find(replace(POST, key="daily:3")) is None


async def test_a_lost_direct_message_is_found(wire: Wire) -> None:
    post = replace(POST, person="U1B")
    assert await wire.poster.find(post) is None
    assert await wire.poster.find(replace(post, receipt=await wire.send(post))) is not None


async def test_the_key_in_a_message_of_somebody_else_proves_nothing(wire: Wire) -> None:
    await wire.send()
    wire.slack.messages("C1")[0] |= {"user": "U1B", "bot_id": "B9"}
    assert await wire.poster.find(POST) is None


async def test_a_message_pages_back_is_found_and_further_than_that_nothing_is_known(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "PAGE", 2)
    receipt = await wire.send()
    for number in range(2, 7):
        await wire.send(replace(POST, key=f"daily:{number}"))
    assert await wire.poster.find(POST) == receipt
    assert await wire.poster.find(replace(POST, key="lost")) is None
    await wire.send(replace(POST, key="daily:7"))
    with pytest.raises(Unknown):
        await wire.poster.find(POST)


async def test_a_lost_message_is_found_however_old_it_is(wire: Wire) -> None:
    decided = instant(wire)
    receipt = await wire.send()
    wire.slack.advance(3 * 86_400)
    await wire.send(replace(POST, key="daily:2"))
    assert await wire.poster.find(replace(POST, since=decided)) == receipt


async def test_what_was_said_before_a_post_was_decided_is_not_looked_through(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "PAGE", 1)
    for number in range(2, 7):
        await wire.send(replace(POST, key=f"daily:{number}"))
    wire.slack.advance(3600)
    late = replace(POST, since=instant(wire))
    assert await wire.poster.find(late) is None
    wire.slack.advance(-60)  # Slack's clock is behind ours
    receipt = await wire.send(late)
    assert await wire.poster.find(late) == receipt


def instant(wire: Wire) -> datetime:
    return datetime.fromtimestamp(wire.slack.now, UTC)


@pytest.mark.parametrize("scope", ["channels:history", "im:history", "im:write"])
async def test_where_the_history_may_not_be_read_the_outcome_stays_unknown(wire: Wire, scope: str) -> None:
    wire.without(scope)
    with pytest.raises(Unknown):
        await wire.poster.find(replace(POST, person="" if scope.startswith("channels") else "U1B"))


@pytest.mark.parametrize(
    "fault",
    [RESET, RESET_AFTER, *map(Fault, (500, 502, 503)), Fault(200, {"ok": True}), Fault.error("internal_error")],
    ids=["reset", "lost", "500", "502", "503", "unreadable", "internal"],
)
async def test_a_look_that_a_fault_spoils_is_taken_again_later(wire: Wire, fault: Fault) -> None:
    wire.slack.faults = [(HISTORY, fault)] * 2  # aiohttp itself asks again where only an old connection broke
    with pytest.raises(Later):
        await wire.poster.find(POST)
    wire.slack.faults.clear()
    assert await wire.poster.find(POST) is None


async def test_a_look_that_takes_too_long_is_taken_again_later(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "LOOKING", 0.05)
    go = asyncio.Event()
    wire.slack.faults = [(HISTORY, Fault.hold(go))]
    with pytest.raises(Later):
        await wire.poster.find(POST)
    go.set()


async def test_where_the_bot_is_not_in_the_channel_it_can_never_be_told(wire: Wire) -> None:
    wire.slack.faults = [(HISTORY, Fault.error("not_in_channel"))]
    with pytest.raises(Unknown):
        await wire.poster.find(POST)


async def test_a_pause_before_the_first_page_is_honoured_and_before_a_later_one_looking_ends(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "PAGE", 1)
    for number in range(2):
        await wire.send(replace(POST, key=f"other:{number}"))
    wire.slack.faults = [(HISTORY, Fault.limit(60))]
    with pytest.raises(Later) as later:
        await wire.poster.find(POST)
    assert later.value.seconds == 60
    one = {"ok": True, "messages": [], "has_more": True, "response_metadata": {"next_cursor": "next"}}
    wire.slack.faults = [(HISTORY, Fault(200, one)), (HISTORY, Fault.limit(60))]
    with pytest.raises(Unknown):
        await wire.poster.find(POST)


async def test_a_post_that_was_lost_and_found_gets_its_thread_once(wire: Wire) -> None:
    receipt = await wire.send()
    wanted = replace(POST, thread="Discussion")
    assert await wire.poster.find(wanted) == receipt
    assert [one["text"] for one in wire.slack.messages("C1")[1:]] == ["Discussion"]
    wire.slack.messages("C1")[0]["reply_count"] = 1
    assert await wire.poster.find(wanted) == receipt
    assert len(wire.slack.messages("C1")) == 2
