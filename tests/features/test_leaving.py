"""A space the bot is taken out of."""

import pytest

from bot.adapters.terminal.adapter import SPACE, Seat, Terminal
from bot.ports import Gone, Post
from tests.features.conftest import World


async def leave(world: World) -> None:
    await world.app.left("terminal", SPACE.external)
    await world.app.work()


async def test_no_daily_comes_after_the_bot_was_taken_out(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await leave(world)
    await world.later(days=2)
    assert "Daily question ·" not in await ann.sees()
    assert "Paused. I was taken out of this space." in await ann.say("/quiz admin daily status")


async def test_who_set_what_stops_is_told_once_by_a_direct_message(world: World, ann: Seat, bo: Seat) -> None:
    for seat in (ann, world.person("Ann", "study"), world.person("Ann", "paused")):
        await seat.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.person("Ann", "paused").say("/quiz admin daily pause")
    await bo.say("/quiz help")
    await leave(world)
    await leave(world)
    seen = await ann.sees()
    assert seen.count("# I was taken out of Terminal\nThe daily question has stopped in #daily and #study.") == 1
    assert "Everything is kept for 30 days." in seen
    assert "taken out" not in await bo.sees()


async def test_where_they_cannot_be_told_it_is_given_up(world: World, ann: Seat) -> None:
    class Away(Terminal):
        """A platform that reaches nobody in spaces it has left."""

        async def send(self, post: Post) -> str:
            tried.append(post.key)
            raise Gone("There is no way to this person.")

    tried: list[str] = []
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    world.app.connect(Away(world.app, world.store, lambda: world.now, "UTC"))
    await leave(world)
    for _ in range(3):
        await world.later(days=1)
    assert len(tried) == 1


async def test_somebody_who_was_forgotten_while_a_reminder_was_due_gets_none(world: World, ann: Seat) -> None:
    await ann.say("/quiz settings reminder=20:00")
    await world.app.run(lambda scope: scope.uow.spaces.erase(1))
    await world.later(days=2)
    assert await world.store.read(lambda uow: uow.due.waiting("settings.remind")) == []


async def test_invited_again_within_thirty_days_everything_is_as_it_was(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await ann.say("/quiz team create Reds")
    await leave(world)
    await world.later(days=29)
    await world.app.joined("terminal", SPACE.external)
    await world.app.work()
    await world.later(hours=2)
    assert "Daily question · 22 December" in await ann.sees()
    assert "Reds" in await ann.say("/quiz team list")


async def test_what_an_admin_has_paused_stays_paused(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await ann.say("/quiz admin daily pause")
    await leave(world)
    await world.app.joined("terminal", SPACE.external)
    await world.app.work()
    assert "Paused." in await ann.say("/quiz admin daily status")


async def test_after_thirty_days_everything_is_forgotten(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(hours=1)
    await ann.press("B")
    await ann.say("/quiz settings reminder=20:00")
    await leave(world)
    await world.later(days=30)
    await world.later(days=1)
    assert await world.store.read(lambda uow: uow.people.space_of("terminal", SPACE.external)) is None
    await world.later(days=2)
    assert "No teams yet" in await ann.say("/quiz team list")


async def test_spaces_the_bot_is_not_in_at_a_start_were_left_meanwhile(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.app.present("terminal", ["elsewhere"], lambda space: True)
    await world.later(days=2)
    assert "Paused. I was taken out of this space." in await ann.say("/quiz admin daily status")


async def test_told_again_and_again_they_are_forgotten_after_thirty_days_from_the_first_time(
    world: World, ann: Seat
) -> None:
    await ann.say("/quiz team create Reds")
    for _ in range(31):
        await world.app.present("terminal", ["elsewhere"], lambda space: True)
        await world.app.work()
        await world.later(days=1)
    assert await world.store.read(lambda uow: uow.people.spaces("terminal")) == []


async def test_spaces_the_bot_is_in_at_a_start_are_joined_again(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await leave(world)
    await world.app.present("terminal", {SPACE.external, "elsewhere"}, lambda space: True)
    await world.app.work()
    await world.later(hours=1)
    assert "Daily question · 23 November" in await ann.sees()
    assert await world.store.read(lambda uow: uow.due.waiting("space.erase")) == []


@pytest.mark.parametrize(
    ("platform", "spaces", "mine"),
    [("terminal", [], True), ("terminal", ["elsewhere"], False), ("discord", ["elsewhere"], True)],
    ids=["an outage", "another shard's", "another platform's"],
)
async def test_a_start_takes_nothing_from_spaces_it_cannot_tell_about(
    world: World, ann: Seat, platform: str, spaces: list[str], mine: bool
) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.app.present(platform, spaces, lambda space: mine)
    await world.later(hours=1)
    assert "Daily question · 23 November" in await ann.sees()


async def test_a_space_nobody_knows_is_left_without_a_trace(world: World) -> None:
    await world.app.left("terminal", "elsewhere")
    await world.app.joined("terminal", "elsewhere")
    await world.app.work()
    assert await world.store.read(lambda uow: uow.people.space_of("terminal", "elsewhere")) is None


async def test_a_space_that_was_used_after_all_is_not_forgotten(world: World, ann: Seat) -> None:
    await ann.say("/quiz team create Reds")
    await leave(world)
    await world.later(days=20)
    await ann.say("/quiz ask storage")
    await world.later(days=10)
    await world.later(days=1)
    assert "Reds" in await ann.say("/quiz team list")


async def test_left_twice_it_is_kept_for_thirty_days_from_the_second_time(world: World, ann: Seat) -> None:
    await ann.say("/quiz team create Reds")
    await leave(world)
    await world.later(days=29)
    await leave(world)
    await world.later(days=3)
    assert "Reds" in await ann.say("/quiz team list")
