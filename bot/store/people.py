"""Spaces, channels, players and teams."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import Select, bindparam, case, exists, func, insert, select, text, update

from bot.engine.streak import Streak
from bot.ports import Channel, Person, Place, Player, Request, Space, Team
from bot.store import tables as t
from bot.store.sql import (
    Cursor,
    Row,
    Statement,
    day_or_none,
    fold,
    instant,
    instant_or_none,
    micros,
    micros_or_none,
    named,
    values,
)

_SPACE = (
    t.space.c.id,
    t.space.c.platform,
    t.space.c.external,
    t.space.c.name,
    t.space.c.zone,
    t.space.c.season,
    t.space.c.season_name,
    t.space.c.season_since,
    t.space.c.resend,
)
_PLAYER = tuple(column for column in t.player.c if column.name != "folded")
_LAST = "\U0010ffff"


def _found() -> Select[Any]:
    return (
        select(*_SPACE, *_PLAYER)
        .join_from(t.space, t.player, t.player.c.space == t.space.c.id)
        .where(
            t.space.c.platform == bindparam("platform"),
            t.space.c.external == bindparam("space"),
            t.player.c.external == bindparam("person"),
        )
    )


_FIND = Statement(_found())
# One person's requests run one after another: their streak, and whether a question is new, are read before written.
# The space is shared by all but who changes its season (`_HOLD`), so that no answer counts for one that has ended.
# The person comes first: who waits for themselves must not hold the space meanwhile.
_FIND_LOCKED = Statement(
    _found().with_for_update(of=t.player, key_share=True).suffix_with(text("FOR KEY SHARE OF space"))
)

_SPACE_BY_ID = Statement(select(*_SPACE).where(t.space.c.id == bindparam("id")))
_SPACE_BY_NAME = Statement(
    select(*_SPACE).where(t.space.c.platform == bindparam("platform"), t.space.c.external == bindparam("external"))
)
# An update of nothing locks the row, so that newcomers to a space come in one by one and only one is the first.
_SETTLE = Statement(
    lambda insert: (
        insert(t.space)
        .values(values(t.space))
        .on_conflict_do_update(
            index_elements=["platform", "external"],
            set_={"name": case((named(t.space.c.name) != "", named(t.space.c.name)), else_=t.space.c.name)},
        )
        .returning(*_SPACE)
    )
)
_SPACES = Statement(select(*_SPACE).where(t.space.c.platform == bindparam("platform")).order_by(t.space.c.id))
_CHANGE_SPACE = Statement(
    update(t.space)
    .where(t.space.c.id == bindparam("id"))
    .values({column: named(t.space.c[column]) for column in ("zone", "resend")})
)
# An update alone would let those through who share the space.
_HOLD = Statement(select(t.space.c.id).where(t.space.c.id == bindparam("id")).with_for_update())
_CHANGE_SEASON = Statement(
    update(t.space)
    .where(t.space.c.id == bindparam("id"), t.space.c.season == bindparam("was"))
    .values({column: named(t.space.c[column]) for column in ("season", "season_name", "season_since")})
)

_CHANNEL = (t.channel.c.id, t.channel.c.space, t.channel.c.external, t.channel.c.name)
_CHANNEL_BY_ID = Statement(select(*_CHANNEL).where(t.channel.c.id == bindparam("id")))
_CHANNELS = Statement(
    select(*_CHANNEL).where(t.channel.c.space == bindparam("space")).order_by(t.channel.c.name, t.channel.c.id)
)
_CHANNEL_NAMED = Statement(
    select(*_CHANNEL).where(t.channel.c.space == bindparam("space"), t.channel.c.external == bindparam("external"))
)
_KEEP_CHANNEL = Statement(
    lambda insert: (
        insert(t.channel)
        .values(values(t.channel))
        .on_conflict_do_update(index_elements=["space", "external"], set_={"name": named(t.channel.c.name)})
        .returning(*_CHANNEL)
    )
)

_PLAYER_BY_ID = Statement(select(*_PLAYER).where(t.player.c.id == bindparam("id")))
_MEMBERS = Statement(
    select(*_PLAYER).where(t.player.c.team == bindparam("team")).order_by(t.player.c.folded, t.player.c.id)
)
_BEGINNING = Statement(
    select(*_PLAYER)
    .where(
        t.player.c.space == bindparam("space"),
        t.player.c.folded >= bindparam("begin"),
        t.player.c.folded <= bindparam("end"),
    )
    .order_by(t.player.c.folded, t.player.c.id)
    .limit(bindparam("limit"))
)
_ANYBODY = Statement(select(exists().where(t.player.c.space == bindparam("space"))))
_PLAYER_NAMED = Statement(
    select(*_PLAYER).where(t.player.c.space == bindparam("space"), t.player.c.external == bindparam("external"))
)
_ADD_PLAYER = Statement(insert(t.player).values(values(t.player)).returning(*_PLAYER))
_RENAME_PLAYER = Statement(
    update(t.player)
    .where(t.player.c.id == bindparam("id"))
    .values({column: named(t.player.c[column]) for column in ("name", "folded", "admin", "zone", "avatar")})
    .returning(*_PLAYER)
)
_CHANGE_PLAYER = Statement(
    update(t.player)
    .where(t.player.c.id == bindparam("id"))
    .values({column: named(t.player.c[column]) for column in ("zone", "next_zone", "next_from", "reminder")})
)
_CHANGE_MANAGER = Statement(
    update(t.player).where(t.player.c.id == bindparam("id")).values(manager=named(t.player.c.manager))
)
_MANAGERS = Statement(
    select(*_PLAYER)
    .where(t.player.c.space == bindparam("space"), t.player.c.manager == 1)
    .order_by(t.player.c.folded, t.player.c.id)
)
_CHANGE_TEAM = Statement(update(t.player).where(t.player.c.id == bindparam("id")).values(team=named(t.player.c.team)))

_COUNT = select(func.count()).where(t.player.c.team == t.team.c.id).scalar_subquery()
_TEAM = (t.team.c.id, t.team.c.space, t.team.c.name, _COUNT)
_TEAM_BY_ID = Statement(select(*_TEAM).where(t.team.c.id == bindparam("id")))
_TEAM_NAMED = Statement(
    select(*_TEAM).where(t.team.c.space == bindparam("space"), t.team.c.folded == bindparam("folded"))
)
_TEAMS = Statement(select(*_TEAM).where(t.team.c.space == bindparam("space")).order_by(t.team.c.folded))
_CREATE_TEAM = Statement(
    lambda insert: (
        insert(t.team)
        .values(values(t.team))
        .on_conflict_do_nothing(index_elements=["space", "folded"])
        .returning(t.team.c.id)
    )
)
_other = t.team.alias()
_RENAME_TEAM = Statement(
    update(t.team)
    .where(
        t.team.c.id == bindparam("id"),
        ~exists().where(
            _other.c.space == t.team.c.space, _other.c.folded == bindparam("wanted"), _other.c.id != t.team.c.id
        ),
    )
    .values(name=named(t.team.c.name), folded=bindparam("wanted", type_=t.Sorted))
)

_NOBODY: Mapping[str, Any] = {
    "next_zone": "",
    "next_from": None,
    "reminder": None,
    "team": None,
    "streak_days": 0,
    "streak_best": 0,
    "streak_freezes": 0,
    "streak_last": None,
    "streak_at": None,
    "streak_zone": "",
    "streak_frozen": None,
    "manager": 0,
}


def space_of(row: Row) -> Space:
    return Space(row[0], row[1], row[2], row[3], row[4], row[5], row[6], instant(row[7]), row[8])


def player_of(row: Row) -> Player:
    id, space, external, name, admin, zone, next_zone, next_from, reminder, team = row[:10]
    return Player(
        id,
        space,
        external,
        name,
        admin == 1,
        zone,
        next_zone,
        instant_or_none(next_from),
        None if reminder is None else time.fromisoformat(reminder),
        team,
        streak_of(row[10:17]),
        row[17] == 1,
        row[18],
    )


def streak_of(row: Row) -> Streak:
    days, best, freezes, last, at, zone, frozen = row
    return Streak(days, best, freezes, day_or_none(last), instant_or_none(at), zone, day_or_none(frozen))


def _current(player: Player, person: Person) -> bool:
    """Whether what the platform says of `person` is stored. What it does not say changes nothing."""
    return (
        person.name in ("", player.name)
        and person.admin in (None, player.admin)
        and not (person.zone and not player.zone)
        and person.avatar in ("", player.avatar)
    )


class SqlPeople:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def find(self, request: Request) -> tuple[Space, Player] | None:
        statement = _FIND_LOCKED if self._cursor.locks else _FIND
        place, person = request.space, request.person
        row = self._cursor.row(statement, platform=request.platform, space=place.external, person=person.external)
        if row is None:
            return None
        space, player = space_of(row), player_of(row[9:])
        return (space, player) if place.name in ("", space.name) and _current(player, person) else None

    def arrive(self, request: Request, zone: str, now: datetime) -> tuple[Space, Player]:
        space = self._settled(request.platform, request.space, zone, now)
        return space, self.welcome(space.id, request.person)

    def settle(self, platform: str, place: Place, zone: str, now: datetime) -> Space:
        return self.space_of(platform, place.external) or self._settled(platform, place, zone, now)

    def _settled(self, platform: str, place: Place, zone: str, now: datetime) -> Space:
        row = self._cursor.row(
            _SETTLE,
            platform=platform,
            external=place.external,
            name=place.name,
            zone=zone,
            season=1,
            season_name="Season 1",
            season_since=micros(now),
            resend="at-most-once",
        )
        assert row is not None
        return space_of(row)

    def welcome(self, space: int, person: Person) -> Player:
        row = self._cursor.row(_PLAYER_NAMED, space=space, external=person.external)
        if row is None:
            return self._add(space, person)
        player = player_of(row)
        return player if _current(player, person) else self._renew(player, person)

    def _add(self, space: int, person: Person) -> Player:
        name = person.name or person.called or person.external
        first = person.admin is None and not self._cursor.rows(_ANYBODY, space=space)[0][0]
        row = self._cursor.row(
            _ADD_PLAYER,
            space=space,
            external=person.external,
            name=name,
            folded=fold(name),
            admin=int(person.admin or first),
            zone=person.zone,
            avatar=person.avatar,
            **_NOBODY,
        )
        assert row is not None
        return player_of(row)

    def _renew(self, player: Player, person: Person) -> Player:
        name = person.name or player.name
        admin = player.admin if person.admin is None else person.admin
        row = self._cursor.row(
            _RENAME_PLAYER,
            id=player.id,
            name=name,
            folded=fold(name),
            admin=int(admin),
            zone=player.zone or person.zone,
            avatar=person.avatar or player.avatar,
        )
        assert row is not None
        return player_of(row)

    def channel(self, space: int, place: Place) -> Channel:
        stored = self.channel_named(space, place.external)
        if stored and place.name in ("", stored.name):
            return stored
        row = self._cursor.row(_KEEP_CHANNEL, space=space, external=place.external, name=place.name)
        assert row is not None
        return Channel(*row)

    def channel_by_id(self, id: int) -> Channel:
        return Channel(*self._one(_CHANNEL_BY_ID, "channel", id))

    def channels(self, space: int) -> list[Channel]:
        return [Channel(*row) for row in self._cursor.rows(_CHANNELS, space=space)]

    def channel_named(self, space: int, external: str) -> Channel | None:
        row = self._cursor.row(_CHANNEL_NAMED, space=space, external=external)
        return Channel(*row) if row else None

    def space(self, id: int) -> Space:
        return space_of(self._one(_SPACE_BY_ID, "space", id))

    def space_of(self, platform: str, external: str) -> Space | None:
        row = self._cursor.row(_SPACE_BY_NAME, platform=platform, external=external)
        return space_of(row) if row else None

    def spaces(self, platform: str) -> list[Space]:
        return [space_of(row) for row in self._cursor.rows(_SPACES, platform=platform)]

    def player(self, id: int) -> Player:
        return player_of(self._one(_PLAYER_BY_ID, "player", id))

    def _one(self, statement: Statement, what: str, id: int) -> Row:
        row = self._cursor.row(statement, id=id)
        if row is None:
            raise LookupError(f"there is no {what} {id}")
        return row

    def players(self, space: int, typed: str, limit: int = 25) -> list[Player]:
        exact = self._cursor.rows(_PLAYER_NAMED, space=space, external=typed.strip())
        begin = fold(typed.strip().removeprefix("@"))
        named_so = self._cursor.rows(_BEGINNING, space=space, begin=begin, end=begin + _LAST, limit=limit)
        return [player_of(row) for row in dict.fromkeys(exact + named_so)][:limit]

    def change_player(self, player: Player) -> None:
        self._cursor.run(
            _CHANGE_PLAYER,
            id=player.id,
            zone=player.zone,
            next_zone=player.next_zone,
            next_from=micros_or_none(player.next_from),
            reminder=None if player.reminder is None else f"{player.reminder:%H:%M}",
        )

    def change_manager(self, player: int, manager: bool) -> None:
        self._cursor.run(_CHANGE_MANAGER, id=player, manager=int(manager))

    def managers(self, space: int) -> list[Player]:
        return [player_of(row) for row in self._cursor.rows(_MANAGERS, space=space)]

    def change_team(self, player: int, team: int | None) -> None:
        self._cursor.run(_CHANGE_TEAM, id=player, team=team)

    def change_space(self, space: Space) -> None:
        self._cursor.run(_CHANGE_SPACE, id=space.id, zone=space.zone, resend=space.resend)

    def change_season(self, space: Space, was: int) -> bool:
        if self._cursor.locks:
            self._cursor.rows(_HOLD, id=space.id)
        changed = self._cursor.run(
            _CHANGE_SEASON,
            id=space.id,
            was=was,
            season=space.season,
            season_name=space.season_name,
            season_since=micros(space.season_since),
        )
        return changed == 1

    def team(self, id: int) -> Team | None:
        row = self._cursor.row(_TEAM_BY_ID, id=id)
        return Team(*row) if row else None

    def team_named(self, space: int, name: str) -> Team | None:
        row = self._cursor.row(_TEAM_NAMED, space=space, folded=fold(name))
        return Team(*row) if row else None

    def teams(self, space: int) -> list[Team]:
        return [Team(*row) for row in self._cursor.rows(_TEAMS, space=space)]

    def members(self, team: int) -> list[Player]:
        return [player_of(row) for row in self._cursor.rows(_MEMBERS, team=team)]

    def create_team(self, space: int, name: str, now: datetime) -> Team | None:
        row = self._cursor.row(_CREATE_TEAM, space=space, name=name, folded=fold(name), created=micros(now))
        return Team(row[0], space, name) if row else None

    def rename_team(self, team: int, name: str) -> bool:
        return self._cursor.run(_RENAME_TEAM, id=team, name=name, wanted=fold(name)) == 1
