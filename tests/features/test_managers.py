"""Managers, and what they may do."""

from zoneinfo import ZoneInfo

import pytest

from bot.adapters.terminal import render
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


async def named(world: World, ann: Seat, line: str, person: Person) -> str:
    """What Ann hears to a line in which the platform's own picker has named somebody."""
    reply = await world.app.handle(Request("terminal", SPACE, CHANNEL, ann.person, line, people=(person,)))
    assert reply.private is not None
    return render.card(reply.private, ZoneInfo("UTC"))


async def test_somebody_new_whom_the_picker_named_is_made_a_manager(world: World, ann: Seat) -> None:
    await ann.say("/quiz help")
    zed = Person("145607", "zed")
    assert "# zed manages the quiz here now" in await named(world, ann, "/quiz admin manager add 145607", zed)
    assert "# Managers\nzed" in await ann.say("/quiz admin manager list")
    arrived = world.room.join(Person("145607", "Zed Shaw", admin=False), CHANNEL)
    assert "# Managers\nZed Shaw" in await arrived.say("/quiz admin manager list")
    assert "Zed Shaw is a manager already" in await named(world, ann, "/quiz admin manager add 145607", zed)


async def test_somebody_new_whom_the_picker_named_is_put_into_a_team(world: World, ann: Seat) -> None:
    await ann.say("/quiz team create Reds")
    heard = await named(world, ann, "/quiz admin team move 145607 Reds", Person("145607", "Zed"))
    assert "# Zed is in Reds now" in heard


async def test_the_profile_of_somebody_new_says_that_they_have_not_played(world: World, ann: Seat) -> None:
    await ann.say("/quiz help")
    heard = await named(world, ann, "/quiz profile 145607", Person("145607", "Zed"))
    assert "# Zed has not played here yet" in heard
    assert "Whom you mean has not played" in await named(world, ann, "/quiz profile 145607", Person("145607", ""))
    assert "I know nobody called “145608”" in await named(world, ann, "/quiz profile 145608", Person("145607", "Zed"))


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
