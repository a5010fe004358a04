"""The bot as anybody reaches it over HTTP."""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from tests.adapters.slack import payloads
from tests.adapters.slack.conftest import World
from tests.adapters.slack.loopback import encoded


class Door:
    """One process, as anybody reaches it over HTTP."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app: Any = world.slack.asgi
        self.before = len(world.wire.seen)

    async def post(self, content: Any, headers: Mapping[str, str] | list[tuple[bytes, bytes]]) -> int:
        """The status of what is answered."""
        return (await self.send(content, headers)).status_code

    async def send(self, content: Any, headers: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://bot") as client:
            return await client.post("/events", content=content, headers=headers)

    async def done(self) -> list[str]:
        """What the bot has called of Slack because of what it heard."""
        await self.world.slack.answered()
        return [name for name, _, _ in self.world.wire.seen[self.before :]]

    async def answers(self) -> int:
        return (await self.done()).count("response_url")

    def command(self, line: str = "/quiz help") -> bytes:
        return encoded("slash_commands", payloads.command(self.world.wire, line, "U1B", "C1"))

    def event(self) -> bytes:
        return encoded("events_api", payloads.home_opened(self.world.wire, "U1B"))


def seconds_ago(seconds: int) -> int:
    return int(time.time()) - seconds
