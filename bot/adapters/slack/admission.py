"""Being let into workspaces and taken out of them: the application is told of both, each time, and of nothing else."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_callback_options import AsyncSuccessArgs
from slack_bolt.response import BoltResponse

from bot.adapters.slack import NAME
from bot.adapters.slack.grants import FRESH, OneWorkspace, Revocable, TokenRefused
from bot.adapters.slack.installs import Installs
from bot.ports import Housed, StoreError

log = structlog.get_logger()

SLACK_CLOCK = timedelta(seconds=5)
"""How much our clock and that of Slack may differ."""

Event = Mapping[str, Any]


class Admission:
    """Tells `app` of the workspaces that let the bot in and that took it out. An event that could not be dealt with
    comes again: all of it is then done from the beginning, and nothing of it harms when done twice."""

    def __init__(self, app: Housed, grants: Revocable) -> None:
        self._app = app
        self._grants = grants

    def listen(self, bolt: AsyncApp) -> None:
        """Hear what Slack says of it: https://docs.slack.dev/reference/events/app_uninstalled and its neighbours."""
        bolt.event("app_uninstalled")(self.removed)
        bolt.event("tokens_revoked")(self.removed)
        bolt.event("team_access_revoked")(self.excluded)
        bolt.event("team_access_granted")(self.included)

    async def begin(self) -> None:
        """Check the token of one workspace. Raises `TokenRefused`; what else keeps it from being checked is logged, and
        it is checked when it is needed."""
        if not isinstance(self._grants, OneWorkspace):
            return
        try:
            await self._grants.start()
        except TokenRefused:
            raise
        except (ConnectionError, StoreError) as trouble:
            log.warning("trying on", trouble=str(trouble))

    async def installed(self, args: AsyncSuccessArgs) -> BoltResponse:
        """End an installation that was saved. Raises `StoreError`, so that whoever installs tries again."""
        installs = self._grants
        assert isinstance(installs, Installs), "there are no pages for installing otherwise"
        for team in await installs.covered(args.installation):
            await self._app.joined(NAME, team)
        return await args.default.success(args)

    async def removed(self, ack: AsyncAck, event: Event, body: Event, context: AsyncBoltContext) -> BoltResponse:
        """Let a workspace, or all of an organization, go. Tokens of people are none of ours."""
        if event["type"] == "app_uninstalled" or event.get("tokens", {}).get("bot"):
            at = datetime.fromtimestamp(body["event_time"], UTC) + SLACK_CLOCK
            await self._leave(context.team_id or "", context.enterprise_id or "", at)
        return await ack()

    async def excluded(self, ack: AsyncAck, event: Event, context: AsyncBoltContext) -> BoltResponse:
        """An organization takes the bot out of some of its workspaces. It still has a token, for the others."""
        for team in await self._grants.dependent(event["team_ids"], context.enterprise_id or ""):
            await self._app.left(NAME, team)
        return await ack()

    async def included(self, ack: AsyncAck, event: Event) -> BoltResponse:
        """An organization lets the bot into some more of its workspaces."""
        for team in event["team_ids"]:
            await self._app.joined(NAME, team)
        return await ack()

    async def withdrawn(self, team: str) -> None:
        """Slack takes the token of a workspace no more, of which no event may have told. Raises `StoreError`."""
        await self._leave(team, "", datetime.now(UTC) - FRESH)

    async def _leave(self, team: str, enterprise: str, until: datetime) -> None:
        """The application is told first: once the tokens are forgotten, nobody knows any more who left."""
        leaving = await self._grants.leaving(team, enterprise, until)
        for one in leaving:
            await self._app.left(NAME, one)
        gone = await self._grants.forget(team, enterprise, until)
        for one in leaving:
            if one not in gone:  # installed anew in between
                await self._app.joined(NAME, one)
