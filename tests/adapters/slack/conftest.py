"""A Slack of our own: the real adapter on Bolt and slack_sdk over a small Slack, and the real store beneath."""

import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from bot.adapters.slack import front
from bot.adapters.slack.adapter import Keys, Slack
from bot.adapters.slack.render import Message
from bot.app import App
from bot.bank.library import Library, load_library
from bot.features import build_router
from bot.ports import Reply, Request
from bot.routing import UsageError
from bot.store.engine import SqlStore, open_store
from bot.store.migrate import upgrade
from tests.adapters.slack import limits
from tests.adapters.slack.loopback import APP_TOKEN, CLIENT, SECRET, Ack, Loopback, running
from tests.adapters.slack.payloads import Chosen, controls, label

PACKS = Path(__file__).parents[2] / "packs"
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
SIGNING = "signing secret"

ONE_BY_SOCKET = Keys(bot_token="xoxb-T1", app_token=APP_TOKEN)
ONE_BY_HTTP = Keys(bot_token="xoxb-T1", signing_secret=SIGNING)
MANY_BY_HTTP = Keys(signing_secret=SIGNING, client_id=CLIENT, client_secret=SECRET, secrets=("new key", "old key"))


class Recording(App):
    """The application, with the names of the routes that were asked for."""

    routes: set[str]

    async def handle(self, request: Request) -> Reply:
        with suppress(UsageError):
            self.routes.add(self.router.resolve(request.what)[0].name)
        return await super().handle(request)


class World:
    """The bot in a workspace `T1` with a channel `#study` (`C1`), an admin Ada (`U1A`) and a member Ben (`U1B`), and
    the same in `T2`."""

    def __init__(self, folder: Path, wire: Loopback, keys: Keys) -> None:
        file = folder / "quiz.sqlite3"
        file.write_bytes(_empty())
        self.wire = wire
        self.keys = keys
        self.now = MONDAY
        self.store: SqlStore = open_store(f"sqlite:///{file}")
        self.app = Recording(
            self.store,
            build_router(),
            _bank(),
            clock=lambda: self.now,
            chance=lambda: random.Random(self.now.timestamp()),
        )
        self.app.routes = set()
        self.patience = 5.0
        self.logged: list[MutableMapping[str, Any]] = []
        """Warnings and worse, among them what could not be said."""
        self.expected: set[str] = set()
        """Events of `logged` that this test is about; all others make the test fail."""

    async def start(self) -> None:
        """Start a process of the bot."""
        self.slack = Slack(
            self.app, self.app.router, self.store, self.keys, self.wire.api, self.patience, lambda: self.wire.now
        )
        self.app.connect(self.slack)
        if self.keys.signing_secret:
            self.wire.over_http(self.slack.asgi, SIGNING, "/events")
        await self.slack.start()

    async def restart(self) -> None:
        """Another process takes over; Slack and the store stay."""
        await self.slack.stop()
        await self.start()

    @property
    def troubles(self) -> list[MutableMapping[str, Any]]:
        """What went wrong and was not expected to."""
        return [one for one in self.logged if one["event"] not in self.expected]

    async def later(self, **span: float) -> None:
        """Let time pass, and what is due happen."""
        self.now += timedelta(**span)
        self.wire.advance(timedelta(**span).total_seconds())
        await self.app.work()


@asynccontextmanager
async def living(folder: Path, keys: Keys) -> AsyncIterator[World]:
    """A world with two workspaces, in which Slack takes nothing that is beyond its limits."""
    async with running() as wire:
        wire.workspace("T1", "Acme")
        wire.workspace("T2", "Bolt")
        wire.validate = lambda blocks: limits.of_message(Message("…", blocks))
        wire.validate_view = limits.of_view
        world = World(folder, wire, keys)
        with overheard() as world.logged:
            await world.start()
            yield world
            await world.slack.stop()
            await world.store.close()


