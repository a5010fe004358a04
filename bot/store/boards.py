"""Boards of players and teams, and the tables of seasons that have ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, func, insert, select

from bot.engine.leaderboard import Standing, Tally, TeamTally
from bot.ports import Archived, Space
from bot.store import tables as t
from bot.store.sql import Cursor, Row, Statement, instant, micros, values

_score = t.score.c
_board = (_score.space == bindparam("space")) & (_score.period == bindparam("period"))
_tallies = select(
    _score.player, t.player.c.name, _score.points, _score.right, _score.answered, _score.reached
).join_from(t.score, t.player, _score.player == t.player.c.id)
_PLAYERS = Statement(
    _tallies.where(_board)
    .order_by(_score.points.desc(), _score.right.desc(), _score.reached, _score.player)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_TALLY = Statement(_tallies.where(_board, _score.player == bindparam("player")))

# Three ranges of the board's index; one condition with `or` would read the whole board.
_count = select(func.count()).select_from(t.score).where(_board)
_points, _right = _score.points == bindparam("points"), _score.right == bindparam("right")
_AHEAD = Statement(
    select(
        _count.where(_score.points > bindparam("points")).scalar_subquery()
        + _count.where(_points, _score.right > bindparam("right")).scalar_subquery()
        + _count.where(_points, _right, _score.reached < bindparam("reached")).scalar_subquery()
    )
)
_TOTALS = Statement(
    select(t.period_total.c.players, t.period_total.c.points).where(
        t.period_total.c.space == bindparam("space"), t.period_total.c.period == bindparam("period")
    )
)

_team = t.team_score.c
_enrolled = select(func.count()).where(t.player.c.team == _team.team).scalar_subquery()
_TEAMS = Statement(
    select(_team.team, t.team.c.name, _team.points, _team.right, _team.answered, _team.played, _enrolled, _team.reached)
    .join_from(t.team_score, t.team, _team.team == t.team.c.id)
    .where(_team.space == bindparam("space"), _team.period == bindparam("period"))
    .order_by(_team.team)
)

_END = Statement(insert(t.season).values(values(t.season)).inline())
_ARCHIVE = Statement(insert(t.archived).values(values(t.archived)).inline())
_SEASONS = Statement(
    select(t.season.c.number, t.season.c.name, t.season.c.since, t.season.c.until)
    .where(t.season.c.space == bindparam("space"))
    .order_by(t.season.c.number.desc())
)
_old = t.archived.c
_ARCHIVED = Statement(
    select(_old.rank, _old.name, _old.points, _old.right, _old.answered, _old.score)
    .where(_old.space == bindparam("space"), _old.season == bindparam("season"), _old.of == bindparam("of"))
    .order_by(_old.line)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)


def _tally_of(row: Row) -> Tally:
    subject, name, points, right, answered, reached = row
    return Tally(subject, name, points, right, answered, instant(reached))


def _team_of(row: Row) -> TeamTally:
    team, name, points, right, answered, played, enrolled, reached = row
    return TeamTally(team, name, points, right, answered, played, enrolled, instant(reached))


class SqlBoards:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def players(self, space: int, period: str, limit: int, offset: int) -> list[Tally]:
        rows = self._cursor.rows(_PLAYERS, space=space, period=period, limit=limit, offset=offset)
        return [_tally_of(row) for row in rows]

    def place(self, space: int, period: str, player: int) -> Standing | None:
        tally = self.tally(space, period, player)
        return Standing(self.ahead(space, period, tally) + 1, tally) if tally else None

    def tally(self, space: int, period: str, player: int) -> Tally | None:
        row = self._cursor.row(_TALLY, space=space, period=period, player=player)
        return _tally_of(row) if row else None

    def ahead(self, space: int, period: str, tally: Tally) -> int:
        best = {"points": tally.points, "right": tally.right, "reached": micros(tally.reached)}
        return int(self._cursor.rows(_AHEAD, space=space, period=period, **best)[0][0])

    def totals(self, space: int, period: str) -> tuple[int, int]:
        row = self._cursor.row(_TOTALS, space=space, period=period)
        return (row[0], row[1]) if row else (0, 0)

    def teams(self, space: int, period: str) -> list[TeamTally]:
        rows = self._cursor.rows(_TEAMS, space=space, period=period)
        return [_team_of(row) for row in rows]

    def end_season(self, space: Space, players: Sequence[Archived], teams: Sequence[Archived], at: datetime) -> None:
        self._cursor.run(
            _END,
            space=space.id,
            number=space.season,
            name=space.season_name,
            since=micros(space.season_since),
            until=micros(at),
        )
        self._archive(space, "players", players)
        self._archive(space, "teams", teams)

    def _archive(self, space: Space, of: str, table: Sequence[Archived]) -> None:
        lines = [
            {
                "space": space.id,
                "season": space.season,
                "of": of,
                "line": line,
                "rank": one.rank,
                "name": one.name,
                "points": one.points,
                "right": one.right,
                "answered": one.answered,
                "score": one.score,
            }
            for line, one in enumerate(table)
        ]
        self._cursor.many(_ARCHIVE, lines)

    def seasons(self, space: int) -> list[tuple[int, str, datetime, datetime]]:
        rows = self._cursor.rows(_SEASONS, space=space)
        return [(number, name, instant(since), instant(until)) for number, name, since, until in rows]

    def archived(
        self, space: int, season: int, of: Literal["players", "teams"], limit: int, offset: int
    ) -> list[Archived]:
        rows = self._cursor.rows(_ARCHIVED, space=space, season=season, of=of, limit=limit, offset=offset)
        return [Archived(*row) for row in rows]
