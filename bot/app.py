"""The application: a request becomes one transaction and a reply, what is due gets done, errors become cards."""

import asyncio
import random
import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from time import perf_counter
from typing import Any

import structlog

from bot.delivery import Delivery
from bot.engine import calendar
from bot.engine.errors import FormError, QuizError
from bot.ports import (
    Bank,
    Context,
    Due,
    Platform,
    Player,
    Reply,
    Request,
    Scope,
    Space,
    Store,
    StoreError,
    UnitOfWork,
)
from bot.routing import Route, Router
from bot.ui import Button, Buttons, Call, Card, Text, clip

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
BATCH = 64
PATIENCE = timedelta(hours=1)
"""The longest pause between attempts at something that keeps failing."""
_ADDRESS = re.compile(r"https://[!-~]{1,1000}")
_ADMINS_ONLY = "Only an admin of this space may do this"


def _now() -> datetime:
    return datetime.now(UTC)


class _Lost(Exception):
    """Somebody else has taken over the work; ours is rolled back."""


class App:
    """Handles requests of all platforms and does due work, over one store. `zone` is given to new spaces."""

    def __init__(
        self,
        store: Store,
        router: Router,
        bank: Bank,
        *,
        zone: str = "UTC",
        clock: Callable[[], datetime] = _now,
        chance: Callable[[], random.Random] = random.SystemRandom,
    ) -> None:
        self.store = store
        self.router = router
        self.bank = bank
        self.zone = zone
        self.clock = clock
        self.chance = chance
        self.platforms: dict[str, Platform] = {}
        self._deliveries: dict[str, Delivery] = {}

    def connect(self, platform: Platform) -> None:
        """Let posts for `platform` be sent."""
        self.platforms[platform.name] = platform
        self._deliveries[platform.name] = Delivery(self.store, platform, self.clock)

    # ---- requests

    async def handle(self, request: Request) -> Reply:
        """What to say to a request. Refusals and faults come back as cards; it raises nothing."""
        started, reference = perf_counter(), secrets.token_hex(2).upper()
        request, name = _sound(request), "?"
        try:
            route, args = self.router.resolve(request.what)
            name = route.name
            reply, outcome = await self._perform(request, route, args), "done"
        except FormError as refusal:
            reply, outcome = _form_refused(request, refusal), "refused"
        except QuizError as refusal:
            reply, outcome = Reply(private=refusal_card(refusal)), "refused"
        except StoreError as trouble:
            reply, outcome = Reply(private=_warning(str(trouble))), "store"
            log.warning("store", reference=reference, trouble=str(trouble))
        except Exception:
            reply, outcome = Reply(private=_fault_card(reference)), "fault"
            log.exception("fault", reference=reference, route=name)
        log.info(
            "request",
            route=name,
            platform=request.platform,
            space=request.space.external,
            outcome=outcome,
            ms=round((perf_counter() - started) * 1000, 1),
            reference=reference,
        )
        return reply

    async def complete(self, request: Request, typed: str) -> list[str]:
        """Lines that a half-typed command may become, for the person of `request`."""
        request = _sound(request)

        def lines(uow: UnitOfWork) -> list[str]:
            found = uow.people.find(request)
            if found is None:
                return self.router.complete(typed, lambda source, prefix: [])
            context = self._context(uow, request, *found)
            return self.router.complete(
                typed, lambda source, prefix: self.router.sources[source](context, prefix), admin=found[1].may_manage
            )

        try:
            return await self.store.read(lines)
        except StoreError:
            return []

    async def suggest(self, request: Request, source: str, typed: str) -> list[str]:
        """Names of a source that fit what was typed, for the person of `request`."""
        request = _sound(request)

        def names(uow: UnitOfWork, found: tuple[Space, Player]) -> list[str]:
            return list(self.router.sources[source](self._context(uow, request, *found), typed))

        def known(uow: UnitOfWork) -> list[str] | None:
            found = uow.people.find(request)
            return names(uow, found) if found else None

        try:
            suggested = await self.store.read(known)
            if suggested is None:
                return await self.store.run(lambda uow: names(uow, uow.people.arrive(request, self.zone, self.clock())))
            return suggested
        except StoreError:
            return []

    async def left(self, platform: str, space: str) -> None:
        """The bot was taken out of a space."""
        await self._tell("space.left", await self.store.read(lambda uow: _known(uow, platform, space)))

    async def joined(self, platform: str, space: str) -> None:
        """The bot was let into a space; mostly there is nothing to take back."""
        await self._tell("space.joined", await self.store.read(lambda uow: _parting(uow, _known(uow, platform, space))))

    async def present(self, platform: str, spaces: Collection[str], mine: Callable[[str], bool]) -> None:
        """These are all the spaces the bot is in, of those that are `mine`; if it is in none, nothing is believed."""

        def changed(uow: UnitOfWork) -> tuple[list[Space], list[Space]]:
            known = [space for space in uow.people.spaces(platform) if mine(space.external)]
            parting = _parting(uow, known)
            gone = [space for space in known if space.external not in spaces and space not in parting]
            return gone, [space for space in parting if space.external in spaces]

        if spaces:
            gone, back = await self.store.read(changed)
            await self._tell("space.left", gone)
            await self._tell("space.joined", back)

    async def _tell(self, kind: str, spaces: Sequence[Space]) -> None:
        """Let a feature draw the consequences of what happened to spaces."""

        def put(uow: UnitOfWork) -> None:
            for space in spaces:
                uow.due.drop("space.left", str(space.id))
                uow.due.drop("space.joined", str(space.id))
                uow.due.put(kind, str(space.id), self.clock())

        if spaces:
            await self.store.run(put)

    async def _perform(self, request: Request, route: Route, args: Mapping[str, Any]) -> Reply:
        if route.reads:
            reply = await self.store.read(lambda uow: self._read(uow, request, route, args))
            if reply is not None:
                return reply
        return await self.store.run(lambda uow: self._write(uow, request, route, args))

    def _read(self, uow: UnitOfWork, request: Request, route: Route, args: Mapping[str, Any]) -> Reply | None:
        """The reply of a route that changes nothing; None for somebody new, who must be stored first."""
        found = uow.people.find(request)
        if found is None or _team_by_groups(uow, request, *found) != found[1].team:
            return None
        return self._call(self._context(uow, request, *found), route, args)

    def _write(self, uow: UnitOfWork, request: Request, route: Route, args: Mapping[str, Any]) -> Reply:
        space, player = uow.people.find(request) or uow.people.arrive(request, self.zone, self.clock())
        team = _team_by_groups(uow, request, space, player)
        if team != player.team:
            uow.people.change_team(player.id, team)
            player = replace(player, team=team)
        return self._call(self._context(uow, request, space, player), route, args)

    def _call(self, context: Context, route: Route, args: Mapping[str, Any]) -> Reply:
        if route.admin and not context.player.may_manage:
            what = f"/quiz {route.name} is for admins of this space" if route.trigger == "command" else _ADMINS_ONLY
            raise QuizError(f"{what}. Ask one of them.")
        if context.place is None and not route.solo:
            raise QuizError("This works in a channel. Type it there.")
        reply: Reply = route.handler(context, **args)
        return reply

    def _context(self, uow: UnitOfWork, request: Request, space: Space, player: Player) -> Context:
        return Context(
            uow=uow,
            bank=self.bank,
            now=self.clock(),
            chance=self.chance(),
            space=space,
            player=player,
            place=request.channel,
            values=request.values,
            routes=self.router,
            named=request.named,
            people=request.people,
            groups=request.person.groups,
        )

    # ---- due work

    async def wake(self) -> None:
        """Do everything that is due, and let what waits be sent meanwhile; waits for no platform."""
        more = True
        while more:
            more = await self._do_due() > 0
            for name in self.platforms:
                self._deliveries[name].wake()

    async def work(self) -> None:
        """Do everything that is due and send everything that waits; returns once all that can be sent now is."""
        await self.wake()
        await asyncio.gather(*(self._deliveries[name].settled() for name in self.platforms))

    async def stop(self) -> None:
        """Send nothing more, and wait for what is being sent: where a platform hangs, less than a minute."""
        await asyncio.gather(*(delivery.stop() for delivery in self._deliveries.values()))

    async def run(self, work: Callable[[Scope], None]) -> None:
        """Run `work` in a transaction with the scope that due work gets."""
        await self.store.run(lambda uow: work(self._scope(uow)))

    def _scope(self, uow: UnitOfWork) -> Scope:
        return Scope(uow, self.bank, self.clock(), self.chance())

    async def _do_due(self) -> int:
        now = self.clock()
        claimed = await self.store.run(lambda uow: uow.due.claim(now, now + LEASE, BATCH))
        # One kind after another: on Monday at nine Sunday's question closes before the look back on its week is made.
        for _, batch in groupby(claimed, key=lambda due: (due.at, due.kind)):
            await asyncio.gather(*map(self._do, batch))
        return len(claimed)

    async def _do(self, due: Due) -> None:
        try:
            await self.store.run(lambda uow: self._finish(uow, due))
        except (_Lost, StoreError):
            log.info("due lost", kind=due.kind, key=due.key)
        except Exception:
            log.exception("due failed", kind=due.kind, key=due.key, attempts=due.attempts)
            again = self.clock() + min(PATIENCE, timedelta(seconds=2 ** min(due.attempts, 12)))
            await self.store.run(lambda uow: uow.due.retry(due, again))

    def _finish(self, uow: UnitOfWork, due: Due) -> None:
        call = Call.parse(f"{due.kind}:{due.key}")
        route = self.router.routes[due.kind]
        if not uow.due.finish(due):
            raise _Lost
        route.handler(self._scope(uow), **route.bind(call.args))


