"""Boards of players and teams, and archived seasons."""

from dataclasses import replace

from bot.engine.leaderboard import Tally, TeamTally, rank
from bot.ports import Archived, UnitOfWork
from bot.store.engine import SqlStore
from tests.store.world import NOW, PERIODS, Room, answer, later, room, solo


async def play(store: SqlStore, home: Room, *scores: tuple[int, int, int]) -> None:
    """A number of answers by player, points and minute each."""

    def give(uow: UnitOfWork) -> None:
        for number, (player, points, minute) in enumerate(scores):
            person = home.players[player]
            opened = uow.rounds.open(solo(home.space, person, f"q{number}"))
            assert opened is not None
            given = answer(opened, person, points=points, right=points > 0, at=later(minutes=minute))
            uow.rounds.record(given, PERIODS)

    await store.run(give)


async def board(store: SqlStore, home: Room, limit: int = 10, offset: int = 0) -> list[Tally]:
    return await store.read(lambda uow: uow.boards.players(home.space.id, "all", limit, offset))


async def test_players_stand_by_points_then_right_answers_then_who_was_first(store: SqlStore) -> None:
    home = await room(store, "ann", "bob", "cleo", "dora")
    await play(store, home, (0, 10, 5), (1, 10, 3), (2, 5, 0), (2, 5, 1), (3, 0, 2))
    tallies = await board(store, home)
    assert [tally.name for tally in tallies] == ["Cleo", "Bob", "Ann", "Dora"]
    assert tallies == sorted(tallies, key=lambda tally: tally.order)
    assert tallies[0] == Tally(home.players[2].id, "Cleo", 10, 2, 2, later(minutes=1))


async def test_a_board_is_read_in_pages(store: SqlStore) -> None:
    home = await room(store, "ann", "bob", "cleo")
    await play(store, home, (0, 30, 0), (1, 20, 0), (2, 10, 0))
    assert [tally.name for tally in await board(store, home, 2)] == ["Ann", "Bob"]
    assert [tally.name for tally in await board(store, home, 2, 2)] == ["Cleo"]


async def test_a_place_counts_who_is_strictly_ahead(store: SqlStore) -> None:
    home = await room(store, "ann", "bob", "cleo", "dora", "emil")
    await play(store, home, (0, 10, 1), (1, 10, 1), (2, 10, 2), (3, 5, 0), (3, 5, 0))
    places = rank(await board(store, home))
    for standing in places:
        place = await store.read(lambda uow, s=standing: uow.boards.place(home.space.id, "all", s.tally.subject))  # type: ignore[misc]
        assert place == standing
    assert [standing.rank for standing in places] == [1, 2, 2, 4]
    nobody = home.players[4].id
    assert await store.read(lambda uow: uow.boards.place(home.space.id, "all", nobody)) is None
    assert await store.read(lambda uow: uow.boards.tally(home.space.id, "all", nobody)) is None
    assert await store.read(lambda uow: uow.boards.ahead(home.space.id, "all", places[3].tally)) == 3


async def test_points_are_reached_when_they_were_last_added_to(store: SqlStore) -> None:
    home = await room(store)
    await play(store, home, (0, 0, 1), (0, 10, 2), (0, 0, 3))
    assert [tally.reached for tally in await board(store, home)] == [later(minutes=2)]


async def test_each_period_has_a_board_of_its_own(store: SqlStore) -> None:
    home = await room(store)
    given = answer(home.daily, home.ann)
    await store.run(lambda uow: uow.rounds.record(given, ("d2026-11-24", "all")))
    assert await store.read(lambda uow: uow.boards.totals(home.space.id, "d2026-11-24")) == (1, 10)
    assert await store.read(lambda uow: uow.boards.totals(home.space.id, "d2026-11-25")) == (0, 0)
    assert await store.read(lambda uow: uow.boards.players(home.space.id, "w2026-48", 10, 0)) == []


async def test_points_stay_with_the_team_they_were_earned_in(store: SqlStore) -> None:
    home = await room(store, "ann", "bob", "cleo")
    reds = await store.run(lambda uow: uow.people.create_team(home.space.id, "Reds", NOW))
    blues = await store.run(lambda uow: uow.people.create_team(home.space.id, "Blues", NOW))
    assert reds
    assert blues

    def enter(uow: UnitOfWork) -> None:
        for player in home.players:
            uow.people.change_team(player.id, reds.id)

    def give(uow: UnitOfWork, number: int, team: int, points: int, minute: int) -> None:
        player = replace(home.ann, team=team)
        opened = uow.rounds.open(solo(home.space, player, f"q{number}"))
        assert opened is not None
        given = answer(opened, player, points=points, right=points > 0, at=later(minutes=minute))
        uow.rounds.record(given, PERIODS)

    await store.run(enter)
    await store.run(lambda uow: give(uow, 1, reds.id, 10, 1))
    await store.run(lambda uow: give(uow, 2, reds.id, 0, 2))
    await store.run(lambda uow: uow.people.change_team(home.ann.id, blues.id))
    await store.run(lambda uow: give(uow, 3, blues.id, 10, 3))
    assert await store.read(lambda uow: uow.boards.teams(home.space.id, "all")) == [
        TeamTally(reds.id, "Reds", 10, 1, 2, 1, 2, later(minutes=1)),
        TeamTally(blues.id, "Blues", 10, 1, 1, 1, 1, later(minutes=3)),
    ]
    assert [tally.points for tally in await board(store, home)] == [20]


async def test_a_season_is_archived_as_it_stood(store: SqlStore) -> None:
    home = await room(store)
    spring = replace(home.space, season_name="Spring")
    players = [
        Archived(1, "Ann", 30, 3, 3, 30.0),
        Archived(2, "Bob", 10, 1, 2, 10.0),
        Archived(2, "Cleo", 10, 1, 2, 10.0),
    ]
    teams = [Archived(1, "Reds", 40, 4, 5, 12.5)]
    await store.run(lambda uow: uow.boards.end_season(spring, players, teams, later(days=90)))
    await store.run(
        lambda uow: uow.boards.end_season(replace(spring, season=2, season_name=""), (), (), later(days=99))
    )
    assert await store.read(lambda uow: uow.boards.seasons(home.space.id)) == [
        (2, "", NOW, later(days=99)),
        (1, "Spring", NOW, later(days=90)),
    ]
    assert await store.read(lambda uow: uow.boards.archived(home.space.id, 1, "players", 2, 0)) == players[:2]
    assert await store.read(lambda uow: uow.boards.archived(home.space.id, 1, "players", 9, 2)) == players[2:]
    assert await store.read(lambda uow: uow.boards.archived(home.space.id, 1, "teams", 9, 0)) == teams
    assert await store.read(lambda uow: uow.boards.archived(home.space.id, 2, "players", 9, 0)) == []
