"""Put 3 to 5 items in order."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from bot.engine.letters import PLACES, Lettered, printed
from bot.engine.question import Grade
from bot.ui import Element, Point

ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth")


@dataclass(frozen=True, slots=True)
class Step:
    """An item with the reason for its place."""

    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Order(Lettered):
    """Items in the right order, shuffled when asked. An answer is the places in the order given, such as `bac`."""

    name: ClassVar[str] = "order"
    items: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not 3 <= len(self.items) <= 5:
            raise ValueError("an order has 3 to 5 items")
        if any(len(item.text) > 70 for item in self.items):
            raise ValueError("an item of an order is longer than 70 characters")
        if len(set(self.texts)) < len(self.texts):
            raise ValueError("two items are the same")

    action: ClassVar[str] = "Put in order"
    row: ClassVar[str] = "place"
    missing: ClassVar[str] = "Choose an item for this place."
    taken: ClassVar[str] = "has a place already; use each item once."

    @property
    def guess(self) -> float:
        return 1 / math.factorial(len(self.items))

    def shuffle(self, chance: random.Random) -> str:
        places = list(self._key)
        while "".join(places) == self._key:
            chance.shuffle(places)
        return "".join(places)

    def lines(self, shown: str) -> tuple[Element, ...]:
        return (printed(self._texts(shown)),)

    def grade(self, given: str, known: frozenset[str]) -> Grade:
        return Grade(given == self._key)

    def key(self, shown: str) -> str:
        return self._letters(self._key, shown)

    def answer(self, shown: str) -> str:
        return "\n".join(f"**{n}.** {item.text}" for n, item in enumerate(self.items, 1))

    def review(self, given: str, shown: str) -> tuple[str, ...]:
        said = () if given == self._key else (f"You put **{self._letters(given, shown)}**.",)
        reasons = (f"**{n}.** {item.text}{f': {item.why}' if item.why else ''}" for n, item in enumerate(self.items, 1))
        return (*said, *reasons)

    def tally(self, counts: Mapping[str, int], shown: str) -> tuple[Point, ...]:
        ordered = sorted(counts.items(), key=lambda item: (item[0] != self._key, -item[1], item[0]))[:6]
        return tuple(
            Point(self._letters(given, shown), count, "right" if given == self._key else "") for given, count in ordered
        )

    @property
    def rows(self) -> tuple[str, ...]:
        return ORDINALS[: len(self.items)]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(item.text for item in self.items)

    @property
    def _key(self) -> str:
        return PLACES[: len(self.items)]
