"""One interaction on Discord, from the text of the gateway to the first REST call; floor: discord.py's bare dispatch.

The application answers with a verdict at once, so that the figure is the adapter's alone: reading the id, the request,
the task, the card as components, and their JSON. The floor hands the same text to a client whose `on_interaction` does
nothing.
"""

import asyncio
import json
from collections import deque
from time import perf_counter
from typing import Any

import discord
from discord.gateway import DiscordWebSocket
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.adapters.discord.client import Gateway
from bot.adapters.discord.front import Front
from bot.features import build_router
from bot.ports import Reply, Request
from bot.ui import Button, Buttons, Call, Card, Md, Text
from tests.bench.lines import Line
from tests.bench.memory import resident

TIMES, TOGETHER, ROUNDS = 2_000, 50, 5
CLICK = "play.answer:7:0:B"
VERDICT = Card(
    "✗ Not quite: B",
    (
        Text(Md("You chose C: expedited retrieval still takes one to five minutes.")),
        Text(Md("B keeps millisecond access at the lowest storage price for data read this rarely.")),
        Text(Md('**Remember:** "archive" does not have to mean "wait".')),
        Text("Source: Amazon S3 User Guide, storage classes · checked 22 November 2026", small=True),
        Text("Streak 4 days · 10 of 31 right this month", small=True),
        Buttons(Button("Something wrong with this question?", Call("a")), Button("Three more on Amazon S3", Call("b"))),
    ),
    "wrong",
)


class Prompt:
    """An application that has its reply ready."""

    async def handle(self, request: Request) -> Reply:
        return Reply(private=VERDICT)

    async def complete(self, request: Request, typed: str) -> list[str]:
        return []

    async def suggest(self, request: Request, source: str, typed: str) -> list[str]:
        return []

    async def left(self, platform: str, space: str) -> None: ...

    async def joined(self, platform: str, space: str) -> None: ...


class Counting(AsyncWebhookAdapter):
    """Counts what would be sent."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.sent = 0

    async def request(self, route: Any, session: Any, **given: Any) -> Any:
        json.dumps(given["payload"])
        self.sent += 1
        return {"interaction": {"id": "1", "type": 3}}


class Bare(discord.AutoShardedClient):
    """A client that hears and does nothing."""

    heard = 0

    async def on_interaction(self, interaction: Any) -> None:
        self.heard += 1


async def lines() -> list[Line]:
    adapter = Counting()
    async_context.set(adapter)
    ours, bare = _ours(), Bare(intents=discord.Intents(guilds=True), max_messages=None)
    figures, floors = [], []
    for number in range(ROUNDS + 1):
        floors.append(await _dispatched(bare, lambda: bare.heard))
        figures.append(await _dispatched(ours, lambda: adapter.sent))
        if number == 0:
            figures, floors = [], []
    grown = await _grown(ours, adapter)
    figure, floor = min(figures), min(floors)
    own = f"floor: an empty on_interaction; our own part {(figure - floor) / floor:.1f}x, budget 3x"
    messages = f"Discord: memory grown by {TIMES:,} more messages with buttons"
    return [
        Line("Discord: an interaction, to the first REST call", figure * 1e6, floor * 1e6, "µs", own),
        Line(messages, grown / 1e6, None, "MB", "budget: flat"),
    ]


def _ours() -> Gateway:
    router, store = build_router(), _nothing()
    return Gateway(router, Front(Prompt(), router), store)


def _nothing() -> Any:
    """No store: commands are not told to Discord here."""
    return None


async def _dispatched(client: discord.AutoShardedClient, counted: Any) -> float:
    """Seconds for one interaction, of many."""
    socket = _socket(client)
    texts = deque(_text(number) for number in range(TIMES))
    wanted = counted() + TIMES
    started = perf_counter()
    while texts:
        for _ in range(min(TOGETHER, len(texts))):
            await socket.received_message(texts.popleft())
        await asyncio.sleep(0)
    while counted() < wanted:
        await asyncio.sleep(0)
    return (perf_counter() - started) / TIMES


async def _grown(client: Gateway, adapter: Counting) -> int:
    await _dispatched(client, lambda: adapter.sent)
    before = resident()
    await _dispatched(client, lambda: adapter.sent)
    return resident() - before


def _socket(client: discord.AutoShardedClient) -> DiscordWebSocket:
    """The part of a connection that reads, with a server in the client's cache."""
    client.loop = asyncio.get_running_loop()
    socket: Any = object.__new__(DiscordWebSocket)
    socket.shard_id, socket.sequence, socket._keep_alive, socket._dispatch_listeners = 0, 0, None, []
    socket._dispatch, socket._discord_parsers = client.dispatch, client._connection.parsers
    socket.log_receive = lambda text: None
    client._connection.shard_count = 1
    if client.user is None:
        me: Any = {"id": "900", "username": "Quizbot", "discriminator": "0", "avatar": None}
        client._connection.user = discord.ClientUser(state=client._connection, data=me)
        client._connection._add_guild_from_data(_server())
    reader: DiscordWebSocket = socket
    return reader


def _server() -> Any:
    channel = {"id": "200", "type": 0, "name": "study", "position": 0, "permission_overwrites": []}
    return {
        "id": "100", "name": "Server", "owner_id": "1", "emojis": [], "features": [], "channels": [channel],
        "members": [], "roles": [],
    }  # fmt: skip


def _text(number: int) -> str:
    user = {"id": "300", "username": "ann", "global_name": "Ann", "discriminator": "0", "avatar": None}
    member: dict[str, Any] = {
        "user": user,
        "roles": [],
        "joined_at": None,
        "deaf": False,
        "mute": False,
        "permissions": "0",
        "flags": 0,
    }
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": x, "custom_id": f"c{x}"} for x in "ABCD"]}
    message = {
        "id": str(10**6 + number), "channel_id": "200", "author": user | {"bot": True}, "content": "", "embeds": [],
        "timestamp": "2026-11-23T09:00:00+00:00", "edited_timestamp": None, "tts": False, "mention_everyone": False,
        "mentions": [], "mention_roles": [], "attachments": [], "pinned": False, "type": 0, "flags": 1 << 15,
        "components": [{"type": 17, "components": [{"type": 10, "content": "stem " * 60}, row], "spoiler": False}],
    }  # fmt: skip
    interaction = {
        "id": str(2 * 10**6 + number), "application_id": "900", "type": 3, "token": "token", "version": 1,
        "guild_id": "100", "guild": {"id": "100", "features": [], "locale": "en-US"}, "channel_id": "200",
        "channel": {"id": "200", "type": 0, "name": "study", "position": 0}, "member": member, "message": message,
        "data": {"custom_id": CLICK, "component_type": 2}, "locale": "en-US", "app_permissions": "0",
        "entitlements": [], "authorizing_integration_owners": {"0": "100"}, "context": 0, "attachment_size_limit": 1,
    }  # fmt: skip
    return json.dumps({"op": 0, "t": "INTERACTION_CREATE", "s": number, "d": interaction})
