"""Totals against the log they are totals of."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.engine import calendar
from bot.engine.round import Round, Submission
from bot.ports import Player, Space, UnitOfWork
from bot.store.engine import SqlStore
from bot.store.rebuild import differences, rebuild
from tests.store.world import answer, arrive, daily, periods, request, schedule, solo

START = datetime(2026, 10, 20, 6, tzinfo=UTC)
ZONES = ("", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati")
QUESTIONS = [f"q{number}" for number in range(9)]


class Life:
    """Weeks in two spaces, made up from a seed: dailies and practice, teams and zones that change, seasons that end."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = START
        self.uncredited: list[tuple[Round, Submission]] = []

    def begin(self, uow: UnitOfWork) -> None:
        for space in ("home", "away"):
            home = uow.people.settle("web", request(space=space).space, self.chance.choice(ZONES[1:]), self.now)
            for name in ("ann", "bob", "cleo", "dora"):
                uow.people.arrive(request(name, space, zone=self.chance.choice(ZONES)), "UTC", self.now)
            for team in ("Reds", "Blues"):
                uow.people.create_team(home.id, team, self.now)
            schedule(uow, home, f"C-{space}")

    def day(self, uow: UnitOfWork) -> None:
        for name in ("home", "away"):
            space = uow.people.space_of("web", name)
            assert space is not None
            self.day_of(uow, space)
        self.now += timedelta(days=1)

    def day_of(self, uow: UnitOfWork, space: Space) -> None:
        rounds = [self.ask(uow, space)] if self.chance.random() < 0.8 else []
        for _ in range(6):
            name = self.chance.choice(("ann", "bob", "cleo", "dora"))
            found = uow.people.find(request(name, space.external))
            assert found is not None
            self.change(uow, found[1])
            self.play(uow, space, uow.people.player(found[1].id), rounds)
        self.credit(uow, space)
        if self.chance.random() < 0.15:
            uow.boards.end_season(space, (), (), self.now)
            uow.people.change_season(replace(space, season=space.season + 1), space.season)
            uow.people.change_space(replace(space, zone=self.chance.choice(ZONES[1:])))

    def ask(self, uow: UnitOfWork, space: Space) -> Round:
        [plan] = uow.schedules.of_space(space.id)
        opened = uow.rounds.open(daily(plan, self.now.date(), self.now, self.chance.choice(QUESTIONS)))
        assert opened is not None
        return opened

    def change(self, uow: UnitOfWork, player: Player) -> None:
        if self.chance.random() < 0.2:
            teams = [team.id for team in uow.people.teams(player.space)]
            wanted = self.chance.choice([None, *teams])
            uow.people.change_team(player.id, wanted)
            uow.people.change_player(replace(player, zone=self.chance.choice(ZONES)))

    def play(self, uow: UnitOfWork, space: Space, player: Player, rounds: list[Round]) -> None:
        practice = uow.rounds.open(solo(space, player, *self.chance.sample(QUESTIONS, 2)))
        assert practice is not None
        round = self.chance.choice([*rounds, practice])
        for position in range(len(round.asked)):
            self.give(uow, space, player, round, position)

    def give(self, uow: UnitOfWork, space: Space, player: Player, round: Round, position: int) -> None:
        at = self.now + timedelta(minutes=self.chance.randrange(1200))
        right = self.chance.random() < 0.6
        zone = player.zone or space.zone
        given: dict[str, Any] = {
            "right": right,
            "points": (10 if round.kind == "daily" else self.chance.randrange(2)) * right,
            "zone": zone,
            "day": calendar.learner_day(at, calendar.zone(zone)),
            "first": uow.rounds.meet(player.id, round.asked[position].question),
        }
        one = answer(round, player, position=position, at=at, **given)
        at_close = self.chance.random() < 0.3
        if uow.rounds.record(one, () if at_close else periods(space, at)):
            self.uncredited += [(round, one)] if at_close else []
            if round.kind == "daily":
                self.extend(uow, player, one)

    def extend(self, uow: UnitOfWork, player: Player, one: Submission) -> None:
        streak = player.streak
        missed = uow.rounds.missed_days(one.space, player.id, streak.last, one.day) if streak.last else []
        uow.rounds.extend_streak(player.id, streak.answered(one.day, one.at, one.zone, missed))

    def credit(self, uow: UnitOfWork, space: Space) -> None:
        mine = [pair for pair in self.uncredited if pair[0].space == space.id and self.chance.random() < 0.8]
        for pair in mine:
            uow.rounds.credit(pair[1], periods(space, pair[1].at))
            self.uncredited.remove(pair)


async def live(store: SqlStore, seed: int, days: int = 40) -> None:
    life = Life(seed)
    await store.run(life.begin)
    for _ in range(days):
        await store.run(life.day)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_rebuild_finds_no_difference(store: SqlStore, seed: int) -> None:
    await live(store, seed)
    assert await store.read(differences) == []
    await store.run(rebuild)
    assert await store.read(differences) == []


async def test_a_life_has_all_there_is_to_add_up(store: SqlStore) -> None:
    await live(store, 1)

    def spread(uow: UnitOfWork) -> tuple[bool, bool, bool, bool]:
        space = uow.people.space_of("web", "home")
        assert space is not None
        teams = uow.boards.teams(space.id, "all")
        streaks = [player.streak.days for player in uow.people.players(space.id, "")]
        return len(teams) == 2, teams[0].played > 1, space.season > 1, max(streaks) > 1

    assert await store.read(spread) == (True, True, True, True)


async def test_totals_that_went_astray_are_named_and_mended(store: SqlStore) -> None:
    await live(store, 4, days=10)

    def harm(uow: Any) -> None:
        for statement in (
            "UPDATE score SET points = points + 1 WHERE period = 'all'",
            "DELETE FROM team_score WHERE period = 'all'",
            "UPDATE period_total SET players = 77 WHERE period = 'all'",
            "INSERT INTO seen VALUES (1, 'never', 1, 1, 0)",
            "UPDATE item SET answered = 0",
            "UPDATE player SET streak_days = 99 WHERE id = 1",
        ):
            uow.cursor.raw.execute(statement)

    await store.run(harm)
    found = await store.read(differences)
    assert {one.table for one in found} == {"score", "team_score", "period_total", "seen", "item", "streak"}
    [extra] = [one for one in found if one.table == "seen"]
    assert str(extra) == "seen (1, 'never'): stored (1, 1, 0), counted None"
    await store.run(rebuild)
    assert await store.read(differences) == []


async def test_an_empty_database_has_no_differences(store: SqlStore) -> None:
    await store.run(lambda uow: arrive(uow))
    assert await store.read(differences) == []
    await store.run(rebuild)
