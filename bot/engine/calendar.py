"""Days, zones and clock changes. Instants are aware datetimes in UTC; days are dates in somebody's zone."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo, available_timezones

from bot.engine.errors import QuizError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ROLLOVER = timedelta(hours=4)
"""A learner's day ends at four in the morning, so that a late evening is not a missed day."""

_DAY = "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
CLOCK = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?"
DAYS = rf"daily|weekdays|every day|{_DAY}(?:[-,\s]+{_DAY})*"
"""How a time of day and weekdays look when they are typed."""


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def zone(name: str) -> ZoneInfo:
    """The IANA zone called `name`, in any case, or with a city alone; refuses with the nearest names."""
    wanted = name.strip().replace(" ", "_").casefold()
    zones = _zones()
    if wanted in zones:
        return ZoneInfo(zones[wanted])
    cities = [full for low, full in zones.items() if low.rpartition("/")[2] == wanted]
    if len(cities) == 1:
        return ZoneInfo(cities[0])
    near = [zones[low] for low in difflib.get_close_matches(wanted, zones, n=3, cutoff=0.6)]
    hint = (
        f"Did you mean {' or '.join(cities or near)}?"
        if cities or near
        else "Try Europe/Berlin, America/New_York or UTC."
    )
    raise QuizError(f"I don't know the zone “{name.strip()[:40]}”. {hint}")


def known_zone(name: str) -> str:
    """`name` where it is that of an IANA zone, otherwise empty."""
    return _zones().get(name.casefold(), "")


def zone_names(typed: str, limit: int = 25) -> list[str]:
    """Zone names that contain what was typed."""
    wanted = typed.strip().replace(" ", "_").casefold()
    return sorted(full for low, full in _zones().items() if wanted in low)[:limit]


def clock(text: str) -> time:
    """A time of day from `9`, `9:00`, `09.30` or `9pm`."""
    found = re.fullmatch(CLOCK, text.strip().casefold())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if found and found[3]:
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    if hour > 23 or minute > 59:
        raise QuizError(f"“{text.strip()[:20]}” is no time of day. Write it like 09:00.")
    return time(hour, minute)


def weekdays(text: str) -> str:
    """Weekdays from `daily`, `weekdays`, `mon-fri` or `mon,wed,fri`, as digits 0 (Monday) to 6, in order."""
    words = text.casefold().replace("weekdays", "mon-fri").replace("daily", "mon-sun").replace("every day", "mon-sun")
    days: set[int] = set()
    for part in re.split(r"[\s,]+", words.strip()):
        ends = [WEEKDAYS.index(end[:3]) if end[:3] in WEEKDAYS else -1 for end in part.split("-")]
        if -1 in ends or len(ends) > 2:
            raise QuizError(f"“{text.strip()[:30]}” names no weekdays. Write mon-fri, daily, or mon,wed,fri.")
        first, last = ends[0], ends[-1]
        days |= {(first + n) % 7 for n in range((last - first) % 7 + 1)}
    return "".join(map(str, sorted(days)))


def say_weekdays(digits: str) -> str:
    """Weekday digits in words."""
    known = {"0123456": "every day", "01234": "Monday to Friday", "56": "Saturday and Sunday"}
    return known.get(digits) or ", ".join(WEEKDAYS[int(digit)].capitalize() for digit in digits)


def local_day(at: datetime, where: ZoneInfo) -> date:
    """The calendar date at an instant."""
    return at.astimezone(where).date()


def learner_day(at: datetime, where: ZoneInfo) -> date:
    """The date a learner's answer counts for: the local date, the night until `ROLLOVER` counting back."""
    return (at.astimezone(where).replace(tzinfo=None) - ROLLOVER).date()


def instant(day: date, at: time, where: ZoneInfo) -> datetime:
    """When the wall clock shows `at` on `day`: the first time if it shows it twice; if it skips it, as much later."""
    return datetime.combine(day, at, where).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every given weekday at a wall-clock time in a zone."""

    at: time
    zone: ZoneInfo
    weekdays: str = "0123456"

    def occurrences(self, first: date) -> Iterator[tuple[date, datetime]]:
        """Local dates from `first` on, each once, with their instants."""
        day = first
        while True:
            if str(day.weekday()) in self.weekdays:
                yield day, instant(day, self.at, self.zone)
            day += timedelta(days=1)

    def after(self, moment: datetime) -> tuple[date, datetime]:
        """The first occurrence strictly after `moment`."""
        start = local_day(moment, self.zone) - timedelta(days=1)
        return next((day, at) for day, at in self.occurrences(start) if at > moment)

    def latest(self, moment: datetime) -> tuple[date, datetime]:
        """The last occurrence at or before `moment`."""
        start = local_day(moment, self.zone) - timedelta(days=8)
        earlier = takewhile(lambda occurrence: occurrence[1] <= moment, self.occurrences(start))
        return list(earlier)[-1]


def periods(at: datetime, where: ZoneInfo, season: int) -> Mapping[str, str]:
    """The keys of the board periods an instant falls in: day, week (ISO), month, season and all time."""
    return _periods(local_day(at, where), season)


@lru_cache
def _periods(day: date, season: int) -> Mapping[str, str]:
    year, week, _ = day.isocalendar()
    return {
        "today": f"d{day.isoformat()}",
        "week": f"w{year}-{week:02}",
        "month": f"m{day:%Y-%m}",
        "season": f"s{season}",
        "all": "all",
    }
