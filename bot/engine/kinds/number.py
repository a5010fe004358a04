"""Type a number, compared within a tolerance, in any unit of the same dimension."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from bot.engine.errors import FormError
from bot.engine.question import Grade, Typed
from bot.ui import Input, Point, clip
from bot.ui import Number as NumberInput

_UNITS: Mapping[str, tuple[str, float]] = {
    **{name: ("time", factor) for names, factor in (
        ("ms millisecond milliseconds", 0.001), ("s sec second seconds", 1), ("min minute minutes", 60),
        ("h hour hours", 3600), ("d day days", 86400), ("week weeks", 604800),
    ) for name in names.split()},
    **{name: ("size", factor) for names, factor in (
        ("b byte bytes", 1), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12), ("pb", 1e15),
        ("kib", 2**10), ("mib", 2**20), ("gib", 2**30), ("tib", 2**40),
    ) for name in names.split()},
    "%": ("share", 0.01), "percent": ("share", 0.01),
}  # fmt: skip
_UNITLESS = ("share", 1.0)

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = {
    word: 10 * n
    for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_WORDS = {word: n for n, word in enumerate(_SMALL)} | _TENS | {"hundred": 100}
_NUMBER = re.compile(r"^([+-]?)([\d.,\s']*\d)(?:\s*/\s*(\d+(?:\.\d+)?))?\s*([^\d\s].*)?$")


def parse(text: str) -> tuple[float, str]:
    """A value and its unit as written (`"1,234.5 GB"`, `"4/5"`, `"eighty percent"`); raises `ValueError`."""
    cleaned = " ".join(text.replace("−", "-").casefold().split())
    found = _NUMBER.match(cleaned)
    if not found:
        return _spelt(cleaned)
    sign, digits, divisor, unit = found.groups()
    value = float(f"{sign}{_decimal(digits)}")
    if divisor:
        value /= float(divisor) or float("nan")
    return value, (unit or "").strip()


def _decimal(digits: str) -> str:
    """Digits with thousands separators dropped and a decimal comma made a point."""
    digits = re.sub(r"[\s']", "", digits)
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits):
        return digits.replace(",", "")
    return digits.replace(",", ".") if digits.count(",") == 1 and "." not in digits else digits


def _spelt(text: str) -> tuple[float, str]:
    words = text.replace("-", " ").split()
    count = next((n for n, word in enumerate(words) if word not in _WORDS), len(words))
    if not count:
        raise ValueError(text)
    return float(sum(_WORDS[word] for word in words[:count] if word != "a")), " ".join(words[count:])


@dataclass(frozen=True, slots=True)
class Slip:
    """A likely wrong value and the error that leads to it."""

    value: float
    why: str


@dataclass(frozen=True, slots=True)
class TypedNumber(Typed):
    """A value with an absolute tolerance and an optional unit."""

    name: ClassVar[str] = "number"
    value: float
    tolerance: float = 0.0
    unit: str = ""
    wrong: tuple[Slip, ...] = ()

    def __post_init__(self) -> None:
        if self.tolerance < 0:
            raise ValueError("`tolerance` cannot be negative")

    action: ClassVar[str] = "Type the number"

    def inputs(self, shown: str) -> tuple[Input, ...]:
        return (NumberInput("answer", "Your answer", hint=f"A number, in {self.unit}" if self.unit else "A number"),)

    def press(self, letter: str, shown: str) -> str:
        return self.read({"answer": (letter,)}, shown)

    def read(self, values: Mapping[str, tuple[str, ...]], shown: str) -> str:
        given = " ".join("".join(values.get("answer", ())).split())[:40]
        try:
            _, unit = parse(given)
        except ValueError:
            raise FormError({"answer": "Type a number, such as 0.8 or 1,200."}) from None
        if unit and self._scale(unit) is None:
            wanted = f"give it in {self.unit}" if self.unit else "give the number alone"
            raise FormError({"answer": f"The unit {unit!r} does not fit here; {wanted}."})
        return given

    def grade(self, given: str, known: frozenset[str]) -> Grade:
        return Grade(self._equals(given, self.value))

    def key(self, shown: str) -> str:
        return f"{self.value:g}{'' if self.unit in ('', '%') else ' '}{self.unit}"

    def answer(self, shown: str) -> str:
        spread = f" (within {self.tolerance:g})" if self.tolerance else ""
        return f"**{self.key(shown)}**{spread}"

    def review(self, given: str, shown: str) -> tuple[str, ...]:
        return tuple(f"{slip.value:g}: {slip.why}" for slip in self.wrong if self._equals(given, slip.value))[:1]

    def tally(self, counts: Mapping[str, int], shown: str) -> tuple[Point, ...]:
        right = sum(count for given, count in counts.items() if self._equals(given, self.value))
        others = sorted(
            ((given, count) for given, count in counts.items() if not self._equals(given, self.value)),
            key=lambda item: (-item[1], item[0]),
        )
        return (Point(clip(self.key(shown), 20), right, "right"), *(Point(clip(g, 20), n) for g, n in others[:5]))

    def _scale(self, unit: str) -> float | None:
        """What a number in `unit` is multiplied by to be in ours; None where the dimensions differ."""
        if unit == self.unit.casefold():
            return 1.0
        theirs, ours = _UNITS.get(unit), _UNITS.get(self.unit.casefold(), _UNITLESS)
        return theirs[1] / ours[1] if theirs and theirs[0] == ours[0] else None

    def _equals(self, given: str, value: float) -> bool:
        number, unit = parse(given)
        scaled = number * ((self._scale(unit) if unit else 1.0) or 0.0)
        return abs(scaled - value) <= self.tolerance + 1e-9 * max(1.0, abs(value))
