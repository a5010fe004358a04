"""A Discord of our own: simcord runs discord.py over a simulated server, and the real store lies beneath."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.adapters.discord.client import Gateway
from bot.adapters.discord.front import Front
from bot.adapters.discord.posting import Poster
from bot.bank.library import load_library
from bot.features import build_router
from bot.store.engine import SqlStore, open_store
from bot.store.migrate import upgrade
from tests.adapters.discord.loopback import running
from tests.adapters.discord.wired import MONDAY, PACKS, Recording, Wired


class World:
    """The bot in a server with a channel `#study`, an admin Ada, and a member Ben."""

    patience = 5.0

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder}/quiz.sqlite3"
        upgrade(url)
        self.now = MONDAY
        self.store: SqlStore = open_store(url)
        self.router = build_router()
        self.app = Recording(
            self.store,
            self.router,
            load_library(PACKS),
            clock=lambda: self.now,
            chance=lambda: random.Random(self.now.timestamp()),
        )
        self.env = simcord.Env(self.client(), shard_count=1)

    def client(self) -> Gateway:
        """A process of the bot."""
        made = Gateway(self.router, Front(self.app, self.router, patience=self.patience), self.store)
        self.app.connect(Poster(made, pauses=(0, 0)))
        return made

    def furnish(self) -> None:
        self.guild = self.env.create_guild()
        self.study = self.guild.create_text_channel("study")
        self.managers = self.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
        self.ada_alone, self.ben_alone = self.env.create_user("Ada"), self.env.create_user("Ben")
        self.ada: Any = self.guild.add_member(self.ada_alone, roles=[self.managers])
        self.ben: Any = self.guild.add_member(self.ben_alone)

    @property
    def bot(self) -> Any:
        """The process of the moment."""
        return self.env.bot

    async def restart(self) -> None:
        """Another process takes over; Discord and the store stay."""
        await self.env.restart_bot(self.client())

    async def later(self, **span: float) -> None:
        """Let time pass, and what is due happen."""
        self.now += timedelta(**span)
        await self.app.work()
        await self.env.settle()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    await made.env.start()
    made.furnish()
    yield made
    await made.env.shutdown()
    made.env.raise_errors()
    assert made.app.problems() == []
    await made.store.close()


@pytest.fixture
async def wired(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Wired]:
    async with running(monkeypatch) as wire:
        made = Wired(wire, tmp_path)
        yield made
        for discord in made.running:
            await discord.stop()
        await made.store.close()


def text(message: Any) -> str:
    """Everything there is to read in a message, and its controls as `[label]`."""
    return "\n".join(_lines(message.components if hasattr(message, "components") else message["components"]))


def _lines(components: Any) -> list[str]:
    lines: list[str] = []
    for item in components:
        data = item if isinstance(item, dict) else item.to_dict()
        if "content" in data:
            lines.append(data["content"])
        if data.get("label"):
            lines.append(f"[{data['label']}]")
        lines += [f"[{option['label']}]" for option in data.get("options", ())]
        lines += _lines(data.get("components", ()))
    return lines
