"""Waking, by the real clock."""

import asyncio

from bot.scheduler import Scheduler


class Passes:
    """Work that begins when it is woken and ends when a test lets it."""

    def __init__(self) -> None:
        self.begun = asyncio.Semaphore(0)
        self.go = asyncio.Event()
        self.running = 0
        self.most = 0
        self.ended = 0
        self.trouble: Exception | None = None

    async def work(self) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        self.begun.release()
        await self.go.wait()
        self.running -= 1
        self.ended += 1
        if self.trouble:
            raise self.trouble

    async def next(self) -> None:
        """Wait until one more has begun."""
        await asyncio.wait_for(self.begun.acquire(), 5)


async def test_a_pass_that_fails_is_followed_by_another() -> None:
    passes = Passes()
    passes.go.set()
    passes.trouble = RuntimeError("broken")
    scheduler = Scheduler(passes.work)
    scheduler.start()
    await passes.next()
    await passes.next()
    await scheduler.stop()
    assert passes.ended >= 2


async def test_a_pass_that_takes_long_is_never_run_beside_another() -> None:
    passes = Passes()
    scheduler = Scheduler(passes.work)
    scheduler.start()
    await passes.next()
    following = asyncio.create_task(passes.next())
    await asyncio.wait([following], timeout=1.5)  # longer than from one wake to the next
    assert not following.done()
    passes.go.set()
    await following
    await scheduler.stop()
    assert passes.most == 1


async def test_a_stop_lets_a_running_pass_finish_and_begins_no_other() -> None:
    passes = Passes()
    scheduler = Scheduler(passes.work)
    scheduler.start()
    await passes.next()
    stopping = asyncio.create_task(scheduler.stop())
    await asyncio.wait([stopping], timeout=0.05)
    assert not stopping.done()
    passes.go.set()
    await stopping
    assert (passes.ended, passes.running) == (1, 0)
