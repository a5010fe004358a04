"""Days, zones and both clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.calendar import (
    Recurrence,
    clock,
    instant,
    known_zone,
    learner_day,
    periods,
    say_weekdays,
    weekdays,
    zone,
    zone_names,
)
from bot.engine.errors import QuizError

BERLIN, NEW_YORK, LORD_HOWE = zone("Europe/Berlin"), zone("America/New_York"), zone("Australia/Lord_Howe")
MOMENTS = st.integers(1_577_836_800, 2_051_222_400).map(lambda second: datetime.fromtimestamp(second, UTC))
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati", "Asia/Kolkata"]
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def test_nine_in_the_morning_stays_nine_over_both_clock_changes() -> None:
    assert instant(date(2026, 10, 24), time(9), BERLIN) == utc(2026, 10, 24, 7)
    assert instant(date(2026, 10, 25), time(9), BERLIN) == utc(2026, 10, 25, 8)
    assert instant(date(2027, 3, 28), time(9), BERLIN) == utc(2027, 3, 28, 7)


def test_a_time_shown_twice_happens_the_first_time_only() -> None:
    rule = Recurrence(time(1, 30), NEW_YORK)
    found = list(islice(rule.occurrences(date(2026, 10, 31)), 3))
    assert [at for _, at in found] == [utc(2026, 10, 31, 5, 30), utc(2026, 11, 1, 5, 30), utc(2026, 11, 2, 6, 30)]
    assert rule.after(utc(2026, 11, 1, 5, 30)) == found[2]


def test_a_time_the_clock_skips_happens_as_much_later() -> None:
    assert instant(date(2027, 3, 14), time(2, 30), NEW_YORK) == utc(2027, 3, 14, 7, 30)
    assert instant(date(2026, 10, 4), time(2, 10), LORD_HOWE) == utc(2026, 10, 3, 15, 40)


@given(ZONES, st.times(), MOMENTS)
def test_the_next_occurrence_is_later_and_at_most_a_day_away(name: str, at: time, moment: datetime) -> None:
    rule = Recurrence(at.replace(second=0, microsecond=0), zone(name))
    day, following = rule.after(moment)
    assert moment < following <= moment + timedelta(hours=25, minutes=30)
    latest = rule.latest(moment)
    assert latest[1] <= moment
    assert latest[0] < day


@given(ZONES, MOMENTS)
def test_following_a_recurrence_visits_every_weekday_once(name: str, moment: datetime) -> None:
    rule = Recurrence(time(2, 30), zone(name), "0245")
    at, days = moment, []
    for _ in range(8):
        day, at = rule.after(at)
        days.append(day)
    assert len(set(days)) == 8
    assert {day.weekday() for day in days} == {0, 2, 4, 5}


def test_the_night_until_four_belongs_to_the_day_before() -> None:
    assert learner_day(utc(2026, 11, 24, 2, 59, 59), BERLIN) == date(2026, 11, 23)
    assert learner_day(utc(2026, 11, 24, 3), BERLIN) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("9", time(9)), ("09:30", time(9, 30)), ("9.05", time(9, 5)), ("9pm", time(21)), ("12 am", time(0))],
)
def test_times_are_read_as_people_write_them(typed: str, read: time) -> None:
    assert clock(typed) == read


@pytest.mark.parametrize("typed", ["", "25", "9:60", "noon", "9:00:00", "-1"])
def test_what_is_no_time_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(QuizError, match="Write it like 09:00"):
        clock(typed)


@pytest.mark.parametrize(
    ("typed", "digits", "said"),
    [
        ("daily", "0123456", "every day"),
        ("mon-fri", "01234", "Monday to Friday"),
        ("weekdays", "01234", "Monday to Friday"),
        ("fri-mon", "0456", "Mon, Fri, Sat, Sun"),
        ("Tuesday, thu", "13", "Tue, Thu"),
    ],
)
def test_weekdays_are_read_and_said(typed: str, digits: str, said: str) -> None:
    assert weekdays(typed) == digits
    assert say_weekdays(digits) == said


@pytest.mark.parametrize("typed", ["", "someday", "mon-", "mon-tue-wed"])
def test_what_names_no_weekdays_is_refused(typed: str) -> None:
    with pytest.raises(QuizError, match="mon-fri"):
        weekdays(typed)


def test_zones_are_found_in_any_case_and_by_city() -> None:
    assert zone("europe/berlin").key == zone("Berlin").key == "Europe/Berlin"
    assert zone("new york").key == "America/New_York"
    assert "Asia/Tokyo" in zone_names("tok")


@pytest.mark.parametrize("name", ["CET", "EST", "Japan", "Etc/GMT+3", "UTC"])
def test_every_zone_of_the_database_is_known(name: str) -> None:
    assert zone(name).key == known_zone(name.casefold()) == name


@pytest.mark.parametrize("name", ["", "Mars/Base", "Berlin", "../etc"])
def test_a_name_that_is_no_zone_counts_as_none(name: str) -> None:
    assert known_zone(name) == ""


def test_an_unknown_zone_is_refused_with_the_nearest() -> None:
    with pytest.raises(QuizError, match="Did you mean Europe/Berlin"):
        zone("Europ/Berln")


def test_board_periods_change_at_local_midnight_and_iso_weeks() -> None:
    late = utc(2027, 1, 3, 23, 30)
    assert periods(late, zone("UTC"), 4)["week"] == "w2026-53"
    assert periods(late, BERLIN, 4) == {
        "today": "d2027-01-04",
        "week": "w2027-01",
        "month": "m2027-01",
        "season": "s4",
        "all": "all",
    }
