"""A round: questions asked to a channel or to one person, from opening to reveal."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.engine.errors import QuizError

RoundKind = Literal["daily", "ask", "quiz"]
Reveal = Literal["at once", "at close"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was posted: its revision then, and the order its options were shown in."""

    question: str
    revision: str
    shown: str


@dataclass(frozen=True, slots=True)
class Round:
    """Questions asked together. A daily has a channel, a schedule and a day; a solo round has a player."""

    id: int
    space: int
    kind: RoundKind
    pack: str
    asked: tuple[Asked, ...]
    opened: datetime
    closes: datetime | None = None
    closed: datetime | None = None
    reveal: Reveal = "at once"
    channel: int | None = None
    player: int | None = None
    schedule: int | None = None
    day: date | None = None
    topic: str = ""

    def open_at(self, now: datetime) -> bool:
        """Whether answers are still taken."""
        return self.closed is None and (self.closes is None or now < self.closes)

    def admit(self, player: int, position: int, now: datetime) -> Asked:
        """The question `player` may answer at `position` (0 is the first); refuses who may not, and when it is too
        late."""
        if self.player is not None and self.player != player:
            raise QuizError("This question was asked to somebody else. Get your own with /quiz ask.")
        if not self.open_at(now):
            raise QuizError("This question has closed. The next daily comes by itself; /quiz ask gives you one now.")
        if not 0 <= position < len(self.asked):
            raise QuizError("There is no such question in this round. Start a new one with /quiz quiz.")
        return self.asked[position]


@dataclass(frozen=True, slots=True)
class Submission:
    """An answer given: the log that every total can be rebuilt from."""

    round: int
    position: int
    space: int
    player: int
    team: int | None
    kind: RoundKind
    question: str
    revision: str
    shown: str
    given: str
    right: bool
    points: int
    at: datetime
    day: date
    """The learner's day it counts for."""
    zone: str
    """The learner's zone then."""
    first: bool
    """Whether the player had never met this question."""
