"""What becomes of posts and due work when a platform, a channel or the store hangs, and at a stop."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot import delivery
from bot.delivery import AT_ONCE, LEASE, Delivery
from bot.ports import Post, Scope, Store, StoreError, T, UnitOfWork
from bot.routing import Router
from bot.ui import Card
from tests.features.conftest import World


class Held:
    """A platform on which what goes to some channels arrives only when a test lets it."""

    def __init__(self, name: str = "held", *channels: str) -> None:
        self.name = name
        self.channels = set(channels)
        self.go = asyncio.Event()
        self.begun: list[str] = []
        self.shown: list[str] = []
        self.looks = 0
        self.holds_looks = False
        self._beat = asyncio.Condition()

    async def send(self, post: Post) -> str:
        self.begun.append(post.key)
        await self._tell()
        if post.channel in self.channels:
            await self.go.wait()
        self.shown.append(post.key)
        await self._tell()
        return post.key

    async def edit(self, post: Post) -> None:
        await self.send(post)

    async def find(self, post: Post) -> str | None:
        self.looks += 1
        if self.holds_looks:
            await self.go.wait()
        return post.key if post.key in self.shown else None

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something that happens here makes `condition` true."""
        async with asyncio.timeout(10), self._beat:
            await self._beat.wait_for(condition)

    async def _tell(self) -> None:
        async with self._beat:
            self._beat.notify_all()


async def say(world: World, *posts: Post) -> None:
    """Decide messages in this order."""

    def decide(scope: Scope) -> None:
        for number, post in enumerate(posts):
            scope.uow.outbox.post(post, scope.now - timedelta(seconds=len(posts) - number))

    await world.app.run(decide)


