"""The card that says where somebody stands."""

from zoneinfo import ZoneInfo

import pytest

from bot.adapters.terminal import render
from bot.adapters.terminal.adapter import SPACE, Seat
from bot.ports import Request
from bot.ui import Call
from tests.features.conftest import World


async def at_home(world: World, seat: Seat, what: Call = Call("home")) -> str:  # noqa: B008 - it is frozen
    """What somebody hears outside all channels."""
    reply = await world.app.handle(Request("terminal", SPACE, None, seat.person, what))
    assert reply.private is not None
    return render.card(reply.private, ZoneInfo("UTC"))


async def score(seat: Seat, times: int) -> None:
    for _ in range(times):
        await seat.say("/quiz ask storage")
        await seat.press("B")


async def test_somebody_new_in_a_space_without_anything_is_told_how_to_begin(world: World, ann: Seat, bo: Seat) -> None:
    heard = await at_home(world, ann)
    assert heard.startswith("# Where you stand\nNo channel here has a daily question yet. Set one up with")
    assert "none yet; a daily question starts it" in heard
    assert "no points yet" in heard
    assert "none yet; see /quiz team list" in heard
    assert "An admin sets one up with" in await at_home(world, bo)


async def test_the_open_question_leads_to_itself_until_it_is_answered(world: World, ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(hours=1)
    heard = await bo.say("/quiz home")
    assert "Today's question waits for your answer until 24 November at 09:00." in heard
    assert "[Answer it] [One question] [Leaderboard]" in heard
    assert "# Daily question · 23 November" in await bo.press("Answer it")
    await bo.press("A")
    heard = await bo.say("/quiz home")
    assert "You have answered today's question. It closes 24 November at 09:00." in heard
    assert "[Today's question] [One question] [Leaderboard]\n[Topics] [Profile] [Settings]" in heard
    assert "1 day, best 1" in heard


async def test_of_several_open_questions_the_unanswered_ones_wait(world: World, ann: Seat) -> None:
    other = world.person("Ann", "study")
    for seat, topic in ((ann, "storage"), (other, "streams")):
        await seat.say(f"/quiz admin daily schedule 09:00 UTC topics={topic}")
    await world.later(hours=1)
    await ann.press("A")
    await other.press("A")
    await world.later(days=1)
    assert "1 more question will follow." in await at_home(world, ann)
    await ann.press("A")
    heard = await at_home(world, ann)
    assert "waits for your answer" in heard
    assert "will follow" not in heard


@pytest.fixture
async def secret(world: World, ann: Seat) -> World:
    """A channel that not everybody can see, with a daily open; Ann, an admin, has set it up."""
    await world.person("Ann", "layoffs").say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(hours=1)
    return world


ELSEWHERE = "The daily question comes in channels. Type /quiz daily in the one where you see it."


@pytest.mark.parametrize("route", ["home", "daily", "leaderboard", "help", "profile", "settings", "topics"])
async def test_who_may_not_see_a_channel_hears_neither_its_name_nor_its_question(
    secret: World, bo: Seat, route: str
) -> None:
    for heard in (await bo.say(f"/quiz {route}"), await at_home(secret, bo, Call(route))):
        assert "layoffs" not in heard
        assert "Which letter" not in heard
        assert "24 November" not in heard
        assert (ELSEWHERE in heard) == (route in ("home", "daily"))


async def test_outside_channels_people_see_the_daily_they_have_answered_before(secret: World, bo: Seat) -> None:
    there = secret.person("Bo", "layoffs")
    assert "Today's question waits" in await there.say("/quiz home")
    assert ELSEWHERE in await at_home(secret, bo)
    await there.press("Answer it")
    await there.press("B")
    assert "You have answered this one" in await at_home(secret, bo, Call("daily"))
    await secret.later(days=1)
    assert "Today's question waits" in await at_home(secret, bo)
    assert "# Daily question · 24 November" in await at_home(secret, bo, Call("daily"))
    assert "# Daily question · 24 November" in await bo.say("/quiz daily")


async def test_nobody_is_reminded_of_a_question_of_a_channel_they_may_not_see(secret: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC minutes=30 topics=streams")
    bo = secret.person("Bo")
    await secret.later(days=1)
    await bo.press("A")
    await bo.say("/quiz settings reminder=20:00")
    await secret.later(days=1, hours=11)
    assert "waits for today's answer" not in await bo.sees()


async def test_names_of_channels_are_suggested_to_admins_only(secret: World, ann: Seat, bo: Seat) -> None:
    await bo.say("/quiz help")
    line = "/quiz admin daily schedule 09:00 channel=lay"
    for seat, offered in ((ann, [line + "offs"]), (bo, [])):
        request = Request("terminal", SPACE, seat.channel, seat.person, "")
        assert await secret.app.complete(request, line) == offered


@pytest.mark.parametrize("route", ["home", "daily", "ask", "leaderboard", "topics", "profile", "settings"])
async def test_all_that_home_leads_to_works_outside_channels(world: World, ann: Seat, route: str) -> None:
    await world.begin()
    assert "This works in a channel" not in await at_home(world, ann, Call(route))


async def test_standing_team_and_reminder_are_shown(world: World, ann: Seat, bo: Seat) -> None:
    await score(ann, 3)
    await score(bo, 1)
    await bo.say("/quiz team create Reds")
    await bo.say("/quiz settings reminder=20:00")
    heard = await bo.say("/quiz home")
    assert "rank 2 of 2 with 1 point" in heard
    assert "Reds" in heard
    assert "20:00, when a question is still open" in heard


async def test_between_questions_it_says_when_the_next_one_comes_or_that_none_does(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC minutes=30")
    assert "The next one comes 23 November at 09:00." in await ann.say("/quiz home")
    await ann.say("/quiz admin daily pause")
    assert "is paused here" in await ann.say("/quiz home")


async def test_a_daily_that_is_none_of_this_space_is_not_shown(world: World, ann: Seat) -> None:
    await ann.say("/quiz ask storage")
    for round in (1, 99):
        assert "I don't know this question any more" in await ann.call(Call.of("daily.show", round))
