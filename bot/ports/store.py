"""The store: one transaction, what can be done in it, and who runs it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Literal, Protocol, TypeVar

from bot.engine.leaderboard import Standing, Tally, TeamTally
from bot.engine.round import Round, Submission
from bot.engine.streak import Streak
from bot.ports.border import Person, Place, Post, Request
from bot.ports.records import (
    Archived,
    Channel,
    Due,
    Message,
    Miss,
    Player,
    Report,
    Schedule,
    Seen,
    Space,
    Team,
)
from bot.ui import Card

T = TypeVar("T")


class People(Protocol):
    """Spaces, channels, players and teams."""

    def find(self, request: Request) -> tuple[Space, Player] | None:
        """Space and player of a request if both are stored and up to date (name, admin, first zone, picture), where
        what a request does not say counts as stored; writes nothing."""
        ...

    def arrive(self, request: Request, zone: str, now: datetime) -> tuple[Space, Player]:
        """The same, stored first where they are new or have changed. A new space gets `zone` and season 1."""
        ...

    def settle(self, platform: str, place: Place, zone: str, now: datetime) -> Space:
        """The space of a platform, stored first with `zone` where it is new."""
        ...

    def channel(self, space: int, place: Place) -> Channel:
        """A channel of a space, stored first where it is new or has another name."""
        ...

    def channels(self, space: int) -> list[Channel]:
        """By name."""
        ...

    def channel_by_id(self, id: int) -> Channel: ...
    def channel_named(self, space: int, external: str) -> Channel | None:
        """The channel with that external id, if it is stored."""
        ...

    def space(self, id: int) -> Space: ...
    def space_of(self, platform: str, external: str) -> Space | None: ...
    def spaces(self, platform: str) -> list[Space]:
        """Every space of a platform."""
        ...

    def player(self, id: int) -> Player:
        """Raises `LookupError` where there is none, which can be after their space was erased."""
        ...

    def welcome(self, space: int, person: Person) -> Player:
        """Somebody of a space, stored first where they are new or have changed."""
        ...

    def players(self, space: int, typed: str, limit: int = 25) -> list[Player]:
        """Players whose external id is `typed` or whose name begins with it (without a leading @), in any case; an
        exact match first, then by name."""
        ...

    def change_player(self, player: Player) -> None:
        """Store zone, next_zone, next_from and reminder of `player`."""
        ...

    def change_manager(self, player: int, manager: bool) -> None:
        """Make somebody a manager, or none any more."""
        ...

    def managers(self, space: int) -> list[Player]:
        """By name."""
        ...

    def change_team(self, player: int, team: int | None) -> None:
        """Put a player into a team, or into none."""
        ...

    def change_space(self, space: Space) -> None:
        """Store zone and resend of `space`."""
        ...

    def change_season(self, space: Space, was: int) -> bool:
        """Store the season fields of `space`; False (and nothing is changed) if its season is not `was` any more. It
        waits for answers being given, which then are on the boards; later ones find the season that was stored."""
        ...

    def team(self, id: int) -> Team | None: ...
    def team_named(self, space: int, name: str) -> Team | None:
        """In any case, spaces folded."""
        ...

    def teams(self, space: int) -> list[Team]:
        """By name, with the number of members."""
        ...

    def members(self, team: int) -> list[Player]: ...
    def create_team(self, space: int, name: str, now: datetime) -> Team | None:
        """None if the name is taken (in any case)."""
        ...

    def rename_team(self, team: int, name: str) -> bool:
        """False if the name is taken by another."""
        ...


class Rounds(Protocol):
    """Rounds, the log of answers, and what was asked where. Totals are kept here, in the same transaction."""

    def open(self, draft: Round) -> Round | None:
        """Store a round (its id is ignored) and what its channel was asked; None if the schedule has that day's."""
        ...

    def get(self, id: int) -> Round | None: ...
    def open_dailies(self, space: int) -> list[Round]:
        """Not yet closed, newest first."""
        ...

    def dailies(self, schedule: int, limit: int) -> list[Round]:
        """Newest first, open or closed."""
        ...

    def followed(self, space: int, player: int) -> set[int]:
        """The schedules of a space of which `player` has answered a question."""
        ...

    def last_opened(self, space: int) -> datetime | None:
        """When the newest round of a space was opened."""
        ...

    def close(self, id: int, at: datetime) -> bool:
        """False if it was closed before."""
        ...

    def meet(self, player: int, question: str) -> bool:
        """Whether `player` has never answered `question` before."""
        ...

    def record(self, submission: Submission, periods: Sequence[str]) -> bool:
        """Add to the log, and to every total: what the person has seen, boards of the player and their team in each
        period, item statistics. False (and nothing is changed) if this person has answered this position of the round
        already. With no periods the boards are left for `credit` to do, when the round closes."""
        ...

    def credit(self, submission: Submission, periods: Sequence[str]) -> None:
        """Add a recorded answer to the boards of its player and team."""
        ...

    def of_round(self, round: int) -> list[Submission]:
        """Every answer, in the order given."""
        ...

    def extend_streak(self, player: int, streak: Streak) -> None: ...
    def mine(self, round: int, player: int) -> list[Submission]:
        """By position."""
        ...

    def answered(self, round: int) -> int:
        """How many people have answered position 0."""
        ...

    def counts(self, round: int) -> dict[str, int]:
        """People by answer given at position 0."""
        ...

    def right(self, round: int, limit: int) -> tuple[list[str], int]:
        """Names of those who were right at position 0, in the order of answering, and how many there are."""
        ...

    def seen(self, player: int) -> list[Seen]: ...
    def asked(self, channel: int) -> dict[str, float]:
        """Questions asked in a channel, with a number that grows with time."""
        ...

    def void(self, id: int, at: datetime) -> None:
        """Take a daily that nobody could see back: it ends, and its day counts as one without a question."""
        ...

    def missed_days(self, space: int, player: int, after: date, before: date) -> list[date]:
        """Days strictly between, in order, on which a daily was asked of a schedule that `player` follows, and they
        did not answer it."""
        ...

    def keep(self, question: str, revision: str, body: str) -> None:
        """Remember a question as it was asked (once per revision)."""
        ...

    def kept(self, question: str, revision: str) -> str | None: ...
    def report(self, report: Report) -> None:
        """Remember what somebody says is wrong with a question."""
        ...

    def reports(self, space: int, limit: int) -> list[Report]:
        """Newest first."""
        ...


