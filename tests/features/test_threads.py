"""Threads for discussion, which only some platforms have."""

from bot.adapters.terminal.adapter import Seat
from bot.ports import Post
from tests.features.conftest import World


async def test_a_daily_asks_for_a_thread_where_an_admin_wants_it(world: World, ann: Seat) -> None:
    told: list[Post] = []
    world.room.told = told.append
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    assert "Thread     one under each question" in await ann.say("/quiz admin daily thread yes")
    await ann.say("/quiz admin daily schedule 09:30 UTC topics=storage")
    await world.later(hours=2)
    await ann.say("/quiz admin daily thread no")
    await world.later(days=1)
    opened = {post.key: post.thread for post in told if not post.receipt}
    assert opened == {"daily:1": "Discussion · 23 November", "daily:2": ""}


async def test_a_terminal_shows_the_daily_without_a_thread(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await ann.say("/quiz admin daily thread yes")
    await world.later(hours=1)
    assert "# Daily question · 23 November" in await ann.sees()
