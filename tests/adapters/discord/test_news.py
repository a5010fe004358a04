"""What must be told until it is heard."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.adapters.discord.news import AGAIN, News
from bot.ports import StoreError


class Ear:
    """Hears what is told, once the store is there."""

    def __init__(self) -> None:
        self.news = News(self._pause)
        self.tried: list[str] = []
        self.away = False
        self.pauses: list[float] = []
        self.onward = asyncio.Event()
        """Pauses last until then."""

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await self.onward.wait()
        await asyncio.sleep(0)

    def telling(self, word: str) -> Callable[[], Awaitable[None]]:
        async def tell() -> None:
            self.tried.append(word)
            if word == "fault":
                raise ZeroDivisionError
            if self.away:
                raise StoreError("The database is away.")

        return tell

    async def hears(self, word: str) -> None:
        """Be told something, and hear it."""
        self.news.tell(word, self.telling(word))
        await self.until(lambda: word in self.tried)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0)


async def test_of_what_is_told_of_one_thing_while_nobody_hears_the_last_is_told() -> None:
    ear = Ear()
    ear.away = True
    ear.news.tell("server", ear.telling("left"))
    await ear.until(lambda: ear.pauses == [AGAIN])
    ear.news.tell("server", ear.telling("joined"))
    ear.away = False
    ear.onward.set()
    await ear.until(lambda: ear.tried == ["left", "joined"])


async def test_what_fails_for_good_keeps_nothing_else_from_being_told() -> None:
    ear = Ear()
    ear.news.tell("one", ear.telling("fault"))
    ear.news.tell("two", ear.telling("two"))
    await ear.until(lambda: ear.tried == ["fault", "two"])
    assert ear.pauses == []


async def test_after_the_stop_nothing_is_told_whatever_still_happens() -> None:
    ear, other = Ear(), Ear()
    ear.away = True
    ear.news.tell("server", ear.telling("left"))
    await ear.until(lambda: ear.pauses == [AGAIN])
    ear.news.stop()
    ear.onward.set()
    await other.hears("this")
    ear.news.tell("server", ear.telling("joined"))
    await other.hears("that")
    assert ear.tried == ["left"]
