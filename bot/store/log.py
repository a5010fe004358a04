"""The log of answers and the totals kept with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, case, select, update
from sqlalchemy.dialects.sqlite import Insert as Upsert

from bot.engine.round import Submission
from bot.store import tables as t
from bot.store.sql import Cursor, Insert, Row, Statement, instant, micros, named, values

LOGGED = tuple(column for column in t.submission.c if column.name not in ("id", "periods"))

_RECORD = Statement(
    lambda insert: (
        insert(t.submission)
        .values(values(t.submission))
        .on_conflict_do_nothing(index_elements=["round", "player", "position"])
        .returning(t.submission.c.id)
    )
)
_CREDIT = Statement(
    update(t.submission)
    .where(
        t.submission.c.round == bindparam("round"),
        t.submission.c.player == bindparam("player"),
        t.submission.c.position == bindparam("position"),
        t.submission.c.periods == "",
    )
    .values(periods=named(t.submission.c.periods))
)
_MET = Statement(
    select(t.seen.c.answered).where(t.seen.c.player == bindparam("player"), t.seen.c.question == bindparam("question"))
)


def _adds(upsert: Upsert, table: Table, *columns: str) -> dict[str, ColumnElement[Any]]:
    return {column: table.c[column] + upsert.excluded[column] for column in columns}


def _later(upsert: Upsert, table: Table) -> ColumnElement[Any]:
    """When the points were last added to; while there are none, the first answer. The order of adding is no matter."""
    new, old = upsert.excluded, table.c
    scored = (new.points > 0) & ((old.points == 0) | (new.reached > old.reached))
    earlier = (new.points == 0) & (old.points == 0) & (new.reached < old.reached)
    return case((scored | earlier, new.reached), else_=old.reached)


def _see(insert: Insert) -> Upsert:
    upsert = insert(t.seen).values(values(t.seen))
    changes = _adds(upsert, t.seen, "answered", "right") | {"last": upsert.excluded["last"]}
    return upsert.on_conflict_do_update(index_elements=["player", "question"], set_=changes)


def _rate(insert: Insert) -> Upsert:
    upsert = insert(t.item).values(values(t.item))
    return upsert.on_conflict_do_update(
        index_elements=["question", "revision"], set_=_adds(upsert, t.item, "answered", "right")
    )


_SEE = Statement(_see)
_RATE = Statement(_rate)


def _rows(table: Table, count: int, *own: str) -> list[dict[str, ColumnElement[Any]]]:
    """Values for several periods at once. Parameters are shared but for the period and the columns in `own`."""
    each = ("period", *own)
    return [
        values(table, **{name: named(table.c[name], f"{name}{number}") for name in each}) for number in range(count)
    ]


@cache
def _score(count: int) -> Statement:
    def build(insert: Insert) -> Any:
        upsert = insert(t.score).values(_rows(t.score, count))
        changes = _adds(upsert, t.score, "points", "right", "answered") | {"reached": _later(upsert, t.score)}
        keyed = upsert.on_conflict_do_update(index_elements=["space", "period", "player"], set_=changes)
        return keyed.returning(t.score.c.period, t.score.c.answered)

    return Statement(build)


@cache
def _member(count: int) -> Statement:
    def build(insert: Insert) -> Any:
        upsert = insert(t.member_score).values(_rows(t.member_score, count))
        changes = _adds(upsert, t.member_score, "points", "right", "answered")
        keyed = upsert.on_conflict_do_update(index_elements=["space", "period", "team", "player"], set_=changes)
        return keyed.returning(t.member_score.c.period, t.member_score.c.answered)

    return Statement(build)


@cache
def _team(count: int) -> Statement:
    def build(insert: Insert) -> Any:
        upsert = insert(t.team_score).values(_rows(t.team_score, count, "played"))
        changes = _adds(upsert, t.team_score, "points", "right", "answered", "played")
        changes["reached"] = _later(upsert, t.team_score)
        return upsert.on_conflict_do_update(index_elements=["space", "period", "team"], set_=changes)

    return Statement(build)


@cache
def _total(count: int) -> Statement:
    def build(insert: Insert) -> Any:
        upsert = insert(t.period_total).values(_rows(t.period_total, count, "players"))
        changes = _adds(upsert, t.period_total, "players", "points")
        return upsert.on_conflict_do_update(index_elements=["space", "period"], set_=changes)

    return Statement(build)


def submission_of(row: Row) -> Submission:
    """The answer in a row of `LOGGED`."""
    round, position, space, player, team, kind, question, revision, shown, given = row[:10]
    right, points, at, day, zone, first = row[10:]
    return Submission(
        round,
        position,
        space,
        player,
        team,
        kind,
        question,
        revision,
        shown,
        given,
        right == 1,
        points,
        instant(at),
        date.fromisoformat(day),
        zone,
        first == 1,
    )


def met(cursor: Cursor, player: int, question: str) -> bool:
    """Whether a person has answered a question before."""
    return cursor.row(_MET, player=player, question=question) is not None


def record(cursor: Cursor, one: Submission, periods: Sequence[str]) -> bool:
    """Add an answer to the log and to every total; False if it is there already."""
    stored = _stored(one)
    if cursor.row(_RECORD, **stored, periods=" ".join(periods)) is None:
        return False
    right = stored["right"]
    cursor.run(_SEE, player=one.player, question=one.question, answered=1, right=right, last=stored["at"])
    if one.first:
        cursor.run(_RATE, question=one.question, revision=one.revision, answered=1, right=right)
    _add(cursor, one, periods)
    return True


def credit(cursor: Cursor, one: Submission, periods: Sequence[str]) -> None:
    """Add a logged answer to the boards, once."""
    key = {"round": one.round, "player": one.player, "position": one.position}
    if cursor.run(_CREDIT, **key, periods=" ".join(periods)):
        _add(cursor, one, periods)


def _add(cursor: Cursor, one: Submission, periods: Sequence[str]) -> None:
    """Add an answer to the boards of some periods, in one order, so that two answers never wait for each other."""
    if not periods:
        return
    gain = _Gain(cursor, one, sorted(periods))
    if one.team is not None:
        played = gain.new(_member, player=one.player, team=one.team, right=int(one.right), answered=1)
        gain.add(_team, "played", played, team=one.team, right=int(one.right), answered=1, reached=micros(one.at))
    players = gain.new(_score, player=one.player, right=int(one.right), answered=1, reached=micros(one.at))
    gain.add(_total, "players", players)


@dataclass(frozen=True, slots=True)
class _Gain:
    """What one answer adds to several periods; each kind of total is one statement."""

    cursor: Cursor
    one: Submission
    periods: Sequence[str]

    def new(self, statement: Any, **params: Any) -> list[int]:
        """Add, and tell for each period whether this was the first answer (1 or 0)."""
        answered: dict[str, int] = dict(self.cursor.rows(statement(len(self.periods)), **self._params, **params))
        return [int(answered[period] == 1) for period in self.periods]

    def add(self, statement: Any, name: str, own: Sequence[int], **params: Any) -> None:
        """Add, with a number of its own for each period."""
        numbered = {f"{name}{number}": value for number, value in enumerate(own)}
        self.cursor.run(statement(len(self.periods)), **self._params, **numbered, **params)

    @property
    def _params(self) -> Mapping[str, Any]:
        keys = {f"period{number}": period for number, period in enumerate(self.periods)}
        return {"space": self.one.space, "points": self.one.points} | keys


def _stored(one: Submission) -> dict[str, Any]:
    return {
        "round": one.round,
        "position": one.position,
        "space": one.space,
        "player": one.player,
        "team": one.team,
        "kind": one.kind,
        "question": one.question,
        "revision": one.revision,
        "shown": one.shown,
        "given": one.given,
        "right": int(one.right),
        "points": one.points,
        "at": micros(one.at),
        "day": one.day.isoformat(),
        "zone": one.zone,
        "first": int(one.first),
    }
