"""What is asked: a question, what every kind of question can do, and the packs that hold them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal, Protocol

from bot.ui import Element, Input, Point

Difficulty = Literal["recall", "apply", "analyse"]
Status = Literal["active", "historical", "draft"]

LETTERS = "ABCDEFGHIJ"
"""What is printed before a shown option. Answers are stored by place in the file, written `a`, `b`, …"""


@dataclass(frozen=True, slots=True)
class Grade:
    """What an answer was worth: right or wrong, all or nothing, with a remark for the person (a spelling, say)."""

    right: bool
    note: str = ""


class Kind(Protocol):
    """A type of question, with the fields its authors write.

    `shown` is the order in which the options were shown, as places in the file (`"cab"`), empty where nothing is
    shuffled.
    `given` is an answer in its stored form; `read` and `press` make it from what came in, refusing with `QuizError`.
    """

    name: ClassVar[str]

    @property
    def guess(self) -> float:
        """The chance of being right without reading, 0 to 1."""
        ...

    @property
    def action(self) -> str:
        """What the button says that opens the form; empty where an answer is one press."""
        ...

    def shuffle(self, chance: random.Random) -> str:
        """An order to show the options in."""
        ...

    def lines(self, shown: str) -> tuple[Element, ...]:
        """The options as printed in the card, without any sign of the key."""
        ...

    def presses(self, shown: str) -> tuple[str, ...]:
        """The letters that answer with one press, in order; empty where a form asks."""
        ...

    def inputs(self, shown: str) -> tuple[Input, ...]:
        """The form that asks; empty where letters do."""
        ...

    def press(self, letter: str, shown: str) -> str:
        """The answer behind a letter."""
        ...

    def read(self, values: Mapping[str, tuple[str, ...]], shown: str) -> str:
        """The answer in a submitted form."""
        ...

    def grade(self, given: str, known: frozenset[str]) -> Grade:
        """Mark an answer. `known` holds the glossary's terms, normalised."""
        ...

    def key(self, shown: str) -> str:
        """The right answer, as short as it can be named (a letter, a term, a number)."""
        ...

    def answer(self, shown: str) -> str:
        """The right answer in full."""
        ...

    def review(self, given: str, shown: str) -> tuple[str, ...]:
        """Why this answer is right or wrong, line by line, in trusted markup."""
        ...

    def tally(self, counts: Mapping[str, int], shown: str) -> tuple[Point, ...]:
        """How answers were spread, from the number of people by answer given."""
        ...


class Typed:
    """What kinds share that are answered by typing: nothing is shown, shuffled or pressed, and guessing is hopeless."""

    __slots__ = ()
    guess: ClassVar[float] = 0.0

    def shuffle(self, chance: random.Random) -> str:
        return ""

    def lines(self, shown: str) -> tuple[Element, ...]:
        return ()

    def presses(self, shown: str) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where the facts of a question can be read, and when somebody last looked."""

    title: str
    where: str
    checked: date


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario shared by several questions."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One item of a pack. `revision` is a hash of what a player can see and of the key."""

    id: str
    revision: str
    pack: str
    kind: Kind
    stem: str
    explanation: str
    topics: tuple[str, ...]
    difficulty: Difficulty
    sources: tuple[Source, ...]
    remember: str = ""
    status: Status = "active"
    case: Case | None = None
    enemies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Topic:
    """A syllabus entry. `aliases` are what people type for it."""

    id: str
    title: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """An entry of the glossary: its proper name, what else it is called, how it is misspelt, and what it is."""

    name: str
    aliases: tuple[str, ...] = ()
    misspellings: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """A set of content: questions and topics by id, the glossary, and every name in it, normalised."""

    id: str
    title: str
    topics: Mapping[str, Topic]
    questions: Mapping[str, Question]
    terms: tuple[Term, ...] = ()
    known: frozenset[str] = field(default_factory=frozenset)

    def active(self, *topics: str) -> list[Question]:
        """The questions that may be asked, of these topics or of all, by id."""
        wanted = set(topics)
        return [
            question
            for question in self.questions.values()
            if question.status == "active" and (not wanted or wanted & set(question.topics))
        ]
