"""People, rounds and answers for tests to begin with."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.engine import calendar
from bot.engine.round import Asked, Round, Submission
from bot.ports import Channel, Person, Place, Player, Post, Request, Schedule, Space, UnitOfWork
from bot.store.engine import SqlStore
from bot.ui import Call, Card, Text

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
PERIODS = ("d2026-11-24", "w2026-48", "m2026-11", "s1", "all")


def later(**parts: float) -> datetime:
    return NOW + timedelta(**parts)


def request(person: str = "ann", space: str = "home", **parts: Any) -> Request:
    """Somebody pressing something; their name is their id with a capital."""
    return Request(
        "web",
        Place(space, space.title()),
        None,
        Person(person, parts.pop("name", person.title()), **parts),
        Call("help"),
    )


def arrive(uow: UnitOfWork, person: str = "ann", space: str = "home", **parts: Any) -> tuple[Space, Player]:
    return uow.people.arrive(request(person, space, **parts), "Europe/Berlin", NOW)


def card(title: str = "Hello") -> Card:
    return Card(title, (Text("A body."),))


def post(key: str = "daily:1", channel: str = "C1", **parts: Any) -> Post:
    return Post(key, "web", "home", channel, parts.pop("card", card(key)), **parts)


def solo(space: Space, player: Player, *questions: str) -> Round:
    asked = tuple(Asked(question, "r1", "abcd") for question in questions or ("q1",))
    return Round(0, space.id, "ask", "demo", asked, NOW, player=player.id)


def schedule(uow: UnitOfWork, space: Space, channel: str = "C1") -> Schedule:
    place = uow.people.channel(space.id, Place(channel, "daily"))
    return uow.schedules.add(
        Schedule(0, space.id, place.id, "demo", ("s3",), time(9), "Europe/Berlin", "01234", 480, "at once")
    )


def daily(plan: Schedule, day: date = TODAY, opened: datetime = NOW, question: str = "q1") -> Round:
    """A daily of a schedule, to be opened."""
    return Round(
        0,
        plan.space,
        "daily",
        plan.pack,
        (Asked(question, "r1", "abcd"),),
        opened,
        opened + timedelta(hours=8),
        channel=plan.channel,
        schedule=plan.id,
        day=day,
    )


def answer(round: Round, player: Player, *, position: int = 0, at: datetime = NOW, **parts: Any) -> Submission:
    """An answer by `player`; right, and worth 10 points, if nothing else is said."""
    asked = round.asked[position]
    given = Submission(
        round=round.id,
        position=position,
        space=round.space,
        player=player.id,
        team=player.team,
        kind=round.kind,
        question=asked.question,
        revision=asked.revision,
        shown=asked.shown,
        given="a",
        right=True,
        points=10,
        at=at,
        day=at.date(),
        zone="Europe/Berlin",
        first=True,
    )
    return replace(given, **parts)


def periods(space: Space, at: datetime) -> tuple[str, ...]:
    return tuple(calendar.periods(at, calendar.zone(space.zone), space.season).values())


@dataclass(frozen=True, slots=True)
class Room:
    """A space with a daily open and some players."""

    space: Space
    channel: Channel
    schedule: Schedule
    daily: Round
    players: tuple[Player, ...]

    @property
    def ann(self) -> Player:
        return self.players[0]

    @property
    def bob(self) -> Player:
        return self.players[1]


async def room(store: SqlStore, *names: str) -> Room:
    return await store.run(lambda uow: furnish(uow, *names or ("ann", "bob")))


def furnish(uow: UnitOfWork, *names: str) -> Room:
    people = [arrive(uow, name) for name in names]
    space = people[0][0]
    plan = schedule(uow, space)
    opened = uow.rounds.open(daily(plan))
    assert opened is not None
    return Room(space, uow.people.channel_by_id(plan.channel), plan, opened, tuple(player for _, player in people))
