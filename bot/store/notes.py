"""What programs note for themselves, such as which commands a platform was told."""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, select

from bot.store import tables as t
from bot.store.sql import Cursor, Insert, Statement, micros, named, values

_note = t.note.c
_prefix = named(_note.name, "prefix")
_GET = Statement(select(_note.text).where(_note.name == bindparam("name")))
_PUT = Statement(
    lambda insert: (
        insert(t.note)
        .values(values(t.note))
        .on_conflict_do_update(index_elements=["name"], set_={"text": named(_note.text)})
    )
)
_DROP = Statement(delete(t.note).where(_note.name == bindparam("name")))
_ALL = Statement(
    select(_note.name, _note.text)
    .where(func.substr(_note.name, 1, func.length(_prefix)) == _prefix)
    .order_by(_note.name)
)


def _lease(insert: Insert) -> object:
    upsert = insert(t.note).values(values(t.note))
    return upsert.on_conflict_do_update(
        index_elements=["name"], set_={"text": upsert.excluded["text"]}, where=_note.text <= named(_note.text, "now")
    )


_LEASE = Statement(_lease)  # type: ignore[arg-type]


class SqlNotes:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def get(self, name: str) -> str:
        row = self._cursor.row(_GET, name=name)
        return str(row[0]) if row else ""

    def put(self, name: str, text: str) -> None:
        self._cursor.run(_PUT, name=name, text=text)

    def drop(self, name: str) -> None:
        self._cursor.run(_DROP, name=name)

    def all(self, prefix: str) -> dict[str, str]:
        return dict(self._cursor.rows(_ALL, prefix=prefix))

    def lease(self, name: str, now: datetime, until: datetime) -> bool:
        return self._cursor.run(_LEASE, name=name, text=_sortable(until), now=_sortable(now)) == 1


def _sortable(at: datetime) -> str:
    """An instant as text that sorts by time."""
    return f"{micros(at):020}"
