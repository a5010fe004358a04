"""Wakes the application; the only file that knows APScheduler."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = structlog.get_logger()


class Scheduler:
    """Calls `work` on every whole second, never twice at once, so it should wait for nothing but the store. What is due
    lives there, so that a wake missed by a stalled process is made up by the next."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._idle = asyncio.Event()
        self._idle.set()
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin; needs a running event loop."""
        second = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        # The default grace of one second would drop wakes after a stall of the loop.
        self._scheduler.add_job(
            self._pass,
            IntervalTrigger(seconds=1, start_date=second),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop waking, and let a running pass finish (APScheduler itself would cancel it)."""
        self._scheduler.pause()
        await self._idle.wait()
        self._scheduler.shutdown(wait=False)

    async def _pass(self) -> None:
        self._idle.clear()
        try:
            await self._work()
        except Exception:
            log.exception("work failed")
        finally:
            self._idle.set()
