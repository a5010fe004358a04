"""Choose one option, or exactly two or three. True/false is a choice of two."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from bot.engine.errors import FormError, QuizError
from bot.engine.letters import printed
from bot.engine.question import LETTERS, Grade
from bot.ui import Element, Input, Option, Point, SomeOf, clip

COUNTED = {1: "one", 2: "two", 3: "three"}


@dataclass(frozen=True, slots=True)
class Alternative:
    """An option with the reason why it is right or wrong."""

    text: str
    why: str
    key: bool = False


@dataclass(frozen=True)
class Choice:
    """Options of which one, two or three are keys. `fixed` keeps the order of the file."""

    name: ClassVar[str] = "choice"
    options: tuple[Alternative, ...]
    fixed: bool = False

    def __post_init__(self) -> None:
        keys = sum(option.key for option in self.options)
        if not 2 <= len(self.options) <= 6:
            raise ValueError("a choice has 2 to 6 options")
        if not 1 <= keys <= 3:
            raise ValueError("mark one option with `key: true`, or two or three of at least five")
        if keys > 1 and len(self.options) < 5:
            raise ValueError("a choice with several keys has at least five options")
        if len({" ".join(option.text.casefold().split()) for option in self.options}) < len(self.options):
            raise ValueError("two options are the same")

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(place for place, option in self._placed.items() if option.key)

    @property
    def guess(self) -> float:
        return 1 / math.comb(len(self.options), len(self.keys))

    @property
    def action(self) -> str:
        return f"Choose {COUNTED[len(self.keys)]}" if len(self.keys) > 1 else ""

    def shuffle(self, chance: random.Random) -> str:
        places = list(self._placed)
        if not self.fixed:
            chance.shuffle(places)
        return "".join(places)

    def lines(self, shown: str) -> tuple[Element, ...]:
        return (printed(self._placed[place].text for place in shown),)

    def presses(self, shown: str) -> tuple[str, ...]:
        return tuple(LETTERS[: len(shown)]) if len(self.keys) == 1 else ()

    def inputs(self, shown: str) -> tuple[Input, ...]:
        if len(self.keys) == 1:
            return ()
        options = tuple(
            Option(clip(f"{letter}  {plain(self._placed[place].text)}", 75), letter)
            for letter, place in zip(LETTERS, shown, strict=False)
        )
        return (SomeOf("answer", self.action, options, least=len(self.keys), most=len(self.keys)),)

    def press(self, letter: str, shown: str) -> str:
        index = LETTERS.find(letter)
        if len(letter) != 1 or not 0 <= index < len(shown):
            raise QuizError(f"There is no answer {letter!r} here. Press one of {', '.join(LETTERS[: len(shown)])}.")
        return shown[index]

    def read(self, values: Mapping[str, tuple[str, ...]], shown: str) -> str:
        chosen = {self.press(letter, shown) for letter in values.get("answer", ())}
        if len(chosen) != len(self.keys):
            raise FormError({"answer": f"Choose exactly {COUNTED[len(self.keys)]}; you chose {len(chosen)}."})
        return ",".join(sorted(chosen))

    def grade(self, given: str, known: frozenset[str]) -> Grade:
        return Grade(frozenset(given.split(",")) == self.keys)

    def key(self, shown: str) -> str:
        return " and ".join(self._letter(place, shown) for place in shown if place in self.keys)

    def answer(self, shown: str) -> str:
        return "\n".join(
            f"**{self._letter(place, shown)}**  {self._placed[place].text}" for place in shown if place in self.keys
        )

    def review(self, given: str, shown: str) -> tuple[str, ...]:
        chosen = set(given.split(","))
        wrong = (self._reason("You chose", place, shown) for place in shown if place in chosen - self.keys)
        return (*wrong, *(self._reason("Right is", place, shown) for place in shown if place in self.keys))

    def tally(self, counts: Mapping[str, int], shown: str) -> tuple[Point, ...]:
        picks = dict.fromkeys(shown, 0)
        for given, count in counts.items():
            for place in given.split(","):
                picks[place] += count
        return tuple(
            Point(self._letter(place, shown), picks[place], "right" if place in self.keys else "") for place in shown
        )

    def _reason(self, lead: str, place: str, shown: str) -> str:
        return f"{lead} **{self._letter(place, shown)}**: {self._placed[place].why}"

    @cached_property
    def _placed(self) -> dict[str, Alternative]:
        return dict(zip("abcdef", self.options, strict=False))

    @staticmethod
    def _letter(place: str, shown: str) -> str:
        return LETTERS[shown.index(place)]


def plain(markup: str) -> str:
    """Content markup without its signs, for labels that show none."""
    return markup.replace("**", "").replace("`", "").replace("*", "")
