"""Posts over a wire on which things go wrong."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.adapters.discord import posting
from bot.adapters.discord.client import Sender
from bot.adapters.discord.posting import Poster, mark, nonce
from bot.ports import Gone, Later, Post, Unknown
from bot.ui import Button, Buttons, Call, Card, Text
from tests.adapters.discord.loopback import (
    ANN,
    DIRECT,
    GUILD,
    RESET,
    RESET_AFTER,
    STUDY,
    Fault,
    Loopback,
    running,
)
from tests.adapters.discord.wired import overheard

CARD = Card("Daily question", (Text("Which?"), Buttons(Button("A", Call.of("play.answer", 1, 0, "A")))))
POST = Post("daily:1", "discord", GUILD, STUDY, CARD)
SEND = f"POST /channels/{STUDY}/messages"
THREADS = f"{SEND}/.*/threads"
EDIT = f"PATCH /channels/{STUDY}/messages/.*"


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    async with running(monkeypatch) as loopback:
        yield loopback


@pytest.fixture
async def poster(wire: Loopback) -> AsyncIterator[Poster]:
    async with Sender() as sender:
        await sender.login("good")
        yield Poster(sender, pauses=(0, 0))


def sends(wire: Loopback) -> int:
    return wire.seen.count(("POST", f"/channels/{STUDY}/messages"))


async def test_a_post_is_sent_once_however_often_it_is_tried(wire: Loopback, poster: Poster) -> None:
    first = await poster.send(POST)
    assert await poster.send(POST) == first
    assert len(wire.messages[STUDY]) == 1
    assert first == f"{STUDY}/{wire.messages[STUDY][0]['id']}"


def test_a_nonce_is_short_and_made_of_the_key_alone() -> None:
    assert nonce("daily:1") == nonce("daily:1") != nonce("daily:2")
    assert len(nonce("x" * 1000)) <= 25


def test_a_mark_is_made_of_the_key_alone_and_fits_where_discord_keeps_it() -> None:
    marks = [mark(f"daily:{number}") for number in range(1000)]
    assert marks == [mark(f"daily:{number}") for number in range(1000)]
    assert len(set(marks)) == 1000
    assert all(1000 < one < 1 << 31 for one in marks)


@pytest.mark.parametrize("fault", [Fault(503), RESET, RESET_AFTER])
async def test_what_discord_py_does_not_try_again_is_tried_again_with_the_same_nonce(
    wire: Loopback, poster: Poster, fault: Fault
) -> None:
    wire.faults = [(SEND, fault), (SEND, fault)]
    await poster.send(POST)
    assert sends(wire) == 3
    assert len(wire.messages[STUDY]) == 1


async def test_other_faults_of_the_server_are_sat_out(wire: Loopback, poster: Poster) -> None:
    channels = {"500": 500, "502": 502, "504": 504}
    wire.messages |= {channel: [] for channel in channels}
    wire.faults = [(f"POST /channels/{channel}/messages", Fault(status)) for channel, status in channels.items()]
    await asyncio.gather(*(poster.send(replace(POST, channel=channel)) for channel in channels))
    for channel in channels:
        assert wire.seen.count(("POST", f"/channels/{channel}/messages")) == 2
        assert len(wire.messages[channel]) == 1


@pytest.mark.parametrize("fault", [Fault(503), RESET_AFTER])
async def test_after_a_bounded_number_of_attempts_the_outcome_is_unknown(
    wire: Loopback, poster: Poster, fault: Fault
) -> None:
    wire.faults = [(SEND, fault)] * 3
    with pytest.raises(Unknown):
        await poster.send(POST)
    assert sends(wire) == 3


async def test_a_long_pause_is_told_with_its_seconds_and_not_sat_out(wire: Loopback, poster: Poster) -> None:
    wire.faults = [(SEND, Fault.limit(90))]
    with pytest.raises(Later) as later:
        await poster.send(POST)
    assert later.value.seconds == 90
    assert sends(wire) == 1


async def test_a_short_pause_is_sat_out(wire: Loopback, poster: Poster) -> None:
    wire.faults = [(SEND, Fault.limit(0.01))]
    await poster.send(POST)
    assert sends(wire) == 2


async def test_a_ban_of_the_address_is_a_pause_too(wire: Loopback, poster: Poster) -> None:
    wire.faults = [(SEND, Fault(429, {"message": "banned"}, {"Retry-After": "600"}))]
    with pytest.raises(Later) as later:
        await poster.send(POST)
    assert later.value.seconds == 600


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        (50013, 403, "Give me “View Channel”, “Send Messages”"),
        (50001, 403, "I can't see the channel"),
        (10003, 404, "not there any more"),
        (50083, 400, "archived"),
        (50008, 400, "Choose a text channel"),
        (50120, 403, "does not let me post"),
        (50035, 400, r"does not take the message \(code 50035\)"),
    ],
)
async def test_what_keeps_us_from_a_channel_is_said_with_its_mend(
    wire: Loopback, poster: Poster, code: int, status: int, said: str
) -> None:
    wire.faults = [(SEND, Fault(status, {"message": "no", "code": code}))]
    with pytest.raises(Gone, match=said):
        await poster.send(POST)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(403, {"message": "internal network error", "code": 40333}),
        Fault(403, {"message": "no", "code": 0}),
        Fault(403, page="<html>Access denied</html>"),
        Fault(400, page="<html>Bad request</html>"),
    ],
)
async def test_what_stops_this_machine_and_not_the_message_is_a_pause(
    wire: Loopback, poster: Poster, fault: Fault
) -> None:
    sent = replace(POST, key="daily:0", receipt=await poster.send(replace(POST, key="daily:0")))
    wire.faults = [(SEND, fault), (EDIT, fault)]
    for attempt in (poster.send(POST), poster.edit(sent)):
        with pytest.raises(Later) as later:
            await attempt
        assert later.value.seconds == 60


@pytest.mark.parametrize(("status", "code"), [(400, 50035), (403, 50120)])
async def test_an_edit_that_is_refused_for_an_unknown_reason_blames_no_channel(
    wire: Loopback, poster: Poster, status: int, code: int
) -> None:
    sent = replace(POST, receipt=await poster.send(POST), card=Card("Closed"))
    wire.faults = [(EDIT, Fault(status, {"message": "no", "code": code}))]
    with overheard() as logs:
        await poster.edit(sent)
    assert [(one["event"], one["code"]) for one in logs] == [("edit refused", code)]
    wire.faults = [(EDIT, Fault(403, {"message": "no", "code": 50001}))]
    with pytest.raises(Gone, match="I can't see the channel"):
        await poster.edit(sent)


async def test_a_token_that_was_taken_away_pauses_and_blames_no_channel(wire: Loopback, poster: Poster) -> None:
    wire.token = "other"
    with pytest.raises(Later):
        await poster.send(POST)


async def test_a_message_is_edited_and_one_that_was_deleted_is_left_alone(wire: Loopback, poster: Poster) -> None:
    sent = replace(POST, receipt=await poster.send(POST), card=Card("Closed"))
    await poster.edit(sent)
    assert wire.messages[STUDY][0]["components"][0]["components"][0]["content"] == "### Closed"
    wire.messages[STUDY].clear()
    await poster.edit(sent)
    assert wire.messages[STUDY] == []


async def test_too_many_edits_of_an_old_message_are_put_off(wire: Loopback, poster: Poster) -> None:
    sent = replace(POST, receipt=await poster.send(POST))
    wire.faults = [(EDIT, Fault(429, {"message": "old", "code": 30046}))]
    with pytest.raises(Later):
        await poster.edit(sent)
    wire.faults = [(EDIT, Fault(400, {"message": "old", "code": 30046}))]
    with pytest.raises(Later) as later:
        await poster.edit(sent)
    assert later.value.seconds == 120


async def test_a_pause_after_an_attempt_that_may_have_arrived_leaves_the_outcome_unknown(
    wire: Loopback, poster: Poster
) -> None:
    wire.faults = [(SEND, RESET_AFTER), (SEND, Fault.limit(90))]
    with pytest.raises(Unknown):
        await poster.send(POST)


async def test_a_direct_message_says_in_its_buttons_what_it_is_about(wire: Loopback, poster: Poster) -> None:
    receipt = await poster.send(replace(POST, person=ANN))
    assert receipt.startswith(f"{DIRECT}/")
    button = wire.messages[DIRECT][0]["components"][0]["components"][2]["components"][0]
    assert button["custom_id"] == f"play.answer:1:0:A%@{GUILD}/{STUDY}"


async def test_a_person_who_takes_no_direct_messages_is_gone(wire: Loopback, poster: Poster) -> None:
    wire.faults = [(f"POST /channels/{DIRECT}/messages", Fault(403, {"message": "no", "code": 50007}))]
    with pytest.raises(Gone, match="takes no direct messages"):
        await poster.send(replace(POST, person=ANN))


async def test_a_thread_is_opened_under_a_post_that_wants_one(wire: Loopback, poster: Poster) -> None:
    await poster.send(POST)
    assert wire.threads == []
    receipt = await poster.send(replace(POST, key="daily:2", thread="Discussion · 22 November"))
    assert wire.threads == [(receipt.partition("/")[2], "Discussion · 22 November")]


@pytest.mark.parametrize("fault", [Fault.limit(1.1), Fault(503), RESET])
async def test_a_thread_is_tried_again(wire: Loopback, poster: Poster, fault: Fault) -> None:
    wire.faults = [(THREADS, fault), (THREADS, fault)]
    await poster.send(replace(POST, thread="Discussion"))
    assert [name for _, name in wire.threads] == ["Discussion"]
    assert len(wire.messages[STUDY]) == 1


@pytest.mark.parametrize("fault", [Fault(503), Fault(403, {"message": "no", "code": 50013}), Fault.limit(90)])
async def test_a_post_without_its_thread_is_there_all_the_same_and_the_log_warns(
    wire: Loopback, poster: Poster, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(posting, "THREAD_LONGEST", 0.5)
    wire.faults = [(THREADS, fault)] * 3
    with overheard() as logs:
        assert await poster.send(replace(POST, thread="Discussion"))
    assert [(one["event"], one["log_level"]) for one in logs] == [("no thread", "warning")]
    assert len(wire.messages[STUDY]) == 1


async def test_a_thread_that_is_there_already_is_no_trouble(wire: Loopback, poster: Poster) -> None:
    wire.faults = [(THREADS, Fault(400, {"message": "no", "code": 160004}))]
    with overheard() as logs:
        assert await poster.send(replace(POST, thread="Discussion"))
    assert (logs, wire.faults) == ([], [])


async def test_a_post_that_was_lost_and_found_gets_its_thread(wire: Loopback, poster: Poster) -> None:
    await poster.send(POST)
    assert await poster.find(replace(POST, thread="Discussion"))
    assert len(wire.threads) == 1
