"""Type a term. Typos are forgiven by length; another known term never is (measured in docs/decisions)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from rapidfuzz.distance import OSA

from bot.engine.errors import FormError
from bot.engine.question import Grade, Typed
from bot.ui import Input, Point, ShortText, clip

_NOISE = re.compile(r"<[@#!&][^>]*>|\|\||[\u200b-\u200f\u2060\ufeff]")
_PUNCTUATION = re.compile(r"(?<!\d)\.|\.(?!\d)|[^\w\s.%+#]|_")
_LEADING = re.compile(r"^(?:(?:the|an?)\s+)?(?:(?:aws|amazon)\s+)?(?=\S)")
_VENDORS = ("amazon", "aws")
_OPPOSITES = ("un", "non", "in", "anti", "semi")
_SEVERAL = re.compile(r"\s*(?:,|/|;|\bor\b|\band\b)\s*", re.IGNORECASE)


@lru_cache(maxsize=8192)
def normalise(text: str) -> str:
    """What is compared: case, accents, punctuation, markup, a leading article and vendor name removed."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", _NOISE.sub("", text)).casefold())
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    return _LEADING.sub("", " ".join(_PUNCTUATION.sub("", letters).split()))


def tolerated(length: int) -> int:
    """The edits forgiven in an accepted answer of `length` characters (optimal string alignment)."""
    return 0 if length <= 3 else 1 if length <= 7 else 2 if length <= 12 else 3


def matches(given: str, accepted: str, known: frozenset[str]) -> bool:
    """Whether `given` means `accepted`; both normalised, `known` the other terms it must not be."""
    if given == accepted or _singular(given, accepted) == _singular(accepted, accepted):
        return True
    distance = OSA.distance(given, accepted, score_cutoff=tolerated(len(accepted)))
    return (
        distance <= tolerated(len(accepted))
        and re.findall(r"\d+", given) == re.findall(r"\d+", accepted)
        and not _opposite(given, accepted, distance)
        and not _nearer(given, distance, known)
    )


def _nearer(given: str, distance: int, known: frozenset[str]) -> bool:
    """Whether a known term is fewer than `distance` edits away."""
    if given in known:
        return True
    near = (term for term in known if abs(len(term) - len(given)) < distance) if distance > 1 else ()
    return any(OSA.distance(given, term, score_cutoff=distance) < distance for term in near)


def _singular(text: str, accepted: str) -> str:
    return text.removesuffix("s") if sum(map(str.isalpha, accepted)) > 4 else text


def _opposite(one: str, other: str, distance: int) -> bool:
    """Whether a prefix such as un- explains the difference better than `distance` typos do."""
    short, long = sorted((one.replace(" ", ""), other.replace(" ", "")), key=len)
    rests = (long[len(prefix) :] for prefix in _OPPOSITES if long.startswith(prefix) and not short.startswith(prefix))
    return any(OSA.distance(rest, short) < min(distance, 2) for rest in rests)


def _joined(text: str) -> str:
    """`text` without spaces, which are no part of a spelling: k-means, k means and kmeans are one."""
    return text.replace(" ", "")


def _unbranded(said: str) -> str:
    """`said` without a vendor name that is misspelt or has lost its space."""
    head, _, rest = said.partition(" ")
    if rest and any(OSA.distance(head, vendor) <= 1 for vendor in _VENDORS):
        return rest
    return next((said.removeprefix(vendor).strip() for vendor in _VENDORS if said.startswith(vendor)), said)


@lru_cache(maxsize=8)
def _others(known: frozenset[str], accepted: frozenset[str], mistakes: frozenset[str]) -> frozenset[str]:
    return (known | mistakes) - accepted


@dataclass(frozen=True, slots=True)
class Mistake:
    """A likely wrong answer and why it is wrong."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class TypedTerm(Typed):
    """Accepted answers, the first being the proper one, and likely mistakes."""

    name: ClassVar[str] = "text"
    accept: tuple[str, ...]
    wrong: tuple[Mistake, ...] = ()

    def __post_init__(self) -> None:
        if not self.accept or not all(map(normalise, self.accept)):
            raise ValueError("`accept` needs at least one answer, none of them empty")
        if any(len(text) > 60 for text in self.accept):
            raise ValueError("an accepted answer is longer than 60 characters")

    action: ClassVar[str] = "Type the answer"

    def inputs(self, shown: str) -> tuple[Input, ...]:
        return (ShortText("answer", "Your answer", hint="Small typos are forgiven"),)

    def press(self, letter: str, shown: str) -> str:
        return self.read({"answer": (letter,)}, shown)

    def read(self, values: Mapping[str, tuple[str, ...]], shown: str) -> str:
        given = " ".join("".join(values.get("answer", ())).split())
        if not normalise(given):
            raise FormError({"answer": "Type a term, letters or digits."})
        longest = max(map(len, self.accept))
        if len(given) > 3 * longest + 20:
            raise FormError({"answer": f"That is too long; a short term of about {longest} characters is wanted."})
        return given

    def grade(self, given: str, known: frozenset[str]) -> Grade:
        accepted = frozenset(map(normalise, self.accept))
        said = normalise(given)
        if said in accepted or _joined(said) in map(_joined, accepted):
            return Grade(True)
        others = _others(known, accepted, frozenset(normalise(mistake.text) for mistake in self.wrong))
        if said in others:
            return Grade(False)
        parts = [normalise(part) for part in _SEVERAL.split(given)]
        if len(parts) > 1 and sum(part in known for part in parts) > 1:
            return Grade(False, "Several terms at once do not count; name one.")
        meant = {said, _unbranded(said)} - {""}
        if any(matches(text, answer, others) for text in meant for answer in accepted):
            return Grade(True, f"It is spelt {self.accept[0]}.")
        return Grade(False)

    def key(self, shown: str) -> str:
        return self.accept[0]

    def answer(self, shown: str) -> str:
        return f"**{self.accept[0]}**"

    def review(self, given: str, shown: str) -> tuple[str, ...]:
        said = normalise(given)
        return tuple(f"{mistake.text}: {mistake.why}" for mistake in self.wrong if normalise(mistake.text) == said)

    def tally(self, counts: Mapping[str, int], shown: str) -> tuple[Point, ...]:
        right, wrong = 0, Counter[str]()
        for given, count in counts.items():
            if self.grade(given, frozenset()).right:
                right += count
            else:
                wrong[normalise(given)] += count
        others = (Point(clip(text, 20), count) for text, count in wrong.most_common(5))
        return (Point(clip(self.accept[0], 20), right, "right"), *others)
