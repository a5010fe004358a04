"""Managers, and what they may do."""

import pytest

from bot.adapters.terminal.adapter import CHANNEL, SPACE, Seat
from bot.ports import Person, Request
from bot.ui import Call
from tests.features.conftest import World


@pytest.fixture
async def managed(ann: Seat, bo: Seat) -> None:
    """Ann, who came first, is the admin; Bo is a manager."""
    await ann.say("/quiz help")
    await bo.say("/quiz help")
    assert "# Bo manages the quiz here now" in await ann.say("/quiz admin manager add Bo")


@pytest.mark.usefixtures("managed")
async def test_what_admins_may_do_a_manager_may_do(world: World, ann: Seat, bo: Seat) -> None:
    assert "The daily question is set" in await bo.say("/quiz admin daily schedule 09:00 UTC")
    assert "Settings of this space" in await bo.call(Call("settings.edit_space"))
    assert "/quiz admin manager add" in await bo.say("/quiz help")
    request = Request("terminal", SPACE, CHANNEL, bo.person, "")
    assert "/quiz admin season end" in await world.app.complete(request, "/quiz admin se")
    await world.person("Cy").say("/quiz help")
    assert "Cy manages the quiz here now" in await bo.say("/quiz admin manager add Cy")


@pytest.mark.usefixtures("managed")
async def test_who_is_a_manager_no_longer_may_not(ann: Seat, bo: Seat) -> None:
    assert "# Bo is no manager any more\nThey can play on" in await ann.say("/quiz admin manager remove Bo")
    assert "is for admins of this space" in await bo.say("/quiz admin season end")
    assert "admin" not in await bo.say("/quiz help")
    assert "Bo is no manager" in await ann.say("/quiz admin manager remove Bo")


async def test_nobody_makes_themselves_a_manager(ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz help")
    assert "is for admins of this space" in await bo.say("/quiz admin manager add Bo")


@pytest.mark.usefixtures("managed")
async def test_who_may_manage_already_is_not_made_a_manager(ann: Seat, bo: Seat) -> None:
    assert "Bo is a manager already" in await ann.say("/quiz admin manager add Bo")
    assert "Ann is an admin of this space" in await bo.say("/quiz admin manager add Ann")
    assert "only the platform can change" in await bo.say("/quiz admin manager remove Ann")
    assert "I know nobody called “Zoe”" in await ann.say("/quiz admin manager add Zoe")


async def test_managers_are_listed(ann: Seat, world: World) -> None:
    assert "Nobody yet. Add somebody with" in await ann.say("/quiz admin manager list")
    for name in ("Bo", "Cy", "Al"):
        await world.person(name).say("/quiz help")
        await ann.say(f"/quiz admin manager add {name}")
    assert "# Managers\nAl, Bo and Cy" in await ann.say("/quiz admin manager list")


async def test_a_manager_stays_one_whatever_the_platform_says_of_them(world: World, ann: Seat) -> None:
    await ann.say("/quiz help")
    await world.room.join(Person("dee", "Dee", admin=False), CHANNEL).say("/quiz help")
    await ann.say("/quiz admin manager add Dee")
    await world.room.join(Person("dee", "Dee", admin=True), CHANNEL).say("/quiz help")
    later = world.room.join(Person("dee", "Delia", admin=False), CHANNEL)
    assert "# Managers\nDelia" in await later.say("/quiz admin manager list")


async def test_a_manager_who_became_an_admin_is_told_apart(world: World, ann: Seat) -> None:
    await ann.say("/quiz help")
    await world.person("Bo").say("/quiz help")
    await ann.say("/quiz admin manager add Bo")
    await world.room.join(Person("bo", "Bo", admin=True), CHANNEL).say("/quiz help")
    assert "As an admin of this space they may still do it all" in await ann.say("/quiz admin manager remove Bo")
