"""Pictures of people, where the platform has them."""

import pytest

from bot.adapters.terminal.adapter import CHANNEL, SPACE
from bot.ports import Person, Request
from bot.ui import Call, Image
from tests.features.conftest import World

ADDRESS = "https://example.org/ann.png"


async def portrait(world: World, avatar: str) -> Image | None:
    """What the profile of Ann shows once she came with a picture."""
    request = Request("terminal", SPACE, CHANNEL, Person("ann", "Ann", avatar=avatar), Call("profile"))
    card = (await world.app.handle(request)).private
    assert card is not None
    assert card.title == "Ann"
    return card.portrait


async def test_a_profile_shows_the_newest_picture_and_keeps_it_where_none_is_told(world: World) -> None:
    assert await portrait(world, "") is None
    assert await portrait(world, ADDRESS) == Image(ADDRESS, "Picture of Ann")
    assert await portrait(world, f"{ADDRESS}?new") == Image(f"{ADDRESS}?new", "Picture of Ann")
    assert await portrait(world, "") == Image(f"{ADDRESS}?new", "Picture of Ann")


@pytest.mark.parametrize(
    "address", ["http://example.org/a.png", "javascript:alert(1)", "https://a b", f"{ADDRESS}\x00"]
)
async def test_an_address_that_no_platform_could_show_counts_as_none(world: World, address: str) -> None:
    assert await portrait(world, address) is None
