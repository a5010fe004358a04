"""What workspaces let us do: one by its bot token, or any number that installed the bot themselves."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.refusals import error_of

log = structlog.get_logger()

TIMEOUT = 30
"""Seconds after which a call is given up; whoever cannot wait that long says so itself."""
FRESH = timedelta(minutes=1)
"""How long a grant is used before the store is asked again: what another process saved or forgot is known by then."""
ANEW = 10.0
"""Seconds after which a token that could not be checked, or was refused, is tried again."""

REVOKED = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})
"""How Slack says that a token is no good."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a workspace lets us do: the token to act with, and who we are there."""

    token: str = field(repr=False)
    team: str
    bot: str
    """The bot's id, `B…`."""
    user: str
    """The bot's user id, `U…`."""
    enterprise: str = ""


class Grants(Protocol):
    async def of(self, team: str, enterprise: str = "") -> Grant | None:
        """What we may do in a workspace; None where the bot is not installed. Raises `ConnectionError` where that
        cannot be told now, and `StoreError`."""
        ...


class Revocable(Grants, Protocol):
    """Grants that workspaces take back."""

    async def leaving(self, team: str, enterprise: str, until: datetime) -> list[str]:
        """The workspaces that have no installation any more once the one that `of` finds is forgotten, or that have
        none already; none where the app was installed anew after `until`. Raises `StoreError`."""
        ...

    async def forget(self, team: str, enterprise: str, until: datetime) -> list[str]:
        """Drop the installation that `of` finds, with its tokens, unless the app was installed anew after `until`; the
        workspaces that have none now. Raises `StoreError`."""
        ...

    async def dependent(self, teams: Sequence[str], enterprise: str) -> list[str]:
        """Those of the workspaces that only the installation of their organization serves. Raises `StoreError`."""
        ...


Connect = Callable[[str], AsyncWebClient]
"""A client that acts with a token."""


def open_session() -> aiohttp.ClientSession:
    """A session for all calls, which ends slow ones: slack_sdk itself does so only in sessions of its own."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))


def connecting(session: aiohttp.ClientSession, base_url: str = AsyncWebClient.BASE_URL) -> Connect:
    """Makes clients that share `session` and do nothing a second time by themselves (aiohttp may ask again)."""
    return lambda token: AsyncWebClient(token or None, base_url, TIMEOUT, session=session, retry_handlers=[])


class TokenRefused(ConnectionError):
    """Slack does not accept a token; the text says which, and what to do."""


async def _nobody(team: str) -> None:
    """Who wants to hear of no workspace."""


class OneWorkspace:
    """Grants of one bot token: in its workspace, or, where an organization installed the app, in all of its.

    `joined` is told of each workspace when it is served first, and again where the token was withdrawn in between.
    """

    def __init__(
        self,
        token: str,
        connect: Connect,
        joined: Callable[[str], Awaitable[None]] = _nobody,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token = token
        self._connect = connect
        self._joined = joined
        self._clock = clock
        self._asking: asyncio.Task[None] | None = None
        self._grant: Grant | None = None
        self._orgwide = False
        self._since = datetime.max.replace(tzinfo=UTC)
        """When the token was last found good."""
        self._withdrawals = 0
        self._served: set[str] = set()
        self._trouble: tuple[float, ConnectionError] | None = None
        """Why the token could not be checked, and until when it is not tried again."""

    async def start(self) -> None:
        """Check the token, and serve its workspace. Raises `TokenRefused`, `ConnectionError` where Slack cannot be
        reached, and `StoreError`."""
        grant = await self.entered()
        if not self._orgwide:
            await self._serve(grant.team)

    async def entered(self) -> Grant:
        """Who we are, asked once for all who want to know. Raises `TokenRefused`, and `ConnectionError` where Slack
        cannot be reached; the same for some seconds."""
        while self._grant is None:
            if self._trouble and self._clock() < self._trouble[0]:
                raise self._trouble[1].with_traceback(None)
            asking = self._asking = self._asking or asyncio.create_task(self._ask())
            await asyncio.wait({asking})
            asking.result()
        return self._grant

    async def of(self, team: str, enterprise: str = "") -> Grant | None:
        try:
            grant = await self.entered()
        except TokenRefused as refusal:
            log.warning(str(refusal))
            return None
        if not self._serves(grant, team, enterprise):
            return None
        await self._serve(team)
        return replace(grant, team=team)

    async def leaving(self, team: str, enterprise: str, until: datetime) -> list[str]:
        """Whose token it was cannot be told where it was not good since the start; then those named are believed."""
        if self._grant is None:
            return [team] if team else []
        if self._since > until or not self._serves(self._grant, team, enterprise):
            return []
        return sorted(self._served | {team} - {""}) if self._orgwide else [team]

    async def forget(self, team: str, enterprise: str, until: datetime) -> list[str]:
        """Slack has withdrawn the token; should the app be installed again with the same one, it works again."""
        gone = await self.leaving(team, enterprise, until)
        if gone:
            self._withdrawals += 1
            self._grant, self._served = None, set()
        return gone

    async def dependent(self, teams: Sequence[str], enterprise: str) -> list[str]:
        return list(teams) if self._orgwide else []

    async def _serve(self, team: str) -> None:
        served = self._served
        if team not in served:
            await self._joined(team)
            served.add(team)

    def _serves(self, grant: Grant, team: str, enterprise: str) -> bool:
        """Posts know no organization; they are for workspaces that have been served before."""
        return enterprise in ("", grant.enterprise) if self._orgwide else team == grant.team

    async def _ask(self) -> None:
        before = self._withdrawals
        try:
            grant = await self._asked()
            if before == self._withdrawals:
                self._grant, self._since = grant, datetime.now(UTC)
        except ConnectionError as trouble:
            self._trouble = self._clock() + ANEW, trouble
        finally:
            self._asking = None

    async def _asked(self) -> Grant:
        try:
            me = await self._connect(self._token).auth_test()
        except SlackApiError as refusal:
            error = error_of(refusal)
            if error in REVOKED:
                raise TokenRefused(refusal_of(error)) from None
            raise ConnectionError(f"Slack does not say whose token this is ({error}). Try again in a minute.") from None
        except (aiohttp.ClientError, OSError, AttributeError) as trouble:  # the last where no JSON object is answered
            raise ConnectionError("Slack cannot be reached. Check the connection to https://slack.com.") from trouble
        self._orgwide = bool(me.get("is_enterprise_install"))
        return Grant(self._token, me["team_id"], me.get("bot_id", ""), me["user_id"], me.get("enterprise_id") or "")


def refusal_of(error: str) -> str:
    """What to do about a bot token that Slack refuses with one of `REVOKED`."""
    if error == "token_expired":
        return (
            "SLACK_BOT_TOKEN has expired: with token rotation it lasts 12 hours. Set SLACK_CLIENT_ID and "
            "SLACK_CLIENT_SECRET instead, and install the app from its page /slack/install."
        )
    return (
        f"Slack does not accept SLACK_BOT_TOKEN ({error}). Copy the token anew: https://api.slack.com/apps, your app, "
        "“OAuth & Permissions”, “Bot User OAuth Token”."
    )
