"""Due work: claims, leases and fences."""

import asyncio
from dataclasses import replace

from bot.ports import Due, UnitOfWork
from bot.store.engine import SqlStore
from tests.store.world import NOW, later

LEASE = later(minutes=1)


async def put(store: SqlStore, *keys: str) -> None:
    def add(uow: UnitOfWork) -> None:
        for number, key in enumerate(keys):
            uow.due.put("close", key, later(seconds=-60, milliseconds=number))

    await store.run(add)


async def claim(store: SqlStore, limit: int = 10) -> list[Due]:
    return await store.run(lambda uow: uow.due.claim(NOW, LEASE, limit))


async def keys(store: SqlStore, kind: str = "close", prefix: str = "") -> list[str]:
    return [due.key for due in await store.read(lambda uow: uow.due.waiting(kind, prefix))]


async def test_what_is_due_is_claimed_oldest_first(store: SqlStore) -> None:
    await put(store, "b", "c", "a")
    await store.run(lambda uow: uow.due.put("close", "later", later(seconds=1)))
    assert [due.key for due in await claim(store, 2)] == ["b", "c"]
    assert [due.key for due in await claim(store)] == ["a"]
    assert await claim(store) == []


async def test_a_row_that_waits_is_not_put_again(store: SqlStore) -> None:
    await put(store, "a")
    await store.run(lambda uow: uow.due.put("close", "a", later(seconds=-99)))
    [due] = await claim(store)
    assert due.at == later(seconds=-60)


async def test_a_finished_row_is_gone(store: SqlStore) -> None:
    await put(store, "a")
    [due] = await claim(store)
    assert await store.run(lambda uow: uow.due.finish(due))
    assert not await store.run(lambda uow: uow.due.finish(due))
    assert await keys(store) == []


async def test_a_lease_that_ran_out_is_taken_over_and_the_late_worker_notices(store: SqlStore) -> None:
    await put(store, "a")
    [slow] = await claim(store)
    assert await store.run(lambda uow: uow.due.claim(later(seconds=59), LEASE, 10)) == []
    [quick] = await store.run(lambda uow: uow.due.claim(LEASE, later(minutes=2), 10))
    assert quick == replace(slow, fence=slow.fence + 1)
    assert not await store.run(lambda uow: uow.due.finish(slow))
    await store.run(lambda uow: uow.due.retry(slow, later(hours=9)))
    assert await store.run(lambda uow: uow.due.finish(quick))


async def test_a_lease_that_ran_out_still_counts_while_nobody_takes_over(store: SqlStore) -> None:
    await put(store, "a")
    [due] = await claim(store)
    await store.run(lambda uow: uow.due.claim(later(minutes=5), later(minutes=6), 0))
    assert await store.run(lambda uow: uow.due.finish(due))


async def test_a_retried_row_is_due_again_and_counts_its_attempts(store: SqlStore) -> None:
    await put(store, "a")
    [first] = await claim(store)
    assert first.attempts == 0
    await store.run(lambda uow: uow.due.retry(first, later(seconds=30)))
    assert await claim(store) == []
    [second] = await store.run(lambda uow: uow.due.claim(later(seconds=30), LEASE, 10))
    assert (second.at, second.attempts, second.fence > first.fence) == (later(seconds=30), 1, True)


async def test_eight_workers_take_each_row_once(store: SqlStore) -> None:
    await put(store, *[f"row{number:03}" for number in range(200)])
    taken: list[str] = []

    async def work() -> None:
        while claimed := await claim(store, 7):
            taken.extend(due.key for due in claimed)
            for due in claimed:
                assert await store.run(lambda uow, due=due: uow.due.finish(due))  # type: ignore[misc]

    await asyncio.gather(*[work() for _ in range(8)])
    assert len(taken) == len(set(taken)) == 200
    assert await keys(store) == []


async def test_what_is_put_while_its_row_is_claimed_is_done_after_it(store: SqlStore) -> None:
    await put(store, "a")
    [due] = await claim(store)
    await store.run(lambda uow: uow.due.put("close", "a", later(minutes=3)))
    await store.run(lambda uow: uow.due.put("close", "a", later(minutes=9)))
    assert await store.run(lambda uow: uow.due.finish(due))
    [again] = await store.run(lambda uow: uow.due.claim(later(minutes=3), later(minutes=4), 10))
    assert (again.at, again.attempts) == (later(minutes=3), 0)
    assert await store.run(lambda uow: uow.due.finish(again))
    assert await keys(store) == []


async def test_work_may_put_its_own_row_again_before_or_after_it_finishes(store: SqlStore) -> None:
    await put(store, "before", "after")
    after, before = sorted(await claim(store), key=lambda due: due.key)

    def put_then_finish(uow: UnitOfWork) -> bool:
        uow.due.put("close", "before", later(hours=1))
        return uow.due.finish(before)

    def finish_then_put(uow: UnitOfWork) -> bool:
        done = uow.due.finish(after)
        uow.due.put("close", "after", later(hours=2))
        return done

    assert await store.run(put_then_finish)
    assert await store.run(finish_then_put)
    waiting = await store.read(lambda uow: uow.due.waiting("close"))
    assert [(due.key, due.at) for due in waiting] == [("before", later(hours=1)), ("after", later(hours=2))]


async def test_a_key_is_dropped_with_all_that_begin_with_it_and_a_colon(store: SqlStore) -> None:
    await put(store, "1", "1:x", "1:y:z", "10", "1;", "11:x", "2:1")
    await store.run(lambda uow: uow.due.put("open", "1", NOW))
    assert await keys(store, prefix="1") == ["1", "1:x", "1:y:z"]
    await store.run(lambda uow: uow.due.drop("close", "1"))
    assert await keys(store) == ["10", "1;", "11:x", "2:1"]
    assert await keys(store, "open") == ["1"]


async def test_dropping_a_claimed_row_makes_its_claim_lost(store: SqlStore) -> None:
    await put(store, "a")
    [due] = await claim(store)
    await store.run(lambda uow: uow.due.drop("close", "a"))
    assert not await store.run(lambda uow: uow.due.finish(due))
