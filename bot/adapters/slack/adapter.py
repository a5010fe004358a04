"""Slack as a platform: sends by the Web API, and hears over Socket Mode or HTTP."""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import aiohttp
import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from starlette.types import ASGIApp

from bot.adapters.slack import NAME
from bot.adapters.slack.admission import Admission
from bot.adapters.slack.drawing import Charts
from bot.adapters.slack.front import PATIENCE, Front
from bot.adapters.slack.grants import Connect, OneWorkspace, connecting, open_session
from bot.adapters.slack.http import site
from bot.adapters.slack.installs import Installs, States
from bot.adapters.slack.manifest import EXPLAIN, QUIZ_ME, SCOPES
from bot.adapters.slack.naming import USUAL, renamed, renamed_reply
from bot.adapters.slack.people import People
from bot.adapters.slack.posting import Poster, Withdrawn
from bot.adapters.slack.sockets import Socket
from bot.ports import Housed, Later, Post, Reply, Request, Store, StoreError
from bot.routing import Router

log = structlog.get_logger()

API = "https://slack.com/api/"
SOCKETS = 2
"""Connections of Socket Mode: while one is renewed, which Slack asks for every few hours, the other hears."""
ANY = re.compile("")
SOON = 60.0
"""Seconds until a post is tried again where it could not be noted that Slack has withdrawn our access."""
REFUSED = ("invalid_auth", "not_authed", "token_revoked", "account_inactive", "not_allowed_token_type")


LIBRARY = logging.getLogger("quizbot.slack")
"""What Bolt and slack_sdk log: a connection that cannot be made is tried again every ten seconds, a line each time."""
LIBRARY.setLevel(logging.ERROR)


@LIBRARY.addFilter
def _in_a_line(record: logging.LogRecord) -> bool:
    """Leave out where in the libraries something went wrong."""
    record.exc_info = None
    return True


class AppTokenRefused(ConnectionError):
    """Slack does not accept the app-level token."""

    def __init__(self) -> None:
        super().__init__(
            "Slack does not accept SLACK_APP_TOKEN. Make one that begins with xapp- and may do connections:write: "
            "https://api.slack.com/apps, your app, “Basic Information”, “App-Level Tokens”."
        )


@dataclass(frozen=True, slots=True)
class Keys:
    """What Slack knows us by. With `client_id` it is many workspaces, otherwise the one that `bot_token` belongs to.
    `secrets` encrypt the tokens of many: the first one does, all of them decrypt."""

    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)
    command: str = USUAL
    """The slash command, as in the app's manifest."""


