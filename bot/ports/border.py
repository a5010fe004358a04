"""What comes in from a platform and goes out to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.ui import Call, Card, Form


@dataclass(frozen=True, slots=True)
class Place:
    """A space or a channel, as its platform knows it."""

    external: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as their platform knows them.

    `admin` is None where the platform has no such notion: then whoever comes first to a space is its admin. An empty
    `name` cannot be told now; who is known keeps theirs. `zone` is the IANA zone the platform reports, or empty.
    """

    external: str
    name: str
    admin: bool | None = None
    zone: str = ""
    groups: tuple[str, ...] | None = ()
    """The groups of the space they are in (such as roles), as the platform knows them; None where that cannot be told
    now."""
    avatar: str = ""
    """The https address of their picture, or empty."""
    called: str = ""
    """What to call somebody new whose `name` cannot be told, or empty."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thing a person did: a call (pressed, chosen, submitted) or a typed line."""

    platform: str
    space: Place
    channel: Place | None
    person: Person
    what: Call | str
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What a submitted form holds, by input name; several for some-of inputs."""
    named: tuple[Place, ...] = ()
    """The channels that `what` names, as the platform's own picker gave them."""
    people: tuple[Person, ...] = ()
    """The people that `what` names, the same way, with nothing said of their rights and groups."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything said back, sent in this order where set. `errors` answers a form, by input name; `update` replaces the
    message whose button was pressed; `private` only the person sees."""

    form: Form | None = None
    errors: Mapping[str, str] | None = None
    update: Card | None = None
    private: Card | None = None
    public: Card | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A message nobody asked for. `key` is unique for ever and makes sending it again harmless. It goes to a channel,
    or, where `person` is set, to that person alone. `receipt` is set once it was sent; then this is an edit."""

    key: str
    platform: str
    space: str
    channel: str
    card: Card
    person: str = ""
    receipt: str = ""
    fence: int = 0
    thread: str = ""
    """Name of a thread to open under it, on platforms that have threads; none if empty."""
    since: datetime | None = None
    """When it joined its channel's queue: for a message that was never known to be sent, when it was decided."""
    failures: int = 0
    """Attempts of unknown outcome since it was last sent or edited."""


class Later(Exception):
    """The platform wants a pause of `seconds`; nothing was sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry in {seconds:g} s")
        self.seconds = seconds


class Unknown(Exception):
    """It cannot be told whether the message was sent: from `send` and `edit` not yet, from `find` not ever."""


class Gone(Exception):
    """The channel cannot be posted to until somebody mends it; the text says what is wrong and how to mend it."""


class Platform(Protocol):
    """A platform as the outbox sees it. An attempt (`find`, then `send`; or `edit`) is cancelled after 50 seconds; a
    send or an edit that was begun by then counts as `Unknown`, a look as `Later`."""

    name: str

    async def send(self, post: Post) -> str:
        """Send and return the receipt (the handle for edits). A second call with the same key sends nothing new where
        the platform can tell. Raises `Later` if nothing was sent and that will pass, `Unknown` if it may have been
        sent, `Gone` if somebody must mend something first."""
        ...

    async def edit(self, post: Post) -> None:
        """Replace the message behind `post.receipt` by `post.card`; may be done twice. Raises the same as `send`."""
        ...

    async def find(self, post: Post) -> str | None:
        """The receipt of an earlier `send` of this key, not before `post.since`, whose outcome was lost; None if it
        certainly was not sent. Raises `Later` for all that passes: a fault of the platform, a broken connection, a
        timeout, a pause it wants; it is then looked for again. Raises `Unknown` only where it can never be told: the
        history may not be read, or is not there as far back as `post.since`. Then the message is given up, or sent
        again, as its space has chosen."""
        ...
