"""The application on a loopback Discord: real discord.py on a real wire."""

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from structlog.testing import capture_logs

from bot.adapters.discord import render
from bot.adapters.discord.adapter import Discord
from bot.adapters.discord.client import Shards
from bot.adapters.discord.front import Front
from bot.app import App
from bot.bank.library import load_library
from bot.features import build_router
from bot.ports import Reply, Request, StoreError
from bot.routing import UsageError
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from bot.ui import Call, Chart
from tests.adapters.discord import limits
from tests.adapters.discord.loopback import Loopback

PACKS = Path(__file__).parents[2] / "packs"
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
ONE_MOMENT, FORM, UPDATE, SILENT, MESSAGE = "### One moment", 9, 7, 6, 4


class Recording(App):
    """The application, with everything it has replied and what it was asked."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.replies: list[Reply] = []
        self.asked: list[Request] = []
        self.routes: set[str] = set()
        self.held: asyncio.Event | None = None
        """Replies wait for this event, where there is one, as they would for a slow store."""
        self.says: Reply | None = None
        """The reply to everything, where there is one."""
        self.away = 0
        """How often the store is away when spaces are told."""
        self.told: list[tuple[str, str]] = []
        """What was told of spaces and heard: the method, and the space or nothing."""
        self.beat: Callable[[], None] = lambda: None

    async def handle(self, request: Request) -> Reply:
        self.asked.append(request)
        with suppress(UsageError):
            self.routes.add(self.router.resolve(request.what)[0].name)
        reply = self.says or await super().handle(request)
        self.replies.append(reply)
        if self.held:
            await self.held.wait()
        return reply

    def problems(self) -> list[str]:
        """What of all that was replied Discord would not take."""
        found = []
        for reply in self.replies:
            for card in filter(None, (reply.update, reply.private, reply.public)):
                drawn = [b"png"] * sum(isinstance(element, Chart) for element in card.body)
                message = render.message(card, drawn)
                found += limits.of_message(message.view, message.files)
            if reply.form:
                found += limits.of_dialog(render.form(reply.form, Call("help")))
        return found

    async def left(self, platform: str, space: str) -> None:
        await self._tell_of(super().left(platform, space), "left", space)

    async def joined(self, platform: str, space: str) -> None:
        await self._tell_of(super().joined(platform, space), "joined", space)

    async def present(self, platform: str, spaces: Collection[str], mine: Callable[[str], bool]) -> None:
        await self._tell_of(super().present(platform, spaces, mine), "present", "")

    async def _tell_of(self, telling: Coroutine[Any, Any, None], method: str, space: str) -> None:
        if self.away:
            self.away -= 1
            telling.close()
            raise StoreError("The database is away.")
        await telling
        self.told.append((method, space))
        self.beat()


class Wired:
    """The application on a loopback Discord."""

    def __init__(self, wire: Loopback, folder: Path) -> None:
        self.wire = wire
        upgrade(url := f"sqlite:///{folder}/quiz.sqlite3")
        self.store = open_store(url)
        self.router = build_router()
        self.app = Recording(
            self.store, self.router, load_library(PACKS), clock=lambda: MONDAY, chance=lambda: random.Random(1)
        )
        self.app.beat = wire.tick
        self.running: list[Discord] = []
        self.pauses: list[float] = []

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    async def start(
        self, shards: Shards | None = None, patience: float = 5.0, form_patience: float = 5.0, listening: int = 0
    ) -> Discord:
        """A process, once it listens on all its shards, or on as many as `listening`."""
        discord = Discord(self.app, self.router, self.store, "good", shards, pause=self._pause)
        discord._front = Front(self.app, self.router, patience, form_patience)
        before = len(self.wire.identified)
        await discord.start()
        self.running.append(discord)
        while discord.gateway is None:
            await asyncio.sleep(0)
        # Two seconds by default: how long discord.py waits for one more server before it says that it is ready.
        discord.gateway._connection.guild_ready_timeout = 0.05
        wanted = listening or len(shards.ids if shards else (0,))
        await self.wire.until(lambda: len(self.wire.identified) >= before + wanted)
        return discord

    async def heard(self, method: str, space: str = "") -> None:
        """Wait until the application was told something of spaces, and heard it."""
        await self.wire.until(lambda: (method, space) in self.app.told)

    async def do(self, interaction: dict[str, Any], shard: int = 0) -> list[dict[str, Any]]:
        """What is called back to an interaction."""
        await self.wire.dispatch("INTERACTION_CREATE", interaction, shard)
        await self.wire.until(lambda: interaction["id"] in self.wire.answers)
        return self.wire.answers[interaction["id"]]


@contextmanager
def overheard() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged as a warning or worse."""
    usual = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    try:
        with capture_logs() as logs:
            yield logs
    finally:
        structlog.configure(wrapper_class=usual)


def heading(body: dict[str, Any]) -> str:
    content: str = body["components"][0]["components"][0]["content"]
    return content


async def at_once(client: object, shard: int | None, *, initial: bool = False) -> None:
    """Discord asks for five seconds between shards; this one does not."""
