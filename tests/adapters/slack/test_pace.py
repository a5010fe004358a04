"""How fast posts follow each other: one a second in a channel, and no faster than Slack wants."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.slack import posting
from bot.adapters.slack.grants import open_session
from bot.ports import Later
from tests.adapters.slack.loopback import RESET, Fault, running
from tests.adapters.slack.posted import EDIT, POST, SEND, Wire


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with running() as slack, open_session() as session:
        slack.workspace()
        yield Wire(slack, session)


async def test_a_channel_gets_one_message_a_second_and_no_other_waits_for_it(wire: Wire) -> None:
    wire.slack.workspaces["T1"].channel("C9", "other")
    await wire.poster.send(POST)
    wire.now = 0.75
    with pytest.raises(Later) as later:
        await wire.poster.send(replace(POST, key="daily:2"))
    assert later.value.seconds == 0.25
    await wire.poster.send(replace(POST, key="daily:3", channel="C9"))
    await wire.poster.send(replace(POST, key="daily:4", person="U1B"))
    wire.now = 1.0
    await wire.poster.send(replace(POST, key="daily:2"))
    assert len(wire.slack.called(SEND)) == 4


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second is short."""
    monkeypatch.setattr(posting, "PACE", 0.01)


# ---- pauses that Slack wants


@pytest.mark.parametrize("status", [200, 429])
async def test_a_pause_slack_wants_is_told_with_its_seconds(wire: Wire, status: int) -> None:
    wire.slack.faults = [(SEND, replace(Fault.limit(90), status=status))]
    with pytest.raises(Later) as later:
        await wire.send()
    assert later.value.seconds == 90
    wire.now += 90
    wire.slack.faults = [(SEND, Fault(status, {"ok": False, "error": "ratelimited"}))]
    with pytest.raises(Later) as later:
        await wire.send()
    assert later.value.seconds == 30


async def test_a_pause_is_kept_in_all_channels_without_asking_again(wire: Wire) -> None:
    for number in range(30):
        wire.slack.workspaces["T1"].channel(f"C1{number}", f"channel-{number}")
    wire.slack.faults = [(SEND, Fault.limit(30))]
    waits = []
    for number in range(30):
        with pytest.raises(Later) as later:
            await wire.poster.send(replace(POST, channel=f"C1{number}"))
        waits.append(later.value.seconds)
    assert waits == [30] * 30
    assert len(wire.slack.called(SEND)) == 1
    wire.now += 30
    await wire.poster.send(POST)
    assert len(wire.slack.messages("C1")) == 1


async def test_other_methods_and_workspaces_go_on_meanwhile(wire: Wire) -> None:
    sent = replace(POST, receipt=await wire.send())
    wire.slack.faults = [(EDIT, Fault.limit(30))]
    with pytest.raises(Later) as later:
        await wire.poster.edit(sent)
    assert later.value.seconds == 30
    wire.now += 10
    with pytest.raises(Later) as later:
        await wire.poster.edit(sent)
    assert later.value.seconds == 20
    assert len(wire.slack.called(EDIT)) == 1
    await wire.send(replace(POST, key="daily:2"))
    assert len(wire.slack.messages("C1")) == 2


# ---- threads


async def test_a_thread_begins_with_its_name_a_second_after_its_message(wire: Wire) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    receipt = await wire.send(replace(POST, thread="Discussion <of> *this*"))
    assert loop.time() - begun >= posting.PACE
    message, reply = wire.slack.messages("C1")
    assert receipt == f"C1/{message['ts']}"
    assert (reply["thread_ts"], reply["text"]) == (message["ts"], "Discussion &lt;of&gt; *this*")
    assert wire.slack.called(SEND)[1]["mrkdwn"] is False


async def test_the_next_message_follows_a_thread_a_second_later(wire: Wire, swift: None) -> None:
    await wire.poster.send(replace(POST, thread="Discussion"))
    wire.now += posting.PACE
    with pytest.raises(Later):
        await wire.poster.send(replace(POST, key="daily:2"))
    wire.now += posting.PACE
    await wire.poster.send(replace(POST, key="daily:2"))


async def test_a_thread_waits_for_a_pause_that_slack_wants(wire: Wire, swift: None) -> None:
    go = asyncio.Event()
    go.set()
    wire.slack.faults = [(SEND, Fault.hold(go)), (SEND, Fault.limit(1))]
    sending = asyncio.create_task(wire.send(replace(POST, thread="Discussion")))
    while not (await asyncio.wait({sending}, timeout=0.05))[0]:
        wire.now += 1
    assert [one["text"] for one in wire.slack.messages("C1")[1:]] == ["Discussion"]


@pytest.mark.parametrize("fault", [Fault.error("restricted_action_non_threadable_channel"), RESET, Fault(503)])
async def test_a_thread_that_cannot_be_is_no_trouble_of_the_post(
    wire: Wire, swift: None, logged: list[MutableMapping[str, Any]], fault: Fault
) -> None:
    go = asyncio.Event()
    go.set()
    wire.slack.faults = [(SEND, Fault.hold(go)), (SEND, fault)]
    receipt = await wire.send(replace(POST, thread="Discussion"))
    assert [f"C1/{one['ts']}" for one in wire.slack.messages("C1")] == [receipt]
    assert wire.slack.faults == []
    assert [one["event"] for one in logged] == ["no thread"]
