"""A small Slack on this machine: its Web API, response URLs, Socket Mode and signed HTTP, with faults on demand."""

import asyncio
import base64
import json
import re
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from aiohttp import WSMsgType, web
from slack_sdk.signature import SignatureVerifier

from tests.adapters.slack import payloads, webapi
from tests.adapters.slack.payloads import Chosen
from tests.adapters.slack.workspaces import APP, APP_TOKEN, CLIENT, SECRET, Json, Slack, Workspace

__all__ = [
    "APP", "APP_TOKEN", "CLIENT", "RESET", "RESET_AFTER", "SECRET", "Ack", "Fault", "Loopback", "encoded", "running",
    "signed",
]  # fmt: skip

ENCODED = ("blocks", "view", "metadata", "attachments", "files")
"""Arguments that are JSON within a form."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request: an answer, or the connection breaks (status 0), before or after it counted.
    With `held`, the request waits for that event, and then goes the way the rest says; `fine` is all right."""

    status: int = 0
    body: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    held: asyncio.Event | None = None
    fine: bool = False

    @classmethod
    def limit(cls, seconds: int) -> "Fault":
        """Too many requests, as Slack says it."""
        return cls(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(seconds)})

    @classmethod
    def error(cls, name: str, **more: Any) -> "Fault":
        """An `ok: false`."""
        return cls(200, {"ok": False, "error": name, **more})

    @classmethod
    def hold(cls, event: asyncio.Event, after: bool = False) -> "Fault":
        """All goes well, but not before the event."""
        return cls(after=after, held=event, fine=True)


RESET, RESET_AFTER = Fault(), Fault(after=True)


@dataclass(frozen=True, slots=True)
class Ack:
    """What an app was told, and what it answered within the request: JSON, `{"text": …}` or nothing."""

    payload: Json
    answer: Json
    status: int = 200


@dataclass
class Envelope:
    """A payload on its way over Socket Mode; `answer` once it is acknowledged."""

    kind: str
    payload: Json
    attempts: int = 0
    answer: Json | None = None


class Socket(NamedTuple):
    """A connection over Socket Mode, and the request it began with."""

    ws: web.WebSocketResponse
    request: web.Request


