"""Looking for messages of which it is not known whether they were sent, and what the outbox makes of it."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import discord
import pytest

from bot.adapters.discord import posting
from bot.adapters.discord.client import Sender
from bot.adapters.discord.posting import DEEP, SKEW, Poster
from bot.app import App
from bot.bank.library import load_library
from bot.features import build_router
from bot.ports import Later, Person, Place, Post, Reply, Request, Unknown
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from bot.ui import Button, Buttons, Call, Card, Text
from tests.adapters.discord.loopback import ANN, GUILD, RESET, RESET_AFTER, STUDY, USER, Fault, Loopback, running
from tests.adapters.discord.wired import MONDAY, PACKS

CARD = Card("Daily question", (Text("Which?"), Buttons(Button("A", Call.of("play.answer", 1, 0, "A")))))
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
POST = Post("daily:1", "discord", GUILD, STUDY, CARD, since=NOON)
SEND, HISTORY = f"POST /channels/{STUDY}/messages", f"GET /channels/{STUDY}/messages"


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    async with running(monkeypatch) as loopback:
        loopback.clock = lambda: NOON
        yield loopback


@pytest.fixture
async def poster(wire: Loopback) -> AsyncIterator[Poster]:
    async with Sender() as sender:
        await sender.login("good")
        yield Poster(sender, pauses=(0, 0))


# ---- finding


async def test_after_the_window_a_lost_message_is_found_in_the_channels_history(wire: Loopback, poster: Poster) -> None:
    wire.faults = [(SEND, RESET_AFTER), (SEND, Fault(503)), (SEND, Fault(503))]
    with pytest.raises(Unknown):
        await poster.send(POST)
    wire.window = False
    await poster.send(replace(POST, key="daily:2", card=replace(CARD, title="Another question")))
    lost = f"{STUDY}/{wire.messages[STUDY][0]['id']}"
    assert await poster.find(POST) == lost
    told = Card(CARD.title, (Text("1 has answered"), *CARD.body[1:]))
    assert await poster.find(replace(POST, card=told)) == lost
    assert await poster.find(replace(POST, key="daily:3", card=Card("Third"))) is None


async def test_a_lost_message_is_found_however_its_card_has_been_changed_since(wire: Loopback, poster: Poster) -> None:
    first, second = POST, replace(POST, key="daily:2", card=replace(CARD, title="Another question"))
    receipts = [await poster.send(first), await poster.send(second)]
    closed = Card("Daily question · closed", (Buttons(Button("Discuss", Call.of("daily.discuss", 1))),))
    assert [await poster.find(replace(post, card=closed)) for post in (first, second)] == receipts
    await poster.edit(replace(first, card=closed, receipt=receipts[0]))
    assert await poster.find(first) == receipts[0]
    assert await poster.find(replace(POST, key="daily:3")) is None


async def test_a_history_that_is_empty_because_it_may_not_be_read_tells_nothing(wire: Loopback, poster: Poster) -> None:
    assert await poster.find(POST) is None
    wire.permissions = str(discord.Permissions(view_channel=True, send_messages=True).value)
    with pytest.raises(Unknown):
        await poster.find(POST)


async def test_in_a_direct_message_nothing_is_nothing(wire: Loopback, poster: Poster) -> None:
    wire.permissions = "0"
    assert await poster.find(replace(POST, person=ANN)) is None


async def test_a_message_is_found_days_later_though_the_window_is_over(wire: Loopback, poster: Poster) -> None:
    receipt = await poster.send(POST)
    wire.window = False
    wire.clock = lambda: NOON + timedelta(days=3)
    crowd(wire, 300)
    assert await poster.find(POST) == receipt


async def test_what_was_said_before_a_post_was_decided_is_not_looked_through(wire: Loopback, poster: Poster) -> None:
    await poster.send(replace(POST, key="older"))
    crowd(wire, DEEP)
    late = replace(POST, since=NOON + SKEW + timedelta(hours=1))
    assert await poster.find(late) is None
    wire.clock = lambda: NOON + timedelta(hours=1, seconds=1)  # Discord's clock is behind ours
    receipt = await poster.send(late)
    assert await poster.find(late) == receipt


async def test_where_a_channel_was_too_busy_since_it_cannot_be_told(wire: Loopback, poster: Poster) -> None:
    await poster.send(replace(POST, key="other"))
    crowd(wire, DEEP - 2)
    assert await poster.find(POST) is None
    crowd(wire, 1)
    with pytest.raises(Unknown):
        await poster.find(POST)


# ---- looks that fail


@pytest.mark.parametrize("fault", [Fault(503), Fault(502), RESET, RESET_AFTER], ids=["503", "502", "reset", "lost"])
async def test_a_look_that_a_fault_spoils_is_taken_again_later(
    wire: Loopback, poster: Poster, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(posting, "LOOKING", 0.5)
    wire.faults = [(HISTORY, fault)] * 9
    with pytest.raises(Later):
        await poster.find(POST)
    wire.faults.clear()
    assert await poster.find(POST) is None


async def test_a_pause_discord_wants_before_a_look_is_honoured(wire: Loopback, poster: Poster) -> None:
    wire.faults = [(HISTORY, Fault.limit(90))]
    with pytest.raises(Later) as later:
        await poster.find(POST)
    assert later.value.seconds == 90


async def test_where_it_cannot_be_told_now_whether_the_history_may_be_read_it_is_asked_later(
    wire: Loopback, poster: Poster
) -> None:
    wire.faults = [("GET /guilds/.*", Fault(503))] * 9
    with pytest.raises(Later):
        await poster.find(POST)


async def test_a_token_that_is_refused_for_a_while_proves_nothing(wire: Loopback, poster: Poster) -> None:
    wire.token = "other"
    with pytest.raises(Later):
        await poster.find(POST)


@pytest.mark.parametrize(("code", "status"), [(50001, 403), (10003, 404)])
async def test_where_the_history_may_not_be_read_it_can_never_be_told(
    wire: Loopback, poster: Poster, code: int, status: int
) -> None:
    wire.faults = [(HISTORY, Fault(status, {"message": "no", "code": code}))]
    with pytest.raises(Unknown):
        await poster.find(POST)


# ---- what the outbox makes of it


class World:
    """The application on a small Discord, with a daily in `#study` that is due within the hour."""

    def __init__(self, wire: Loopback, poster: Poster, folder: Path) -> None:
        upgrade(url := f"sqlite:///{folder}/quiz.sqlite3")
        self.now = MONDAY
        self.wire = wire
        wire.clock = lambda: self.now
        self.store = open_store(url)
        self.app = App(
            self.store,
            build_router(),
            load_library(PACKS),
            clock=lambda: self.now,
            chance=lambda: random.Random(self.now.timestamp()),
        )
        self.app.connect(poster)

    async def ask(self, what: str) -> Reply:
        """What Ann, the admin, is answered."""
        place, ann = Place(STUDY, "study"), Person(ANN, "Ann", admin=True)
        return await self.app.handle(Request("discord", Place(GUILD, "Server"), place, ann, what))

    async def later(self, **span: float) -> None:
        """Let time pass, and what is due happen."""
        self.now += timedelta(**span)
        await self.app.work()


@pytest.fixture
async def world(wire: Loopback, poster: Poster, tmp_path: Path) -> AsyncIterator[World]:
    made = World(wire, poster, tmp_path)
    await made.ask("/quiz admin daily schedule 09:00 UTC topics=storage")
    yield made
    await made.store.close()


@pytest.mark.parametrize("fault", [Fault(503), RESET, RESET_AFTER], ids=["503", "reset", "lost"])
async def test_an_outage_at_nine_posts_the_daily_once_and_the_schedule_goes_on(world: World, fault: Fault) -> None:
    wire = world.wire
    wire.faults = [(SEND, fault)] * 3 + [(HISTORY, fault)] * 999
    await world.later(hours=1)
    wire.window = False
    for _ in range(30):
        await world.later(seconds=1)
    assert wire.seen.count(("GET", f"/channels/{STUDY}/messages")) > 3, "it was looked for more than once"
    wire.faults.clear()
    await world.later(seconds=15)
    assert len(wire.messages[STUDY]) == 1
    assert "Missed" not in str(await world.ask("/quiz admin daily status"))
    await world.later(days=1)
    assert len(wire.messages[STUDY]) == 2


async def test_after_a_weekend_down_a_message_that_was_sent_is_not_sent_again(world: World) -> None:
    world.wire.faults = [(SEND, RESET_AFTER), (SEND, Fault(503)), (SEND, Fault(503))]
    await world.later(hours=1)
    world.wire.window = False
    await world.later(days=2, hours=12)
    assert [one["nonce"] for one in world.wire.messages[STUDY]].count(posting.nonce("daily:1")) == 1


def crowd(wire: Loopback, number: int) -> None:
    """Let somebody else say something in `#study` that many times."""
    newest = wire.messages[STUDY][-1]
    said = [newest | {"author": USER, "components": [], "id": str(int(newest["id"]) + n)} for n in range(1, number + 1)]
    wire.messages[STUDY] += said
