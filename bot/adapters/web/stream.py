"""What changes, told to the pages that are open, as server-sent events whose ids are message versions."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from time import monotonic

from bot.adapters.web.room import Room, Shown
from bot.ports import Person, StoreError

PAUSE = 1.0
"""How long a change made by another process may go unseen."""
HEARTBEAT = 15.0
OPEN_AT_ONCE = 4
"""Streams of one person. A browser opens six connections to a site, and two must be left for what the person does."""


class _Listener:
    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.ended = False

    def end(self) -> None:
        self.ended = True
        self.woken.set()

    async def wait(self) -> None:
        """Until something has changed here, or might have elsewhere."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), PAUSE)
        self.woken.clear()


class Streams:
    """The open pages of everybody. `beat` tells them that something has changed."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._open: dict[str, list[_Listener]] = {}
        self._stopped = False

    def beat(self) -> None:
        for listener in self._all():
            listener.woken.set()

    def stop(self) -> None:
        """End all streams, and any that is asked for later."""
        self._stopped = True
        for listener in self._all():
            listener.end()

    async def events(self, person: Person, after: int) -> AsyncIterator[str]:
        """Whatever `person` may see that changed after version `after`, until the page or the bot goes away."""
        with self._listening(person) as listener:
            spoke = monotonic()
            yield "retry: 1000\n\n"
            while not listener.ended:
                before = after
                shown, after = await self._news(person, before)
                if after < before:
                    yield "event: reload\ndata: {}\n\n"
                    return
                if shown or monotonic() - spoke > HEARTBEAT:
                    spoke = monotonic()
                    yield "".join(map(event, shown)) or ": still here\n\n"
                await listener.wait()
            if not self._stopped:
                yield "event: full\ndata: {}\n\n"

    async def _news(self, person: Person, after: int) -> tuple[list[Shown], int]:
        try:
            return await self._room.news(person, after)
        except StoreError:
            return [], after  # the page stays open and sees everything when the store is back

    def _all(self) -> list[_Listener]:
        return [listener for listeners in self._open.values() for listener in listeners]

    @contextlib.contextmanager
    def _listening(self, person: Person) -> Iterator[_Listener]:
        """A place among a person's open streams; the oldest gives way to one too many."""
        mine = self._open.setdefault(person.external, [])
        listener = _Listener()
        listener.ended = self._stopped
        mine.append(listener)
        for oldest in mine[:-OPEN_AT_ONCE]:
            oldest.end()
        try:
            yield listener
        finally:
            mine.remove(listener)
            if not mine:
                self._open.pop(person.external, None)


def event(shown: Shown) -> str:
    return f"id: {shown.version}\nevent: message\ndata: {json.dumps(shown.told)}\n\n"
