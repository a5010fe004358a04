"""The playground: who comes in, what they type and press, what comes back, and what they see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from itsdangerous import BadSignature, Signer, URLSafeSerializer

from bot.adapters.web import entrance, render
from bot.adapters.web.guard import Refused
from bot.adapters.web.keeping import Deed, Pressed, keep, sees
from bot.ports import Application, Message, Person, Place, Reply, Request, Space, Store, UnitOfWork
from bot.ui import Call, Form

NAME = "web"
SPACE = Place("playground", "Playground")
CHANNELS = (Place("daily", "daily"), Place("quiz", "quiz"), Place("general", "general"))
PAGE = 50
DEEPEST = 2000
"""How many messages back a channel can be read."""

OUTDATED = (
    "This button is not on the message any more. Look for the newest message, or type /quiz help to start afresh."
)
LOST_FORM = "This form is from an earlier visit. Press the button that opened it once more; copy what you wrote first."


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the page gets it."""

    id: int
    version: int
    channel: str
    html: str
    mine: bool

    @property
    def told(self) -> dict[str, object]:
        return {
            "id": self.id,
            "version": self.version,
            "channel": self.channel,
            "html": self.html,
            "mine": self.mine,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page gets back at once for something a person did."""

    messages: Sequence[Shown] = ()
    form: str = ""
    errors: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class View:
    """The latest messages of every channel, and the version they show."""

    version: int
    channels: Mapping[str, Sequence[Shown]]


class Room:
    """One playground over a store. `zone` is given to it when it is new; `changed` is called after each change."""

    def __init__(
        self,
        app: Application,
        store: Store,
        clock: Callable[[], datetime],
        secret: entrance.Secret,
        zone: str,
        changed: Callable[[], None],
    ) -> None:
        self.store = store
        self._app = app
        self._clock = clock
        self._zone = zone
        self._changed = changed
        self._handles = Signer(secret, salt="quizbot.message")
        self._forms = URLSafeSerializer(secret, salt="quizbot.form")

    # ---- coming in

    async def enter(self, person: Person) -> None:
        """Let `person` be known here under their name; refuses one that somebody else has."""
        await self.store.run(lambda uow: self._enter(uow, person))
        self._changed()

    async def recognise(self, person: Person) -> bool:
        """Whether `person` is known here; somebody whose cookie is older than the database is let in again."""
        request = _request(person, CHANNELS[0], "")
        if await self.store.read(lambda uow: uow.people.find(request)):
            return True
        try:
            await self.enter(person)
        except entrance.NameRefused:
            return False
        return True

    def _enter(self, uow: UnitOfWork, person: Person) -> None:
        # Arriving comes first because it holds the space: of two who want one name, the second sees the first.
        space, _ = uow.people.arrive(_request(person, CHANNELS[0], ""), self._zone, self._clock())

        def taken(name: str) -> bool:
            others = (one for one in uow.people.players(space.id, name) if one.external != person.external)
            return any(entrance.same(one.name, name) for one in others)

        if taken(person.name):
            suggestion = entrance.free(person.name, taken)
            raise entrance.NameRefused(f"{person.name} is here already. How about {suggestion}?", suggestion)

    # ---- seeing

    async def view(self, person: Person | None) -> View:
        """All channels as `person` sees them; somebody without a name sees what everybody may see."""
        viewer = person.external if person else ""

        def latest(uow: UnitOfWork) -> tuple[int, dict[str, list[Message]]]:
            space, version = _known(uow), uow.messages.version()
            names = [place.external for place in CHANNELS]
            return version, {name: uow.messages.latest(space, viewer, name, PAGE) if space else [] for name in names}

        version, found = await self.store.read(latest)
        return View(version, {name: self._shown(messages, viewer) for name, messages in found.items()})

    async def earlier(self, person: Person, channel: Place, before: int, have: int) -> list[Shown]:
        """The messages of a channel before message `before`, for a page that has `have` already."""
        limit = min(have + PAGE, DEEPEST)

        def latest(uow: UnitOfWork) -> list[Message]:
            space = _known(uow)
            return uow.messages.latest(space, person.external, channel.external, limit) if space else []

        found = await self.store.read(latest)
        return self._shown([message for message in found if message.id < before], person.external)

    async def news(self, person: Person, after: int) -> tuple[list[Shown], int]:
        """What changed after version `after`, and the version to ask from next time.

        An earlier one than was asked for means that the store is not the one it was.
        """

        def since(uow: UnitOfWork) -> tuple[int, list[Message]]:
            # The version is read first: what is committed between the two reads is then seen twice, not missed.
            version = uow.messages.version()
            if version <= after:
                return version, []
            space = _known(uow)
            return version, uow.messages.since(space, person.external, after) if space else []

        version, found = await self.store.read(since)
        full = len(found) >= 500
        return self._shown(found, person.external), found[-1].version if full else version

    # ---- doing

    async def say(self, person: Person, channel: Place, line: str, act: str) -> Outcome:
        """Say a line to everybody, or, where it begins with a slash, do what it says."""
        deed = Deed(person, channel, act, said=line)
        reply = await self._app.handle(_request(person, channel, line)) if deed.command else Reply()
        return await self._settle(deed, reply)

    async def press(self, person: Person, handle: str, call: str, value: str, act: str) -> Outcome:
        """Use a control of a message; refuses one that is not there."""
        pressed = Pressed(self._message_of(handle), call, value)
        message = await self.store.read(lambda uow: uow.messages.get(pressed.message))
        found = pressed.on(message.card) if message and sees(person, message) else None
        if message is None or found is None:
            raise Refused(OUTDATED, 409)
        channel = place(message.channel)
        reply = await self._app.handle(_request(person, channel, found))
        return await self._settle(Deed(person, channel, act, pressed=pressed), reply)

    async def submit(self, person: Person, token: str, values: Mapping[str, tuple[str, ...]], act: str) -> Outcome:
        """Send a form that this person has opened."""
        call, channel, names, pressed = self._opened(person, token)
        given = {name: values.get(name, ()) for name in names}
        reply = await self._app.handle(replace(_request(person, channel, call), values=given))
        return await self._settle(Deed(person, channel, act, pressed=pressed), reply)

    async def complete(self, person: Person, channel: Place, line: str) -> list[str]:
        """Lines that a half-typed command may become."""
        return await self._app.complete(_request(person, channel, ""), as_command(line))

    async def _settle(self, deed: Deed, reply: Reply) -> Outcome:
        """Keep what came of a deed, and show it."""
        if reply.errors:
            return Outcome(errors=reply.errors)
        kept = await self.store.run(lambda uow: keep(uow, self.space(uow), self._clock(), deed, reply))
        self._changed()
        form = render.form(reply.form, self._sealed(deed, reply.form)) if reply.form else ""
        return Outcome(self._shown(kept, deed.person.external), form)

    # ---- odds and ends

    def space(self, uow: UnitOfWork) -> Space:
        return uow.people.settle(NAME, SPACE, self._zone, self._clock())

    def _shown(self, messages: Sequence[Message], viewer: str) -> list[Shown]:
        return [self._one(message, viewer) for message in messages]

    def _one(self, message: Message, viewer: str) -> Shown:
        # The id is signed because a store keeps messages of other rooms too: only what was shown here can be pressed.
        handle = self._handles.sign(str(message.id)).decode()
        html = render.message(message, viewer, handle)
        mine = bool(viewer) and viewer == message.author
        return Shown(message.id, message.version, message.channel, html, mine)

    def _message_of(self, handle: str) -> int:
        try:
            return int(self._handles.unsign(handle))
        except (BadSignature, ValueError):
            raise Refused(OUTDATED, 409) from None

    def _sealed(self, deed: Deed, form: Form) -> str:
        """A form as it travels through the page: whose it is, what it calls, and which control opened it."""
        names = [item.name for item in form.inputs]
        opener = deed.pressed or Pressed(0, "")
        where = [deed.channel.external, opener.message, opener.call, opener.value]
        return str(self._forms.dumps([deed.person.external, form.call.id, names, where]))

    def _opened(self, person: Person, token: str) -> tuple[Call, Place, list[str], Pressed]:
        """What `_sealed` wrote; refuses a form that is not ours, or was opened by somebody else."""
        try:
            who, call, names, (channel, message, opener, value) = self._forms.loads(token)
        except (BadSignature, ValueError):
            raise Refused(LOST_FORM, 409) from None
        if who != person.external:
            raise Refused(LOST_FORM, 409)
        return Call.parse(call), place(channel), names, Pressed(message, opener, value)


def place(channel: str) -> Place:
    """The channel of that name; refuses another."""
    for known in CHANNELS:
        if known.external == channel:
            return known
    names = ", ".join(f"#{known.name}" for known in CHANNELS)
    raise Refused(f"There is no channel #{channel[:40]} here. There are {names}.", 404)


def as_command(line: str) -> str:
    """A line on its way to being a command: `/`, `/qu` and `/daily` are taken as `/quiz` lines."""
    if "/quiz".startswith(line):
        return "/quiz "
    return line if line.startswith("/quiz") else f"/quiz {line.removeprefix('/')}"


def _known(uow: UnitOfWork) -> Space | None:
    return uow.people.space_of(NAME, SPACE.external)


def _request(person: Person, channel: Place, what: Call | str) -> Request:
    return Request(NAME, SPACE, channel, person, what)
