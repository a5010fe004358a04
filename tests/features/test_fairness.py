"""What must not be told too early, and what must not be taken from anybody."""

import asyncio

import pytest

from bot.adapters.terminal.adapter import Seat
from bot.features.opening import replan
from bot.ports import Gone
from bot.ui import Call
from tests.features.conftest import World
from tests.features.test_delivery import Flaky


async def schedule(seat: Seat, line: str = "09:00 UTC topics=storage") -> None:
    assert "The daily question is set" in await seat.say(f"/quiz admin daily schedule {line}")


@pytest.mark.parametrize("hour", [0, 8, 9, 15])
async def test_the_first_question_stays_open_until_the_next_one_comes(world: World, ann: Seat, hour: int) -> None:
    world.now = world.now.replace(hour=hour, minute=10)
    await world.begin()
    for _ in range(36):
        assert "Nobody has answered" in await ann.say("/quiz daily")
        await world.later(hours=1)


async def test_asking_now_says_when_the_next_question_really_comes(world: World, ann: Seat) -> None:
    await schedule(ann)
    assert "Next: 24 November at 09:00" in await ann.say("/quiz admin daily now")
    await world.later(hours=2)
    assert (await ann.sees()).count("# Daily question ·") == 1


@pytest.mark.parametrize("command", ["/quiz topics", "/quiz profile", "/quiz leaderboard all"])
async def test_nothing_tells_a_verdict_that_comes_at_the_close(world: World, ann: Seat, bo: Seat, command: str) -> None:
    await schedule(ann, "09:00 UTC topics=storage verdict=close")
    await world.later(hours=1)
    await bo.press("B")
    right = await bo.say(command)
    chen = world.person("Chen")
    await chen.press("A")
    assert (await chen.say(command)).replace("Chen", "Bo") == right
    assert "This is not a quiz of yours" in await bo.call(Call.of("play.result", 1))


async def test_practice_opened_before_does_not_give_a_daily_away(world: World, ann: Seat, bo: Seat) -> None:
    await schedule(ann)
    await bo.say("/quiz quiz storage 8")
    await world.later(hours=1)
    heard = [await bo.call(Call.of("play.answer", 1, position, "A")) for position in range(8)]
    assert sum("open as a daily now" in one for one in heard) == 1
    assert sum("Not quite" in one for one in heard) == 7


async def test_two_channels_never_have_the_same_question_open(world: World, ann: Seat) -> None:
    await schedule(ann)
    await schedule(world.person("Ann", "quiz"))
    await world.later(hours=1)
    for _ in range(4):
        await world.later(hours=24)
        here, there = await ann.say("/quiz daily"), await world.person("Ann", "quiz").say("/quiz daily")
        stems = [next(line for line in one.splitlines() if line.startswith("Which")) for one in (here, there)]
        assert stems[0] != stems[1]


async def test_with_more_channels_than_questions_every_channel_still_gets_one(world: World, ann: Seat) -> None:
    rooms = [world.person("Ann", f"room{n}") for n in range(5)]
    for room in rooms:
        await schedule(room, "09:00 UTC topics=streams")
    await world.later(hours=1)
    for room in rooms:
        assert "Nobody has answered" in await room.sees()


async def test_who_answers_every_daily_keeps_the_streak_wherever_the_day_begins(
    world: World, ann: Seat, bo: Seat
) -> None:
    await schedule(ann, "00:00 UTC topics=storage")
    await world.later(hours=16, minutes=10)
    await bo.press("B")
    await world.later(hours=24)
    await bo.press("B")
    await world.later(hours=35)
    assert "Streak 3 days" in await bo.press("B")


async def test_the_dailies_of_a_channel_one_does_not_follow_break_no_streak(world: World, ann: Seat, bo: Seat) -> None:
    await schedule(ann, "09:00 UTC mon-fri topics=storage")
    await schedule(world.person("Ann", "quiz"), "10:00 UTC daily topics=streams")
    for _ in range(4):
        world.now = world.now.replace(hour=9)
        await world.app.work()
        await bo.call(Call.of("play.answer", await newest(world), 0, "B"))
        await world.later(days=1)
    await bo.press("B")
    await world.later(days=3)
    assert "Streak 6 days" in await bo.press("B")


async def newest(world: World) -> int:
    """The id of the newest daily in #daily."""
    rounds = await world.store.read(lambda uow: uow.rounds.open_dailies(1))
    return max(one.id for one in rounds if one.schedule == 1)


async def test_a_daily_nobody_could_see_breaks_no_streak(world: World, ann: Seat, bo: Seat) -> None:
    platform = Flaky()
    world.app.connect(platform)
    await schedule(ann)
    await world.later(hours=1)
    await bo.call(Call.of("play.answer", 1, 0, "B"))
    the_close_of_the_first = [lambda: None]
    platform.script = [*the_close_of_the_first, Gone("I may not send messages here. Give me the right to.")]
    await world.later(days=1)
    await world.later(seconds=1)
    status = await ann.say("/quiz admin daily status")
    assert "Missed 24 November: I may not send messages here" in status
    await ann.say("/quiz admin daily resume")
    await world.later(days=1)
    assert "Streak 2 days" in await bo.call(Call.of("play.answer", await newest(world), 0, "B"))


