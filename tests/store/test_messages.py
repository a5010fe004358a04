"""The chat of platforms that keep none."""

import asyncio

from bot.ports import Message, Space, UnitOfWork
from bot.store.engine import SqlStore
from tests.store.world import NOW, arrive, card, later


async def home(store: SqlStore) -> Space:
    return (await store.run(arrive))[0]


async def test_a_message_comes_back_as_it_was_said(store: SqlStore) -> None:
    space = await home(store)
    id = await store.run(
        lambda uow: uow.messages.say(space, "daily", NOW, text="/quiz help", author="ann", author_name="Ann")
    )
    shown = await store.run(lambda uow: uow.messages.say(space, "daily", NOW, card=card(), viewer="ann"))
    assert await store.read(lambda uow: uow.messages.get(id)) == Message(
        id, 1, "daily", "ann", "Ann", "/quiz help", None, "", NOW, False
    )
    assert await store.read(lambda uow: uow.messages.get(shown)) == Message(
        shown, 2, "daily", "", "", "", card(), "ann", NOW, False
    )
    assert await store.read(lambda uow: uow.messages.get(99)) is None


async def test_a_key_is_said_once(store: SqlStore) -> None:
    space = await home(store)
    said = await asyncio.gather(
        *[store.run(lambda uow: uow.messages.say(space, "daily", NOW, card=card(), key="daily:1")) for _ in range(8)]
    )
    assert len(set(said)) == 1
    assert await store.read(lambda uow: uow.messages.found("daily:1")) == said[0]
    assert await store.read(lambda uow: uow.messages.found("daily:2")) is None
    assert len(await store.read(lambda uow: uow.messages.latest(space, "", "daily", 10))) == 1


async def test_a_replaced_message_is_new_to_everybody(store: SqlStore) -> None:
    space = await home(store)
    first = await store.run(lambda uow: uow.messages.say(space, "daily", NOW, card=card("one")))
    await store.run(lambda uow: uow.messages.say(space, "daily", NOW, text="hello"))
    seen = await store.read(lambda uow: uow.messages.version())
    await store.run(lambda uow: uow.messages.replace(first, card("two")))
    [changed] = await store.read(lambda uow: uow.messages.since(space, "ann", seen))
    assert (changed.id, changed.card, changed.edited) == (first, card("two"), True)
    assert changed.version == await store.read(lambda uow: uow.messages.version())


async def test_a_viewer_sees_what_is_for_everybody_and_for_them(store: SqlStore) -> None:
    space = await home(store)
    away = (await store.run(lambda uow: arrive(uow, "ann", "away")))[0]

    def talk(uow: UnitOfWork) -> None:
        uow.messages.say(space, "daily", NOW, text="all")
        uow.messages.say(space, "daily", NOW, text="ann", viewer="ann")
        uow.messages.say(space, "daily", NOW, text="bob", viewer="bob")
        uow.messages.say(space, "quiz", NOW, text="elsewhere")
        uow.messages.say(away, "daily", NOW, text="away")

    await store.run(talk)

    async def texts(viewer: str) -> list[str]:
        return [one.text for one in await store.read(lambda uow: uow.messages.since(space, viewer, 0))]

    assert await texts("ann") == ["all", "ann", "elsewhere"]
    assert await texts("bob") == ["all", "bob", "elsewhere"]
    assert await texts("") == ["all", "elsewhere"]
    latest = await store.read(lambda uow: uow.messages.latest(space, "ann", "daily", 10))
    assert [one.text for one in latest] == ["all", "ann"]


async def test_the_newest_messages_come_oldest_first(store: SqlStore) -> None:
    space = await home(store)

    def talk(uow: UnitOfWork) -> None:
        for number in range(510):
            uow.messages.say(space, "daily", later(seconds=number), text=str(number))

    await store.run(talk)
    latest = await store.read(lambda uow: uow.messages.latest(space, "", "daily", 3))
    assert [one.text for one in latest] == ["507", "508", "509"]
    page = await store.read(lambda uow: uow.messages.since(space, "", 0))
    assert [one.text for one in page] == [str(number) for number in range(500)]


async def test_a_reader_never_sees_a_version_before_a_lower_one(store: SqlStore) -> None:
    """With many writers, whoever has read up to a version has missed none below it."""
    space = await home(store)
    seen: list[int] = []
    writing = 60

    async def write() -> None:
        nonlocal writing
        await store.run(lambda uow: uow.messages.say(space, "daily", NOW, text="x"))
        writing -= 1

    def news(uow: UnitOfWork) -> list[Message]:
        return uow.messages.since(space, "", seen[-1] if seen else 0)

    async def watch() -> None:
        while writing or len(seen) < 60:
            seen.extend(one.version for one in await store.read(news))

    await asyncio.gather(watch(), *[write() for _ in range(60)])
    assert seen == list(range(1, 61))
