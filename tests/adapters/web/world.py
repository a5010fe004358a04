"""A playground with a scripted application over a real store, and a server and visitors for it."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from bot.adapters.web.adapter import Web
from bot.adapters.web.server import Server
from bot.ports import Post, Reply, Request, UnitOfWork
from bot.store.engine import SqlStore, open_store
from bot.ui import (
    Button,
    Buttons,
    Call,
    Card,
    Chart,
    Divider,
    Fields,
    Form,
    Image,
    LongText,
    Md,
    Mention,
    Number,
    OneOf,
    Option,
    Point,
    Select,
    ShortText,
    SomeOf,
    Table,
    Text,
    When,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ORIGIN = "http://127.0.0.1"

Answer = Reply | Callable[[Request], Reply]


class Script:
    """An application that says what it was told to say, and remembers what it was asked."""

    def __init__(self) -> None:
        self.replies: dict[str, Answer] = {}
        self.heard: list[Request] = []
        self.lines: list[str] = []

    async def handle(self, request: Request) -> Reply:
        self.heard.append(request)
        key = request.what if isinstance(request.what, str) else request.what.id
        found = self.replies.get(key, Reply(private=Card(f"Nothing to say to {key}"[:150])))
        return found(request) if callable(found) else found

    async def complete(self, request: Request, typed: str) -> list[str]:
        return [line for line in self.lines if line.startswith(typed)]

    async def suggest(self, request: Request, source: str, typed: str) -> list[str]:
        return []


class World:
    """A playground whose server can be stopped and started again on the same file and port."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.app = Script()
        self.listener: socket.socket | None = None
        self.port = 0
        self.running: asyncio.Task[None] | None = None
        self.open()

    def open(self) -> None:
        self.store: SqlStore = open_store(self.url)
        self.web = Web(self.app, self.store, lambda: NOON, "a secret of tests", "UTC")

    async def close(self) -> None:
        await self.stop()
        await self.store.close()

    # ---- serving

    async def start(self) -> str:
        """Serve on a port of this machine, the same each time; returns the page's address."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self.server = Server(self.web)
        self.running = asyncio.create_task(self.server._serve([listener]))
        while not self.server.started:
            await asyncio.sleep(0.01)
        return self.address

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        if self.running:
            self.server.should_exit = True
            await self.running
            self.running = None

    async def restart(self) -> None:
        """Stop everything, and start it again on the same file and port."""
        await self.close()
        self.open()
        await self.start()

    # ---- speaking without a browser

    def visitor(self, address: str = ORIGIN) -> "Visitor":
        return Visitor(self, address)

    async def joined(self, name: str, zone: str = "Europe/Berlin") -> "Visitor":
        visitor = self.visitor()
        response = await visitor.join(name, zone)
        assert response.status_code == 200, response.text
        return visitor

    async def post(self, card: Card, *, key: str = "post", channel: str = "daily", person: str = "") -> str:
        return await self.web.send(Post(key, "web", "playground", channel, card, person))

    async def write(self, card: Card) -> None:
        """Write a message as another process would, without a word to the page."""

        def say(uow: UnitOfWork) -> int:
            return uow.messages.say(uow.people.settle("web", self.web.space, "UTC", NOON), "daily", NOON, card=card)

        await self.store.run(say)


class Visitor:
    """A browser as HTTP sees it: its cookies, and requests as the page makes them."""

    def __init__(self, world: World, address: str) -> None:
        transport = httpx.ASGITransport(world.web.asgi, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=address, headers={"Origin": address})
        self.acts = 0

    async def join(self, name: str, zone: str = "Europe/Berlin") -> httpx.Response:
        return await self.client.post("/join", json={"name": name, "zone": zone})

    async def page(self, path: str = "/") -> str:
        return (await self.client.get(path)).text

    async def say(self, line: str, channel: str = "daily", act: str = "") -> httpx.Response:
        return await self.client.post("/type", json={"act": act or self.act(), "channel": channel, "line": line})

    async def press(self, message: str, call: str, value: str = "") -> httpx.Response:
        body = {"act": self.act(), "message": message, "call": call, "value": value}
        return await self.client.post("/press", json=body)

    async def submit(self, form: str, values: Mapping[str, list[str]]) -> httpx.Response:
        return await self.client.post("/submit", json={"act": self.act(), "form": form, "values": values})

    async def sees(self) -> list[dict[str, Any]]:
        """The messages of #daily, newest last."""
        response = await self.client.get("/earlier", params={"channel": "daily", "before": 10**9})
        messages: list[dict[str, Any]] = response.json()["messages"]
        return messages

    def act(self) -> str:
        self.acts += 1
        return f"test-act-{self.acts:04}"


