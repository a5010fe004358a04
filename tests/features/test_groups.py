"""Teams bound to groups of the platform."""

import pytest

from bot.adapters.terminal.adapter import CHANNEL, SPACE, Seat
from bot.ports import Person
from tests.features.conftest import World


@pytest.fixture
async def cat(world: World, ann: Seat) -> Seat:
    """Somebody in the groups g1 and g2, where Ann, an admin, has made the teams Reds and Blues."""
    await ann.say("/quiz team create Reds")
    await ann.say("/quiz team create Blues")
    return world.room.join(Person("cat", "Cat", groups=("g1", "g2")), CHANNEL)


def with_groups(world: World, *groups: str) -> Seat:
    """Cat, once they have other groups."""
    return world.room.join(Person("cat", "Cat", groups=groups), CHANNEL)


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


async def test_a_team_that_comes_with_a_group_can_neither_be_left_nor_changed_for_another(ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g1")
    refused = "# Reds comes with a role that you have\nAsk whoever gives out roles here"
    assert refused in await cat.say("/quiz team leave")
    assert refused in await cat.say("/quiz team join Blues")
    assert "# Reds" in await cat.say("/quiz team show")


async def test_who_makes_a_team_stays_in_the_one_that_comes_with_a_group(ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g1")
    made = await cat.say("/quiz team create Greens")
    assert "# Cat made the team Greens\nCat stays in Reds, which comes with a role." in made
    assert "# Reds" in await cat.say("/quiz team show")
    assert "You are in Greens" in await ann.press("Join")


async def test_who_has_the_group_no_longer_is_out_of_the_team_with_the_next_thing_they_do(
    world: World, ann: Seat, cat: Seat
) -> None:
    await ann.say("/quiz admin team bind Reds g1")
    assert "# Reds" in await cat.say("/quiz team show")
    assert "You are in no team" in await with_groups(world, "g2").say("/quiz team show")
    await cat.say("/quiz help")
    await with_groups(world).say("/quiz ask storage")
    assert "Nobody is in it now" in await ann.say("/quiz team show Reds")


async def test_who_swaps_one_group_for_another_changes_teams(world: World, ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g1")
    await ann.say("/quiz admin team bind Blues g3")
    assert "# Reds" in await cat.say("/quiz team show")
    assert "# Blues" in await with_groups(world, "g3").say("/quiz team show")


async def test_nobody_is_thrown_out_while_their_groups_cannot_be_told(world: World, ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g1")
    await cat.say("/quiz help")
    unknown = world.room.join(Person("cat", "Cat", groups=None), CHANNEL)
    assert "# Reds" in await unknown.say("/quiz team show")
    await ann.say("/quiz admin team bind Blues g3")
    assert "which roles you have I cannot tell now" in await unknown.say("/quiz team join Blues")
    assert "Reds comes with a role that you have" in await unknown.say("/quiz team leave")


async def test_a_team_without_a_group_is_left_alone(world: World, ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g3")
    await cat.say("/quiz team join Blues")
    assert "# Blues" in await with_groups(world).say("/quiz team show")


async def test_nobody_enters_a_team_that_comes_with_a_group_in_another_way(ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz team create Reds")
    assert "[Join]" in await bo.say("/quiz team show Reds")
    await ann.say("/quiz admin team bind Reds g1")
    assert "Reds comes with a role that you do not have" in await bo.say("/quiz team join Reds")
    assert "[Join]" not in await bo.say("/quiz team show Reds")
    assert "who has it is in the team, and nobody else" in await ann.say("/quiz admin team move Bo Reds")


async def test_nobody_is_moved_out_of_a_team_that_comes_with_a_group(ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g1")
    await cat.say("/quiz help")
    assert "Reds comes with a role" in await ann.say("/quiz admin team move Cat Blues")


async def test_who_moves_somebody_is_told_that_a_group_may_take_them_back(ann: Seat, cat: Seat) -> None:
    await cat.say("/quiz help")
    await ann.say("/quiz team create Greens")
    assert "takes them back" not in await ann.say("/quiz admin team move Cat Blues")
    await ann.say("/quiz admin team bind Reds g1")
    assert "that one takes them back" in await ann.say("/quiz admin team move Cat Greens")
    assert "# Reds" in await cat.say("/quiz team show")


async def test_a_group_that_everybody_has_is_bound_to_no_team(ann: Seat) -> None:
    await ann.say("/quiz team create Reds")
    assert "Everybody has this role" in await ann.say(f"/quiz admin team bind Reds {SPACE.external}")
    assert "is bound to no role" in await ann.say("/quiz admin team unbind Reds")


async def test_a_team_can_be_freed_of_its_groups(ann: Seat, cat: Seat) -> None:
    await ann.say("/quiz admin team bind Reds g1")
    assert "free of roles" in await ann.say("/quiz admin team unbind Reds")
    assert "is bound to no role" in await ann.say("/quiz admin team unbind Reds")
    await cat.say("/quiz team leave")
    assert "You are in no team" in await cat.say("/quiz team show")


async def test_only_admins_bind_and_only_teams_there_are(ann: Seat, cat: Seat) -> None:
    assert "is for admins" in await cat.say("/quiz admin team bind Reds g1")
    assert "There is no team “Greens”" in await ann.say("/quiz admin team bind Greens g1")
