"""What is stored, as values."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal

from bot.engine.round import Reveal
from bot.engine.streak import Streak
from bot.ui import Card

Resend = Literal["at-most-once", "at-least-once"]


@dataclass(frozen=True, slots=True)
class Space:
    """One server, workspace or playground. `zone` decides its boards' days; `season` counts from 1."""

    id: int
    platform: str
    external: str
    name: str
    zone: str
    season: int
    season_name: str
    season_since: datetime
    resend: Resend = "at-most-once"


@dataclass(frozen=True, slots=True)
class Channel:
    id: int
    space: int
    external: str
    name: str


@dataclass(frozen=True, slots=True)
class Player:
    """A person in a space. An empty `zone` means the space's. A change waits in `next_zone` until `next_from`."""

    id: int
    space: int
    external: str
    name: str
    admin: bool
    zone: str = ""
    next_zone: str = ""
    next_from: datetime | None = None
    reminder: time | None = None
    team: int | None = None
    streak: Streak = field(default_factory=Streak)
    manager: bool = False
    """Whether they manage the bot here without being an admin."""
    avatar: str = ""
    """The https address of their picture, or empty."""

    @property
    def may_manage(self) -> bool:
        """Whether what is for admins is for them: they are one, or were made a manager."""
        return self.admin or self.manager

    def zone_at(self, now: datetime, space: Space) -> str:
        """The name of the zone this person's days are counted in."""
        changed = self.next_from is not None and now >= self.next_from
        return (self.next_zone if changed else self.zone) or space.zone


@dataclass(frozen=True, slots=True)
class Team:
    id: int
    space: int
    name: str
    members: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """When and how a channel gets its daily. `weekdays` are digits, 0 is Monday; it stays open for `minutes`."""

    id: int
    space: int
    channel: int
    pack: str
    topics: tuple[str, ...]
    at: time
    zone: str
    weekdays: str
    minutes: int
    reveal: Reveal
    active: bool = True
    why: str = ""
    """Why it was paused, where it was not a person who did it."""
    set_by: int | None = None
    skip: date | None = None
    """A day an admin asked to leave out."""
    thread: bool = False
    """Whether each daily gets a thread for discussion, on platforms that have threads."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A daily that was not posted on its day, and why."""

    schedule: int
    day: date
    why: str


@dataclass(frozen=True, slots=True)
class Due:
    """Something that must happen at an instant. `fence` grows with each claim, so that a late worker is noticed."""

    kind: str
    key: str
    at: datetime
    fence: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person has done with a question so far."""

    question: str
    answered: int
    right: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A line of a chat that has no platform to keep it (browser, terminal): a card of ours or a person's text.

    `version` grows over the whole space with every new or changed message. An empty `viewer` means everybody.
    """

    id: int
    version: int
    channel: str
    author: str
    author_name: str
    text: str
    card: Card | None
    viewer: str
    at: datetime
    edited: bool


@dataclass(frozen=True, slots=True)
class Archived:
    """A place on the board of a season that has ended."""

    rank: int
    name: str
    points: int
    right: int
    answered: int
    score: float
    """Points of a player; shrunk mean of a team."""


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says is wrong with a question."""

    space: int
    player: int
    question: str
    revision: str
    text: str
    at: datetime
