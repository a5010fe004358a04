"""Who somebody is on Slack: their name, rights, zone, picture and groups, asked now and then and remembered."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.refusals import Pauses
from bot.ports import Later, Person

log = structlog.get_logger()

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

FRESH = 600.0
"""Seconds for which an answer is used as it is."""
REFUSED, UNGROUPED = 60.0, 3600.0
"""Seconds for which a person, and the groups of a workspace, are not asked for again after Slack did not say."""
REMEMBERED = 10_000

Groups = dict[str, tuple[str, ...]]
"""Ids of groups by user."""


class People:
    """Knows the people of all workspaces. `patience` is how many seconds somebody unknown is waited for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, patience: float = 1.0) -> None:
        self._patience = patience
        self._pauses = Pauses(clock)
        self._people: _Memory[tuple[str, str], Person] = _Memory(clock, REFUSED)
        self._groups: _Memory[str, Groups] = _Memory(clock, UNGROUPED)

    async def who(self, client: AsyncWebClient, team: str, user: str) -> Person:
        """The person `user`, as a workspace sees them; where Slack does not say in time, somebody without name and
        rights. Raises nothing.

        An old answer is used while a new one is on its way. For an admin the new one is waited for: nobody counts as an
        admin by an answer of more than ten minutes ago.
        """
        person = self._people.get((team, user), lambda: self._asked(client, team, user))
        groups = self._groups.get(team, lambda: self._listed(client, team))
        if person.value is None or (person.value.admin and self._people.old(person)):
            await self._wait(person, groups)
        elif groups.value is None:
            await self._wait(groups)
        known = person.value or Person(user, "", admin=False)
        return replace(
            known,
            admin=bool(known.admin) and not self._people.old(person),
            groups=None if groups.value is None else groups.value.get(user, ()),
        )

    async def _asked(self, client: AsyncWebClient, team: str, user: str) -> Person:
        answer = await self._pauses.kept(team, "users.info", lambda: client.users_info(user=user))
        told: dict[str, Any] = answer["user"]
        profile = told.get("profile") or {}
        return Person(
            user,
            profile.get("display_name") or profile.get("real_name") or told.get("real_name") or told.get("name") or "",
            admin=_admin(told, team),
            zone=told.get("tz") or "",
            avatar=profile.get("image_72") or "",
        )

    async def _listed(self, client: AsyncWebClient, team: str) -> Groups:
        """The groups of a workspace, which the token of an organization has to be told."""
        groups: Groups = {}
        answer = await self._pauses.kept(
            team, "usergroups.list", lambda: client.usergroups_list(include_users=True, team_id=team)
        )
        for group in answer["usergroups"]:
            for user in group.get("users") or ():
                groups[user] = (*groups.get(user, ()), group["id"])
        return groups

    async def _wait(self, *entries: "_Entry[Any]") -> None:
        """Give questions under way their time."""
        asking = [entry.asking for entry in entries if entry.asking]
        if asking:
            await asyncio.wait(asking, timeout=self._patience)


def _admin(told: dict[str, Any], team: str) -> bool:
    """Whether somebody is an admin or owner of this workspace. Slack tells the rights they have at home: a channel that
    is shared with another company, or with another workspace of the organization, does not lend them here."""
    at_home = told.get("team_id") == team
    guest = any(told.get(kind) for kind in ("is_stranger", "is_restricted", "is_ultra_restricted"))
    return at_home and not guest and any(told.get(right) for right in ("is_admin", "is_owner", "is_primary_owner"))


@dataclass(slots=True)
class _Entry(Generic[V]):
    """What was answered last, and when; when to ask again, and the question under way."""

    value: V | None = None
    at: float = -math.inf
    due: float = -math.inf
    asking: asyncio.Task[None] | None = None


class _Memory(Generic[K, V]):
    """Answers by key; the 10,000 used last are kept. After a failure nobody asks for `pause` seconds."""

    def __init__(self, clock: Callable[[], float], pause: float) -> None:
        self._clock = clock
        self._pause = pause
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()

    def get(self, key: K, ask: Callable[[], Awaitable[V]]) -> _Entry[V]:
        """What is known; where that is nothing or old, a question is under way, one at a time for each key."""
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        if len(self._entries) > REMEMBERED:
            self._entries.popitem(last=False)
        if self._clock() >= entry.due and entry.asking is None:
            entry.asking = asyncio.create_task(self._ask(key, entry, ask))
        return entry

    def old(self, entry: _Entry[V]) -> bool:
        return self._clock() >= entry.at + FRESH

    async def _ask(self, key: K, entry: _Entry[V], ask: Callable[[], Awaitable[V]]) -> None:
        asked = self._clock()
        try:
            entry.value = await ask()
            entry.at, entry.due = asked, asked + FRESH
        except Later as wanted:
            entry.due = self._clock() + wanted.seconds
        except Exception as trouble:  # whatever it is, the quiz goes on without the answer
            log.info("Slack does not say", of=key, trouble=repr(trouble))
            entry.due = self._clock() + self._pause
        finally:
            entry.asking = None