class Slack:
    """Slack, for one app. `api` is the address of the Web API; `clock` tells the seconds between posts."""

    name = NAME

    def __init__(
        self,
        app: Housed,
        router: Router,
        store: Store,
        keys: Keys,
        api: str = API,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._keys = keys
        self._session = open_session()
        self._connect: Connect = connecting(self._session, api)
        self._grants = self._granted(store, clock)
        charts = Charts()
        self._poster = Poster(self._grants, self._connect, charts, clock)
        self._front = Front(self._handle, router, self._grants, People(), charts, patience)
        self._admission = Admission(app, self._grants)
        self._bolt = self._listening()
        self._flow = self._bolt.oauth_flow if keys.client_id else None
        if self._flow:
            self._flow.success_handler = self._admission.installed
        self._sockets: list[Socket] = []
        self._joining: list[asyncio.Task[None]] = []

    @property
    def asgi(self) -> ASGIApp | None:
        """What to serve under `/slack`; None where Slack only comes over Socket Mode."""
        if not self._keys.signing_secret and self._flow is None:
            return None
        return site(self._bolt, self._flow, self._keys.signing_secret)

    async def start(self) -> None:
        """Check the tokens and begin to listen. Raises `TokenRefused` and `AppTokenRefused`; where Slack cannot be
        reached, it is tried on."""
        await self._admission.begin()
        if self._keys.app_token:
            await self._check_app_token()
            self._open_sockets()

    async def stop(self) -> None:
        """Stop listening, and let what is being answered be answered."""
        for task in self._joining:
            task.cancel()
        for socket in self._sockets:
            await socket.close_async()
        await self._front.answered()
        if isinstance(self._grants, Installs):
            await self._grants.close()
        await self._session.close()

    async def answered(self) -> None:
        """Wait until everything heard so far is answered."""
        await self._front.answered()

    # ---- the outbox

    async def send(self, post: Post) -> str:
        try:
            return await self._poster.send(self._named(post))
        except Withdrawn:
            await self._withdrawn(post.space)
            raise

    async def edit(self, post: Post) -> None:
        await self._poster.edit(self._named(post))

    async def find(self, post: Post) -> str | None:
        return await self._poster.find(post)

    def _named(self, post: Post) -> Post:
        return replace(post, card=renamed(post.card, self._keys.command))

    # ---- hearing

    async def _handle(self, request: Request) -> Reply:
        return renamed_reply(await self._app.handle(request), self._keys.command)

    def _listening(self) -> AsyncApp:
        """Bolt with one listener for each type of payload: it tries them in turn, and routes are ours to find."""
        bolt = AsyncApp(
            name="quizbot",
            logger=LIBRARY,
            request_verification_enabled=False,  # over HTTP it is checked before Bolt reads anything
            client=self._connect(""),
            authorize=_Authorize(),  # type: ignore[no-untyped-call]
            ignoring_self_events_enabled=False,  # none of those that we hear are about what we do
            process_before_response=True,
            oauth_settings=self._installing(),
        )
        front = self._front
        bolt.middleware(front.once)
        bolt.error(front.failed)
        bolt.block_action(ANY)(front.control)
        bolt.command(ANY)(front.command)
        bolt.view(ANY)(front.submitted)
        bolt.message_shortcut(EXPLAIN)(front.explained)
        bolt.global_shortcut(QUIZ_ME)(front.quizzed)
        bolt.event("app_home_opened")(front.home)
        self._admission.listen(bolt)
        return bolt

    async def _check_app_token(self) -> None:
        try:
            await self._connect("").apps_connections_open(app_token=self._keys.app_token)
        except SlackApiError as refusal:
            if refusal.response["error"] in REFUSED:
                raise AppTokenRefused from None
            log.warning("no connection to Slack yet; trying on", error=refusal.response["error"])
        except (aiohttp.ClientError, OSError):
            log.warning("Slack cannot be reached; trying on")

    def _open_sockets(self) -> None:
        """Connect, and stay connected: slack_sdk tries until it works."""
        for _ in range(SOCKETS):
            socket = Socket(self._bolt, self._keys.app_token, LIBRARY, self._connect(""))
            self._sockets.append(socket)
            joining = socket.connect_async()  # type: ignore[no-untyped-call]
            self._joining.append(asyncio.create_task(joining))

    # ---- what workspaces let us do

    def _granted(self, store: Store, clock: Callable[[], float]) -> OneWorkspace | Installs:
        keys = self._keys
        if keys.client_id:
            return Installs(store, keys.secrets, keys.client_id, keys.client_secret, self._connect)
        return OneWorkspace(keys.bot_token, self._connect, partial(self._app.joined, self.name), clock)

    def _installing(self) -> AsyncOAuthSettings:
        """What the app is installed with. Bolt is given it in any case: it would make its own of what the environment
        has, with files for tokens."""
        return AsyncOAuthSettings(
            client_id=self._keys.client_id or "none",
            client_secret=self._keys.client_secret or "none",
            scopes=SCOPES,
            user_scopes=[],
            installation_store=self._grants if isinstance(self._grants, Installs) else AsyncInstallationStore(),
            state_store=States(self._keys.secrets),
        )

    async def _withdrawn(self, team: str) -> None:
        """Raises `Later` where it cannot be dealt with now: the post then comes again, and so does this."""
        try:
            await self._admission.withdrawn(team)
        except (StoreError, ConnectionError) as trouble:
            raise Later(SOON) from trouble


class _Authorize(AsyncAuthorize):
    """Lets everybody in at once. Whose token it is, if any, is asked where there is time: see `Front`."""

    async def __call__(self, *, enterprise_id: str | None, team_id: str | None, **more: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
