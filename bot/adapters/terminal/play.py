"""The interactive screen of `quizbot play`."""

import asyncio
import sys
import threading

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from bot.adapters.terminal import render
from bot.adapters.terminal.adapter import Seat, Terminal
from bot.ports import Person, Post
from bot.ui import Call, Card, Element, Form, OneOf, SomeOf

COLOURS = {"question": "cyan", "right": "green", "wrong": "magenta", "warning": "yellow", "neutral": "blue"}
GREETING = "Type the number of a button, a command such as [b]/quiz leaderboard[/b], or [b]quit[/b]."


async def play_at(room: Terminal, name: str) -> None:
    """Play as `name` until the input ends or says `quit`."""
    screen = Screen(room, room.join(Person(name.casefold(), name)), Console())
    await screen.greet()
    await screen.listen()


class Screen:
    """What is shown, and what the numbers stand for."""

    def __init__(self, room: Terminal, seat: Seat, console: Console) -> None:
        self.room = room
        self.seat = seat
        self.console = console
        self.calls: list[Call] = []
        self.lines: asyncio.Queue[str | None] = asyncio.Queue()
        room.told = self._told

    async def greet(self) -> None:
        """Show what is in the channel already, and begin to read lines."""
        loop = asyncio.get_running_loop()
        # A thread of its own, because reading a terminal cannot be awaited; as a daemon it never holds up the end.
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()
        self.console.print(GREETING)
        for _, card in (await self.room.cards(self.seat.person.external, self.seat.channel.external))[-3:]:
            self.show(card)

    async def listen(self) -> None:
        """Do what is typed, line by line."""
        while (line := await self._ask("> ")) not in ("quit", "exit"):
            await self._obey(line)

    def show(self, card: Card) -> None:
        """Print a card; its controls are numbered, and the numbers of older cards are void."""
        self.calls = []
        lines = [line for element in card.body for line in self._numbered(element)]
        colour = COLOURS[card.accent]
        title = f"[bold]{escape(card.title)}[/bold]"
        self.console.print(
            Panel(Text("\n".join(lines)), title=title, title_align="left", border_style=colour, width=90)
        )

    async def _obey(self, line: str) -> None:
        if not line:
            return
        if line.isdecimal() and 1 <= int(line) <= len(self.calls):
            await self.seat.call(self.calls[int(line) - 1])
        elif line.startswith("/"):
            await self.seat.say(line)
        else:
            try:
                await self.seat.press(line)
            except LookupError:
                await self.seat.say(line)
        self._answer()
        while self.seat.form:
            await self._fill(self.seat.form)
            self._answer()

    def _answer(self) -> None:
        for card in self.seat.said:
            self.show(card)
        for problem in self.seat.errors.values():
            self.console.print(f"[yellow]{escape(problem)}[/yellow]")

    async def _fill(self, form: Form) -> None:
        """Ask for each input of a form; an empty line keeps what is there, `cancel` leaves it."""
        self.console.print(f"[bold]{escape(form.title)}[/bold] (type cancel to leave)")
        values: dict[str, tuple[str, ...]] = {}
        for item in form.inputs:
            said = await self._ask(render.prompt(item) + ": ")
            if said in ("cancel", "quit"):
                self.seat.form = None
                self.seat.said = []
                return
            match item:
                case OneOf() | SomeOf():
                    values[item.name] = _chosen(item, said)
                case _:
                    values[item.name] = (said or item.value,)
        await self.seat.submit(**values)

    def _numbered(self, element: Element) -> list[str]:
        """An element's lines, with the number to type before each control."""
        shown = []
        for label, call in render.controls(element):
            self.calls.append(call)
            shown.append(f"{len(self.calls)} [{label}]")
        return ["  ".join(shown)] if shown else list(render.body(element, self.room.zone))

    def _told(self, post: Post) -> None:
        if not post.person or post.person == self.seat.person.external:
            self.show(post.card)

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(self.lines.put_nowait, line.strip())
        loop.call_soon_threadsafe(self.lines.put_nowait, None)

    async def _ask(self, question: str) -> str:
        """The next line typed; `quit` when there are no more."""
        self.console.print(escape(question), end="")
        line = await self.lines.get()
        return "quit" if line is None else line


def _chosen(item: OneOf | SomeOf, said: str) -> tuple[str, ...]:
    """Option values for letters or words such as `A`, `B D` or `bd`."""
    wanted = said.replace(",", " ").split() if " " in said or "," in said else [said]
    values = {option.value.casefold(): option.value for option in item.options}
    if len(wanted) == 1 and wanted[0].casefold() not in values:
        wanted = list(wanted[0])
    found = tuple(values[word.casefold()] for word in wanted if word.casefold() in values)
    return found or ((item.value,) if isinstance(item, OneOf) and item.value else ())
