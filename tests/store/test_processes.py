"""Real processes on one database: a second one, and one that is killed."""

import signal
import subprocess
import sys

import pytest

from bot.ports import StoreError
from bot.store.engine import SqlStore, open_store

HOLD = """
import asyncio, sys
from bot.store.engine import open_store

async def main():
    store = open_store(sys.argv[1])
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await store.close()

asyncio.run(main())
"""

WRITE = """
import asyncio, itertools, sys
from bot.store.engine import open_store

async def main():
    store = open_store(sys.argv[1])
    numbers = itertools.count()

    async def write():
        for number in numbers:
            await store.run(lambda uow: uow.rounds.keep(str(number), "r1", "body"))
            print(number, flush=True)

    await asyncio.gather(*[write() for _ in range(16)])

asyncio.run(main())
"""


def start(code: str, url: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", code, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(process: "subprocess.Popen[str]") -> str:
    """End it at once; what it had said is returned."""
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate()
    return said


async def test_a_second_process_on_a_file_is_refused_until_the_first_is_gone(sqlite_url: str) -> None:
    first = start(HOLD, sqlite_url)
    assert line(first) == "open"
    with pytest.raises(StoreError, match="in use by another quizbot process") as told:
        open_store(sqlite_url)
    assert "Stop that one first" in str(told.value)
    kill(first)
    store = open_store(sqlite_url)
    with pytest.raises(StoreError, match="in use"):
        open_store(sqlite_url)
    await store.close()


async def test_two_processes_share_a_postgresql_database(postgres_url: str) -> None:
    first = start(HOLD, postgres_url)
    assert line(first) == "open"
    store = open_store(postgres_url)
    await store.run(lambda uow: uow.rounds.keep("q1", "r1", "body"))
    await store.close()
    kill(first)


async def test_nothing_that_was_acknowledged_is_lost_when_the_process_is_killed(url: str) -> None:
    writer = start(WRITE, url)
    said = [line(writer) for _ in range(300)]
    said += [number for number in kill(writer).split("\n")[:-1] if number]
    store = open_store(url)
    assert await store.read(lambda uow: [number for number in said if uow.rounds.kept(number, "r1") is None]) == []
    await _goes_on(store)
    await store.close()


async def _goes_on(store: SqlStore) -> None:
    await store.run(lambda uow: uow.rounds.keep("after", "r1", "body"))
    assert await store.read(lambda uow: uow.rounds.kept("after", "r1")) == "body"
