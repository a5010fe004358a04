"""A room of people at the terminal, over the real store: conversations instead of calls."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.terminal.adapter import Seat, Terminal
from bot.app import App
from bot.bank.library import load_library
from bot.features import build_router
from bot.features.opening import set_going
from bot.ports import Person, Place
from bot.store.engine import SqlStore, open_store
from bot.store.migrate import upgrade

PACKS = Path(__file__).parents[1] / "packs"
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


class World:
    """The application with a clock that only tests move."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.now = MONDAY
        self.open()

    def open(self) -> None:
        upgrade(self.url)
        self.store: SqlStore = open_store(self.url)
        self.app = App(
            self.store,
            build_router(),
            load_library(PACKS),
            zone="UTC",
            clock=lambda: self.now,
            chance=lambda: random.Random(self.now.timestamp()),
        )
        self.room = Terminal(self.app, self.store, lambda: self.now, "UTC")
        self.app.connect(self.room)

    async def restart(self) -> None:
        """Stop, and start again on the same file."""
        await self.store.close()
        self.open()

    def person(self, name: str, channel: str = "daily") -> Seat:
        return self.room.join(Person(name.casefold(), name), Place(channel, channel))

    async def begin(self) -> None:
        """Let the playground have its daily, as the first start does."""
        space = Place("terminal", "Terminal")
        await self.app.run(
            lambda scope: set_going(
                scope, scope.uow.people.settle("terminal", space, "UTC", scope.now), Place("daily", "daily")
            )
        )
        await self.app.work()

    async def later(self, **span: float) -> None:
        """Let time pass, and what is due happen."""
        self.now += timedelta(**span)
        await self.app.work()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(f"sqlite:///{tmp_path}/quiz.sqlite3")
    yield made
    await made.store.close()


@pytest.fixture
def ann(world: World) -> Seat:
    return world.person("Ann")


@pytest.fixture
def bo(world: World) -> Seat:
    return world.person("Bo")
