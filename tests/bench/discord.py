"""One interaction on Discord, from the text of the gateway to the first REST call; floor: discord.py's bare dispatch.

The application answers with a verdict at once, so that the figure is the adapter's alone: reading the id, the request,
the task, the card as components, and their JSON. The floor hands the same text to a client whose `on_interaction` does
nothing.

Memory is that of 1,000 servers in which old messages are used: ten in each, then more, none of them twice.
"""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import Callable, Collection
from itertools import count
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
SERVERS, FEW, MORE, MANY = 1_000, 10, 5_000, 1_000_000
IDS = count(2 * 10**6)
"""Ids of interactions: one that comes twice is done once."""
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

    async def present(self, platform: str, spaces: Collection[str], mine: Callable[[str], bool]) -> None: ...


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
        floors.append(await _timed(bare, lambda: bare.heard))
        figures.append(await _timed(ours, lambda: adapter.sent))
        if number == 0:
            figures, floors = [], []
    figure, floor = min(figures), min(floors)
    own = f"floor: an empty on_interaction; our own part {(figure - floor) / floor:.1f}x, budget 3x"
    return [
        Line("Discord: an interaction, to the first REST call", figure * 1e6, floor * 1e6, "µs", own),
        *await _memory(adapter),
    ]


async def _memory(adapter: Counting) -> list[Line]:
    client = _ours()
    before = resident()
    _furnish(client, SERVERS)
    await _used(client, lambda: adapter.sent, range(SERVERS * FEW))
    few = (resident() - before) / 1e6
    grown = await _grown(client, lambda: adapter.sent, range(SERVERS * FEW, SERVERS * FEW + 2 * MORE)) / 1e6
    each, onward = MORE // SERVERS, grown * MANY / MORE
    flat = f"budget: flat; not measured: {onward:.1f} MB by 1,000 in each, if all go like these"
    return [
        Line(f"Discord: memory of {SERVERS:,} servers, {FEW} old messages used in each", few, None, "MB"),
        Line(f"Discord: live objects grown by {each} more old messages in each", grown, None, "MB", flat),
    ]


async def _grown(client: Gateway, counted: Callable[[], int], messages: range) -> int:
    """Bytes of what is still there of all that was made while the second half of messages was used: what is remembered
    of the last of them takes the place of the first half's. The process's own figure swings by more."""
    tracemalloc.start()
    await _used(client, counted, messages[:MORE])
    before = _traced()
    await _used(client, counted, messages[MORE:])
    grown = _traced() - before
    tracemalloc.stop()
    return grown


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _ours() -> Gateway:
    router, store = build_router(), _nothing()
    return Gateway(router, Front(Prompt(), router), store)


def _nothing() -> Any:
    """No store: commands are not told to Discord here."""
    return None


async def _timed(client: discord.AutoShardedClient, counted: Callable[[], int]) -> float:
    """Seconds for one interaction, of many in one server."""
    _furnish(client, 1)
    texts = [_text(number, 0) for number in range(TIMES)]
    started = perf_counter()
    await _fed(client, counted, texts)
    return (perf_counter() - started) / TIMES


async def _used(client: Gateway, counted: Callable[[], int], messages: range) -> None:
    """Use messages of all servers in turn."""
    for first in range(0, len(messages), TIMES):
        texts = [_text(number, number % SERVERS) for number in messages[first : first + TIMES]]
        await _fed(client, counted, texts)


async def _fed(client: discord.AutoShardedClient, counted: Callable[[], int], texts: list[str]) -> None:
    """Hand texts of the gateway to a client, and wait until all are answered."""
    socket, wanted = _socket(client), counted() + len(texts)
    for first in range(0, len(texts), TOGETHER):
        for text in texts[first : first + TOGETHER]:
            await socket.received_message(text)
        await asyncio.sleep(0)
    while counted() < wanted:
        await asyncio.sleep(0)


def _socket(client: discord.AutoShardedClient) -> DiscordWebSocket:
    """The part of a connection that reads."""
    client.loop = asyncio.get_running_loop()
    socket: Any = object.__new__(DiscordWebSocket)
    socket.shard_id, socket.sequence, socket._keep_alive, socket._dispatch_listeners = 0, 0, None, []
    socket._dispatch, socket._discord_parsers = client.dispatch, client._connection.parsers
    socket.log_receive = lambda text: None
    client._connection.shard_count = 1
    reader: DiscordWebSocket = socket
    return reader


def _furnish(client: discord.AutoShardedClient, servers: int) -> None:
    """Let the client know who it is and which servers it is in."""
    me: Any = {"id": "900", "username": "Quizbot", "discriminator": "0", "avatar": None}
    client._connection.user = discord.ClientUser(state=client._connection, data=me)
    for number in range(servers):
        client._connection._add_guild_from_data(_server(number))


def _server(number: int) -> Any:
    channel = {"id": str(200_000 + number), "type": 0, "name": "study", "position": 0, "permission_overwrites": []}
    return {
        "id": str(100_000 + number), "name": "Server", "owner_id": "1", "emojis": [], "features": [],
        "channels": [channel], "members": [], "roles": [],
    }  # fmt: skip


def _text(number: int, server: int) -> str:
    """A click on a message of its own in a server."""
    guild, channel = str(100_000 + server), str(200_000 + server)
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
        "id": str(10**6 + number), "channel_id": channel, "author": user | {"bot": True}, "content": "", "embeds": [],
        "timestamp": "2026-11-23T09:00:00+00:00", "edited_timestamp": None, "tts": False, "mention_everyone": False,
        "mentions": [], "mention_roles": [], "attachments": [], "pinned": False, "type": 0, "flags": 1 << 15,
        "components": [{"type": 17, "components": [{"type": 10, "content": "stem " * 60}, row], "spoiler": False}],
    }  # fmt: skip
    interaction = {
        "id": str(next(IDS)), "application_id": "900", "type": 3, "token": "token", "version": 1,
        "guild_id": guild, "guild": {"id": guild, "features": [], "locale": "en-US"}, "channel_id": channel,
        "channel": {"id": channel, "type": 0, "name": "study", "position": 0}, "member": member, "message": message,
        "data": {"custom_id": CLICK, "component_type": 2}, "locale": "en-US", "app_permissions": "0",
        "entitlements": [], "authorizing_integration_owners": {"0": guild}, "context": 0, "attachment_size_limit": 1,
    }  # fmt: skip
    return json.dumps({"op": 0, "t": "INTERACTION_CREATE", "s": number, "d": interaction})