def to(channel: str, key: str = "", platform: str = "held") -> Post:
    return Post(key or channel, platform, "home", channel, Card("Hello"))


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an attempt take a fifth of a second at most."""
    monkeypatch.setattr(delivery, "SPARE", LEASE - timedelta(seconds=0.2))


async def test_a_platform_that_hangs_holds_up_neither_due_work_nor_another_platform(world: World) -> None:
    hung, other = Held("held", "A"), Held("other")
    done: list[str] = []

    def note(scope: Scope, key: str) -> None:
        done.append(key)

    extra = Router()
    extra.due(name="test.note")(note)
    world.app.router.include(extra)
    world.app.connect(hung)
    world.app.connect(other)
    await say(world, to("A"))
    await world.app.wake()
    await hung.until(lambda: hung.begun)
    await say(world, to("B", platform="other"))
    await world.app.run(lambda scope: scope.uow.due.put("test.note", "one", scope.now))
    await world.app.wake()
    await other.until(lambda: other.shown)
    assert (done, hung.shown) == (["one"], [])
    hung.go.set()
    await world.app.work()
    assert hung.shown == ["A"]


async def test_a_channel_that_hangs_holds_up_no_other_of_its_platform(world: World) -> None:
    platform = Held("held", "A")
    world.app.connect(platform)
    await say(world, to("A", "a1"), to("A", "a2"), to("B", "b1"), to("B", "b2"))
    await world.app.wake()
    await platform.until(lambda: platform.shown == ["b1", "b2"])
    assert platform.begun.count("a1") == 1
    platform.go.set()
    await world.app.work()
    assert platform.shown == ["b1", "b2", "a1", "a2"], "in order within a channel"


async def test_a_bounded_number_of_messages_is_under_way(world: World) -> None:
    channels = [f"C{number}" for number in range(3 * AT_ONCE)]
    platform = Held("held", *channels)
    world.app.connect(platform)
    await say(world, *map(to, channels))
    for _ in range(3):
        await world.app.wake()
    await platform.until(lambda: len(platform.begun) >= AT_ONCE)
    assert sorted(platform.begun) == sorted(channels[:AT_ONCE])
    platform.go.set()
    await world.app.work()
    assert sorted(platform.shown) == sorted(channels)


async def test_hung_channels_starve_the_rest_no_longer_than_an_attempt_may_take(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    channels = [f"C{number}" for number in range(AT_ONCE + AT_ONCE // 2)]
    platform = Held("held", *channels)
    world.app.connect(platform)
    await say(world, *map(to, channels), to("fine"))
    await world.app.wake()
    await platform.until(lambda: platform.shown == ["fine"])
    assert platform.begun.count("fine") == 1
    platform.go.set()
    await world.app.stop()


async def claimed(world: World, limit: int) -> list[Post]:
    return await world.store.run(lambda uow: uow.outbox.claim("held", world.now, world.now + LEASE, limit))


# ---- attempts that take too long


async def test_a_send_that_takes_too_long_is_looked_for_before_it_is_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    platform = Held("held", "A")
    world.app.connect(platform)
    await say(world, to("A"))
    await world.app.work()
    assert (platform.begun, platform.looks) == (["A"], 0)
    platform.channels.clear()
    await world.later(seconds=2)
    assert (platform.begun, platform.looks, platform.shown) == (["A", "A"], 1, ["A"])


async def test_a_look_that_takes_too_long_is_taken_again_and_nothing_is_sent_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Held("held")
    platform.holds_looks = True
    world.app.connect(platform)
    await say(world, to("A"))
    [lost] = await claimed(world, 1)
    await world.store.run(lambda uow: uow.outbox.unknown(lost, world.now))
    hurry(monkeypatch)
    await world.app.work()
    assert (platform.looks, platform.begun) == (1, [])
    platform.holds_looks = False
    await world.later(seconds=10)
    assert (platform.looks, platform.begun) == (2, ["A"])


async def test_two_replicas_never_send_one_message_at_once_however_long_it_takes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    slow, quick = Held("held", "A"), Held("held")
    replicas = [Delivery(world.store, platform, lambda: world.now) for platform in (slow, quick)]
    await say(world, to("A"))
    replicas[0].wake()
    await slow.until(lambda: slow.begun)
    replicas[1].wake()
    await replicas[1].settled()
    assert quick.begun == []
    await replicas[0].settled()
    world.now += LEASE
    slow.go.set()
    replicas[1].wake()
    await replicas[1].settled()
    assert (slow.shown, quick.shown) == ([], ["A"]), "the slow one had given up"


# ---- an end


async def test_a_stop_waits_for_what_is_under_way_and_begins_nothing_more(world: World) -> None:
    channels = [f"C{number}" for number in range(2 * AT_ONCE)]
    platform = Held("held", *channels)
    world.app.connect(platform)
    await say(world, *map(to, channels))
    await world.app.wake()
    await platform.until(lambda: len(platform.begun) == AT_ONCE)
    stopping = asyncio.create_task(world.app.stop())
    await world.app.wake()
    assert not stopping.done()
    platform.go.set()
    await stopping
    assert len(platform.shown) == len(platform.begun) == AT_ONCE
    assert [post.key for post in await claimed(world, 99)] == channels[AT_ONCE:], "the others are as they were"


async def test_a_stop_ends_though_a_platform_hangs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    platform = Held("held", "A")
    world.app.connect(platform)
    await say(world, to("A"))
    await world.app.wake()
    async with asyncio.timeout(5):
        await world.app.stop()
    assert platform.shown == []


# ---- a store that fails


class Shaky:
    """A store that is away for its next calls, as often as `away` says."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.away = 0

    async def run(self, work: Callable[[UnitOfWork], T]) -> T:
        if self.away:
            self.away -= 1
            raise StoreError("The database is away.")
        return await self.store.run(work)

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        return await self.store.read(work)


async def test_what_could_not_be_read_is_sent_at_the_next_wake(world: World) -> None:
    store, platform = Shaky(world.store), Held()
    sending = Delivery(store, platform, lambda: world.now)
    await say(world, to("A"))
    store.away = 1
    sending.wake()
    await sending.settled()
    assert platform.begun == []
    sending.wake()
    await sending.settled()
    assert platform.shown == ["A"]


async def test_what_was_sent_and_could_not_be_noted_is_found_and_not_sent_again(world: World) -> None:
    store, platform = Shaky(world.store), Held("held", "A")
    sending = Delivery(store, platform, lambda: world.now)
    await say(world, to("A"))
    sending.wake()
    await platform.until(lambda: platform.begun)
    store.away = 1
    platform.go.set()
    await sending.settled()
    world.now += LEASE
    sending.wake()
    await sending.settled()
    assert (platform.shown, platform.looks) == (["A"], 1)
