"""Teams bound to groups of the platform."""

import pytest

from bot.adapters.terminal.adapter import CHANNEL, Seat
from bot.ports import Person
from tests.features.conftest import World


@pytest.fixture
async def cat(world: World, ann: Seat) -> Seat:
    """Somebody in the groups g1 and g2, where Ann, an admin, has made the teams Reds and Blues."""
    await ann.say("/quiz team create Reds")
    await ann.say("/quiz team create Blues")
    return world.room.join(Person("cat", "Cat", groups=("g1", "g2")), CHANNEL)


async def test_whoever_has_the_group_is_in_the_team_from_the_next_thing_they_do(ann: Seat, cat: Seat) -> None:
    assert "You are in no team" in await cat.say("/quiz team show")
    assert "# Reds is bound to a role" in await ann.say("/quiz admin team bind Reds g1")
    assert "# Reds\n1 member: Cat" in await cat.say("/quiz team show")


async def test_somebody_new_is_in_the_team_from_the_first(ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g2")
    await cat.say("/quiz ask storage")
    await cat.press("B")
    assert "Reds" in await ann.say("/quiz leaderboard week teams")


async def test_who_is_in_one_of_several_bound_teams_stays_there(ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g1")
    await ann.say("/quiz admin team bind Blues g2")
    assert "# Reds" in await cat.say("/quiz team show")
    await cat.say("/quiz team join Blues")
    assert "# Blues" in await cat.say("/quiz team show")


async def test_who_leaves_a_bound_team_is_back_in_it(ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g1")
    await cat.say("/quiz team leave")
    assert "# Reds" in await cat.say("/quiz team show")


async def test_a_team_can_be_freed_of_its_groups(ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g1")
    assert "free of roles" in await ann.say("/quiz admin team unbind Reds")
    assert "is bound to no role" in await ann.say("/quiz admin team unbind Reds")
    await cat.say("/quiz team leave")
    assert "You are in no team" in await cat.say("/quiz team show")


async def test_only_admins_bind_and_only_teams_there_are(ann: Seat, cat: Seat) -> None:
    assert "is for admins" in await cat.say("/quiz admin team bind Reds g1")
    assert "There is no team “Greens”" in await ann.say("/quiz admin team bind Greens g1")
