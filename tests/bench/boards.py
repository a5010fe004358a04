"""A page of the board, with one's own place, among 1,000 to 1,000,000 players; floor: the same page hand-written."""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.engine.leaderboard import rank
from bot.store.migrate import upgrade
from bot.store.sql import Cursor
from bot.store.sqlite import connect
from bot.store.unit import SqlUnitOfWork
from tests.bench.lines import Line, timed

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PAGE = (
    "SELECT s.player, p.name, s.points, s.right, s.answered, s.reached FROM score s JOIN player p ON p.id = s.player "
    "WHERE s.space = 1 AND s.period = 'all' ORDER BY s.points DESC, s.right DESC, s.reached LIMIT 10"
)
MINE = "SELECT points, right, reached FROM score WHERE space = 1 AND period = 'all' AND player = ?"
AHEAD = (
    "SELECT (SELECT count(*) FROM score WHERE space = 1 AND period = 'all' AND points > ?1)"
    " + (SELECT count(*) FROM score WHERE space = 1 AND period = 'all' AND points = ?1 AND right > ?2)"
    " + (SELECT count(*) FROM score WHERE space = 1 AND period = 'all' AND points = ?1 AND right = ?2 AND reached < ?3)"
)


def lines() -> Iterator[Line]:
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            yield _board(Path(folder) / "board.sqlite3", size)


def _board(path: Path, size: int) -> Line:
    upgrade(f"sqlite:///{path}")
    connection = connect(path)
    _fill(connection, size)
    uow = SqlUnitOfWork(Cursor(connection.cursor(), "sqlite", locks=False))

    def page() -> None:
        rows = uow.boards.players(1, "all", 10, 0)
        rank(rows, uow.boards.ahead(1, "all", rows[0]))
        uow.boards.place(1, "all", size // 2)
        uow.boards.totals(1, "all")

    figure = timed(page, 20)

    def by_hand() -> None:
        connection.execute(PAGE).fetchall()
        connection.execute(AHEAD, connection.execute(MINE, (size // 2,)).fetchone()).fetchone()

    floor = timed(by_hand, 20)
    connection.close()
    return Line(f"board of {size:,} players, first page and one's own place", figure * 1e3, floor * 1e3, "ms")


def _fill(connection: sqlite3.Connection, size: int) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
    connection.execute("BEGIN")
    connection.execute("INSERT INTO space VALUES (1, 'web', 'x', 'X', 'UTC', 1, 'Season 1', 0, 'at-most-once')")
    connection.execute(
        numbers
        + "INSERT INTO player (id, space, external, name, folded, admin, zone, next_zone, streak_days, streak_best, "
        "streak_freezes, streak_zone) SELECT i, 1, i, 'player ' || i, 'player ' || i, 0, '', '', 0, 0, 0, '' FROM n",
        (size,),
    )
    connection.execute(
        numbers + "INSERT INTO score SELECT 1, 'all', i, 10 * ((i * 7919) % 365), (i * 7919) % 365, 365, i FROM n",
        (size,),
    )
    connection.execute("INSERT INTO period_total SELECT 1, 'all', count(*), sum(points) FROM score")
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
