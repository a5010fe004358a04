"""A small Discord on this machine: REST and gateway, with faults on demand."""

import asyncio
import json
import re
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import discord
import pytest
import yarl
from aiohttp import WSMsgType, web

BOT, GUILD, STUDY, ANN, DIRECT, REDS = "900", "100", "200", "300", "400", "500"
USER = {"id": ANN, "username": "ann", "global_name": "Ann", "discriminator": "0", "avatar": "a_fade"}
CHANNEL = {"id": STUDY, "type": 0, "name": "study", "position": 0, "guild_id": GUILD, "permission_overwrites": []}
ROLE = {
    "id": GUILD, "name": "@everyone", "color": 0, "colors": {"primary_color": 0}, "hoist": False, "position": 0,
    "permissions": "0", "managed": False, "mentionable": False, "flags": 0,
}  # fmt: skip
SERVER: dict[str, Any] = {
    "id": GUILD, "name": "Server", "owner_id": "1", "emojis": [], "features": [], "channels": [CHANNEL], "members": [],
    "roles": [ROLE, ROLE | {"id": REDS, "name": "Reds", "position": 1}],
}  # fmt: skip
MANAGE_SERVER = str(1 << 5)
EVERYTHING = str(discord.Permissions.all().value)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request: a status with a body, or the connection breaks, before or after it counted."""

    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    page: str = ""
    """What is answered in place of the body, as a page for people."""

    @classmethod
    def limit(cls, seconds: float) -> "Fault":
        """Too many requests, as Discord says it."""
        return cls(429, {"message": "slow", "retry_after": seconds, "global": False}, {"Via": "1.1 google"})


RESET, RESET_AFTER = Fault(), Fault(after=True)


class Loopback:
    """Discord as seen over the wire."""

    def __init__(self) -> None:
        self.messages: dict[str, list[dict[str, Any]]] = {STUDY: [], DIRECT: []}
        self.seen: list[tuple[str, str]] = []
        """Every request: method and path."""
        self.answers: dict[str, list[dict[str, Any]]] = {}
        """What was called back, by interaction."""
        self.originals: dict[str, dict[str, Any]] = {}
        """The answer of an interaction as it was last edited, by token."""
        self.followups: dict[str, list[dict[str, Any]]] = {}
        self.replaced: dict[str, list[dict[str, Any]]] = {}
        """What followups were edited to, by token."""
        self.deleted: list[str] = []
        """Tokens of interactions of which a message was deleted."""
        self.pictures: list[int] = []
        """Bytes of each picture."""
        self.commands: list[Any] = []
        """Every list of commands that was told."""
        self.faults: list[tuple[str, Fault]] = []
        """What goes wrong with the next requests whose `METHOD path` matches."""
        self.threads: list[tuple[str, str]] = []
        self.window = True
        """Whether nonces are remembered."""
        self.clock: Callable[[], datetime] = discord.utils.utcnow
        """When a message is sent."""
        self.token = "good"
        self.permissions = EVERYTHING
        self.identified: list[tuple[int, int]] = []
        self.resumed: list[int] = []
        self.shards = 1
        self.starts = dict(LIMIT)
        """What is left of the day's identifications."""
        self.servers = [GUILD]
        """Servers of the bot."""
        self.unavailable: list[str] = []
        """Servers of the bot that are out of order."""
        self.silent: set[int] = set()
        """Shards that are not told that they are ready."""
        self.sockets: dict[int, web.WebSocketResponse] = {}
        self._sequence: Counter[int] = Counter()
        self._ids = count(5000)
        self._beat = asyncio.Event()

    # ---- what tests do

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something that happens here makes `condition` true."""
        async with asyncio.timeout(10):
            while not condition():
                await self._beat.wait()

    async def dispatch(self, name: str, data: dict[str, Any], shard: int = 0) -> None:
        """Send an event over the gateway."""
        self._sequence[shard] += 1
        event = {"op": 0, "t": name, "s": self._sequence[shard], "d": data}
        await self.sockets[shard].send_str(json.dumps(event))

    async def end_session(self, shard: int = 0) -> None:
        """Make a shard begin anew."""
        await self.sockets.pop(shard).send_str(json.dumps({"op": 9, "d": False, "s": None, "t": None}))

    async def drop(self, shard: int = 0) -> None:
        """Break a connection in a way that asks for a resume."""
        await self.sockets.pop(shard).close(code=4000)

    def interaction(self, kind: int, data: dict[str, Any], admin: bool = False, **more: Any) -> dict[str, Any]:
        """An interaction of Ann in `#study`."""
        id = str(next(self._ids))
        member = {
            "user": USER, "roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False,
            "flags": 0, "permissions": MANAGE_SERVER if admin else "0",
        }  # fmt: skip
        return {
            "id": id, "application_id": BOT, "type": kind, "token": f"token{id}", "version": 1, "guild_id": GUILD,
            "guild": {"id": GUILD, "features": [], "locale": "en-US"}, "channel_id": STUDY, "channel": CHANNEL,
            "member": member, "data": data, "locale": "en-US", "app_permissions": "0", "entitlements": [],
            "authorizing_integration_owners": {"0": GUILD}, "context": 0, "attachment_size_limit": 1,
        } | more  # fmt: skip

    def click(self, custom_id: str, admin: bool = False) -> dict[str, Any]:
        """A click on a button of a message of ours."""
        message = self._message(STUDY, {"components": []})
        return self.interaction(3, {"custom_id": custom_id, "component_type": 2}, admin, message=message)

    def menu(self, name: str, custom_id: str, **more: Any) -> dict[str, Any]:
        """A command of the menu of a message of ours that has a button."""
        row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "A", "custom_id": custom_id}]}
        message = self._message(STUDY, {"components": [row]})
        data = {"id": "1", "name": name, "type": 3, "target_id": message["id"]}
        return self.interaction(2, data | {"resolved": {"messages": {message["id"]: message}}}, **more)

    def slash(self, name: str, *path: str, admin: bool = False, **given: str) -> dict[str, Any]:
        """A command with options that are texts."""
        options: list[dict[str, Any]] = [{"name": key, "type": 3, "value": value} for key, value in given.items()]
        for depth, word in enumerate(reversed(path)):
            options = [{"name": word, "type": 1 if depth == 0 else 2, "options": options}]
        return self.interaction(2, {"id": "1", "name": name, "type": 1, "options": options}, admin)

    # ---- REST

    async def rest(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v10")
        what = f"{request.method} {path}"
        body = await self._body(request)
        self.seen.append((request.method, path))
        fault = self._fault(what)
        if fault and not fault.after:
            return self._fail(request, fault)
        answer = self._route(request, request.method, path, body)
        if fault:
            return self._fail(request, fault)
        self.tick()
        return answer

    def _route(self, request: web.Request, method: str, path: str, body: dict[str, Any]) -> web.Response:
        if request.headers.get("Authorization") not in (None, f"Bot {self.token}"):
            return _json({"message": "401: Unauthorized", "code": 0}, 401)
        match method, path.strip("/").split("/"):
            case "GET", ["users", "@me"]:
                return _json(USER | {"id": BOT, "username": "Quizbot", "bot": True})
            case "GET", ["oauth2", "applications", "@me"]:
                return _json(APPLICATION)
            case "GET", ["gateway", "bot"]:
                return _json({"url": str(self.gateway), "shards": self.shards, "session_start_limit": self.starts})
            case "PUT", ["applications", _, "commands"]:
                self.commands.append(body)
                return _json([])
            case "POST", ["users", "@me", "channels"]:
                return _json({"id": DIRECT, "type": 1, "recipients": [USER], "last_message_id": None})
            case "GET", ["channels", id, "messages"]:
                return _json(self._history(id, request.query))
            case "POST", ["channels", id, "messages"]:
                return self._posted(id, body)
            case "POST", ["channels", id, "messages", message, "threads"]:
                self.threads.append((message, body["name"]))
                return _json({"id": message, "type": 11, "name": body["name"]})
            case "PATCH", ["channels", id, "messages", message]:
                return self._edited(id, message, body)
            case "POST", ["interactions", id, _, "callback"]:
                return self._called_back(id, body)
            case "PATCH", ["webhooks", _, token, "messages", "@original"]:
                self.originals[token] = body
                return _json(self._message(STUDY, body))
            case "PATCH", ["webhooks", _, token, "messages", _]:
                self.replaced.setdefault(token, []).append(body)
                return _json(self._message(STUDY, body))
            case "DELETE", ["webhooks", _, token, "messages", _]:
                self.deleted.append(token)
                return web.Response(status=204)
            case "POST", ["webhooks", _, token]:
                self.followups.setdefault(token, []).append(body)
                return _json(self._message(STUDY, body))
            case "GET", ["channels", id]:
                return _json(CHANNEL) if id == STUDY else _json({"message": "Unknown Channel", "code": 10003}, 404)
            case "GET", ["guilds", _]:
                return _json(SERVER | {"roles": [SERVER["roles"][0] | {"permissions": self.permissions}]})
            case "GET", ["guilds", _, "channels"]:
                return _json([CHANNEL])
            case "GET", ["guilds", _, "members", id]:
                return _json(self.interaction(1, {})["member"] | {"user": USER | {"id": id}})
        return _json({"message": f"no such route: {method} {path}", "code": 0}, 404)

    def _posted(self, channel: str, body: dict[str, Any]) -> web.Response:
        if channel not in self.messages:
            return _json({"message": "Unknown Channel", "code": 10003}, 404)
        assert body["enforce_nonce"]
        assert len(body["nonce"]) <= 25
        for one in self.messages[channel]:
            if self.window and one["nonce"] == body["nonce"]:
                return _json(one)
        message = self._message(channel, body) | {"nonce": body["nonce"]}
        self.messages[channel].append(message)
        return _json(message)

    def _history(self, channel: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """What may be read, newest first; whoever may not read it is told that there is nothing."""
        if channel == STUDY and not int(self.permissions) & discord.Permissions(read_message_history=True).value:
            return []
        known = [{k: v for k, v in one.items() if k != "nonce"} for one in self.messages[channel]]
        after, before, limit = int(query.get("after", 0)), int(query.get("before", 1 << 62)), int(query["limit"])
        found = [one for one in known if after < int(one["id"]) < before]
        return (found[:limit] if "after" in query else found[-limit:])[::-1]

    def _edited(self, channel: str, id: str, body: dict[str, Any]) -> web.Response:
        for one in self.messages[channel]:
            if one["id"] == id:
                one["components"] = body["components"]
                return _json(one)
        return _json({"message": "Unknown Message", "code": 10008}, 404)

    def _called_back(self, id: str, body: dict[str, Any]) -> web.Response:
        if id in self.answers:
            self.answers[id].append({"refused": body})
            return _json({"message": "Interaction has already been acknowledged.", "code": 40060}, 400)
        self.answers[id] = [body]
        resource = {"type": body["type"], "message": self._message(STUDY, body.get("data") or {})}
        return _json({"interaction": {"id": id, "type": 2, "response_message_id": "1"}, "resource": resource})

    def _message(self, channel: str, body: dict[str, Any]) -> dict[str, Any]:
        now = self.clock()
        id = (discord.utils.time_snowflake(now) & ~0xFFFF) + next(self._ids)
        return {
            "id": str(id), "channel_id": channel, "author": USER | {"id": BOT, "bot": True}, "content": "",
            "timestamp": now.isoformat(), "edited_timestamp": None, "tts": False, "pinned": False,
            "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "type": 0,
            "flags": body.get("flags", 0), "components": body.get("components", []),
        }  # fmt: skip

    async def _body(self, request: web.Request) -> Any:
        """The JSON of a request; of one with files, that part."""
        if request.content_type == "multipart/form-data":
            form = await request.post()
            files = [one for one in form.values() if isinstance(one, web.FileField)]
            self.pictures += [len(one.file.read()) for one in files]
            return json.loads(str(form["payload_json"]))
        text = await request.text()
        return json.loads(text) if text else {}

    def _fault(self, what: str) -> Fault | None:
        for index, (pattern, fault) in enumerate(self.faults):
            if re.fullmatch(pattern, what):
                del self.faults[index]
                return fault
        return None

    def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        self.tick()
        if fault.page:
            return web.Response(text=fault.page, status=fault.status, content_type="text/html")
        if fault.status:
            return _json(fault.body, fault.status, fault.headers)
        assert request.transport is not None
        raw: socket.socket = request.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
        return web.Response()

    # ---- the gateway

    async def connect(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_str(json.dumps({"op": 10, "d": {"heartbeat_interval": 40_000}, "s": None, "t": None}))
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                await self._told(ws, json.loads(message.data))
                self.tick()
        return ws

    async def _told(self, ws: web.WebSocketResponse, said: dict[str, Any]) -> None:
        if said["op"] == 1:
            await ws.send_str(json.dumps({"op": 11, "d": None, "s": None, "t": None}))
        elif said["op"] == 2:
            shard, total = said["d"].get("shard", (0, 1))
            assert said["d"]["intents"] == 1
            self.sockets[shard] = ws
            if shard not in self.silent:
                await self.greet(shard, total)
            self.identified.append((shard, total))
        elif said["op"] == 6:
            shard = int(said["d"]["session_id"].removeprefix("session"))
            self.sockets[shard] = ws
            await self.dispatch("RESUMED", {}, shard)
            self.resumed.append(shard)

    async def greet(self, shard: int, total: int) -> None:
        """Say that a shard is ready, and which servers it has."""
        await self.dispatch("READY", self._ready(shard, total), shard)
        if shard == 0 and GUILD in self.servers:
            await self.dispatch("GUILD_CREATE", SERVER, shard)

    def _ready(self, shard: int, total: int) -> dict[str, Any]:
        guilds = [{"id": id, "unavailable": True} for id in (*self.servers, *self.unavailable)] if shard == 0 else []
        return {
            "v": 10, "user": USER | {"id": BOT, "bot": True}, "guilds": guilds, "session_id": f"session{shard}",
            "resume_gateway_url": str(self.gateway), "shard": [shard, total], "application": {"id": BOT, "flags": 0},
        }  # fmt: skip

    def tick(self) -> None:
        """Let whoever waits look again."""
        self._beat.set()
        self._beat = asyncio.Event()

    gateway = yarl.URL("ws://127.0.0.1")


LIMIT = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
APPLICATION: dict[str, Any] = {
    "id": BOT, "name": "Quizbot", "description": "", "icon": None, "bot_public": True, "summary": "", "flags": 0,
    "bot_require_code_grant": False, "verify_key": "", "team": None, "owner": USER, "interactions_endpoint_url": None,
}  # fmt: skip


@asynccontextmanager
async def running(patch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    """A Discord that discord.py talks to as if it were the real one."""
    loopback = Loopback()
    app = web.Application()
    app.router.add_get("/gateway/", loopback.connect)
    app.router.add_route("*", "/api/v10/{path:.*}", loopback.rest)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    loopback.gateway = yarl.URL(f"ws://127.0.0.1:{port}/gateway/")
    patch.setattr(discord.http.Route, "BASE", f"http://127.0.0.1:{port}/api/v10")
    patch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", loopback.gateway)
    try:
        yield loopback
    finally:
        await runner.cleanup()


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # discord.py reads JSON only where the type is exactly this, without a charset.
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json"} | (headers or {})
    )
