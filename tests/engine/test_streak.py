"""Streaks: days in a row, freezes, quiet days, and flights over the date line."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.engine.streak import Streak

START = date(2026, 11, 2)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def walk(gaps: list[int], zone: str = "UTC") -> Streak:
    """A streak after answers with so many missed question days before each but the first."""
    streak, day = Streak(), START
    for gap in [0, *gaps]:
        missed = [day + timedelta(days=n) for n in range(gap)]
        day += timedelta(days=gap)
        streak = streak.answered(day, at(day), zone, missed)
        day += timedelta(days=1)
    return streak


def test_the_first_answer_begins_a_streak_of_one() -> None:
    assert walk([]).days == 1


def test_a_second_answer_on_a_day_counts_once() -> None:
    streak = walk([])
    assert streak.answered(START, at(START), "UTC", []) is streak


def test_days_without_a_question_cost_nothing() -> None:
    friday, monday = date(2026, 11, 6), date(2026, 11, 9)
    streak = Streak().answered(friday, at(friday), "UTC", []).answered(monday, at(monday), "UTC", [])
    assert streak.days == 2


def test_a_missed_day_ends_a_streak_without_freezes_and_keeps_the_best() -> None:
    streak = walk([0, 0, 1])
    assert (streak.days, streak.best, streak.freezes) == (1, 3, 0)


def test_seven_days_earn_a_freeze_that_saves_one_missed_day() -> None:
    assert walk([0] * 6).freezes == 1
    saved = walk([0] * 6 + [1])
    assert (saved.days, saved.freezes) == (8, 0)
    assert saved.frozen is not None
    assert saved.last == saved.frozen + timedelta(days=1)
    assert saved.answered(saved.last + timedelta(days=1), at(saved.last), "UTC", []).frozen is None


def test_the_freeze_names_the_day_it_saved_however_long_ago() -> None:
    week = walk([0] * 6)
    assert week.last is not None
    friday, monday = week.last + timedelta(days=1), week.last + timedelta(days=4)
    assert week.answered(monday, at(monday), "UTC", [friday]).frozen == friday


def test_at_most_two_freezes_are_held() -> None:
    assert walk([0] * 29).freezes == 2


def test_more_missed_days_than_freezes_end_the_streak() -> None:
    assert walk([0] * 6 + [2]).days == 1


def test_a_streak_shows_as_broken_once_it_cannot_be_saved() -> None:
    streak = walk([0] * 6)
    assert (streak.alive(0), streak.alive(1), streak.alive(2)) == (7, 7, 0)


def test_flying_east_over_the_date_line_loses_no_day() -> None:
    before = Streak().answered(START, at(START), "Pacific/Honolulu", [])
    skipped = START + timedelta(days=2)
    landed = before.answered(
        skipped, at(START) + timedelta(hours=30), "Pacific/Kiritimati", [START + timedelta(days=1)]
    )
    assert (landed.days, landed.freezes) == (2, 0)


def test_flying_west_over_the_date_line_counts_no_day_twice() -> None:
    before = Streak().answered(START, at(START), "Pacific/Kiritimati", [])
    yesterday = START - timedelta(days=1)
    assert before.answered(yesterday, at(START) + timedelta(hours=3), "Pacific/Honolulu", []).days == 1


@given(st.lists(st.integers(0, 3), max_size=60))
def test_a_streak_is_never_longer_than_the_answers_given_nor_its_freezes_than_two(gaps: list[int]) -> None:
    streak = walk(gaps)
    assert 1 <= streak.days <= len(gaps) + 1
    assert streak.days <= streak.best
    assert 0 <= streak.freezes <= 2