class Boards(Protocol):
    """Totals by period (keys of `calendar.periods`)."""

    def players(self, space: int, period: str, limit: int, offset: int) -> list[Tally]:
        """In order of `Tally.order`."""
        ...

    def place(self, space: int, period: str, player: int) -> Standing | None: ...
    def tally(self, space: int, period: str, player: int) -> Tally | None: ...
    def ahead(self, space: int, period: str, tally: Tally) -> int:
        """How many players are strictly ahead of `tally`."""
        ...

    def totals(self, space: int, period: str) -> tuple[int, int]:
        """Players on the board, and their points together."""
        ...

    def teams(self, space: int, period: str) -> list[TeamTally]:
        """Teams with at least one answer in the period, and their members now."""
        ...

    def end_season(self, space: Space, players: Sequence[Archived], teams: Sequence[Archived], at: datetime) -> None:
        """Archive the final tables of the space's season."""
        ...

    def seasons(self, space: int) -> list[tuple[int, str, datetime, datetime]]:
        """Ended seasons, newest first: number, name, since, until."""
        ...

    def archived(
        self, space: int, season: int, of: Literal["players", "teams"], limit: int, offset: int
    ) -> list[Archived]: ...


class Schedules(Protocol):
    def add(self, draft: Schedule) -> Schedule:
        """One per channel: a channel's earlier schedule is replaced and keeps its id."""
        ...

    def change(self, schedule: Schedule) -> None: ...
    def get(self, id: int) -> Schedule | None: ...
    def of_channel(self, channel: int) -> Schedule | None: ...
    def of_space(self, space: int) -> list[Schedule]: ...
    def of_post(self, key: str) -> Schedule | None:
        """The schedule whose daily has the outbox key `key` (`daily:ROUND`)."""
        ...

    def miss(self, miss: Miss) -> None: ...
    def misses(self, schedule: int, limit: int) -> list[Miss]: ...


class DueWork(Protocol):
    def put(self, kind: str, key: str, at: datetime) -> None:
        """Add, unless a row of this kind and key is waiting already (whatever its time)."""
        ...

    def drop(self, kind: str, prefix: str) -> None:
        """Remove the rows of a kind whose key is `prefix` or begins with `prefix:`."""
        ...

    def claim(self, now: datetime, until: datetime, limit: int) -> list[Due]:
        """Take rows due by `now`, leased until `until`: oldest first, and those of one instant by kind and key. Rows
        leased by somebody else are passed over until their lease runs out."""
        ...

    def finish(self, due: Due) -> bool:
        """Remove a claimed row, in the transaction that did the work; False if the claim was lost (roll back then)."""
        ...

    def retry(self, due: Due, at: datetime) -> None:
        """Give a claimed row back, due again at `at`."""
        ...

    def waiting(self, kind: str, prefix: str = "") -> list[Due]: ...


