"""Asking for the time zone of somebody whose platform does not tell it."""

from bot.ports import Person, Place
from tests.features.conftest import World


async def daily(world: World) -> None:
    await world.person("Admin").say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(hours=1)


async def test_the_first_daily_offers_to_set_the_zone_and_later_ones_do_not(world: World) -> None:
    ann = world.person("Ann")
    await daily(world)
    assert "[Set my time zone]" in await ann.press("B")
    assert "# Your settings" in await ann.press("Set my time zone")
    await world.later(days=1)
    assert "[Set my time zone]" not in await ann.press("B")


async def test_who_has_a_zone_is_not_asked(world: World) -> None:
    bo = world.room.join(Person("bo", "Bo", zone="Europe/Berlin"), Place("daily", "daily"))
    await daily(world)
    assert "[Set my time zone]" not in await bo.press("B")


async def test_practice_does_not_ask(world: World) -> None:
    ann = world.person("Ann")
    await ann.say("/quiz ask storage")
    assert "[Set my time zone]" not in await ann.press("B")
