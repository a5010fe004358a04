"""What handlers get, and the application as adapters see it."""

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.engine.question import Pack, Question
from bot.ports.border import Person, Place, Reply, Request
from bot.ports.records import Player, Space
from bot.ports.store import UnitOfWork
from bot.routing import Router


class Bank(Protocol):
    """Everything loaded from content/."""

    @property
    def packs(self) -> Mapping[str, Pack]: ...

    @property
    def default(self) -> Pack:
        """The pack to use where none was chosen."""
        ...

    def archive(self, question: Question) -> str: ...
    def revive(self, text: str) -> Question: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """What due work gets: the transaction, the bank, the time and a source of chance."""

    uow: UnitOfWork
    bank: Bank
    now: datetime
    chance: random.Random


@dataclass(frozen=True, slots=True)
class Context(Scope):
    """What a command or an action gets besides: who did it and where, what a form held, and which channels and people
    were named and which groups the person is in (None: cannot be told), as the platform knows them."""

    space: Space
    player: Player
    place: Place | None
    values: Mapping[str, tuple[str, ...]]
    routes: Router
    named: tuple[Place, ...]
    people: tuple[Person, ...]
    groups: tuple[str, ...] | None


class Application(Protocol):
    """The application as an adapter sees it."""

    async def handle(self, request: Request) -> Reply:
        """What to say to a request. Refusals and faults come back as cards; it raises nothing."""
        ...

    async def complete(self, request: Request, typed: str) -> list[str]:
        """Lines that a half-typed command may become, for the person of `request` (its `what` does not matter)."""
        ...

    async def suggest(self, request: Request, source: str, typed: str) -> list[str]:
        """Names of a source (`Suggest`) that fit what was typed, for the person of `request`."""
        ...


class Housed(Application, Protocol):
    """An application that is also told when it comes into a space and goes out of it. All three raise `StoreError`
    where that could not be saved; whoever told it must tell it again then, or it is lost."""

    async def left(self, platform: str, space: str) -> None:
        """The bot was taken out of a space."""
        ...

    async def joined(self, platform: str, space: str) -> None:
        """The bot was let into a space, for the first time or again."""
        ...

    async def present(self, platform: str, spaces: Collection[str], mine: Callable[[str], bool]) -> None:
        """Which spaces the bot is in, told at every start: a stored space that is `mine` and not among them was left
        meanwhile, one that is among them and was left before is joined again. `mine` is true of the spaces that would
        be among them (of this shard, and no direct messages). An empty collection says nothing at all, so that an
        outage of the platform erases nothing."""
        ...