class Loopback(Slack):
    """Slack as seen over the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, Json, str]] = []
        """Every request: method (or `upload`, `response_url`), arguments, token."""
        self.faults: list[tuple[str, Fault]] = []
        """What goes wrong with the next requests whose method matches."""
        self.envelopes: dict[str, Envelope] = {}
        """Everything sent over Socket Mode, by envelope id."""
        self.sockets: list[Socket] = []
        """Those that are open; envelopes go to each in turn."""
        self._door: tuple[Any, str, str] | None = None
        self._beat = asyncio.Event()

    @property
    def api(self) -> str:
        """The `base_url` of clients."""
        return f"{self.base}/api/"

    def called(self, method: str) -> list[Json]:
        """The arguments of all calls of a method so far."""
        return [args for name, args, _ in self.seen if name == method]

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something that happens here makes `condition` true."""
        async with asyncio.timeout(10):
            while not condition():
                await self._beat.wait()

    def over_http(self, app: Any, secret: str, path: str = "/slack/events") -> None:
        """From now on tell an ASGI application, instead of using Socket Mode."""
        self._door = (app, secret, path)

    # ---- what people do, until the app has acknowledged it

    async def command(self, line: str, user: str = "U1B", channel: str = "C1") -> Ack:
        """Type `/name and more`."""
        told = payloads.command(self, line, user, channel)
        ack = await self.tell("slash_commands", told)
        if ack.status == 200:
            self._answered_command(told, ack.answer)
        return ack

    async def use(self, what: str, user: str = "U1B", message: Json | None = None, chosen: Chosen = None) -> Ack:
        """Use the control with this action id or label: of a message, by default the newest one in `#study`."""
        target = message or self.messages("C1")[-1]
        return await self.tell("interactive", payloads.used(self, what, user, target, self.where(target), chosen))

    async def use_in_view(self, what: str, user: str = "U1B", view: Json | None = None, chosen: Chosen = None) -> Ack:
        """Use a control of a view, by default the modal they see."""
        target = view or self.views[user][-1]
        return await self.tell("interactive", payloads.used_in_view(self, what, user, target, chosen))

    async def submit(self, user: str = "U1B", values: Mapping[str, Chosen] | None = None) -> Ack:
        """Submit the modal they see, which then goes as the answer says."""
        ack = await self.tell("interactive", payloads.submission(self, user, self.views[user][-1], values or {}))
        if ack.status == 200:
            self._answered_view(user, ack.answer)
        return ack

    async def close(self, user: str = "U1B", cleared: bool = False) -> Ack | None:
        """Close the modal they see, or all; an app that did not ask to be told is not."""
        view = self.views[user][-1]
        self.views[user] = [] if cleared else self.views[user][:-1]
        if not view["notify_on_close"]:
            return None
        return await self.tell("interactive", payloads.closed(self, user, view, cleared))

    async def shortcut(self, callback: str, user: str = "U1B") -> Ack:
        return await self.tell("interactive", payloads.shortcut(self, callback, user))

    async def message_shortcut(self, callback: str, message: Json, user: str = "U1B") -> Ack:
        told = payloads.message_shortcut(self, callback, user, message, self.where(message))
        return await self.tell("interactive", told)

    async def open_home(self, user: str = "U1B", tab: str = "home") -> Ack:
        return await self.tell("events_api", payloads.home_opened(self, user, tab))

    async def uninstall(self, workspace: Workspace) -> list[Ack]:
        """Remove the app: its token ends, and both events tell so."""
        self.revoke(workspace.token, "account_inactive")
        told = (payloads.tokens_revoked(self, workspace), payloads.uninstalled(self, workspace))
        return [await self.tell("events_api", one) for one in told]

    async def tell(self, kind: str, payload: Json) -> Ack:
        """Tell the app, and wait for its acknowledgement. Over HTTP the answer may have any status."""
        if self._door:
            return await self._post(kind, payload)
        return await self.acked(await self.send(kind, payload))

    def _answered_command(self, told: Json, answer: Json) -> None:
        """Show what a command was answered with."""
        if answer.get("text") or answer.get("blocks"):
            url = self.urls[told["response_url"]]
            webapi.hear(self, self.workspaces[told["team_id"]], url, answer)
            self._tick()

    def _answered_view(self, user: str, answer: Json) -> None:
        """Do with the modals what a submission was answered with."""
        stack = self.views[user]
        match answer.get("response_action"):
            case None:
                stack.pop()
            case "clear":
                stack.clear()
            case "update":
                stack[-1].update(self.content(webapi.checked(self, answer["view"])))
            case "push":
                webapi.push(self, user, webapi.checked(self, answer["view"]))
            case "errors":
                blocks = {block.get("block_id") for block in stack[-1]["blocks"] if block["type"] == "input"}
                assert answer["errors"], "Slack wants at least one error"
                assert set(answer["errors"]) <= blocks, f"errors at no input: {set(answer['errors']) - blocks}"
        self._tick()

    # ---- HTTP

    async def _post(self, kind: str, payload: Json) -> Ack:
        assert self._door
        app, secret, path = self._door
        body = encoded(kind, payload)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
            answer = await client.post(path, content=body, headers=signed(body, secret))
        self._tick()
        return Ack(payload, answered(answer.text), answer.status_code)

    # ---- Socket Mode

    async def send(self, kind: str, payload: Json) -> str:
        """Send over one of the sockets; the envelope's id."""
        id = self.next_id("envelope")
        self.envelopes[id] = Envelope(kind, payload)
        await self._deliver(id)
        return id

    async def redeliver(self, id: str) -> None:
        """Send again what was not acknowledged."""
        self.envelopes[id].attempts += 1
        await self._deliver(id)

    async def acked(self, id: str) -> Ack:
        """What an envelope was acknowledged with."""
        await self.until(lambda: self.envelopes[id].answer is not None)
        known = self.envelopes[id]
        return Ack(known.payload, known.answer or {})

    async def warn(self, reason: str = "warning", index: int = 0) -> None:
        """Tell a socket that it will be closed; `refresh_requested` is the other usual reason."""
        told = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}
        await self.sockets[index].ws.send_str(json.dumps(told))

    def drop(self, index: int = 0) -> None:
        """Break a socket hard."""
        reset(self.sockets.pop(index).request)

    async def _deliver(self, id: str) -> None:
        known = self.envelopes[id]
        event = known.kind == "events_api"
        told: Json = {"envelope_id": id, "payload": known.payload, "type": known.kind}
        told |= {"accepts_response_payload": not event}
        if event:
            told |= {"retry_attempt": known.attempts, "retry_reason": "timeout" if known.attempts else ""}
        await self.until(lambda: self.sockets)
        self.sockets.append(chosen := self.sockets.pop(0))
        await chosen.ws.send_str(json.dumps(told))

    async def link(self, request: web.Request) -> web.StreamResponse:
        """A socket, until it is closed. An address is good for one."""
        self.tickets.remove(request.query["ticket"])
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        self.sockets.append(mine := Socket(ws, request))
        info = {"host": "applink-1", "approximate_connection_time": 18060}
        hello = {"type": "hello", "num_connections": len(self.sockets), "debug_info": info}
        await ws.send_str(json.dumps(hello | {"connection_info": {"app_id": APP}}))
        self._tick()
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                said = json.loads(message.data)
                self.envelopes[said["envelope_id"]].answer = said.get("payload") or {}
                self._tick()
        if mine in self.sockets:
            self.sockets.remove(mine)
        self._tick()
        return ws

    # ---- the Web API

    async def method(self, request: web.Request) -> web.StreamResponse:
        """A call of a method."""
        name = request.match_info["method"]
        args = await arguments(request)
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        token = secret if kind == "Bearer" else args.pop("token", "")
        client = base64.b64decode(secret).decode().partition(":")[::2] if kind == "Basic" else ("", "")
        client = (client[0] or args.get("client_id", ""), client[1] or args.get("client_secret", ""))

        def answer() -> web.StreamResponse:
            scopes = ",".join(sorted(self.tokens[token].scopes)) if token in self.tokens else ""
            told = webapi.answer(self, name, args, token, client)
            return web.json_response(told, headers={"x-oauth-scopes": scopes} if scopes else None)

        return await self._through(request, name, args, token, answer)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file."""
        file = self.files[request.match_info["id"]]
        data = await request.read()

        def answer() -> web.StreamResponse:
            file.data = data
            return web.Response(text=f"OK - {len(data)}")

        return await self._through(request, "upload", {"id": file.id, "length": len(data)}, "", answer)

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Something said at a response URL."""
        address = f"{self.base}{request.path}"
        body = json.loads(await request.text())

        def answer() -> web.StreamResponse:
            status, told = webapi.respond(self, address, body)
            return web.Response(text=told) if isinstance(told, str) else web.json_response(told, status=status)

        return await self._through(request, "response_url", body | {"url": address}, "", answer)

    async def _through(
        self, request: web.Request, name: str, args: Json, token: str, answer: Callable[[], web.StreamResponse]
    ) -> web.StreamResponse:
        """Note a request, and answer it, unless something is to go wrong."""
        self.seen.append((name, args, token))
        fault = self._fault(name)
        early = answer() if fault is None or fault.after else None
        self._tick()
        if fault and fault.held:
            await fault.held.wait()
        final = early or answer() if fault is None or fault.fine else self._fail(request, fault)
        self._tick()
        return final

    def _fault(self, name: str) -> Fault | None:
        for index, (pattern, fault) in enumerate(self.faults):
            if re.fullmatch(pattern, name):
                del self.faults[index]
                return fault
        return None

    def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if not fault.status:
            reset(request)
            return web.Response()
        if fault.body is None:
            return web.Response(status=fault.status, text="<html></html>", content_type="text/html")
        return web.json_response(fault.body, status=fault.status, headers=fault.headers)

    def _tick(self) -> None:
        self._beat.set()
        self._beat = asyncio.Event()


