"""Sending what waits in the outbox: each platform by itself, many messages at once, and nobody waits for a slow one."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.ports import Gone, Later, Platform, Post, Store, UnitOfWork, Unknown
from bot.ui import Call

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
SPARE = timedelta(seconds=10)
"""How long before its lease ends an attempt is given up, so that what came of it can still be noted."""
AT_ONCE = 32
"""Messages of a platform that are under way at once."""
PAUSE, LONGEST_PAUSE = 10, 300
"""Seconds until a message is looked for again that could not be looked for in time, and at most between attempts."""
UNTOLD = "it could not be told whether it was sent, so it was not sent again"


class _Doubtful(Exception):
    """It cannot be told whether a message was sent, and the space would rather miss it than see it twice."""


class Delivery:
    """Sends what waits for one platform. The outbox keeps the order within a channel."""

    def __init__(self, store: Store, platform: Platform, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._platform = platform
        self._clock = clock
        self._wanted = asyncio.Event()
        """Something may be waiting, and there is room for it."""
        self._under_way: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None
        self._stopping = False

    def wake(self) -> None:
        """Let what waits be sent. Returns at once."""
        self._wanted.set()
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())

    async def settled(self) -> None:
        """Wait until nothing is left that can be sent now."""
        if self._running:
            await asyncio.wait([self._running])

    async def stop(self) -> None:
        """Begin nothing more, and wait for what is under way: no longer than a lease."""
        self._stopping = True
        await self.settled()

    async def _run(self) -> None:
        while self._wanted.is_set() or self._under_way:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._begin()
            except Exception:  # the next wake tries again
                log.exception("outbox failed", platform=self._platform.name)

    async def _begin(self) -> None:
        """Claim as many messages as there is room for, and begin with them."""
        now, room = self._clock(), AT_ONCE - len(self._under_way)
        if self._stopping or not room:
            return
        name, until = self._platform.name, now + LEASE
        for post in await self._store.run(lambda uow: uow.outbox.claim(name, now, until, room)):
            task = asyncio.create_task(self._send(post, until))
            self._under_way.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Make room. It is filled again once there is plenty, because each claim is a transaction."""
        self._under_way.discard(task)
        if len(self._under_way) <= AT_ONCE // 2:
            self._wanted.set()

    async def _send(self, post: Post, until: datetime) -> None:
        try:
            note = await self._outcome(post, until)
            await self._store.run(note)
        except Exception:  # the lease runs out, and then it is looked for
            log.exception("outcome not noted", key=post.key)

    async def _outcome(self, post: Post, until: datetime) -> Callable[[UnitOfWork], None]:
        """Make one attempt at a message; returns what notes its outcome."""
        try:
            receipt = await self._attempt(post, until)
        except Later as wait:
            after = self._clock() + timedelta(seconds=wait.seconds)
            return lambda uow: uow.outbox.later(post, after)
        except Gone as trouble:
            why = str(trouble)
            return lambda uow: self._give_up(uow, post, why, "post.gone")
        except _Doubtful:
            return lambda uow: self._give_up(uow, post, UNTOLD, "post.doubtful")
        except Exception as trouble:
            pause = _pause(post.failures)
            log.warning("post unknown", key=post.key, trouble=repr(trouble), failures=post.failures + 1, pause=pause)
            again = self._clock() + timedelta(seconds=pause)
            return lambda uow: uow.outbox.unknown(post, again)
        return lambda uow: uow.outbox.sent(post, receipt)

    async def _attempt(self, post: Post, until: datetime) -> str:
        """The receipt of a message that was sent, edited, or found to have been sent, well before `until`."""
        begun = False
        try:
            async with asyncio.timeout((until - SPARE - self._clock()).total_seconds()):
                found = await self._found(post)
                if found:
                    return found
                begun = True
                return await self._put(post)
        except TimeoutError as trouble:
            raise (Unknown() if begun else Later(PAUSE)) from trouble

    async def _put(self, post: Post) -> str:
        if not post.receipt:
            return await self._platform.send(post)
        await self._platform.edit(post)
        return post.receipt

    async def _found(self, post: Post) -> str | None:
        """The receipt of a send whose outcome was lost. Where the platform cannot tell, the space's setting decides."""
        if post.receipt or not await self._store.read(lambda uow: uow.outbox.doubtful(post)):
            return None
        try:
            return await self._platform.find(post)
        except Unknown:
            space = await self._store.read(lambda uow: uow.people.space_of(post.platform, post.space))
            if space is None or space.resend == "at-most-once":
                raise _Doubtful from None
            return None

    def _give_up(self, uow: UnitOfWork, post: Post, why: str, due: str) -> None:
        """Keep the message as failed, and let a feature draw the consequences."""
        uow.outbox.failed(post, why)
        uow.due.put(due, Call.of(due, post.key).id.removeprefix(f"{due}:"), self._clock())


def _pause(failures: int) -> int:
    """Seconds to wait after one more failure than so many: longer each time."""
    return min(LONGEST_PAUSE, int(2 ** min(failures + 1, 12)))
