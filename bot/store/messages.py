"""The chat of platforms that keep none: browser and terminal."""

from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from bot.ports import Message, Space
from bot.store import tables as t
from bot.store.sql import Cursor, Row, Statement, instant, micros, named, values
from bot.ui import Card, dump, load

PAGE = 500

_message = t.message.c
_MESSAGE = (
    _message.id,
    _message.version,
    _message.channel,
    _message.author,
    _message.author_name,
    _message.text,
    _message.card,
    _message.viewer,
    _message.at,
    _message.edited,
)
# One row for all writers: whoever takes a number holds it until the commit, so versions are seen in the order they grow
# and a reader that has seen one has missed none before it.
_NEXT = Statement(
    lambda insert: (
        insert(t.counter)
        .values(name="message", value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": t.counter.c.value + 1})
        .returning(t.counter.c.value)
    )
)
_VERSION = Statement(select(func.coalesce(func.max(t.counter.c.value), 0)).where(t.counter.c.name == "message"))
_SAY = Statement(
    lambda insert: (
        insert(t.message)
        .values(values(t.message))
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(_message.id)
    )
)
_REPLACE = Statement(
    update(t.message)
    .where(_message.id == bindparam("id"))
    .values(card=named(_message.card), version=named(_message.version), edited=1)
)
_GET = Statement(select(*_MESSAGE).where(_message.id == bindparam("id")))
_FOUND = Statement(select(_message.id).where(_message.key == bindparam("key")))
_visible = (_message.space == bindparam("space")) & _message.viewer.in_(["", bindparam("viewer")])
_SINCE = Statement(
    select(*_MESSAGE)
    .where(_visible, _message.version > bindparam("version"))
    .order_by(_message.version)
    .limit(bindparam("limit"))
)
_LATEST = Statement(
    select(*_MESSAGE)
    .where(_visible, _message.channel == bindparam("channel"))
    .order_by(_message.id.desc())
    .limit(bindparam("limit"))
)


def _message_of(row: Row) -> Message:
    id, version, channel, author, author_name, text, card, viewer, at, edited = row
    return Message(
        id,
        version,
        channel,
        author,
        author_name,
        text,
        load(card) if card else None,
        viewer,
        instant(at),
        edited == 1,
    )


class SqlMessages:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def say(
        self,
        space: Space,
        channel: str,
        at: datetime,
        *,
        card: Card | None = None,
        text: str = "",
        author: str = "",
        author_name: str = "",
        viewer: str = "",
        key: str = "",
    ) -> int:
        said = self.found(key) if key else None
        if said is not None:
            return said
        row = self._cursor.row(
            _SAY,
            version=self._next(),
            space=space.id,
            channel=channel,
            author=author,
            author_name=author_name,
            text=text,
            card=dump(card) if card else None,
            viewer=viewer,
            at=micros(at),
            edited=0,
            key=key or None,
        )
        said = row[0] if row else self.found(key)
        assert said is not None
        return said

    def _next(self) -> int:
        return int(self._cursor.rows(_NEXT)[0][0])

    def replace(self, id: int, card: Card) -> None:
        self._cursor.run(_REPLACE, id=id, card=dump(card), version=self._next())

    def get(self, id: int) -> Message | None:
        row = self._cursor.row(_GET, id=id)
        return _message_of(row) if row else None

    def found(self, key: str) -> int | None:
        row = self._cursor.row(_FOUND, key=key)
        return row[0] if row else None

    def since(self, space: Space, viewer: str, version: int) -> list[Message]:
        rows = self._cursor.rows(_SINCE, space=space.id, viewer=viewer, version=version, limit=PAGE)
        return [_message_of(row) for row in rows]

    def latest(self, space: Space, viewer: str, channel: str, limit: int) -> list[Message]:
        rows = self._cursor.rows(_LATEST, space=space.id, viewer=viewer, channel=channel, limit=limit)
        return [_message_of(row) for row in reversed(rows)]

    def version(self) -> int:
        return int(self._cursor.rows(_VERSION)[0][0])
