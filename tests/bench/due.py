"""Due channels claimed, their question picked, rendered and handed to a platform that sends nothing."""

import random
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

from bot.app import App
from bot.bank.library import load_library
from bot.engine.calendar import clock
from bot.features import build_router
from bot.features.opening import DAY, plan
from bot.ports import Place, Post, Schedule, Scope
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from tests.bench.lines import Line

PACKS = Path(__file__).parents[1] / "packs"
CHANNELS = 5_000
EIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Nowhere:
    """A platform that takes every message and shows none."""

    name = "nowhere"

    def __init__(self) -> None:
        self.sent = 0

    async def send(self, post: Post) -> str:
        self.sent += 1
        return str(self.sent)

    async def edit(self, post: Post) -> None: ...

    async def find(self, post: Post) -> str | None:
        return None


async def lines() -> "list[Line]":
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/due.sqlite3"
        upgrade(url)
        store = open_store(url)
        now = EIGHT
        app = App(store, build_router(), load_library(PACKS), clock=lambda: now, chance=lambda: random.Random(1))
        platform = Nowhere()
        app.connect(platform)
        for first in range(0, CHANNELS, 500):
            await app.run(partial(_channels, first=first, count=500))
        now = EIGHT + timedelta(hours=1)
        started = perf_counter()
        await app.work()
        seconds = perf_counter() - started
        await store.close()
    assert platform.sent == CHANNELS
    name = f"{CHANNELS:,} due channels claimed, asked and sent to nowhere"
    return [Line(name, seconds / CHANNELS * 1e3, None, "ms each", f"{CHANNELS / seconds:,.0f} channels/s")]


def _channels(scope: Scope, first: int, count: int) -> None:
    """Channels whose daily is due at nine, ten to a space."""
    for number in range(first, first + count):
        space = scope.uow.people.settle("nowhere", Place(str(number // 10), "Space"), "UTC", scope.now)
        channel = scope.uow.people.channel(space.id, Place(str(number), f"channel-{number}"))
        draft = Schedule(0, space.id, channel.id, "demo", (), clock("9:00"), "UTC", "0123456", DAY, "at once")
        plan(scope, scope.uow.schedules.add(draft))
