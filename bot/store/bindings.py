"""Which group of a platform is which team."""

from sqlalchemy import bindparam, delete, select

from bot.store import tables as t
from bot.store.sql import Cursor, Statement, named, values

_bound = t.team_group.c
_BIND = Statement(
    lambda insert: (
        insert(t.team_group)
        .values(values(t.team_group))
        .on_conflict_do_update(index_elements=["space", "external"], set_={"team": named(_bound.team)})
    )
)
_UNBIND = Statement(delete(t.team_group).where(_bound.team == bindparam("team")))
_OF_SPACE = Statement(
    select(_bound.external, _bound.team)
    .where(_bound.space == bindparam("space"))
    .order_by(_bound.team, _bound.external)
)


class SqlBindings:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def bind(self, space: int, group: str, team: int) -> None:
        self._cursor.run(_BIND, space=space, external=group, team=team)

    def unbind(self, team: int) -> bool:
        return bool(self._cursor.run(_UNBIND, team=team))

    def of_space(self, space: int) -> dict[str, int]:
        return dict(self._cursor.rows(_OF_SPACE, space=space))
