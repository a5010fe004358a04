"""Slack over HTTP: events and interactions that Slack signs, and the pages of an installation."""

from collections.abc import Awaitable, Callable

import aiohttp
import structlog
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.adapters.recent import Recent
from bot.ports import StoreError

log = structlog.get_logger()

BODY = 1024 * 1024
"""Bytes of a request that are read at most. A view has 250 kB: https://docs.slack.dev/reference/methods/views.open"""
AWAY = '<p>Slack or the database is away: not finished. Wait a minute, then <a href="/slack/install">try again</a>.'
SIGNED, SIGNATURES = 900, 10_000
"""For how many seconds, and how many, signatures are known as used. A signature is good until five minutes after its
date, which may be five minutes ahead of us."""
SIGNATURE = "X-Slack-Signature"
SSL_CHECK = b"ssl_check=1"
"""What Slack sends unsigned, now and then, to see whether the certificate is good."""


def site(bolt: AsyncApp, flow: AsyncOAuthFlow | None, secret: str) -> Starlette:
    """`/events` where a `secret` signs requests, and `/install` and `/oauth_redirect` where there is a `flow`. `bolt`
    needs no check of its own: nothing is read before its signature, which is good for five minutes."""
    routes = [Route("/events", _events(bolt, SignatureVerifier(secret)), methods=["POST"])] if secret else []
    if flow:
        routes += [
            Route("/install", _page(flow.handle_installation)),
            Route("/oauth_redirect", _page(flow.handle_callback)),
        ]
    return Starlette(routes=routes)


def _events(bolt: AsyncApp, verifier: SignatureVerifier) -> Callable[[Request], Awaitable[Response]]:
    taken: Recent[str, bool] = Recent(SIGNED, SIGNATURES)

    async def events(request: Request) -> Response:
        """Hand a request to Bolt. One that was taken before is a replay: what Slack sends again it signs again."""
        body = await _body(request)
        if not _signed(verifier, body, request.headers):
            return Response("", 200 if SSL_CHECK in body else 401)
        (signature,) = request.headers.getlist(SIGNATURE)
        if taken.get(signature):
            return Response("", 401)
        try:
            told = to_async_bolt_request(request, body)
        except (ValueError, TypeError, AttributeError, RecursionError):  # no JSON, or no object
            return Response("", 400)
        answer = await bolt.async_dispatch(told)
        if answer.status == 200:
            taken.put(signature, True)
        return to_starlette_response(answer)

    return events


def _signed(verifier: SignatureVerifier, body: bytes, headers: Headers) -> bool:
    """Whether Slack signed a body, in the last five minutes. It signs once."""
    try:
        return len(headers.getlist(SIGNATURE)) == 1 and verifier.is_valid_request(body, headers)
    except (ValueError, TypeError):  # no UTF-8, no number of seconds, no ASCII
        return False


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY:
            raise HTTPException(413)
    return bytes(body)


def _page(answer: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        try:
            return to_starlette_response(await answer(to_async_bolt_request(request, b"")))
        except (aiohttp.ClientError, OSError, StoreError) as trouble:
            log.warning("not installed", trouble=repr(trouble))
            return HTMLResponse(AWAY, 503)

    return page