async def test_a_daily_that_was_taken_back_can_be_asked_again_the_same_day(world: World, ann: Seat) -> None:
    platform = Flaky()
    world.app.connect(platform)
    await schedule(ann)
    platform.script = [Gone("I may not send messages here. Give me the right to.")]
    await world.later(hours=1)
    await world.later(seconds=1)
    await ann.say("/quiz admin daily resume")
    assert "on its way" in await ann.say("/quiz admin daily now")
    await world.later(seconds=1)
    assert platform.shown["daily:2"].title == "Daily question · 23 November"


async def test_a_daily_waits_for_its_platform_and_comes_as_soon_as_it_is_there(world: World, ann: Seat) -> None:
    await schedule(ann)
    room = world.app.platforms.pop("terminal")
    await world.later(hours=1)
    world.app.connect(room)
    await world.app.work()
    assert "# Daily question · 23 November" in await ann.sees()


async def test_changing_the_time_changes_nothing_else(world: World, ann: Seat) -> None:
    await schedule(ann, "09:00 Europe/Berlin mon-fri minutes=480 verdict=close topics=storage")
    changed = await ann.say("/quiz admin daily schedule 10:00")
    assert "10:00, Monday to Friday (Europe/Berlin)" in changed
    assert "8 hours" in changed
    assert "at close" in changed
    assert "demo: storage" in changed
    assert "demo, all topics" in await ann.say("/quiz admin daily schedule 10:00 topics=all")


async def test_a_day_left_out_can_be_asked_after_all(world: World, ann: Seat) -> None:
    await schedule(ann)
    await ann.say("/quiz admin daily skip")
    assert "on its way" in await ann.say("/quiz admin daily now")
    await world.later(hours=2)
    assert "Missed" not in await ann.say("/quiz admin daily status")


async def test_who_has_answered_is_not_reminded(world: World, ann: Seat, bo: Seat) -> None:
    await schedule(ann)
    await world.later(hours=1)
    await bo.press("B")
    await bo.say("/quiz settings reminder=08:30")
    await world.later(hours=23, minutes=30)
    assert "waits for today's answer" not in await bo.sees()


async def test_an_opening_that_a_wrong_clock_put_years_ahead_comes_back(world: World, ann: Seat) -> None:
    right = world.now
    world.now = right.replace(year=2030)
    await schedule(ann)
    world.now = right
    await world.app.run(replan)
    await world.later(hours=1)
    assert "# Daily question · 23 November" in await ann.sees()


async def test_a_posted_join_button_still_joins_after_a_rename(world: World, ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz team create " + "%" * 20 + "ab")
    await ann.say("/quiz team rename Green")
    assert "You are in Green" in await bo.press("Join")


async def test_nobody_is_said_to_pass_a_team_that_had_nothing(world: World, ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz team create Blue")
    await bo.say("/quiz team create Green")
    await schedule(ann)
    await world.later(hours=1)
    await ann.press("A")
    await bo.press("B")
    await world.later(hours=24)
    assert "passes" not in await ann.sees()


async def test_a_team_that_passes_another_is_named(world: World, ann: Seat, bo: Seat) -> None:
    await ann.say("/quiz team create Blue")
    await bo.say("/quiz team create Green")
    for seat, letter in ((ann, "B"), (bo, "B")):
        await seat.say("/quiz ask streams")
        await seat.press(letter)
    await ann.say("/quiz ask streams")
    await ann.press("B")
    await schedule(ann)
    await world.later(hours=1)
    await ann.press("A")
    await bo.press("B")
    await world.later(hours=24)
    assert "Green passes Blue for first place." in await ann.sees()


async def test_a_typo_counts_as_right_in_the_chart_too(world: World, ann: Seat) -> None:
    await schedule(ann, "09:00 UTC topics=terms")
    await world.later(hours=1)
    await ann.press("Type the answer")
    await ann.submit(answer="recognition")
    await world.later(hours=24)
    seen = await ann.sees()
    assert "1 of 1 was right." in seen
    assert "1 (right)" in seen


@pytest.mark.parametrize("text", ["<" * 800, "&" * 800, "@everyone **" * 60])
async def test_what_people_write_never_outgrows_a_card(world: World, ann: Seat, bo: Seat, text: str) -> None:
    await schedule(ann)
    await world.later(hours=1)
    await world.later(hours=24)
    await bo.press("Discuss")
    await bo.submit(text=text)
    await world.later(seconds=1)
    assert "# Bo on the question" in await ann.sees()
    for _ in range(7):
        await bo.say("/quiz ask streams")
        await bo.press("B")
        await bo.press("Something wrong")
        await bo.submit(text=text)
    assert "# Reports" in await ann.say("/quiz admin reports")


async def test_a_channel_shows_its_own_daily_and_never_that_of_another(world: World, ann: Seat) -> None:
    await schedule(ann, "09:00 UTC minutes=60 topics=storage")
    await schedule(world.person("Ann", "secret"), "09:00 UTC topics=streams")
    await world.later(hours=1)
    await world.later(hours=2)
    assert "· closed" in await ann.say("/quiz daily")


async def test_many_people_at_the_close_count_or_are_told(world: World, ann: Seat) -> None:
    await schedule(ann)
    await world.later(hours=1)
    world.now = world.now.replace(day=24)
    people = [world.person(f"P{n}") for n in range(20)]
    work = [person.call(Call.of("play.answer", 1, 0, "B")) for person in people]
    heard, _ = await asyncio.gather(asyncio.gather(*work), world.app.work())
    assert all("Right: B" in one or "has closed" in one for one in heard)
