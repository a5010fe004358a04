"""Taking a space out of the store, with everything of it."""

from sqlalchemy import Column, Delete, ScalarSelect, Table, bindparam, delete, func, select, update

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
    ),
    *(t.round_, t.schedule, t.player, t.team, t.channel),
)
"""Tables whose rows name their space, those that refer to others first."""
_BY_ANOTHER = ((t.miss, "schedule"), (t.asked, "channel"), (t.seen, "player"), (t.submission, "player"))
"""Tables that are found faster, or only, by what belongs to their space."""


def _of(table: Table, column: str) -> Delete:
    """Rows that belong to a space by way of another."""
    theirs = next(iter(table.c[column].foreign_keys)).column.table
    return delete(table).where(table.c[column].in_(select(theirs.c.id).where(theirs.c.space == _SPACE)))


def _named(column: Column[str]) -> ScalarSelect[str]:
    """What the space is called where it is not its id that counts."""
    return select(column).where(t.space.c.id == _SPACE).scalar_subquery()


# How hard a question is, is counted over all spaces; what this one added is taken off.
_own = (
    select(
        t.submission.c.question,
        t.submission.c.revision,
        func.count().label("answered"),
        func.sum(t.submission.c.right).label("right"),
    )
    .join_from(t.player, t.submission, t.submission.c.player == t.player.c.id)
    .where(t.player.c.space == _SPACE, t.submission.c.first == 1)
    .group_by(t.submission.c.question, t.submission.c.revision)
    .subquery("own")
)
_UNCOUNT = Statement(
    update(t.item)
    .where(t.item.c.question == _own.c.question, t.item.c.revision == _own.c.revision)
    .values(answered=t.item.c.answered - _own.c.answered, right=t.item.c.right - _own.c.right)
)
_FORGET = Statement(delete(t.item).where(t.item.c.answered == 0))
_POSTS = Statement(
    delete(t.outbox).where(
        t.outbox.c.space == _named(t.space.c.external), t.outbox.c.platform == _named(t.space.c.platform)
    )
)
_ERASE = (
    *(_UNCOUNT, _FORGET, _POSTS),
    *(Statement(_of(table, name)) for table, name in _BY_ANOTHER),
    *(Statement(delete(table).where(table.c.space == _SPACE)) for table in _OWN),
    Statement(delete(t.space).where(t.space.c.id == _SPACE)),
)


class SqlSpaces:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def erase(self, id: int) -> None:
        for statement in _ERASE:
            self._cursor.run(statement, space=id)
