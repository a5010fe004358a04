"""What comes in from a platform and goes out to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    groups: tuple[str, ...] = ()
    """The groups of the space they are in (such as roles), as the platform knows them."""
    avatar: str = ""
    """The https address of their picture, or empty."""


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


class Later(Exception):
    """The platform wants a pause of `seconds`; nothing was sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry in {seconds:g} s")
        self.seconds = seconds


class Unknown(Exception):
    """It cannot be told whether the message was sent."""


class Gone(Exception):
    """The channel cannot be posted to until somebody mends it; the text says what is wrong and how to mend it."""


class Platform(Protocol):
    """A platform as the outbox sees it. All three raise `Later`, `Unknown` or `Gone`."""

    name: str

    async def send(self, post: Post) -> str:
        """Send and return the receipt (the handle for edits). A second call with the same key sends nothing new where
        the platform can tell."""
        ...

    async def edit(self, post: Post) -> None:
        """Replace the message behind `post.receipt` by `post.card`."""
        ...

    async def find(self, post: Post) -> str | None:
        """The receipt of an earlier `send` of this key whose outcome was lost; None if it was not sent."""
        ...