def _sound(request: Request) -> Request:
    """The request with nothing in it that cannot be used; a zone that nobody knows, and a picture whose address could
    not be shown, count as none."""
    request = _without_nul(request)
    zone = calendar.known_zone(request.person.zone)
    avatar = request.person.avatar if _ADDRESS.fullmatch(request.person.avatar) else ""
    if (zone, avatar) == (request.person.zone, request.person.avatar):
        return request
    return replace(request, person=replace(request.person, zone=zone, avatar=avatar))


def _known(uow: UnitOfWork, platform: str, external: str) -> list[Space]:
    """The space of this name, if it is stored."""
    space = uow.people.space_of(platform, external)
    return [space] if space else []


def _parting(uow: UnitOfWork, spaces: Sequence[Space]) -> list[Space]:
    """Those of the spaces that are on their way to being forgotten."""
    leaving = {due.key for kind in ("space.left", "space.erase", "space.forget") for due in uow.due.waiting(kind)}
    return [space for space in spaces if str(space.id) in leaving]


def _without_nul(request: Request) -> Request:
    """The request without NUL characters, which PostgreSQL cannot store and nobody types."""
    if "\x00" not in f"{request.what}{request.values}{request.person.name}":
        return request
    what = request.what.replace("\x00", "") if isinstance(request.what, str) else request.what
    values = {name: tuple(text.replace("\x00", "") for text in texts) for name, texts in request.values.items()}
    person = replace(request.person, name=request.person.name.replace("\x00", ""))
    return replace(request, what=what, values=values, person=person)


