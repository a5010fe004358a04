"""A chat in the terminal. Messages are kept by the store, so that they are there again next time."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.adapters.terminal import render
from bot.ports import Application, Person, Place, Post, Reply, Request, Space, Store, UnitOfWork
from bot.ui import Call, Card, Form

SPACE = Place("terminal", "Terminal")
CHANNEL = Place("daily", "daily")


class Terminal:
    """The terminal as a platform, and the room its people meet in."""

    name = "terminal"
    space = SPACE
    channel = CHANNEL

    def __init__(self, app: Application, store: Store, clock: Callable[[], datetime], zone: str) -> None:
        self.app = app
        self.store = store
        self.clock = clock
        self.zone = ZoneInfo(zone)
        self.told: Callable[[Post], None] = lambda post: None
        """Called with each post that appears or changes."""

    async def send(self, post: Post) -> str:
        def say(uow: UnitOfWork) -> int:
            return uow.messages.say(
                self._space(uow), post.channel, self.clock(), card=post.card, viewer=post.person, key=post.key
            )

        receipt = await self.store.run(say)
        self.told(post)
        return str(receipt)

    async def edit(self, post: Post) -> None:
        await self.store.run(lambda uow: uow.messages.replace(int(post.receipt), post.card))
        self.told(post)

    async def find(self, post: Post) -> str | None:
        found = await self.store.read(lambda uow: uow.messages.found(post.key))
        return None if found is None else str(found)

    def join(self, person: Person, channel: Place = CHANNEL) -> "Seat":
        """A place at the terminal for `person`, in a channel."""
        return Seat(self, person, channel)

    async def cards(self, viewer: str, channel: str) -> list[tuple[int, Card]]:
        """The cards of a channel that `viewer` may see, oldest first."""

        def latest(uow: UnitOfWork) -> list[tuple[int, Card]]:
            found = uow.messages.latest(self._space(uow), viewer, channel, 50)
            return [(message.id, message.card) for message in found if message.card]

        return await self.store.run(latest)

    def _space(self, uow: UnitOfWork) -> Space:
        return uow.people.settle(self.name, SPACE, str(self.zone), self.clock())


class Seat:
    """One person at the terminal: what they type and press, and what they hear."""

    def __init__(self, room: Terminal, person: Person, channel: Place) -> None:
        self.room = room
        self.person = person
        self.channel = channel
        self.form: Form | None = None
        self.errors: Mapping[str, str] = {}
        self.said: list[Card] = []
        """The cards the last thing this person did brought."""

    @property
    def heard(self) -> str:
        """What the last thing this person did brought, as text."""
        zone = self.room.zone
        said = [render.card(card, zone) for card in self.said]
        if self.form:
            said.append("\n".join([f"# {self.form.title}", *map(render.prompt, self.form.inputs)]))
        return "\n\n".join([*said, *(f"{name}: {problem}" for name, problem in self.errors.items())])

    async def say(self, line: str) -> str:
        """Type a command."""
        return await self._do(line)

    async def press(self, label: str) -> str:
        """Press the newest visible control with this label (or this beginning of one)."""
        message, call = await self._control(label)
        return await self._do(call, message=message)

    async def call(self, call: Call) -> str:
        """Send a call as a button would, without the button."""
        return await self._do(call)

    async def submit(self, **values: str | Iterable[str]) -> str:
        """Send the open form with these values by input name; several for some-of inputs."""
        if self.form is None:
            raise LookupError("no form is open")
        form, self.form = self.form, None
        given = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in values.items()}
        heard = await self._do(form.call, values=given)
        if self.errors:
            self.form = form
        return heard

    async def sees(self) -> str:
        """The channel as this person sees it, as text."""
        cards = await self.room.cards(self.person.external, self.channel.external)
        return "\n\n".join(render.card(card, self.room.zone) for _, card in cards)

    async def _do(
        self, what: Call | str, *, message: int = 0, values: Mapping[str, tuple[str, ...]] | None = None
    ) -> str:
        request = Request(self.room.name, SPACE, self.channel, self.person, what, values or {})
        reply = await self.room.app.handle(request)
        self.form, self.errors = reply.form, reply.errors or {}
        self.said = [card for card in (reply.update, reply.private, reply.public) if card]
        await self.room.store.run(lambda uow: self._keep(uow, reply, message))
        return self.heard

    def _keep(self, uow: UnitOfWork, reply: Reply, message: int) -> None:
        space, now = self.room._space(uow), self.room.clock()
        channel, me = self.channel.external, self.person.external
        if reply.update:
            if message:
                uow.messages.replace(message, reply.update)
            else:
                uow.messages.say(space, channel, now, card=reply.update, viewer=me)
        if reply.private:
            uow.messages.say(space, channel, now, card=reply.private, viewer=me)
        if reply.public:
            uow.messages.say(space, channel, now, card=reply.public)

    async def _control(self, label: str) -> tuple[int, Call]:
        for id, card in reversed(await self.room.cards(self.person.external, self.channel.external)):
            offered = [control for element in card.body for control in render.controls(element)]
            near = [call for name, call in offered if name.casefold().startswith(label.casefold())]
            exact = [call for name, call in offered if name.casefold() == label.casefold()]
            if exact or near:
                return id, (exact or near)[0]
        raise LookupError(f"there is no “{label}” to press")
