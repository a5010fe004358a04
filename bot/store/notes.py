"""What programs note for themselves, such as which commands a platform was told."""

from sqlalchemy import bindparam, select

from bot.store import tables as t
from bot.store.sql import Cursor, Statement, named, values

_GET = Statement(select(t.note.c.text).where(t.note.c.name == bindparam("name")))
_PUT = Statement(
    lambda insert: (
        insert(t.note)
        .values(values(t.note))
        .on_conflict_do_update(index_elements=["name"], set_={"text": named(t.note.c.text)})
    )
)


class SqlNotes:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def get(self, name: str) -> str:
        row = self._cursor.row(_GET, name=name)
        return str(row[0]) if row else ""

    def put(self, name: str, text: str) -> None:
        self._cursor.run(_PUT, name=name, text=text)
