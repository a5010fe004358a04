"""Put 3 to 5 items in order."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from bot.engine.errors import FormError, QuizError
from bot.engine.question import LETTERS, Grade
from bot.ui import Element, Input, Md, OneOf, Option, Point, Text

PLACES = ("First", "Second", "Third", "Fourth", "Fifth")


@dataclass(frozen=True, slots=True)
class Step:
    """An item with the reason for its place."""

    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """Items in the right order, shuffled when asked. An answer is the places in the order given, such as `bac`."""

    name: ClassVar[str] = "order"
    items: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not 3 <= len(self.items) <= 5:
            raise ValueError("an order has 3 to 5 items")
        if any(len(item.text) > 70 for item in self.items):
            raise ValueError("an item of an order is longer than 70 characters")
        if len({item.text for item in self.items}) < len(self.items):
            raise ValueError("two items are the same")

    action: ClassVar[str] = "Put in order"

    @property
    def guess(self) -> float:
        return 1 / math.factorial(len(self.items))

    def shuffle(self, chance: random.Random) -> str:
        places = list(self._places)
        while "".join(places) == self._places:
            chance.shuffle(places)
        return "".join(places)

    def lines(self, shown: str) -> tuple[Element, ...]:
        rows = (f"**{letter}**  {self._text(place)}" for letter, place in zip(LETTERS, shown, strict=False))
        return (Text(Md("\n".join(rows))),)

    def presses(self, shown: str) -> tuple[str, ...]:
        return ()

    def inputs(self, shown: str) -> tuple[Input, ...]:
        options = tuple(
            Option(f"{letter}  {self._text(place)}", letter) for letter, place in zip(LETTERS, shown, strict=False)
        )
        return tuple(OneOf(f"place{n}", label, options) for n, label in enumerate(PLACES[: len(shown)]))

    def press(self, letter: str, shown: str) -> str:
        """The answer typed as letters, such as `BAC`."""
        letters = [char for char in letter.upper() if char.isalpha()]
        return self.read({f"place{n}": (char,) for n, char in enumerate(letters)}, shown)

    def read(self, values: Mapping[str, tuple[str, ...]], shown: str) -> str:
        letters = ["".join(values.get(f"place{n}", ())) for n in range(len(shown))]
        problems: dict[str, str] = {}
        for n, letter in enumerate(letters):
            if len(letter) != 1 or letter not in LETTERS[: len(shown)]:
                problems[f"place{n}"] = "Choose an item for this place."
            elif letter in letters[:n]:
                problems[f"place{n}"] = f"{letter} has a place already; use each item once."
        if problems:
            raise FormError(problems)
        return "".join(shown[LETTERS.index(letter)] for letter in letters)

    def grade(self, given: str, known: frozenset[str]) -> Grade:
        return Grade(given == self._places)

    def key(self, shown: str) -> str:
        return self._letters(self._places, shown)

    def answer(self, shown: str) -> str:
        return "\n".join(f"**{n}.** {item.text}" for n, item in enumerate(self.items, 1))

    def review(self, given: str, shown: str) -> tuple[str, ...]:
        said = () if given == self._places else (f"You put **{self._letters(given, shown)}**.",)
        reasons = (f"**{n}.** {item.text}{f': {item.why}' if item.why else ''}" for n, item in enumerate(self.items, 1))
        return (*said, *reasons)

    def tally(self, counts: Mapping[str, int], shown: str) -> tuple[Point, ...]:
        ordered = sorted(counts.items(), key=lambda item: (item[0] != self._places, -item[1], item[0]))[:6]
        return tuple(
            Point(self._letters(given, shown), count, "right" if given == self._places else "")
            for given, count in ordered
        )

    @property
    def _places(self) -> str:
        return "abcde"[: len(self.items)]

    def _text(self, place: str) -> str:
        return self.items["abcde".index(place)].text

    @staticmethod
    def _letters(places: str, shown: str) -> str:
        try:
            return "".join(LETTERS[shown.index(place)] for place in places)
        except ValueError:
            raise QuizError("This answer does not belong to this question. Open the question again.") from None
