"""Seasons that end while people answer, and what is refused, through the application on both databases."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.features import play
from bot.ports import Archived, Space, UnitOfWork
from bot.store.engine import SqlStore
from bot.store.people import SqlPeople
from tests.features.conftest import World
from tests.store.world import NOW, answer, later, periods, request, room


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    made = World(url)
    yield made
    await made.store.close()


class Pause:
    """A function that waits, the first time it is called, until it is let go on."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._reached, self._go = threading.Event(), threading.Event()

    def __call__(self, *args: Any) -> Any:
        self._reached.set()
        self._go.wait(10)
        return self._real(*args)

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._reached.wait, 10)

    async def go(self) -> None:
        """Let it go on, once others have had time to come as far as they can."""
        await asyncio.sleep(0.2)
        self._go.set()


async def score(world: World, name: str) -> None:
    seat = world.person(name)
    await seat.say("/quiz ask storage")
    await seat.press("B")


def home_of(uow: UnitOfWork) -> Space:
    found = uow.people.space_of("terminal", "terminal")
    assert found is not None
    return found


async def archived(world: World, season: int) -> list[Archived]:
    return await world.store.read(lambda uow: uow.boards.archived(home_of(uow).id, season, "players", 9, 0))


async def seasons(world: World) -> tuple[int, list[int]]:
    """The season that runs, and those that have ended."""

    def numbers(uow: UnitOfWork) -> tuple[int, list[int]]:
        home = home_of(uow)
        return home.season, [number for number, *_ in uow.boards.seasons(home.id)]

    return await world.store.read(numbers)


# ---- at the same time


async def test_of_several_who_end_a_season_at_once_only_one_does(store: SqlStore) -> None:
    home = await room(store)

    def end(uow: UnitOfWork) -> bool:
        done = uow.people.change_season(replace(home.space, season=2), 1)
        if done:
            uow.boards.end_season(home.space, (), (), later(days=1))
        return done

    assert sorted(await asyncio.gather(*[store.run(end) for _ in range(4)])) == [False, False, False, True]
    assert [number for number, *_ in await store.read(lambda uow: uow.boards.seasons(home.space.id))] == [1]


async def test_a_season_that_ends_waits_for_answers_being_given(store: SqlStore) -> None:
    home = await room(store)
    pause = Pause(periods)

    def give(uow: UnitOfWork) -> None:
        found = uow.people.find(request())
        assert found is not None
        uow.rounds.record(answer(home.daily, found[1]), pause(found[0], NOW))

    def end(uow: UnitOfWork) -> tuple[int, int]:
        assert uow.people.change_season(replace(home.space, season=2), 1)
        return uow.boards.totals(home.space.id, "s1")

    giving = asyncio.ensure_future(store.run(give))
    await pause.reached()
    ending = asyncio.ensure_future(store.run(end))
    await pause.go()
    await giving
    assert await ending == (1, 10)


async def test_who_answers_while_a_season_ends_answers_in_the_next(store: SqlStore) -> None:
    home = await room(store)
    pause = Pause(lambda: None)

    def end(uow: UnitOfWork) -> None:
        assert uow.people.change_season(replace(home.space, season=2), 1)
        pause()

    def find(uow: UnitOfWork) -> int:
        found = uow.people.find(request())
        assert found is not None
        return found[0].season

    ending = asyncio.ensure_future(store.run(end))
    await pause.reached()
    finding = asyncio.ensure_future(store.run(find))
    await pause.go()
    await ending
    assert await finding == 2


async def test_an_answer_in_flight_is_in_the_final_table(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bo = world.person("Ann"), world.person("Bo")
    await score(world, "Ann")
    await bo.say("/quiz ask storage")
    pause = Pause(play._submission)
    monkeypatch.setattr(play, "_submission", pause)
    answering = asyncio.ensure_future(bo.press("B"))
    await pause.reached()
    ending = asyncio.ensure_future(ann.say("/quiz admin season end"))
    await pause.go()
    await answering
    assert "# Season 1 has ended" in await ending
    assert sorted(row.name for row in await archived(world, 1)) == ["Ann", "Bo"]


# ---- what is refused


async def test_a_season_that_ended_is_not_ended_again_before_somebody_scores(world: World) -> None:
    ann = world.person("Ann")
    assert "Nobody has scored in Season 1 yet" in await ann.say("/quiz admin season end")
    await score(world, "Ann")
    assert "# Season 1 has ended" in await ann.say("/quiz admin season end")
    assert "Nobody has scored in Season 2 yet" in await ann.say("/quiz admin season end")
    assert await seasons(world) == (2, [1])


async def test_a_season_does_not_end_under_a_daily_whose_verdict_comes_at_its_close(world: World) -> None:
    ann, bo = world.person("Ann"), world.person("Bo")
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage verdict=close minutes=60")
    await score(world, "Ann")
    await world.later(hours=1)
    await bo.press("B")
    for line in ("/quiz admin season end", "/quiz admin season start Winter"):
        refused = await ann.say(line)
        assert "# A daily whose verdict comes at its close is still open until 23 November at 10:00" in refused
        assert "End the season after that" in refused
    assert await seasons(world) == (1, [])
    await world.later(hours=1)
    assert "Winter begins" in await ann.say("/quiz admin season start Winter")
    assert sorted(row.name for row in await archived(world, 1)) == ["Ann", "Bo"]
    assert "this season" in await ann.say("/quiz leaderboard season")


async def test_a_season_with_no_points_is_named_under_such_a_daily(world: World) -> None:
    ann, bo = world.person("Ann"), world.person("Bo")
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage verdict=close minutes=60")
    await world.later(hours=1)
    await bo.press("B")
    assert "Winter begins" in await ann.say("/quiz admin season start Winter")
    await world.later(hours=1)
    assert "this season · Winter" in await ann.say("/quiz leaderboard season")
    assert await seasons(world) == (1, [])


async def test_a_season_ends_under_a_daily_whose_verdict_comes_at_once(world: World) -> None:
    ann, bo = world.person("Ann"), world.person("Bo")
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(hours=1)
    await bo.press("B")
    assert "# Season 1 has ended" in await ann.say("/quiz admin season end")
    await ann.press("B")
    assert [row.name for row in await archived(world, 1)] == ["Bo"]
    board = await world.store.read(lambda uow: uow.boards.players(home_of(uow).id, "s2", 9, 0))
    assert [tally.name for tally in board] == ["Ann"]


async def test_who_comes_too_late_to_end_a_season_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await score(world, "Ann")
    monkeypatch.setattr(SqlPeople, "change_season", lambda *args: False)
    for line in ("/quiz admin season end", "/quiz admin season start Winter"):
        assert "Somebody else has just begun another season" in await world.person("Ann").say(line)
    assert await seasons(world) == (1, [])
