"""What an answer and a board cost after 10,000 and after 1,000,000 answers; the budget: flat within two times."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from bot.app import App
from bot.features import build_router
from bot.ports import Request
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from bot.store.sqlite import connect
from bot.ui import Call
from tests.bench.answers import BANK, CHANCE, CHANNEL, Course, asking, begin, who
from tests.bench.lines import Line
from tests.store.world import NOW, request

SIZES = (10_000, 1_000_000)
ANSWERS = 1_500


async def lines() -> list[Line]:
    (few, board_few), (many, board_many) = [await _after(size) for size in SIZES]
    note = f"floor: after {SIZES[0]:,}; budget 2x"
    return [
        Line(f"an answer after {SIZES[1]:,} answers, one at a time", many, few, "µs", note),
        Line(f"a leaderboard after {SIZES[1]:,} answers", board_many, board_few, "µs", note),
    ]


async def _after(size: int) -> tuple[float, float]:
    """Microseconds of an answer and of a board on a log of `size` answers."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/history.sqlite3"
        upgrade(url)
        store = open_store(url)
        await store.run(begin)
        await store.close()
        await asyncio.to_thread(_fill, Path(folder) / "history.sqlite3", size)
        store = open_store(url)
        course = Course()
        await course.prepare(store, ANSWERS)
        app = App(store, build_router(), BANK, clock=lambda: NOW + timedelta(days=who(course.next)[0]), chance=CHANCE)
        answer = await _timed(lambda: app.handle(asking(*course.take())), ANSWERS)
        person = request("p1", "s1")
        board = await _timed(lambda: app.handle(_board(person)), 300)
        await store.close()
        return answer, board


def _board(person: Request) -> Request:
    return replace(person, what=Call.of("leaderboard", "all"), channel=CHANNEL)


async def _timed(act: Callable[[], Awaitable[object]], times: int) -> float:
    for _ in range(times // 10):
        await act()
    begun = perf_counter()
    for _ in range(times):
        await act()
    return (perf_counter() - begun) / times * 1e6


NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?) "
ROUNDS = """INSERT INTO round (id, space, kind, pack, asked, opened, closes, closed, reveal, topic, schedule, day,
    channel)
    SELECT 1000000 + i, 1 + i % 20, 'daily', 'demo', '[["q0","r","abc"]]', i, i, i, 'at once', '',
    1 + i % 20, date('1900-01-01', '+' || (i / 20) || ' days'), 1 + i % 20 FROM n"""
SUBMISSIONS = """INSERT INTO submission (round, position, space, player, kind, question, revision, shown, given,
    "right", points, at, day, zone, first, periods)
    SELECT 1000000 + i / 100, 0, 1 + (i / 100) % 20, ((i / 100) % 20) * 100 + 1 + i % 100, 'daily',
    'old' || (i / 100), 'r', 'abc', 'b', 1, 10, i, '1990-01-01', 'UTC', 1, 'all' FROM n"""
SEEN = """INSERT INTO seen SELECT player, question, count(*), sum("right"), max(at) FROM submission
    GROUP BY player, question"""


def _fill(path: Path, size: int) -> None:
    """A past of `size` answers by the people there are, a hundred a daily."""
    connection: sqlite3.Connection = connect(path)
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("BEGIN")
    connection.execute(NUMBERS + ROUNDS, (size // 100,))
    connection.execute(NUMBERS + SUBMISSIONS, (size,))
    connection.execute(SEEN)
    connection.execute("COMMIT")
    connection.close()
