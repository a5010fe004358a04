"""Notes of programs, and leases among them."""

import asyncio

from bot.store.engine import SqlStore, open_store
from tests.store.world import later

LEASE = "slack.rotating.T1"


async def lease(store: SqlStore, now: float = 0, until: float = 60) -> bool:
    """Hold it between two moments, in seconds from `NOW`."""
    return await store.run(lambda uow: uow.notes.lease(LEASE, later(seconds=now), later(seconds=until)))


async def test_a_note_is_empty_until_it_is_written_and_then_the_last_text(store: SqlStore) -> None:
    assert await store.read(lambda uow: uow.notes.get("discord.commands")) == ""
    await store.run(lambda uow: uow.notes.put("discord.commands", "one"))
    await store.run(lambda uow: uow.notes.put("discord.commands", "two"))
    assert await store.read(lambda uow: uow.notes.get("discord.commands")) == "two"
    assert await store.read(lambda uow: uow.notes.get("slack.commands")) == ""


async def test_a_note_that_was_dropped_is_gone_and_dropping_it_again_is_harmless(store: SqlStore) -> None:
    await store.run(lambda uow: uow.notes.put("a", "one"))
    await store.run(lambda uow: uow.notes.drop("a"))
    await store.run(lambda uow: uow.notes.drop("a"))
    assert await store.read(lambda uow: uow.notes.all("")) == {}


async def test_notes_are_found_by_the_beginning_of_their_name_exactly(store: SqlStore) -> None:
    for name in ("in_T1", "in_T2", "inxT3", "IN_T4", "in%T5", "other"):
        await store.run(lambda uow, name=name: uow.notes.put(name, name.lower()))  # type: ignore[misc]
    assert await store.read(lambda uow: uow.notes.all("in_")) == {"in_T1": "in_t1", "in_T2": "in_t2"}
    assert await store.read(lambda uow: uow.notes.all("in%")) == {"in%T5": "in%t5"}
    assert await store.read(lambda uow: uow.notes.all("nobody")) == {}
    assert len(await store.read(lambda uow: uow.notes.all(""))) == 6


async def test_a_lease_is_held_until_it_ends(store: SqlStore) -> None:
    assert await lease(store)
    assert not await lease(store, now=0)
    assert not await lease(store, now=59.9, until=999)
    assert await lease(store, now=60, until=120)
    assert not await lease(store, now=119)


async def test_a_lease_that_was_dropped_is_free_at_once(store: SqlStore) -> None:
    assert await lease(store)
    await store.run(lambda uow: uow.notes.drop(LEASE))
    assert await lease(store, now=1)


async def test_of_many_who_want_a_lease_at_the_same_moment_one_gets_it(postgres_url: str) -> None:
    """Over and over, from two stores with ten connections each: as new as it is, and as run out as it is later."""
    stores = [open_store(postgres_url), open_store(postgres_url)]
    for turn in range(20):
        wanted = [lease(store, now=turn * 60, until=turn * 60 + 60) for store in stores for _ in range(10)]
        assert sorted(await asyncio.gather(*wanted)) == [False] * 19 + [True]
    for store in stores:
        await store.close()
