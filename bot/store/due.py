"""Work that is due: rows claimed by whoever is alive, under a lease and with a fence.

A row that is claimed is about to be done and removed. What is put under its key meanwhile is kept beside it (`again`),
and makes it wait once more when it is finished: the work may have been done before what led to the second wish.
"""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from bot.ports import Due
from bot.store import tables as t
from bot.store.sql import Cursor, Insert, Row, Statement, instant, micros, named, values

_due = t.due.c
_END = ";"
"""The character after the colon, with which the keys of a prefix end."""


def _put(insert: Insert) -> object:
    upsert = insert(t.due).values(values(t.due))
    claimed = (_due.ready > _due.at) & _due.again.is_(None)
    return upsert.on_conflict_do_update(
        index_elements=["kind", "key"], set_={"again": upsert.excluded["at"]}, where=claimed
    )


_PUT = Statement(_put)  # type: ignore[arg-type]
_prefixed = (_due.kind == bindparam("kind")) & (
    (_due.key == bindparam("prefix")) | ((_due.key >= bindparam("first")) & (_due.key < bindparam("end")))
)
_DROP = Statement(delete(t.due).where(_prefixed))
_DUE = (_due.kind, _due.key, _due.at, _due.fence, _due.attempts)
_taken = (
    select(_due.kind, _due.key)
    .where(_due.ready <= bindparam("now"))
    .order_by(_due.ready)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("taken")
)
_CLAIM = Statement(
    update(t.due)
    .where(_due.kind == _taken.c.kind, _due.key == _taken.c.key)
    .values(ready=bindparam("until", type_=_due.ready.type), fence=_due.fence + 1)
    .returning(*_DUE)
)
_held = (_due.kind == bindparam("kind")) & (_due.key == bindparam("key")) & (_due.fence == bindparam("fence"))
_FINISH = Statement(delete(t.due).where(_held, _due.again.is_(None)))
_REPEAT = Statement(
    update(t.due).where(_held, _due.again.is_not(None)).values(at=_due.again, ready=_due.again, again=None, attempts=0)
)
_RETRY = Statement(
    update(t.due).where(_held).values(at=named(_due.at), ready=named(_due.at), again=None, attempts=_due.attempts + 1)
)
_every = select(*_DUE).order_by(_due.at, _due.key)
_WAITING = Statement(_every.where(_due.kind == bindparam("kind")))
_WAITING_PREFIXED = Statement(_every.where(_prefixed))


def _due_of(row: Row) -> Due:
    kind, key, at, fence, attempts = row
    return Due(kind, key, instant(at), fence, attempts)


class SqlDueWork:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def put(self, kind: str, key: str, at: datetime) -> None:
        stored = micros(at)
        self._cursor.run(_PUT, kind=kind, key=key, at=stored, ready=stored, fence=0, attempts=0, again=None)

    def drop(self, kind: str, prefix: str) -> None:
        self._cursor.run(_DROP, kind=kind, **_keys(prefix))

    def claim(self, now: datetime, until: datetime, limit: int) -> list[Due]:
        rows = self._cursor.rows(_CLAIM, now=micros(now), until=micros(until), limit=limit)
        return [_due_of(row) for row in sorted(rows, key=lambda row: (row[2], row[0], row[1]))]

    def finish(self, due: Due) -> bool:
        held = {"kind": due.kind, "key": due.key, "fence": due.fence}
        return bool(self._cursor.run(_FINISH, **held) or self._cursor.run(_REPEAT, **held))

    def retry(self, due: Due, at: datetime) -> None:
        self._cursor.run(_RETRY, kind=due.kind, key=due.key, fence=due.fence, at=micros(at))

    def waiting(self, kind: str, prefix: str = "") -> list[Due]:
        if not prefix:
            return [_due_of(row) for row in self._cursor.rows(_WAITING, kind=kind)]
        return [_due_of(row) for row in self._cursor.rows(_WAITING_PREFIXED, kind=kind, **_keys(prefix))]


def _keys(prefix: str) -> dict[str, str]:
    return {"prefix": prefix, "first": f"{prefix}:", "end": f"{prefix}{_END}"}
