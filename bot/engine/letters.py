"""Options printed beside letters, and answers given in letters."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import ClassVar

from bot.engine.errors import FormError
from bot.engine.question import LETTERS
from bot.ui import Input, Md, OneOf, Option, Text

PLACES = "abcdefg"


def printed(texts: Iterable[str]) -> Text:
    """`texts` as they are shown, each beside its letter."""
    return Text(Md("\n".join(f"**{letter}**  {text}" for letter, text in zip(LETTERS, texts, strict=False))))


class Lettered(ABC):
    """What kinds share whose form has a row for each part of the answer, and takes a letter in each, none twice."""

    __slots__ = ()
    row: ClassVar[str]
    """What an input is called, before its number."""
    missing: ClassVar[str]
    taken: ClassVar[str]
    """What is wrong with a row that has no letter, and, said after the letter, with one whose letter is used before."""

    @property
    @abstractmethod
    def rows(self) -> tuple[str, ...]:
        """The labels of the rows, in order."""

    @property
    @abstractmethod
    def texts(self) -> tuple[str, ...]:
        """What letters stand for, in the order of the file."""

    def presses(self, shown: str) -> tuple[str, ...]:
        return ()

    def inputs(self, shown: str) -> tuple[Input, ...]:
        options = tuple(
            Option(f"{letter}  {text}", letter) for letter, text in zip(LETTERS, self._texts(shown), strict=False)
        )
        return tuple(OneOf(f"{self.row}{n}", label, options) for n, label in enumerate(self.rows))

    def press(self, letter: str, shown: str) -> str:
        """The answer typed as letters, one per row, such as `BCA`."""
        letters = [char for char in letter.upper() if char.isalpha()]
        return self.read({f"{self.row}{n}": (char,) for n, char in enumerate(letters)}, shown)

    def read(self, values: Mapping[str, tuple[str, ...]], shown: str) -> str:
        letters = ["".join(values.get(f"{self.row}{n}", ())) for n in range(len(self.rows))]
        problems: dict[str, str] = {}
        for n, letter in enumerate(letters):
            if len(letter) != 1 or letter not in LETTERS[: len(shown)]:
                problems[f"{self.row}{n}"] = self.missing
            elif letter in letters[:n]:
                problems[f"{self.row}{n}"] = f"{letter} {self.taken}"
        if problems:
            raise FormError(problems)
        return "".join(shown[LETTERS.index(letter)] for letter in letters)

    def _texts(self, places: str) -> tuple[str, ...]:
        return tuple(self.texts[PLACES.index(place)] for place in places)

    @staticmethod
    def _letters(places: str, shown: str) -> str:
        return "".join(LETTERS[shown.index(place)] for place in places)
