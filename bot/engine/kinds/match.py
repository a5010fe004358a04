"""Give each of 3 to 5 prompts its own response."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from bot.engine.errors import FormError
from bot.engine.question import LETTERS, Grade
from bot.ui import Element, Input, Md, OneOf, Option, Point, Text, clip


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt with its response and the reason."""

    prompt: str
    response: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Pairs, with up to two responses to spare. An answer is one place per prompt, in the order of the file."""

    name: ClassVar[str] = "match"
    pairs: tuple[Pair, ...]
    extra: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 3 <= len(self.pairs) <= 5 or len(self.extra) > 2:
            raise ValueError("a match has 3 to 5 pairs and at most 2 extra responses")
        if any(len(pair.prompt) > 40 for pair in self.pairs):
            raise ValueError("a prompt is longer than 40 characters")
        if any(len(response) > 70 for response in self._responses):
            raise ValueError("a response is longer than 70 characters")
        if len(set(self._responses)) < len(self._responses) or len({pair.prompt for pair in self.pairs}) < len(
            self.pairs
        ):
            raise ValueError("two prompts or two responses are the same")

    action: ClassVar[str] = "Match"

    @property
    def guess(self) -> float:
        return 1 / math.perm(len(self._responses), len(self.pairs))

    def shuffle(self, chance: random.Random) -> str:
        places = list("abcdefg"[: len(self._responses)])
        chance.shuffle(places)
        return "".join(places)

    def lines(self, shown: str) -> tuple[Element, ...]:
        prompts = (f"**{n}.** {pair.prompt}" for n, pair in enumerate(self.pairs, 1))
        responses = (f"**{letter}**  {self._text(place)}" for letter, place in zip(LETTERS, shown, strict=False))
        return (Text(Md("\n".join(prompts))), Text(Md("\n".join(responses))))

    def presses(self, shown: str) -> tuple[str, ...]:
        return ()

    def inputs(self, shown: str) -> tuple[Input, ...]:
        options = tuple(
            Option(f"{letter}  {self._text(place)}", letter) for letter, place in zip(LETTERS, shown, strict=False)
        )
        return tuple(
            OneOf(f"prompt{n}", clip(f"{n + 1}. {pair.prompt}", 45), options) for n, pair in enumerate(self.pairs)
        )

    def press(self, letter: str, shown: str) -> str:
        """The answer typed as letters, one per prompt, such as `BCA`."""
        letters = [char for char in letter.upper() if char.isalpha()]
        return self.read({f"prompt{n}": (char,) for n, char in enumerate(letters)}, shown)

    def read(self, values: Mapping[str, tuple[str, ...]], shown: str) -> str:
        letters = ["".join(values.get(f"prompt{n}", ())) for n in range(len(self.pairs))]
        problems: dict[str, str] = {}
        for n, letter in enumerate(letters):
            if len(letter) != 1 or letter not in LETTERS[: len(shown)]:
                problems[f"prompt{n}"] = "Choose a response for this prompt."
            elif letter in letters[:n]:
                problems[f"prompt{n}"] = f"{letter} is taken already; each response fits one prompt."
        if problems:
            raise FormError(problems)
        return "".join(shown[LETTERS.index(letter)] for letter in letters)

    def grade(self, given: str, known: frozenset[str]) -> Grade:
        return Grade(given == self._key)

    def key(self, shown: str) -> str:
        return self._letters(self._key, shown)

    def answer(self, shown: str) -> str:
        return "\n".join(f"**{pair.prompt}**: {pair.response}" for pair in self.pairs)

    def review(self, given: str, shown: str) -> tuple[str, ...]:
        rows = []
        for pair, place, right in zip(self.pairs, given, self._key, strict=True):
            said = "" if place == right else f" (you chose {self._text(place)})"
            rows.append(f"**{pair.prompt}**: {pair.response}{said}{f'. {pair.why}' if pair.why else ''}")
        return tuple(rows)

    def tally(self, counts: Mapping[str, int], shown: str) -> tuple[Point, ...]:
        return tuple(
            Point(
                clip(f"{n + 1}. {pair.prompt}", 20), sum(c for g, c in counts.items() if g[n] == self._key[n]), "right"
            )
            for n, pair in enumerate(self.pairs)
        )

    @property
    def _responses(self) -> tuple[str, ...]:
        return (*(pair.response for pair in self.pairs), *self.extra)

    @property
    def _key(self) -> str:
        return "abcdefg"[: len(self.pairs)]

    def _text(self, place: str) -> str:
        return self._responses["abcdefg".index(place)]

    @staticmethod
    def _letters(places: str, shown: str) -> str:
        return "".join(LETTERS[shown.index(place)] for place in places)
