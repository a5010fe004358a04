"""Taking a space out of the store, with everything of it."""

from sqlalchemy import ColumnElement, Delete, Table, bindparam, delete, exists, func, select, update

from bot.store import tables as t
from bot.store.sql import Cursor, Statement

_SPACE = bindparam("space", type_=t.space.c.id.type)
_OWN = (
    *(
        t.team_group,
        t.report,
        t.archived,
        t.season,
        t.period_total,
        t.member_score,
        t.team_score,
        t.score,
        t.message,
        t.submission,
    ),
    *(t.round_, t.schedule, t.player, t.team, t.channel),
)
"""Tables whose rows name their space, those that refer to others first."""


def _of(table: Table, column: str) -> Delete:
    """Rows that belong to a space by way of another."""
    theirs = next(iter(table.c[column].foreign_keys)).column.table
    return delete(table).where(table.c[column].in_(select(theirs.c.id).where(theirs.c.space == _SPACE)))


def _counted(what: ColumnElement[int]) -> ColumnElement[int]:
    return select(func.coalesce(what, 0)).where(*_first_answers).scalar_subquery()


# How hard a question is, is counted over all spaces; what this one added is taken off.
_one = t.submission.c
_first_answers = (
    _one.space == _SPACE,
    _one.first == 1,
    _one.question == t.item.c.question,
    _one.revision == t.item.c.revision,
)
_UNCOUNT = Statement(
    update(t.item)
    .where(exists().where(*_first_answers))
    .values(
        answered=t.item.c.answered - _counted(func.count()),
        right=t.item.c.right - _counted(func.sum(_one.right)),
    )
)
_FORGET = Statement(delete(t.item).where(t.item.c.answered == 0))
_POSTS = Statement(
    delete(t.outbox).where(
        exists().where(
            t.space.c.id == _SPACE, t.space.c.platform == t.outbox.c.platform, t.space.c.external == t.outbox.c.space
        )
    )
)
_ERASE = (
    *(_UNCOUNT, _FORGET, _POSTS),
    *(Statement(_of(table, name)) for table, name in ((t.miss, "schedule"), (t.asked, "channel"), (t.seen, "player"))),
    *(Statement(delete(table).where(table.c.space == _SPACE)) for table in _OWN),
    Statement(delete(t.space).where(t.space.c.id == _SPACE)),
)


class SqlSpaces:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def erase(self, id: int) -> None:
        for statement in _ERASE:
            self._cursor.run(statement, space=id)
