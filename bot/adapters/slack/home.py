"""App Home: where somebody stands, drawn when they open it and after what they do."""

from collections.abc import Awaitable, Callable

from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.recent import Recent
from bot.adapters.slack import NAME, render
from bot.adapters.slack.people import People
from bot.ports import Place, Reply, Request
from bot.ui import Call

HOME = Call("home")
SHOWN = 3600.0
"""Seconds after which nobody is taken to be looking at their Home any more; it is drawn anew when they come back."""
VIEWERS = 10_000

Handle = Callable[[Request], Awaitable[Reply]]
"""The application, as far as it answers requests; raises nothing."""
Viewer = tuple[str, str]
"""A workspace and a person."""


class Homes:
    """The Homes that people have open."""

    def __init__(self, handle: Handle, people: People) -> None:
        self._handle = handle
        self._people = people
        self._opened: Recent[Viewer, bool] = Recent(SHOWN, VIEWERS)
        self._drawing: dict[Viewer, bool] = {}
        """Who is being drawn for, and whether something has changed since that began."""

    async def opened(self, client: AsyncWebClient, space: Place, user: str) -> None:
        """Draw the Home of somebody who has come to see it. Raises what the Slack client raises."""
        self._opened.put((space.external, user), True)
        await self._draw(client, space, user)

    async def changed(self, client: AsyncWebClient, space: Place, user: str) -> None:
        """Draw it anew, if they are looking."""
        if self._opened.get((space.external, user)):
            await self._draw(client, space, user)

    async def _draw(self, client: AsyncWebClient, space: Place, user: str) -> None:
        """One drawing at a time for a viewer: what changes meanwhile makes for one more."""
        viewer = space.external, user
        if viewer in self._drawing:
            self._drawing[viewer] = True
            return
        try:
            self._drawing[viewer] = True
            while self._drawing[viewer]:
                self._drawing[viewer] = False
                await self._publish(client, space, user)
        finally:
            del self._drawing[viewer]

    async def _publish(self, client: AsyncWebClient, space: Place, user: str) -> None:
        person = await self._people.who(client, space.external, user)
        reply = await self._handle(Request(NAME, space, None, person, HOME))
        if reply.private:
            await client.views_publish(user_id=user, view=render.home(reply.private))
