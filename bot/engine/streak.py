"""Days in a row with an answer to the daily question, saved by freezes.

A day on which no question was asked costs nothing. One freeze is earned for every seven days of a streak, at most two
are held, and a missed day spends one by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

FREEZE_EVERY = 7
FREEZES_HELD = 2
TRAVEL = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Streak:
    """A learner's streak after the answer of `last`; `at` and `zone` are where and when that was given."""

    days: int = 0
    best: int = 0
    freezes: int = 0
    last: date | None = None
    at: datetime | None = None
    zone: str = ""
    frozen: date | None = None
    """The day that the answer of `last` saved by a freeze, if it did."""

    def counted(self, day: date) -> bool:
        """Whether an answer on `day` changes nothing: that day, or a later one, is in already."""
        return self.last is not None and day <= self.last

    def answered(self, day: date, at: datetime, zone: str, missed: Sequence[date]) -> "Streak":
        """After an answer on `day`. `missed` are the days with an unanswered question between `last` and `day`."""
        if self.counted(day):
            return self
        spent = () if self._travelled(at, zone) else missed
        if self.last is None or len(spent) > self.freezes:
            return Streak(1, max(self.best, 1), 0, day, at, zone)
        days = self.days + 1
        earned = 1 if days % FREEZE_EVERY == 0 else 0
        return replace(
            self,
            days=days,
            best=max(self.best, days),
            freezes=min(FREEZES_HELD, self.freezes - len(spent) + earned),
            last=day,
            at=at,
            zone=zone,
            frozen=spent[-1] if spent else None,
        )

    def alive(self, missed: int) -> int:
        """The days to show when `missed` question days have passed since the last answer: 0 once it is broken."""
        return self.days if missed <= self.freezes else 0

    def _travelled(self, at: datetime, zone: str) -> bool:
        """Whether the gap is the work of a change of zone: flying over the date line loses no streak."""
        return self.at is not None and zone != self.zone and at - self.at <= TRAVEL
