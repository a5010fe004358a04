"""Slack as a platform: sends by the Web API, and hears over Socket Mode or HTTP."""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_callback_options import AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from starlette.types import ASGIApp

from bot.adapters.slack.drawing import Charts
from bot.adapters.slack.front import PATIENCE, Front
from bot.adapters.slack.grants import (
    FRESH,
    Connect,
    Grants,
    Installs,
    OneWorkspace,
    States,
    TokenRefused,
    connecting,
    open_session,
)
from bot.adapters.slack.http import site
from bot.adapters.slack.manifest import EXPLAIN, QUIZ_ME, SCOPES
from bot.adapters.slack.naming import USUAL, renamed, renamed_reply
from bot.adapters.slack.people import People
from bot.adapters.slack.posting import Poster, Withdrawn
from bot.ports import Housed, Post, Reply, Request, Store, StoreError
from bot.routing import Router

log = structlog.get_logger()

API = "https://slack.com/api/"
SOCKETS = 2
"""Connections of Socket Mode: while one is renewed, which Slack asks for every few hours, the other hears."""
ANY = re.compile("")
STRANGER = "I am not installed in this workspace any more. Ask one of its admins to install me again."
SLACK_CLOCK = timedelta(seconds=5)
"""How much our clock and that of Slack may differ."""
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

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    secrets: Sequence[str] = ()
    command: str = USUAL
    """The slash command, as in the app's manifest."""


class Slack:
    """Slack, for one app. `api` is the address of the Web API; `clock` tells the seconds between posts."""

    name = Poster.name

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
        self._grants, self._flow = self._granted(store)
        charts = Charts()
        self._poster = Poster(self._grants, self._connect, charts, clock)
        self._front = Front(self._handle, router, People(), charts, patience)
        self._bolt = self._listening()
        self._sockets: list[AsyncSocketModeHandler] = []
        self._joining: list[asyncio.Task[None]] = []
        self._inside: set[str] = set()
        """Workspaces that the application knows the bot is in."""

    @property
    def asgi(self) -> ASGIApp | None:
        """What to serve under `/slack`; None where Slack only comes over Socket Mode."""
        if not self._keys.signing_secret and self._flow is None:
            return None
        return site(self._bolt, self._flow, self._keys.signing_secret)

    async def start(self) -> None:
        """Check the tokens and begin to listen. Raises `TokenRefused` and `AppTokenRefused`; where Slack cannot be
        reached, it is tried on."""
        if isinstance(self._grants, OneWorkspace):
            await self._log_in(self._grants)
        if self._keys.app_token:
            await self._check_app_token()
            self._open_sockets()

    async def stop(self) -> None:
        """Stop listening, and let what is being answered be answered."""
        for task in self._joining:
            task.cancel()
        for socket in self._sockets:
            await socket.close_async()  # type: ignore[no-untyped-call]
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
            await self._left(post.space, "", datetime.now(UTC) - FRESH)
            raise

    async def edit(self, post: Post) -> None:
        await self._poster.edit(self._named(post))

    async def find(self, post: Post) -> str | None:
        return await self._poster.find(post)

    def _named(self, post: Post) -> Post:
        return replace(post, card=renamed(post.card, self._keys.command))

    # ---- hearing

    async def _handle(self, request: Request) -> Reply:
        await self._enter(request.space.external)
        return renamed_reply(await self._app.handle(request), self._keys.command)

    def _listening(self) -> AsyncApp:
        """Bolt with one listener for each type of payload: it tries them in turn, and routes are ours to find."""
        bolt = AsyncApp(
            name="quizbot",
            logger=LIBRARY,
            request_verification_enabled=False,  # over HTTP it is checked before Bolt reads anything
            client=self._connect(""),
            authorize=_Authorize(self._grants),  # type: ignore[arg-type] # Bolt takes None for strangers
            process_before_response=True,
            user_facing_authorize_error_message=STRANGER,
        )
        front = self._front
        bolt.middleware(front.once)
        bolt.block_action(ANY)(front.control)
        bolt.command(ANY)(front.command)
        bolt.view(ANY)(front.submitted)
        bolt.message_shortcut(EXPLAIN)(front.explained)
        bolt.global_shortcut(QUIZ_ME)(front.quizzed)
        bolt.event("app_home_opened")(front.home)
        bolt.event("app_uninstalled")(self._uninstalled)
        bolt.event("tokens_revoked")(self._uninstalled)
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
            socket = AsyncSocketModeHandler(self._bolt, self._keys.app_token, LIBRARY, self._connect(""))
            self._sockets.append(socket)
            joining = socket.connect_async()  # type: ignore[no-untyped-call]
            self._joining.append(asyncio.create_task(joining))

    async def _uninstalled(
        self, ack: AsyncAck, event: Mapping[str, Any], body: Mapping[str, Any], context: AsyncBoltContext
    ) -> BoltResponse:
        """Forget the tokens of a workspace at once, and let its questions stop. Tokens of people are none of ours."""
        if event["type"] == "app_uninstalled" or event.get("tokens", {}).get("bot"):
            try:
                at = datetime.fromtimestamp(body["event_time"], UTC) + SLACK_CLOCK
                await self._left(context.team_id or "", context.enterprise_id or "", at)
            except (StoreError, ConnectionError):
                self._front.undo(body)
                raise
        return await ack()

    async def _left(self, team: str, enterprise: str, at: datetime) -> None:
        gone = await self._grants.forget(team, enterprise, at)
        if team and team not in gone and await self._grants.of(team, enterprise) is None:
            gone.append(team)  # forgotten before, by what then failed
        for one in gone:
            self._inside.discard(one)
            await self._app.left(self.name, one)

    # ---- being let in

    async def _enter(self, team: str) -> None:
        """Tell, once in a process, that the bot is in a workspace: it may have been installed anew."""
        if team in self._inside:
            return
        self._inside.add(team)
        try:
            await self._app.joined(self.name, team)
        except StoreError:
            self._inside.discard(team)

    async def _log_in(self, workspace: OneWorkspace) -> None:
        try:
            grant = await workspace.entered()
        except TokenRefused:
            raise
        except ConnectionError as trouble:
            log.warning("trying on", trouble=str(trouble))
        else:
            await self._enter(grant.team)

    def _granted(self, store: Store) -> tuple[Grants, AsyncOAuthFlow | None]:
        keys = self._keys
        if not keys.client_id:
            return OneWorkspace(keys.bot_token, self._connect), None
        installs = Installs(store, keys.secrets, keys.client_id, keys.client_secret, self._connect)
        settings = AsyncOAuthSettings(
            client_id=keys.client_id,
            client_secret=keys.client_secret,
            scopes=SCOPES,
            user_scopes=[],
            installation_store=installs,
            state_store=States(keys.secrets),
        )
        flow = AsyncOAuthFlow(client=self._connect(""), settings=settings)
        flow.success_handler = self._installed
        return installs, flow

    async def _installed(self, args: AsyncSuccessArgs) -> BoltResponse:
        if args.installation.team_id:
            await self._enter(args.installation.team_id)
        return await args.default.success(args)


class _Authorize(AsyncAuthorize):
    """Tells Bolt who we are in a workspace, without asking Slack each time."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    async def __call__(self, *, enterprise_id: str | None, team_id: str | None, **more: Any) -> AuthorizeResult | None:
        grant = await self._grants.of(team_id or "", enterprise_id or "")
        if grant is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=grant.user,
            bot_id=grant.bot,
            bot_token=grant.token,
        )
