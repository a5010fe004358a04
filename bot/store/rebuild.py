"""Totals made anew from the log of answers, and what a rebuild would change."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Table, delete, insert, select

from bot.engine.round import Submission
from bot.engine.streak import Streak
from bot.store import log
from bot.store import tables as t
from bot.store.rounds import STREAK, STREAK_COLUMNS, streak_values
from bot.store.sql import Cursor, Row, Statement, micros, values
from bot.store.unit import SqlUnitOfWork

Totals: TypeAlias = dict[Row, Row]
"""Rows of a table of totals: values by key."""

TABLES = (t.score, t.team_score, t.member_score, t.period_total, t.seen, t.item)
"""All of them begin with their key, in order."""

_LOG = Statement(select(*log.LOGGED, t.submission.c.periods).order_by(t.submission.c.id))
_DAILIES = Statement(
    select(t.round_.c.space, t.round_.c.day, t.round_.c.opened, t.round_.c.id, t.round_.c.schedule)
    .where(t.round_.c.day.is_not(None))
    .order_by(t.round_.c.day)
)
_STREAKS = Statement(select(t.player.c.id, *[t.player.c[name] for name in STREAK_COLUMNS]))
_READ = {table.name: Statement(select(*table.c)) for table in TABLES}
_EMPTY = {table.name: Statement(delete(table)) for table in TABLES}
_FILL = {table.name: Statement(insert(table).values(values(table)).inline()) for table in TABLES}


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of totals that is not what the log of answers says; None where there is no such row."""

    table: str
    key: Row
    stored: Row | None
    counted: Row | None

    def __str__(self) -> str:
        return f"{self.table} {self.key}: stored {self.stored}, counted {self.counted}"


def differences(uow: SqlUnitOfWork) -> list[Difference]:
    """What `rebuild` would change."""
    counted = _count(uow.cursor)
    return [
        Difference(table, key, stored.get(key), counted[table].get(key))
        for table, stored in _stored(uow.cursor).items()
        for key in sorted(stored.keys() | counted[table].keys())
        if stored.get(key) != counted[table].get(key)
    ]


def rebuild(uow: SqlUnitOfWork) -> None:
    """Make every total anew from the log of answers; run it in one transaction."""
    cursor = uow.cursor
    if cursor.locks:
        cursor.raw.execute("LOCK TABLE submission IN SHARE ROW EXCLUSIVE MODE")  # nobody answers meanwhile
    counted = _count(cursor)
    for table in TABLES:
        cursor.run(_EMPTY[table.name])
        cursor.many(_FILL[table.name], [_params(table, row) for row in _rows(counted[table.name])])
    streaks = _rows(counted["streak"])
    cursor.many(STREAK, [{"player": row[0], **dict(zip(STREAK_COLUMNS, row[1:], strict=True))} for row in streaks])


def _rows(totals: Totals) -> Iterator[Row]:
    return (key + value for key, value in totals.items())


def _params(table: Table, row: Row) -> dict[str, Any]:
    return dict(zip(table.c.keys(), row, strict=True))


def _stored(cursor: Cursor) -> dict[str, Totals]:
    """The totals as they are."""
    found: dict[str, Totals] = {"streak": {row[:1]: row[1:] for row in cursor.rows(_STREAKS)}}
    for table in TABLES:
        size = len(table.primary_key)
        found[table.name] = {row[:size]: row[size:] for row in cursor.rows(_READ[table.name])}
    return found


def _count(cursor: Cursor) -> dict[str, Totals]:
    """The totals as the log of answers says."""
    dailies: defaultdict[int, list[Daily]] = defaultdict(list)
    for space, *daily in cursor.rows(_DAILIES):
        dailies[space].append(Daily(*daily))
    count = _Count(dailies)
    for row in cursor.rows(_LOG):
        count.add(log.submission_of(row[:-1]), row[-1].split())
    players = [row[0] for row in cursor.rows(_STREAKS)]
    streaks = {(id,): tuple(streak_values(count.streaks[id]).values()) for id in players}
    return count.totals | {"streak": streaks}


class Daily(NamedTuple):
    """A daily as the count of missed days needs it."""

    day: str
    opened: int
    round: int
    schedule: int | None


class _Count:
    """Adds up answers in the order of the log. `dailies` holds those of each space, by day."""

    def __init__(self, dailies: Mapping[int, list[Daily]]) -> None:
        self._dailies = dailies
        self._schedules = {daily.round: daily.schedule for each in dailies.values() for daily in each}
        self._answered: defaultdict[int, set[int]] = defaultdict(set)
        self._followed: defaultdict[int, set[int]] = defaultdict(set)
        self.totals: dict[str, Totals] = {table.name: {} for table in TABLES}
        self.streaks: defaultdict[int, Streak] = defaultdict(Streak)

    def add(self, one: Submission, periods: list[str]) -> None:
        right, at = int(one.right), micros(one.at)
        met = self.totals["seen"].get((one.player, one.question), (0, 0, 0))
        self.totals["seen"][one.player, one.question] = (met[0] + 1, met[1] + right, at)
        if one.first:
            self._plus("item", (one.question, one.revision), 1, right)
        if one.kind == "daily":
            self._extend(one)
        for period in periods:
            self._credit(one, period, right, at)

    def _credit(self, one: Submission, period: str, right: int, at: int) -> None:
        place = (one.space, period)
        new = self._plus("score", (*place, one.player), one.points, right, 1, reached=(one.points, at))
        self._plus("period_total", place, int(new), one.points)
        if one.team is not None:
            joined = self._plus("member_score", (*place, one.team, one.player), one.points, right, 1)
            self._plus("team_score", (*place, one.team), one.points, right, 1, int(joined), reached=(one.points, at))

    def _plus(self, table: str, key: Row, *numbers: int, reached: tuple[int, int] | None = None) -> bool:
        """Add to a row, and tell whether it is new."""
        rows = self.totals[table]
        old = rows.get(key)
        sums = numbers if old is None else tuple(a + b for a, b in zip(old, numbers, strict=False))
        rows[key] = sums if reached is None else (*sums, _later(old, *reached))
        return old is None

    def _extend(self, one: Submission) -> None:
        self._answered[one.player].add(one.round)
        if schedule := self._schedules.get(one.round):
            self._followed[one.player].add(schedule)
        streak = self.streaks[one.player]
        missed = self._missed(one, streak.last) if streak.last else []
        self.streaks[one.player] = streak.answered(one.day, one.at, one.zone, missed)

    def _missed(self, one: Submission, last: date) -> list[date]:
        """What `Rounds.missed_days` said at the time of the answer."""
        dailies = self._dailies.get(one.space, [])
        first = bisect_right(dailies, last.isoformat(), key=lambda daily: daily.day)
        end = bisect_left(dailies, one.day.isoformat(), key=lambda daily: daily.day)
        answered, followed = self._answered[one.player], self._followed[one.player]
        days = {
            daily.day
            for daily in dailies[first:end]
            if daily.opened <= micros(one.at) and daily.round not in answered and daily.schedule in followed
        }
        return [date.fromisoformat(day) for day in sorted(days)]


def _later(old: Row | None, points: int, at: int) -> int:
    """When points were last added to a row; while there are none, the first answer (see `log`)."""
    if old is None:
        return at
    before: int = old[-1]
    if points:
        return at if not old[0] else max(at, before)
    return before if old[0] else min(at, before)
