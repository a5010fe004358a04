"""One press of a button on Slack, from the signed body of an HTTP request to its response; floor: a bare Bolt app with
one empty listener, asked in the same way in the same run.

The application answers with a verdict at once and calls of Slack go nowhere: the figures are the adapter's alone. To
the response: the signature, deliveries that come twice, whose token it is, who somebody is (known by then), the id, the
request and its task. To the call of the response URL: besides, the card as blocks and their JSON.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from time import perf_counter
from types import TracebackType
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.adapters.slack import adapter
from bot.adapters.slack.adapter import Keys, Slack
from bot.features import build_router
from tests.bench.discord import Prompt
from tests.bench.lines import Line
from tests.bench.memory import resident

TIMES, ROUNDS, MORE = 1_000, 5, 20_000
SECRET = "signing secret"
ACTION = "play.answer:7:0:B"


class Answer:
    """What Slack says to a call: who the bot is, or somebody, or that it took the call."""

    status, content_type = 200, "application/json"
    headers: Mapping[str, str] = {}
    told: Mapping[str, Any] = {
        "ok": True, "team_id": "T1", "user_id": "U0", "bot_id": "B0", "usergroups": [],
        "user": {"name": "ben", "tz": "Europe/Berlin", "profile": {}},
    }  # fmt: skip

    async def __aenter__(self) -> "Answer":
        return self

    async def __aexit__(
        self, kind: type | None, trouble: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def json(self) -> Mapping[str, Any]:
        return self.told

    async def text(self) -> str:
        return '{"ok": true}'


class Nowhere:
    """A session that calls nobody, and counts what would be said at response URLs."""

    closed = False
    said = 0

    def request(self, method: str, url: str, **given: Any) -> Answer:
        self.said += url.startswith("https://hooks.slack.com/")
        return Answer()

    async def close(self) -> None:
        self.closed = True


async def lines() -> list[Line]:
    nowhere, bodies = Nowhere(), _bodies()
    with patch.object(adapter, "open_session", lambda: nowhere):
        ours = Slack(Prompt(), build_router(), _nothing(), Keys("xoxb-1", signing_secret=SECRET))
    await ours.start()
    site, bare, figures = ours.asgi, _bare(), []
    assert site
    for _ in range(ROUNDS + 1):
        figures.append((await _bare_time(bare, bodies), *await _times(site, ours, bodies)))
    assert nowhere.said == (ROUNDS + 1) * TIMES, "every press is answered"
    floor, heard, said = (min(times) for times in zip(*figures[1:], strict=True))
    grown = await _grown(site, ours, bodies)
    await ours.stop()
    own = f"floor: bare Bolt with an empty listener; our own part {(heard - floor) / floor:.1f}x, budget 3x"
    more = f"the same floor; our own part {(said - floor) / floor:.1f}x"
    return [
        Line("Slack: a press, to the response", heard * 1e6, floor * 1e6, "µs", own),
        Line("Slack: a press, to the call of the response URL", said * 1e6, floor * 1e6, "µs", more),
        Line(f"Slack: memory grown by {MORE:,} more presses", grown / 1e6, None, "MB", "budget: flat"),
    ]


def _nothing() -> Any:
    """No store: one workspace needs none."""
    return None


def _bare() -> ASGIApp:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_id="B0", bot_user_id="U0", bot_token="xoxb-1")

    async def listener(ack: Callable[[], Any]) -> None:
        await ack()

    bolt = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)
    bolt.action(re.compile(""))(listener)
    handler = AsyncSlackRequestHandler(bolt)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/events", events, methods=["POST"])])


async def _bare_time(site: ASGIApp, bodies: Iterator[bytes]) -> float:
    """Seconds for one press at the bare app, of many."""
    return await _posting(site, _signed(bodies, TIMES)) / TIMES


async def _times(site: ASGIApp, ours: Slack, bodies: Iterator[bytes]) -> tuple[float, float]:
    """Seconds for one press to its response, and until it is answered as well."""
    heard = said = 0.0
    for told in _signed(bodies, TIMES):
        started = perf_counter()
        heard += await _posting(site, [told])
        await ours.answered()
        said += perf_counter() - started
    return heard / TIMES, said / TIMES


async def _grown(site: ASGIApp, ours: Slack, bodies: Iterator[bytes]) -> int:
    """Bytes of memory that presses leave, once as many as are remembered have been made."""
    await _press(site, ours, _signed(bodies, 5 * TIMES))
    before = resident()
    for _ in range(MORE // TIMES):
        await _press(site, ours, _signed(bodies, TIMES))
    return resident() - before


async def _press(site: ASGIApp, ours: Slack, requests: list[tuple[bytes, dict[str, Any]]]) -> None:
    for told in requests:
        await _posting(site, [told])
        await ours.answered()


async def _posting(site: ASGIApp, requests: list[tuple[bytes, dict[str, Any]]]) -> float:
    """Seconds until the responses to requests, one after the other, begin; all are 200."""
    return sum([await _posted(site, *told) for told in requests])


async def _posted(site: ASGIApp, body: bytes, scope: dict[str, Any]) -> float:
    taken, status, started = 0.0, 0, perf_counter()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal taken, status
        if message["type"] == "http.response.start":
            taken, status = perf_counter() - started, message["status"]

    await site(scope, receive, send)
    assert status == 200
    return taken


def _signed(bodies: Iterator[bytes], times: int) -> list[tuple[bytes, dict[str, Any]]]:
    """Bodies as Slack sends them now, each with its scope."""
    return [(body, _scope(body)) for _, body in zip(range(times), bodies, strict=False)]


def _scope(body: bytes) -> dict[str, Any]:
    when = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=when, body=body)
    headers = {
        "content-type": "application/x-www-form-urlencoded", "content-length": len(body), "user-agent": "Slackbot 1.0",
        "x-slack-signature": signature, "x-slack-request-timestamp": when, "host": "bot",
    }  # fmt: skip
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/events",
        "raw_path": b"/events", "root_path": "", "scheme": "https", "query_string": b"", "server": ("bot", 443),
        "headers": [(name.encode(), str(value).encode()) for name, value in headers.items()],
    }  # fmt: skip


def _bodies() -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        yield urlencode({"payload": json.dumps(_payload(number))}).encode()


def _payload(number: int) -> dict[str, Any]:
    """Somebody presses an answer under a question."""
    buttons = [
        {"type": "button", "action_id": f"play.answer:7:0:{x}", "text": {"type": "plain_text", "text": x}}
        for x in "ABCD"
    ]
    blocks = [
        {"type": "header", "block_id": "a", "text": {"type": "plain_text", "text": "Daily question"}},
        {"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": "stem " * 60}},
        {"type": "actions", "block_id": "c", "elements": buttons},
    ]
    message = {
        "type": "message", "ts": f"{number}.000100", "text": "Daily question", "user": "U0", "bot_id": "B0",
        "app_id": "A1", "team": "T1", "blocks": blocks,
    }  # fmt: skip
    return {
        "type": "block_actions", "token": "verification", "api_app_id": "A1", "trigger_id": f"{number}.1.trigger",
        "team": {"id": "T1", "domain": "acme"}, "enterprise": None, "is_enterprise_install": False,
        "user": {"id": "U1", "username": "ben", "name": "ben", "team_id": "T1"},
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": "C1", "is_ephemeral": False},
        "channel": {"id": "C1", "name": "study"}, "message": message, "state": {"values": {}},
        "response_url": f"https://hooks.slack.com/actions/T1/{number}/secret",
        "actions": [{**buttons[1], "action_id": ACTION, "block_id": "c", "action_ts": "1.2"}],
    }  # fmt: skip