@contextmanager
def overheard() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged as a warning or worse."""
    usual = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    try:
        with capture_logs() as logged:
            yield logged
    finally:
        structlog.configure(wrapper_class=usual)


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged as a warning or worse."""
    with overheard() as heard:
        yield heard


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """One workspace over signed HTTP."""
    async with living(tmp_path, ONE_BY_HTTP) as made:
        yield made
    assert made.troubles == []


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledgements arrive at once: nothing lies between the bot and Slack."""
    monkeypatch.setattr(front, "AGAIN", 0.02)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[World]:
    """Two workspaces that have installed the bot, over signed HTTP."""
    async with living(tmp_path, MANY_BY_HTTP) as made:
        for team in ("T1", "T2"):
            await install(made, team)
        yield made
    assert made.troubles == []


async def install(world: World, team: str) -> httpx.Response:
    """Let the bot into a workspace, as its admin does in the browser."""
    site: Any = world.slack.asgi
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="https://bot") as browser:
        asked = await browser.get("/install")
        state = re.findall(r"state=([^&\"]+)", asked.text + asked.headers.get("location", ""))[0]
        return await browser.get("/oauth_redirect", params={"code": world.wire.code(team), "state": state})


class Visitor:
    """Somebody in a channel, and what they look at: a message, a dialog or their Home. Where `renewed`, the bot
    restarts before each thing they do. What they do gives what there is to read then; nothing if nothing new is
    shown."""

    def __init__(self, world: World, user: str, channel: str = "C1", renewed: bool = False) -> None:
        self.world = world
        self.wire = world.wire
        self.user = user
        self.channel = channel
        self.renewed = renewed
        self.seen: Any = None
        self.ack = Ack({}, {})

    async def types(self, line: str) -> str:
        """Type a command."""
        return await self._does(lambda: self.wire.command(line, self.user, self.channel))

    async def uses(self, what: str, on: Any = None, chosen: Chosen = None) -> str:
        """Use a control of what they look at, or of something else, which they look at from then on."""
        target = on or self.seen
        if target["type"] == "message":
            return await self._does(lambda: self.wire.use(what, self.user, target, chosen))
        return await self._does(lambda: self.wire.use_in_view(what, self.user, target, chosen))

    async def chooses(self, value: str) -> str:
        """Choose from the menu of what they look at."""
        menus = [one for _, one in controls(self.seen["blocks"]) if one["type"] == "static_select"]
        assert len(menus) == 1, text(self.seen)
        return await self.uses(menus[0]["action_id"], chosen=value)

    async def sends(self, **values: Chosen) -> str:
        """Send the form they look at."""
        return await self._does(lambda: self.wire.submit(self.user, values))

    async def answers(self) -> str:
        """Answer the question they look at, somehow."""
        opener = next(label(one) for _, one in controls(self.seen["blocks"]))
        said = await self.uses(opener)
        asked = [(block["block_id"], block["element"]) for block in self.seen["blocks"] if block["type"] == "input"]
        return (
            await self.sends(**{name: somehow(element, n) for n, (name, element) in enumerate(asked)})
            if asked
            else said
        )

    async def calls(self, shortcut: str, message: Any = None) -> str:
        """Use a shortcut, of a message or of none."""
        if message:
            return await self._does(lambda: self.wire.message_shortcut(shortcut, message, self.user))
        return await self._does(lambda: self.wire.shortcut(shortcut, self.user))

    async def opens_home(self) -> str:
        """Open the Home tab."""
        await self._does(lambda: self.wire.open_home(self.user))
        self.seen = self.home
        return text(self.seen)

    @property
    def home(self) -> Any:
        """The Home tab as it is now."""
        return self.wire.home(self.user)

    @property
    def told(self) -> list[Any]:
        """The ephemeral messages they got, oldest first."""
        return self.wire.ephemeral(self.user)

    async def _does(self, deed: Callable[[], Awaitable[Ack]]) -> str:
        if self.renewed:
            await self.world.restart()
        before = self.wire.ts()
        self.ack = await deed()
        assert self.ack.status == 200, self.ack
        await self.world.slack.answered()
        shown = [*self.told, *self.wire.messages(self.channel), *self.wire.views.get(self.user, ())[-1:]]
        new = [one for one in shown if _last_changed(one) > before]
        self.seen = max(new, key=_last_changed, default=self.seen)
        return text(self.seen) if new else ""


def somehow(element: Any, number: int) -> Chosen:
    """Something that may be chosen or typed, different for each input of a form."""
    options = [option["value"] for option in element.get("options", ())]
    if element["type"] == "checkboxes":
        return options[:2]
    return options[number % len(options)] if options else "3"


def label_of(begun: str, shown: Any) -> str:
    """The label of the control that begins like this."""
    return next(label(one) for _, one in controls(shown["blocks"]) if label(one).startswith(begun))


def _last_changed(shown: Any) -> str:
    """When a message or a view became what it is."""
    return str(shown.get("hash") or shown.get("edited", shown)["ts"])


@cache
def _bank() -> Library:
    return load_library(PACKS)


@cache
def _empty() -> bytes:
    """A database with tables and nothing in them, which takes a while to make."""
    with TemporaryDirectory() as folder:
        upgrade(f"sqlite:///{folder}/quiz.sqlite3")
        return (Path(folder) / "quiz.sqlite3").read_bytes()


def text(shown: Any) -> str:
    """Everything there is to read in a message or a view, and its controls as `[label]`."""
    title = [shown["title"]["text"]] if shown.get("title") else []
    return "\n".join([*title, *_lines(shown["blocks"])])


def _lines(part: Any) -> list[str]:
    if isinstance(part, list):
        return [line for one in part for line in _lines(one)]
    if not isinstance(part, dict):
        return []
    match part.get("type"):
        case "button":
            return [f"[{part['text']['text']}]"]
        case "rich_text_section" | "rich_text_preformatted":
            return ["".join(one.get("text") or one.get("fallback", "") for one in part["elements"])]
        case "table":
            return [" | ".join(cell["text"] for cell in row) for row in part["rows"]]
        case "data_visualization":
            points = [point for series in part["chart"]["series"] for point in series["data"]]
            return [f"{part['title']}: " + ", ".join(f"{point['label']} {point['value']:g}" for point in points)]
    own = [part["text"]] if isinstance(part.get("text"), str) else []
    options = [f"[{option['text']['text']}]" for option in part.get("options", ())]
    return own + options + [line for key, value in part.items() if key != "options" for line in _lines(value)]
