"""Give each of 3 to 5 prompts its own response."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from bot.engine.letters import PLACES, Lettered, printed
from bot.engine.question import Grade
from bot.ui import Element, Md, Point, Text, clip


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt with its response and the reason."""

    prompt: str
    response: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Match(Lettered):
    """Pairs, with up to two responses to spare. An answer is one place per prompt, in the order of the file."""

    name: ClassVar[str] = "match"
    pairs: tuple[Pair, ...]
    extra: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 3 <= len(self.pairs) <= 5 or len(self.extra) > 2:
            raise ValueError("a match has 3 to 5 pairs and at most 2 extra responses")
        if any(len(pair.prompt) > 40 for pair in self.pairs):
            raise ValueError("a prompt is longer than 40 characters")
        if any(len(response) > 70 for response in self.texts):
            raise ValueError("a response is longer than 70 characters")
        if len(set(self.texts)) < len(self.texts) or len({pair.prompt for pair in self.pairs}) < len(self.pairs):
            raise ValueError("two prompts or two responses are the same")

    action: ClassVar[str] = "Match"
    row: ClassVar[str] = "prompt"
    missing: ClassVar[str] = "Choose a response for this prompt."
    taken: ClassVar[str] = "is taken already; each response fits one prompt."

    @property
    def guess(self) -> float:
        return 1 / math.perm(len(self.texts), len(self.pairs))

    def shuffle(self, chance: random.Random) -> str:
        places = list(PLACES[: len(self.texts)])
        chance.shuffle(places)
        return "".join(places)

    def lines(self, shown: str) -> tuple[Element, ...]:
        prompts = (f"**{n}.** {pair.prompt}" for n, pair in enumerate(self.pairs, 1))
        return (Text(Md("\n".join(prompts))), printed(self._texts(shown)))

    def grade(self, given: str, known: frozenset[str]) -> Grade:
        return Grade(given == self._key)

    def key(self, shown: str) -> str:
        return self._letters(self._key, shown)

    def answer(self, shown: str) -> str:
        return "\n".join(f"**{pair.prompt}**: {pair.response}" for pair in self.pairs)

    def review(self, given: str, shown: str) -> tuple[str, ...]:
        rows = []
        for pair, chosen in zip(self.pairs, self._texts(given), strict=True):
            said = "" if chosen == pair.response else f" (you chose {chosen})"
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
    def rows(self) -> tuple[str, ...]:
        return tuple(clip(f"{n}. {pair.prompt}", 45) for n, pair in enumerate(self.pairs, 1))

    @property
    def texts(self) -> tuple[str, ...]:
        return (*(pair.response for pair in self.pairs), *self.extra)

    @property
    def _key(self) -> str:
        return PLACES[: len(self.pairs)]