# ---- a gallery: every accent, element and input

FORM = Form(
    "Everything",
    (
        ShortText("short", "A line", hint="Such as this", value="as it was", max_length=30),
        LongText("long", "Some lines", required=False),
        Number("number", "A number", hint="In seconds"),
        OneOf("one", "One of", (Option("First", "1"), Option("Second", "2")), "2"),
        SomeOf("some", "Some of", tuple(Option(f"Choice {n}", f"{n}") for n in range(4)), least=2, most=2),
    ),
    Call("gallery.take"),
)
SMALL_FORM = Form(
    "Small",
    (
        OneOf("one", "One of", (Option("First", "1"), Option("Second", "2"))),
        SomeOf("some", "Some of", (Option("This", "a"), Option("That", "b"))),
    ),
    Call("gallery.small"),
)
OPTIONS = Text(
    Md("**A**  S3 Standard-IA\n**B**  S3 Glacier Instant Retrieval\n**C**  S3 Glacier Flexible\n**D**  S3 Deep Archive")
)
QUESTION = Card(
    "Daily question · 24 November",
    (
        Text("Amazon S3 · apply", small=True),
        Text(Md("A retailer reads each artefact about **twice a year**. Which class costs least?")),
        OPTIONS,
        Buttons(*(Button(letter, Call.of("play.answer", 1, 0, letter)) for letter in "ABCD")),
        Text("7 have answered · closes ", When(NOON, "datetime"), small=True),
    ),
    "question",
)
BOARD = Card(
    "Leaderboard · this week",
    (
        Table(("", "Player", "Points"), (("1", "Ana", "120"), ("2", "Bo", "100"), ("2", "Chen", "100")), (0, 2)),
        Text("Score is a mean that is fair to small and large teams alike.", small=True),
        Buttons(Button("Teams", Call.of("board", "teams"))),
        Select(Call.of("board", "turn"), "Period: this week", (Option("Today", "today"), Option("This week", "week"))),
    ),
)
CLOSED = Card(
    "Daily question · 23 November · closed",
    (
        OPTIONS,
        Text(Md("**Answer:** **B**  S3 Glacier Instant Retrieval")),
        Chart("bars", "Answers given", (Point("A", 4), Point("B", 11, "right"), Point("C", 6), Point("D", 0))),
        Text("11 of 21 were right."),
        Buttons(Button("Discuss", Call.of("daily.discuss", 1)), Button("Delete", Call("delete"), "danger")),
    ),
)
REST = Card(
    "Right: everything else",
    (
        Fields((("Streak", "19 days"), ("Team", "Blue"))),
        Divider(),
        Chart("line", "Points a day", tuple(Point(f"{n} Nov", n * n % 7) for n in range(1, 15)), " pt"),
        Chart("bars", "By topic", (Point("Feature engineering", 0.8, "right"), Point("Kinesis", 0.1, "weak"))),
        Image("https://example.org/picture.png", "A picture of a graph"),
        Text("Ask ", Mention("1", "Bo"), " on ", When(NOON, "date"), " at ", When(NOON, "time"), "."),
        Text(Md("First, with [a link](https://example.org/).\n\n```\ncode = [1, 2]\n```\n\n*Last* words.")),
    ),
    "right",
)
GALLERY = (
    QUESTION,
    BOARD,
    CLOSED,
    REST,
    Card("Not quite: B", (Text("You chose C."),), "wrong"),
    Card("A warning", (Text("Do this next."),), "warning"),
    Card("A title alone", (), "warning"),
)
