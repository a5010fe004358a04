"""What every request has to pass, and what every response carries."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY = 64 * 1024
ACTS, SPAN = 60, 10.0
"""Acts of one person in so many seconds."""
ACTS_OF_ADDRESS = 5 * ACTS
"""Acts of one address in the same time: an office shares one."""
LOOKS = 3 * ACTS
"""What is asked for without changing anything, such as completions."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with it browsers hide the origin of what is sent, and the origin is what we check.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Refused(Exception):
    """A request that is not served; the text is what the person reads. `wait` is a number of seconds to wait first."""

    def __init__(self, text: str, status: int = 400, wait: int = 0) -> None:
        super().__init__(text)
        self.status = status
        self.wait = wait


def refusal(refused: Refused, *, plain: bool = False) -> Response:
    """A refusal as the page expects it, or as a line of text."""
    headers = {"Retry-After": str(refused.wait)} if refused.wait else {}
    if plain:
        return PlainTextResponse(str(refused), refused.status, headers)
    return JSONResponse({"problem": str(refused)}, refused.status, headers)


class Guard:
    """Lets through what comes from our own page under a name that is ours, and sets the headers of every response."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.casefold() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer: ASGIApp = self._app
        try:
            self._check(scope["method"], Headers(scope=scope))
        except Refused as refused:
            answer = refusal(refused, plain=scope["method"] == "GET")
        await answer(scope, receive, _dressed(send))

    def _check(self, method: str, headers: Headers) -> None:
        host = headers.get("host", "")
        if not self._ours(host):
            raise Refused(
                f"This page does not go by the name {host[:80]!r}. Open it under the address the bot printed, or add "
                "the name to QUIZBOT_HOSTS."
            )
        if not _from_us(method, headers, host):
            raise Refused("This came from another site, so nothing was done. Open the page itself and try there.", 403)

    def _ours(self, host: str) -> bool:
        """Whether a Host header names this machine. Other names could be anybody's who lets them point here."""
        name = (urlsplit(f"//{host}").hostname or "") if _wellformed(host) else ""
        if name == "localhost" or name.endswith(".localhost") or name in self._hosts or f"[{name}]" in self._hosts:
            return True
        address = _address(name)
        # Where we listen on all addresses, any of them may be used; nobody can point an address elsewhere.
        return address is not None and (address.is_loopback or bool(self._hosts & {"0.0.0.0", "::", "[::]"}))  # noqa: S104


def _wellformed(host: str) -> bool:
    try:
        return bool(host) and urlsplit(f"//{host}").netloc == host and "@" not in host
    except ValueError:
        return False


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _from_us(method: str, headers: Headers, host: str) -> bool:
    """Whether a request was made by our page, or by somebody opening it."""
    site = headers.get("sec-fetch-site")
    if method in ("GET", "HEAD"):
        return site in (None, "same-origin", "none") or headers.get("sec-fetch-mode") == "navigate"
    origin = headers.get("origin")
    if origin is None and site is None:
        return False
    return site in (None, "same-origin") and (origin is None or urlsplit(origin).netloc == host)


def _dressed(send: Send) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return dressed


async def read_body(request: Request) -> bytes:
    """The body of a request; refuses one that is too long, whether it says so or not."""
    too_long = Refused("That is too much at once. Send less than 64 KiB.", 413)
    if int(request.headers.get("content-length", "0") or 0) > BODY:
        raise too_long
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY:
            raise too_long
    return bytes(body)


class Rate:
    """Counts what each of many does, `limit` times in `span` seconds."""

    def __init__(self, limit: int, span: float = SPAN, now: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._span = span
        self._now = now
        self._done: dict[str, deque[float]] = {}

    def count(self, who: str) -> None:
        """Count one more; refuses when that is too many."""
        now = self._now()
        done = self._done.setdefault(who, deque())
        while done and done[0] <= now - self._span:
            done.popleft()
        if len(done) >= self._limit:
            wait = max(1, round(done[0] + self._span - now + 0.5))
            raise Refused(f"That was quick. Wait {wait} s, then go on; what you typed is still there.", 429, wait)
        done.append(now)
        self._forget(now)

    def _forget(self, now: float) -> None:
        """Keep no more people in mind than there can be at once."""
        if len(self._done) > 10_000:
            self._done = {who: done for who, done in self._done.items() if done[-1] > now - self._span}