class Outbox(Protocol):
    def post(self, post: Post, now: datetime) -> None:
        """Decide a message; a key that exists already is left as it is."""
        ...

    def edit(self, key: str, card: Card, now: datetime) -> None:
        """Decide that the message `key` shall look like this (also before it was sent)."""
        ...

    def claim(self, platform: str, now: datetime, until: datetime, limit: int) -> list[Post]:
        """Take messages of a platform to send or edit, leased; per channel only the oldest, so that order is kept. A
        lease that ran out comes back by `unknown` first if it may have been sent."""
        ...

    def sent(self, post: Post, receipt: str) -> None: ...
    def later(self, post: Post, at: datetime) -> None: ...
    def unknown(self, post: Post, at: datetime) -> None:
        """The outcome is not known: look for it at `at` before anything else."""
        ...

    def failed(self, post: Post, why: str) -> None:
        """Give up; it stays on record."""
        ...

    def doubtful(self, post: Post) -> bool:
        """Whether an earlier attempt of this send may have reached the platform."""
        ...

    def failure(self, key: str) -> str:
        """Why a message was given up; empty if it was not."""
        ...


class Messages(Protocol):
    """The chat of platforms without one."""

    def say(
        self,
        space: Space,
        channel: str,
        at: datetime,
        *,
        card: Card | None = None,
        text: str = "",
        author: str = "",
        author_name: str = "",
        viewer: str = "",
        key: str = "",
    ) -> int:
        """Add a message and return its id; with a `key` that exists already, the id of that one, unchanged."""
        ...

    def replace(self, id: int, card: Card) -> None: ...
    def get(self, id: int) -> Message | None: ...
    def found(self, key: str) -> int | None: ...
    def since(self, space: Space, viewer: str, version: int) -> list[Message]:
        """What `viewer` may see and has changed after `version`, oldest version first (at most 500)."""
        ...

    def latest(self, space: Space, viewer: str, channel: str, limit: int) -> list[Message]:
        """The newest of a channel that `viewer` may see, oldest first."""
        ...

    def version(self) -> int:
        """The highest version so far."""
        ...


class Notes(Protocol):
    """What programs note for themselves, by name."""

    def get(self, name: str) -> str:
        """Empty if nothing was noted."""
        ...

    def put(self, name: str, text: str) -> None: ...
    def drop(self, name: str) -> None:
        """Forget a note, if there is one."""
        ...

    def all(self, prefix: str) -> dict[str, str]:
        """Notes whose name begins with `prefix`, by name."""
        ...

    def lease(self, name: str, now: datetime, until: datetime) -> bool:
        """Hold `name` until then, unless somebody holds it at `now`; True if it is ours. `drop` lets go, and is for
        holders only: after `until` it may be another's. The note's text is the end of the lease, so nothing else may
        be put under its name."""
        ...


class Bindings(Protocol):
    """Groups of a platform that are teams."""

    def bind(self, space: int, group: str, team: int) -> None:
        """Let a group of a space be a team, instead of any it was."""
        ...

    def unbind(self, team: int) -> bool:
        """Free a team of its groups; False if it had none."""
        ...

    def of_space(self, space: int) -> dict[str, int]:
        """Teams by group; the oldest team first."""
        ...


class Spaces(Protocol):
    def erase(self, id: int) -> None:
        """Delete a space with everybody and everything in it, and take its answers off the statistics of questions."""
        ...


class UnitOfWork(Protocol):
    """One transaction."""

    people: People
    rounds: Rounds
    boards: Boards
    schedules: Schedules
    due: DueWork
    outbox: Outbox
    messages: Messages
    notes: Notes
    spaces: Spaces
    bindings: Bindings


class StoreError(Exception):
    """The store cannot do its work now (disk full, database away); the text says what to do. Nothing was saved."""


class Store(Protocol):
    """Runs functions in transactions, in a thread of its own."""

    async def run(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in one transaction and return its result once that is committed. Whatever `work` raises rolls back
        and is raised here; `StoreError` where the database fails."""
        ...

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """The same for work that changes nothing: it may run beside writers and must not write."""
        ...
