"""What `run` and `read` promise: all or nothing, told when it is saved, and sentences where the database fails."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from bot.ports import Space, StoreError, UnitOfWork
from bot.store.engine import SqlStore, open_store
from bot.store.postgres import PostgresStore
from bot.store.unit import SqlUnitOfWork
from tests.store.world import NOW, arrive, request, room

Work = Callable[[SqlUnitOfWork], Any]


async def together(store: SqlStore, *works: Work) -> list[Any]:
    """Results or errors of works that all wait before the first of them is begun."""
    started, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold(uow: UnitOfWork) -> None:
        loop.call_soon_threadsafe(started.set)
        go.wait(10)

    holding = asyncio.ensure_future(store.run(hold))
    await started.wait()
    waiting = [asyncio.ensure_future(store.run(work)) for work in works]
    await asyncio.gather(*[_begun() for _ in waiting])
    go.set()
    await holding
    return await asyncio.gather(*waiting, return_exceptions=True)


async def _begun() -> None:
    """Let tasks created before come to their first pause."""


def keep(name: str) -> Work:
    return lambda uow: uow.rounds.keep(name, "r1", name)


def keep_and_fail(name: str) -> Work:
    def work(uow: UnitOfWork) -> None:
        uow.rounds.keep(name, "r1", name)
        raise ValueError(name)

    return work


async def kept(store: SqlStore, *names: str) -> list[str]:
    def look(uow: UnitOfWork) -> list[str]:
        return [name for name in names if uow.rounds.kept(name, "r1")]

    return await store.read(look)


async def test_work_that_fails_saves_nothing_and_its_error_is_raised(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="alone"):
        await store.run(keep_and_fail("alone"))
    assert await kept(store, "alone") == []


async def test_work_that_fails_leaves_the_others_of_its_group_committed(store: SqlStore) -> None:
    results = await together(store, keep("a"), keep_and_fail("b"), keep("c"), keep_and_fail("d"), keep("e"))
    assert [str(one) for one in results] == ["None", "b", "None", "d", "None"]
    assert await kept(store, *"abcde") == ["a", "c", "e"]


async def test_a_mistaken_statement_fails_alone(store: SqlStore) -> None:
    def wrong(uow: SqlUnitOfWork) -> None:
        uow.cursor.raw.execute("INSERT INTO submission (round) VALUES (1)", {})

    results = await together(store, keep("a"), wrong, keep("b"))
    assert isinstance(results[1], (sqlite3.IntegrityError, psycopg.IntegrityError))
    assert await kept(store, "a", "b") == ["a", "b"]


async def test_a_reference_to_nobody_is_refused(store: SqlStore) -> None:
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        await store.run(lambda uow: uow.boards.end_season(replace(_nowhere(), id=99), (), (), NOW))


def _nowhere() -> Space:
    return Space(0, "web", "x", "X", "UTC", 1, "", NOW)


async def test_reading_cannot_write(store: SqlStore) -> None:
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction)):
        await store.read(keep("a"))
    await store.run(keep("a"))
    assert await kept(store, "a") == ["a"]


async def test_whoever_is_told_can_be_seen_by_others(store: SqlStore) -> None:
    async def save(number: int) -> None:
        await store.run(keep(str(number)))
        assert await kept(store, str(number)) == [str(number)]

    await asyncio.gather(*[save(number) for number in range(100)])


async def test_a_caller_who_stops_waiting_breaks_nothing(store: SqlStore) -> None:
    tasks = [asyncio.ensure_future(store.run(keep(str(number)))) for number in range(20)]
    await _begun()
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in results[::2])
    assert await kept(store, *map(str, range(1, 20, 2))) == [str(number) for number in range(1, 20, 2)]


async def test_an_error_that_no_future_can_hold_still_arrives(store: SqlStore) -> None:
    def stop(uow: UnitOfWork) -> None:
        raise StopIteration

    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(store.run(stop), 10)
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(store.read(stop), 10)


async def test_closing_finishes_what_was_asked_for(url: str) -> None:
    store = open_store(url)
    tasks = [asyncio.ensure_future(store.run(keep(str(number)))) for number in range(200)]
    await asyncio.gather(*[_begun() for _ in tasks])
    await store.close()
    await asyncio.gather(*tasks)
    with pytest.raises(StoreError, match="stopping"):
        await store.run(keep("late"))
    with pytest.raises(StoreError, match="stopping"):
        await store.read(lambda uow: None)
    await store.close()
    again = open_store(url)
    assert len(await kept(again, *map(str, range(200)))) == 200
    await again.close()


async def test_newcomers_at_once_have_one_admin(store: SqlStore) -> None:
    async def come(number: int) -> bool:
        return (await store.run(lambda uow: arrive(uow, f"p{number}")))[1].admin

    assert sorted(await asyncio.gather(*[come(number) for number in range(12)])) == [False] * 11 + [True]


async def test_one_person_arriving_twice_at_once_is_one(store: SqlStore) -> None:
    found = await asyncio.gather(*[store.run(arrive) for _ in range(8)])
    assert len({player.id for _, player in found}) == 1


# ---- SQLite


@pytest.fixture
async def file_store(sqlite_url: str) -> Any:
    store = open_store(sqlite_url)
    yield store
    await store.close()


def limit_pages(extra: int) -> Work:
    def work(uow: SqlUnitOfWork) -> None:
        [[used]] = _pragma(uow, "page_count")
        _pragma(uow, f"max_page_count={used + extra}")

    return work


def _pragma(uow: SqlUnitOfWork, text: str) -> list[Any]:
    uow.cursor.raw.execute(f"PRAGMA {text}")
    return uow.cursor.raw.fetchall()


async def test_a_full_disk_is_told_and_the_next_request_works(file_store: SqlStore) -> None:
    await file_store.run(limit_pages(4))
    with pytest.raises(StoreError, match="The disk is full; nothing was saved"):
        await file_store.run(lambda uow: uow.rounds.keep("big", "r1", "x" * 100_000))
    await file_store.run(keep("small"))
    await file_store.run(limit_pages(1000))
    await file_store.run(lambda uow: uow.rounds.keep("big", "r1", "x" * 100_000))
    assert await kept(file_store, "big", "small") == ["big", "small"]


async def test_what_a_full_disk_does_to_a_group_is_all_or_nothing_for_each(file_store: SqlStore) -> None:
    await file_store.run(limit_pages(8))
    names = [f"page{number}" for number in range(40)]

    def keep_page(name: str) -> Work:
        return lambda uow: uow.rounds.keep(name, "r1", "x" * 4000)

    results = await together(file_store, *map(keep_page, names))
    saved = [name for name, result in zip(names, results, strict=True) if result is None]
    assert {type(result) for result in results if result is not None} == {StoreError}
    assert await kept(file_store, *names) == saved
    assert await kept(file_store, "nothing else") == []


async def test_a_file_locked_by_another_program_is_told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(sqlite_url)
    await store.run(lambda uow: _pragma(uow, "busy_timeout=1"))
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        await store.run(keep("a"))
    other.execute("ROLLBACK")
    other.close()
    await store.run(keep("a"))
    await store.close()


# ---- PostgreSQL


@pytest.fixture
async def server_store(postgres_url: str) -> Any:
    store = open_store(postgres_url)
    yield store
    await store.close()


async def test_a_connection_that_is_lost_is_told_and_the_next_request_works(
    server_store: PostgresStore, postgres_admin: Any
) -> None:
    def lose(uow: SqlUnitOfWork) -> None:
        uow.rounds.keep("lost", "r1", "body")
        uow.cursor.raw.execute("SELECT pg_backend_pid()")
        postgres_admin.execute("SELECT pg_terminate_backend(%s, 5000)", uow.cursor.raw.fetchall()[0])
        uow.rounds.keep("lost", "r2", "body")

    with pytest.raises(StoreError, match="The database cannot be reached; nothing was saved"):
        await server_store.run(lose)
    await server_store.run(keep("next"))
    assert await kept(server_store, "lost", "next") == ["next"]


async def test_connections_that_were_lost_while_idle_are_not_noticed(
    server_store: PostgresStore, postgres_url: str, postgres_admin: Any
) -> None:
    await asyncio.gather(*[server_store.run(keep(str(number))) for number in range(20)])
    postgres_admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
        [psycopg.conninfo.conninfo_to_dict(postgres_url)["dbname"]],
    )
    await asyncio.gather(*[server_store.run(keep(f"x{number}")) for number in range(20)])


async def test_two_that_wait_for_each_other_both_succeed(server_store: PostgresStore) -> None:
    home = await room(server_store)
    barrier = threading.Barrier(2)
    attempts: list[str] = []

    def swap(name: str, first: int, second: int) -> Work:
        def work(uow: UnitOfWork) -> None:
            attempts.append(name)
            uow.people.change_player(replace(uow.people.player(home.players[first].id), zone="UTC"))
            if attempts.count(name) == 1:
                barrier.wait(10)
            uow.people.change_player(replace(uow.people.player(home.players[second].id), zone="UTC"))

        return work

    both: list[Awaitable[Any]] = [server_store.run(swap("a", 0, 1)), server_store.run(swap("b", 1, 0))]
    await asyncio.gather(*both)
    assert len(attempts) == 3


async def test_one_person_is_served_by_one_transaction_at_a_time(server_store: PostgresStore) -> None:
    """Reading a streak and writing it back loses nothing."""
    await server_store.run(arrive)

    def grow(uow: UnitOfWork) -> None:
        found = uow.people.find(request())
        assert found is not None
        player = found[1]
        uow.rounds.extend_streak(player.id, replace(player.streak, days=player.streak.days + 1))

    await asyncio.gather(*[server_store.run(grow) for _ in range(40)])
    found = await server_store.read(lambda uow: uow.people.find(request()))
    assert found is not None
    assert found[1].streak.days == 40