def _team_by_groups(uow: UnitOfWork, request: Request, space: Space, player: Player) -> int | None:
    """The team of a person, by their groups: who has a group that is bound to a team is in such a team, and who has
    none is in no bound team. Where their groups cannot be told, all stays as it is."""
    groups = request.person.groups
    if groups is None or (not groups and player.team is None):
        return player.team
    bound = uow.bindings.of_space(space.id)
    theirs = [team for group, team in bound.items() if group in groups]
    if player.team in theirs or (not theirs and player.team not in bound.values()):
        return player.team
    return theirs[0] if theirs else None


# ---- errors as cards


def refusal_card(refusal: QuizError) -> Card:
    """What is wrong as the title, what to do next below it."""
    return _warning(str(refusal), refusal.ways)


def _warning(text: str, ways: Sequence[Button] = ()) -> Card:
    head, _, rest = text.partition(". ")
    body = [Text(rest)] if rest else []
    return Card(clip(head.rstrip("."), 150), (*body, *([Buttons(*ways)] if ways else [])), "warning")


def _form_refused(request: Request, refusal: FormError) -> Reply:
    """Mistakes go back into the form they came from; a typed command has none, and gets a card."""
    return Reply(errors=refusal.problems) if request.values else Reply(private=refusal_card(refusal))


def _fault_card(reference: str) -> Card:
    return _warning(
        f"Something went wrong on my side (reference {reference}). Nothing you did is lost; please try again."
    )
