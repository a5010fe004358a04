"""What a person did and what was said back, kept as messages in one transaction."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.ports import Message, Person, Place, Reply, Space, UnitOfWork
from bot.ui import Buttons, Call, Card, Select


@dataclass(frozen=True, slots=True)
class Pressed:
    """A control of a message: its call as written there, and what was chosen where it is a menu."""

    message: int
    call: str
    value: str = ""

    def on(self, card: Card | None) -> Call | None:
        """What this control of `card` calls; None if it has no such control."""
        for element in card.body if card else ():
            match element:
                case Buttons(items=items) if not self.value:
                    found = next((item.call for item in items if item.call.id == self.call), None)
                    if found:
                        return found
                case Select(call=call, options=options) if call.id == self.call:
                    if any(option.value == self.value for option in options):
                        return element.choosing(self.value)
                case _:
                    pass
        return None


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing somebody did in a channel: typed `said`, or used the control `pressed`.

    `act` is the page's own name for it."""

    person: Person
    channel: Place
    act: str
    said: str = ""
    pressed: Pressed | None = None

    @property
    def command(self) -> bool:
        """Whether it was typed for the bot, and so is nobody else's business."""
        return self.said.startswith("/")


def sees(person: Person, message: Message) -> bool:
    return message.viewer in ("", person.external)


def keep(uow: UnitOfWork, space: Space, now: datetime, deed: Deed, reply: Reply) -> list[Message]:
    """Keep what was typed and everything in `reply`; returns the messages that are new or changed. A deed sent twice,
    because the answer to the first got lost, is kept once."""
    lines = _Lines(uow, space, now, deed)
    me = deed.person.external
    if deed.said:
        lines.typed(me if deed.command else "")
    if reply.update and not lines.replaced(reply.update):
        lines.card("update", me, reply.update)
    if reply.private:
        lines.card("private", me, reply.private)
    if reply.public:
        lines.card("public", "", reply.public)
    return [message for id in lines.ids if (message := uow.messages.get(id))]


@dataclass(slots=True)
class _Lines:
    """Adds what belongs to one deed to the chat."""

    uow: UnitOfWork
    space: Space
    now: datetime
    deed: Deed
    ids: list[int] = field(default_factory=list)

    def typed(self, viewer: str) -> None:
        who = self.deed.person
        said = self.uow.messages.say(
            self.space, self.deed.channel.external, self.now,
            text=self.deed.said, author=who.external, author_name=who.name, viewer=viewer, key=self._key("said"),
        )  # fmt: skip
        self.ids.append(said)

    def card(self, slot: str, viewer: str, card: Card) -> None:
        channel, key = self.deed.channel.external, self._key(slot)
        self.ids.append(self.uow.messages.say(self.space, channel, self.now, card=card, viewer=viewer, key=key))

    def replaced(self, card: Card) -> bool:
        """Whether `card` took the place of the pressed message: only if the pressed control is still on it."""
        pressed = self.deed.pressed
        message = self.uow.messages.get(pressed.message) if pressed else None
        if pressed is None or message is None or not sees(self.deed.person, message) or not pressed.on(message.card):
            return False
        self.uow.messages.replace(message.id, card)
        self.ids.append(message.id)
        return True

    def _key(self, slot: str) -> str:
        return f"web:{self.deed.person.external}:{self.deed.act}:{slot}"
