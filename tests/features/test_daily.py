"""The daily question, from the schedule an admin sets to the card that closes it."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.adapters.terminal import render
from bot.adapters.terminal.adapter import CHANNEL, SPACE, Seat
from bot.ports import Person, Place, Request
from bot.ui import Call
from tests.features.conftest import World


@pytest.fixture
async def open_daily(world: World, ann: Seat) -> World:
    """A channel whose daily has just opened; Ann, who came first, is the admin."""
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(hours=1)
    return world


async def test_a_new_playground_has_its_first_question_at_once_and_only_once(world: World, ann: Seat) -> None:
    await world.begin()
    await world.begin()
    assert (await ann.sees()).count("# Daily question · 23 November") == 1


async def test_the_question_comes_at_its_time_and_not_before(world: World, ann: Seat) -> None:
    assert "Next: 23 November at 09:00" in await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(minutes=59)
    assert "Daily question ·" not in await ann.sees()
    await world.later(minutes=1)
    assert "Nobody has answered · closes 24 November at 09:00" in await ann.sees()


async def test_right_and_wrong_are_told_privately_with_the_reason(open_daily: World, ann: Seat, bo: Seat) -> None:
    right = await ann.press("B")
    assert "# ✓ Right: B" in right
    assert "It comes at the right time." in right
    wrong = await bo.press("A")
    assert "# ✗ Not quite: B" in wrong
    assert "You chose A: It comes too early." in wrong
    assert "Remember: Keep storage-" in wrong
    assert "Source: A book · checked 1 November 2026" in wrong
    assert "Streak 1 day · 0 of 1 right this month" in wrong
    assert "It comes too early" not in await ann.sees()


async def test_the_card_shows_how_many_have_answered_a_few_seconds_later(
    open_daily: World, ann: Seat, bo: Seat
) -> None:
    await ann.press("B")
    await bo.press("A")
    assert "Nobody has answered" in await ann.sees()
    await open_daily.later(seconds=3)
    assert "2 have answered" in await ann.sees()


async def test_a_second_answer_is_refused_kindly(open_daily: World, bo: Seat) -> None:
    await bo.press("A")
    again = await bo.press("B")
    assert "You have answered this one" in again
    assert "Your answer is in since 09:00: A." in again
    assert "# ✗ Not quite: B" in await bo.press("Show my verdict")


async def test_the_question_closes_with_the_answer_the_spread_and_who_was_right(
    open_daily: World, ann: Seat, bo: Seat
) -> None:
    await ann.press("B")
    await bo.press("A")
    await open_daily.person("Chen").press("B")
    question = Call.of("play.answer", 1, 0, "A")
    await open_daily.later(hours=24)
    card = await ann.sees()
    assert "· closed" in card
    assert "Answer: B  the second" in card
    assert "B ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇ 2 (right)" in card
    assert "2 of 3 were right. First: Ann, Chen." in card
    late = await open_daily.person("Dee").call(question)
    assert "a question that has closed\nThe answer was B.\n[Why]" in late
    assert "The rule behind storage-" in await open_daily.person("Dee").press("Why")


async def test_with_the_verdict_at_close_nothing_is_told_and_no_board_moves_before(
    world: World, ann: Seat, bo: Seat
) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage verdict=close")
    await world.later(hours=1)
    told = await bo.press("B")
    assert "Your answer is in" in told
    assert "You answered: B" in told
    assert "Right" not in told
    assert "Nobody has scored this week" in await bo.say("/quiz leaderboard week")
    assert "right" not in (await bo.say("/quiz daily")).casefold()
    await world.later(hours=24)
    assert "10" in await bo.say("/quiz leaderboard season")


async def test_an_order_is_answered_through_its_form(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=orders")
    await world.later(hours=1)
    form = await ann.press("Put in order")
    letters = {line.split("  ")[-1]: line.split()[0] for line in form.splitlines() if line.startswith("  ")}
    refused = await ann.submit(place0=letters["begin"], place1=letters["begin"], place2=letters["end"])
    assert "place1:" in refused
    verdict = await ann.submit(place0=letters["begin"], place1=letters["go on"], place2=letters["end"])
    assert "# ✓ Right" in verdict


async def test_a_typed_answer_forgives_a_typo_and_shows_the_spelling(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=terms")
    await world.later(hours=1)
    await ann.press("Type the answer")
    assert "It is spelt Amazon Rekognition." in await ann.submit(answer="recognition")


async def test_a_daily_survives_a_restart_and_its_old_buttons_still_answer(
    open_daily: World, ann: Seat, bo: Seat
) -> None:
    await ann.press("B")
    await open_daily.restart()
    assert "# ✗ Not quite: B" in await open_daily.person("Bo").press("A")
    await open_daily.later(hours=24)
    assert "1 of 2 were right" in await open_daily.person("Bo").sees()


async def test_a_daily_missed_for_less_than_half_its_time_comes_late(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(hours=12)
    assert "closes 24 November at 09:00" in await ann.sees()


async def test_a_daily_missed_for_longer_is_recorded_and_left_out(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await world.later(hours=14)
    assert "Daily question ·" not in await ann.sees()
    assert "Missed 23 November: the bot was not running" in await ann.say("/quiz admin daily status")
    await world.later(hours=12)
    assert "# Daily question · 24 November" in await ann.sees()


async def test_an_admin_can_pause_resume_skip_and_ask_now(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    assert "Paused" in await ann.say("/quiz admin daily pause")
    await world.later(hours=1)
    assert "Daily question ·" not in await ann.sees()
    assert "Next: 24 November at 09:00" in await ann.say("/quiz admin daily resume")
    await ann.say("/quiz admin daily now")
    await world.app.work()
    assert "# Daily question · 23 November" in await ann.sees()
    assert "Today's question is out already" in await ann.say("/quiz admin daily now")
    assert "Next: 25 November at 09:00" in await ann.say("/quiz admin daily skip")
    await world.later(hours=24)
    assert "# Daily question · 24 November" not in await ann.sees()
    assert "Missed 24 November: left out by an admin" in await ann.say("/quiz admin daily status")


async def test_the_schedule_form_says_what_is_wrong_with_each_input(world: World, ann: Seat) -> None:
    assert "Local time" in await ann.say("/quiz admin daily schedule")
    refused = await ann.submit(time="25:00", zone="Mars/Base", weekdays="daily", minutes="1440", verdict="once")
    assert "time: “25:00” is no time of day" in refused
    assert "zone: I don't know the zone “Mars/Base”" in refused
    saved = await ann.submit(time="7:30", zone="berlin", weekdays="mon-fri", minutes="480", verdict="close")
    assert "07:30, Monday to Friday (Europe/Berlin)" in saved
    assert "8 hours" in saved


async def test_a_schedule_can_be_set_for_another_channel_and_several_topics(world: World, ann: Seat) -> None:
    assert "I don't know a channel “elsewhere”" in await ann.say("/quiz admin daily schedule 09:00 channel=elsewhere")
    await ann.say("/quiz admin daily schedule 09:00 UTC minutes=30")
    elsewhere = world.person("Ann", "quiz")
    saved = await elsewhere.say("/quiz admin daily schedule 10:00 UTC minutes=30 topics='s3, streams' channel=#daily")
    assert "#daily" in saved
    assert "30 minutes" in saved
    assert "storage and streams" in saved


async def test_a_channel_that_is_new_gets_a_schedule_where_the_platforms_picker_named_it(world: World) -> None:
    new = Place("C9", "study-hall")
    line = "/quiz admin daily schedule 09:00 UTC channel=C9"
    asked = Request("terminal", SPACE, CHANNEL, Person("ann", "Ann"), line)
    refused = (await world.app.handle(asked)).private
    assert refused is not None
    assert "I don't know a channel “C9”" in refused.title
    saved = (await world.app.handle(replace(asked, named=(Place("C8", "other"), new)))).private
    assert saved is not None
    assert "#study-hall" in render.card(saved, ZoneInfo("UTC"))
    await world.later(hours=1)
    assert "Daily question · 23 November" in await world.person("Ann", "C9").sees()


async def test_changing_the_time_by_form_keeps_the_topics(world: World, ann: Seat) -> None:
    await ann.say("/quiz admin daily schedule 09:00 UTC topics=storage")
    await ann.say("/quiz admin daily schedule")
    saved = await ann.submit(time="10:00", zone="UTC", weekdays="daily", minutes="1440", verdict="once")
    assert "demo: storage" in saved


async def test_only_admins_may_set_a_schedule(world: World, ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz help")
    assert "is for admins of this space" in await bo.say("/quiz admin daily schedule 09:00")


async def test_the_first_daily_of_a_week_looks_back_on_the_last(open_daily: World, ann: Seat, bo: Seat) -> None:
    await ann.press("B")
    await bo.press("A")
    await open_daily.later(days=1)
    for _ in range(6):
        await open_daily.later(days=1)
    seen = await ann.sees()
    assert seen.count("# Last week") == 1
    assert "2 people took part, over 7 questions." in seen
    assert "Hardest: Which letter is right in storage-" in seen
    assert "(50% of 2 right)" in seen


async def test_no_question_comes_twice_before_the_topic_is_exhausted(open_daily: World, ann: Seat) -> None:
    for _ in range(7):
        await open_daily.later(days=1)
    seen = [line for line in (await ann.sees()).splitlines() if line.startswith("Which letter is right")]
    assert len(seen) == len(set(seen)) == 8


async def test_a_thought_about_a_closed_question_is_posted_for_all(open_daily: World, ann: Seat, bo: Seat) -> None:
    await open_daily.later(hours=23, minutes=59)
    await open_daily.later(minutes=1)
    await bo.press("Discuss")
    assert "Your thought is on its way to #daily" in await bo.submit(text="I would **never** have @guessed.")
    await bo.press("Discuss")
    await bo.submit(text="I would **never** have @guessed.")
    await open_daily.later(seconds=1)
    assert (await ann.sees()).count("# Bo on the question of") == 1


async def test_a_streak_grows_with_the_days_and_a_reminder_saves_it(open_daily: World, bo: Seat) -> None:
    await bo.press("B")
    await bo.say("/quiz settings reminder=20:00")
    await open_daily.later(days=1)
    assert "Streak 2 days" in await bo.press("B")
    await open_daily.later(hours=11)
    assert "waits for today's answer" not in await bo.sees()
    await open_daily.later(hours=13)
    await open_daily.later(hours=11)
    assert "# Your streak of 2 days waits for today's answer" in await bo.sees()
    assert "Your streak" not in await open_daily.person("Ann").sees()


async def test_two_presses_at_once_count_once(open_daily: World, bo: Seat) -> None:
    import asyncio

    other = open_daily.person("Bo")
    await bo.say("/quiz help")
    replies = await asyncio.gather(bo.press("B"), other.press("A"))
    assert sum("You have answered this one" in reply for reply in replies) == 1
    await open_daily.later(seconds=3)
    assert "1 has answered" in await bo.sees()


async def test_the_answer_is_in_no_button_of_an_open_question(open_daily: World, ann: Seat) -> None:
    cards = await open_daily.room.cards("ann", "daily")
    ids = [call.id for _, card in cards if card.title.startswith("Daily question") for call in card.calls]
    assert ids == ["play.answer:1:0:A", "play.answer:1:0:B", "play.answer:1:0:C", "glossary.ask:demo"]


async def test_practice_never_shows_the_question_that_is_open_as_a_daily(open_daily: World, ann: Seat) -> None:
    daily = next(line for line in (await ann.sees()).splitlines() if line.startswith("Which letter"))
    for _ in range(8):
        assert daily not in await ann.say("/quiz ask storage")


async def test_twelve_hours_pass_and_the_clock_change_keeps_local_time(world: World, ann: Seat) -> None:
    world.now = world.now.replace(month=10, day=24, hour=6)
    await ann.say("/quiz admin daily schedule 09:00 Europe/Berlin topics=storage")
    await world.later(hours=1)
    assert "# Daily question · 24 October" in await ann.sees()
    await world.later(hours=24)
    assert "# Daily question · 25 October" not in await ann.sees()
    await world.later(hours=1)
    assert "# Daily question · 25 October" in await ann.sees()
    assert world.now - timedelta(hours=8) == world.now.replace(hour=0)
