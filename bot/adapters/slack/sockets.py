"""Connections of Socket Mode."""

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


class Socket(AsyncSocketModeHandler):
    """A connection that is closed only once all that was read from it is acknowledged: Slack would bring to another
    process what this one has done."""

    def __init__(self, bolt: AsyncApp, token: str, logger: Any, client: AsyncWebClient) -> None:
        super().__init__(bolt, token, logger, client)
        self._under_way: set[asyncio.Task[Any]] = set()

    async def handle(self, client: Any, req: Any) -> None:
        task = asyncio.current_task()
        assert task is not None, "slack_sdk makes one for every message"
        self._under_way.add(task)
        try:
            await super().handle(client, req)
        finally:
            self._under_way.discard(task)

    async def close_async(self) -> None:
        """Read no more, acknowledge what was read, and close."""
        await self._deafen()
        while self._under_way:
            await asyncio.wait(self._under_way)
        await super().close_async()  # type: ignore[no-untyped-call]

    async def _deafen(self) -> None:
        """What has begun by then is under way; what has not comes again."""
        client = self.client
        client.auto_reconnect_enabled = False
        reading = [task for task in (client.message_receiver, client.message_processor) if task]
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
