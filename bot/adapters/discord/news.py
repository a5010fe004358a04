"""What must be told until it is heard."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import discord
import structlog

from bot.ports import StoreError

log = structlog.get_logger()

AGAIN = 60.0
"""Seconds until something is told once more where that failed."""

Telling = Callable[[], Awaitable[None]]


class News:
    """Tells one thing after the other. What fails because Discord or the store is away is told again after a pause; of
    several about the same subject, the last. `pause` is what waits."""

    def __init__(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._pause = pause
        self._untold: dict[str, Telling] = {}
        self._working: asyncio.Task[None] | None = None
        self._stopped = False

    def tell(self, subject: str, telling: Telling) -> None:
        """Call `telling` soon, and until it works."""
        if self._stopped:
            return
        self._untold.pop(subject, None)
        self._untold[subject] = telling
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())

    def stop(self) -> None:
        """Tell no more, whatever there is to tell."""
        self._stopped = True
        if self._working:
            self._working.cancel()

    async def _work(self) -> None:
        while self._untold:
            failed = [subject for subject in list(self._untold) if not await self._told(subject)]
            if failed:
                await self._pause(AGAIN)

    async def _told(self, subject: str) -> bool:
        telling = self._untold[subject]
        try:
            await telling()
        except (StoreError, discord.DiscordException, aiohttp.ClientError, OSError) as trouble:
            log.warning("not told", subject=subject, trouble=repr(trouble))
            return False
        except Exception:
            log.exception("fault", subject=subject)
        if self._untold.get(subject) is telling:
            del self._untold[subject]
        return True