@asynccontextmanager
async def running() -> AsyncIterator[Loopback]:
    """A Slack without workspaces, listening."""
    loopback = Loopback()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", loopback.method)
    app.router.add_post("/upload/v1/{id}", loopback.upload)
    app.router.add_get("/link/", loopback.link)
    app.router.add_post("/{kind:commands|actions|app}/{rest:.*}", loopback.respond)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    loopback.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield loopback
    finally:
        await runner.cleanup()


def signed(body: bytes, secret: str, timestamp: int | None = None, retry: int = 0) -> dict[str, str]:
    """The headers Slack sends a body with, the `retry`th time again."""
    when = str(int(time.time()) if timestamp is None else timestamp)
    kind = "application/json" if body.startswith(b"{") else "application/x-www-form-urlencoded"
    signature = SignatureVerifier(secret).generate_signature(timestamp=when, body=body)
    assert signature
    again = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
    return {"Content-Type": kind, "X-Slack-Signature": signature, "X-Slack-Request-Timestamp": when, **again}


def encoded(kind: str, payload: Json) -> bytes:
    """A payload as the body of a request."""
    if kind == "events_api":
        return json.dumps(payload).encode()
    return urlencode({"payload": json.dumps(payload)} if kind == "interactive" else payload).encode()


def answered(text: str) -> Json:
    """The body of an answer as Socket Mode would have it."""
    if not text:
        return {}
    found: Json = json.loads(text) if text.startswith("{") else {"text": text}
    return found


async def arguments(request: web.Request) -> Json:
    """The arguments of a call: of its query, and its form or JSON."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        found |= json.loads(await request.text() or "{}")
    else:
        found |= dict(await request.post())
    return {
        key: json.loads(value) if key in ENCODED and isinstance(value, str) else value for key, value in found.items()
    }


def reset(request: web.Request) -> None:
    """Break the connection of a request so that the other side hears of it at once."""
    assert request.transport is not None
    raw: socket.socket = request.transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
