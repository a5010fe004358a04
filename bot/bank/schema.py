"""The files of a pack as their authors write them; also the JSON Schema that editors use."""

import dataclasses
from datetime import date
from typing import Annotated, Any, Literal, Union, get_type_hints

from pydantic import BaseModel, ConfigDict, Discriminator, Field, TypeAdapter, create_model

from bot.engine.kinds import KINDS
from bot.engine.question import Difficulty, Status

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=70)]
Prose = Annotated[str, Field(min_length=1)]


class File(BaseModel):
    """Nothing unknown, nothing guessed: a misspelt field and a number where text belongs are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, use_attribute_docstrings=True)


class SourceEntry(File):
    title: Prose
    """Title of the document, with the section."""
    where: Prose
    """Where it can be read: an address without https://, or a book or paper."""
    checked: date
    """The day somebody last read it."""


class QuestionEntry(File):
    id: Slug
    """Permanent: never changed, never used again."""
    topics: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=4)]
    """Topics of the syllabus; the first is where the question is filed."""
    difficulty: Difficulty
    """What it asks of the learner, in the author's opinion."""
    scenario: bool = False
    """A situation of two to five sentences with a constraint and one best answer."""
    stem: Annotated[str, Field(min_length=15, max_length=700)]
    """The question, answerable without seeing the options."""
    explanation: Annotated[str, Field(min_length=40, max_length=800)]
    """The rule behind the key; older material that says otherwise is named here."""
    remember: Annotated[str, Field(max_length=140)] = ""
    """The line to keep."""
    facts: tuple[Slug, ...] = ()
    """Facts the key rests on."""
    mentions: tuple[Slug, ...] = ()
    """Facts the explanation uses."""
    sources: Annotated[tuple[SourceEntry, ...], Field(min_length=1)]
    verified: date
    """The day somebody last checked the key against a source."""
    status: Status = "active"
    case: Slug | None = None
    """The case study it belongs to."""
    enemies: frozenset[Slug] = frozenset()
    """Questions that repeat or betray this one."""


def _entry(kind: Any) -> type[QuestionEntry]:
    """The file form of a kind: what all questions have, and the kind's own fields."""
    hints = get_type_hints(kind)
    own: dict[str, Any] = {"kind": (Literal[kind.name], ...)}
    for item in dataclasses.fields(kind):
        own[item.name] = (hints[item.name], ... if item.default is dataclasses.MISSING else item.default)
    return create_model(f"{kind.__name__}Entry", __base__=QuestionEntry, __doc__=kind.__doc__, **own)


ENTRIES = {name: _entry(kind) for name, kind in KINDS.items()}
_ANY_KIND: Any = Union[tuple(ENTRIES.values())]  # noqa: UP007
QUESTION: TypeAdapter[QuestionEntry] = TypeAdapter(Annotated[_ANY_KIND, Discriminator("kind")])


def question_schema() -> dict[str, Any]:
    """The JSON Schema of a question file, for editors that complete and check while one types."""
    one = QUESTION.json_schema()
    parts = one.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Questions of a quizbot pack",
        "type": "array",
        "items": one,
        "$defs": parts,
    }


class ObjectiveEntry(File):
    text: Prose
    facts: tuple[Slug, ...] = ()


class TopicEntry(File):
    id: Slug
    title: Annotated[str, Field(min_length=1, max_length=75)]
    aliases: tuple[str, ...] = ()
    objectives: tuple[ObjectiveEntry, ...] = ()


class FactEntry(File):
    id: Slug
    topic: Slug
    notes: tuple[int, int] | None = None
    """Lines of the study notes that state it; absent for added context."""
    verdict: Literal["right", "imprecise", "outdated", "wrong", "unverified"]
    product: Literal["current", "renamed", "closed-to-new", "discontinued", "n/a"]
    key: Literal["yes", "careful", "never"] = "yes"
    """Whether a key may rest on it."""
    caution: str = ""
    same_as: Slug | None = None
    says: Prose
    notes_differ: str = ""


class TermEntry(File):
    term: Prose
    aliases: tuple[str, ...] = ()
    misspellings: tuple[str, ...] = ()
    about: Annotated[str, Field(max_length=300)] = ""
    """What it is, in one or two sentences."""


class ProductEntry(File):
    """A product whose name or state changed: what a key may no longer recommend, or should call otherwise."""

    name: Prose
    aliases: tuple[str, ...] = ()
    """Other names a key could use."""
    state: Literal["ended", "closed-to-new", "renamed"]
    when: Prose
    """When it happened, in words."""
    successor: str = ""
    """What to name instead, where there is one."""


class CaseEntry(File):
    id: Slug
    title: Annotated[str, Field(max_length=75)]
    text: Annotated[str, Field(max_length=900)]


class PackEntry(File):
    id: Slug
    title: Prose
    description: Prose
    licence: Prose
    maintainers: tuple[str, ...]
    language: Prose
    blueprint: Slug
    """The default target."""


class FormEntry(File):
    """What sitting an exam is like; absent where it is not announced."""

    items: Annotated[int, Field(gt=0)]
    unscored: int | None = None
    """Items that do not count, unmarked among the others."""
    minutes: int | None = None
    low: int
    high: int
    passing: int | None = None
    """The scaled score to pass, from `low` to `high`."""
    kinds: tuple[Literal["choice", "order", "match", "case"], ...]


class TaskEntry(File):
    id: str
    title: Prose
    """What a candidate does, in our own words."""
    topics: tuple[Slug, ...] = ()
    """Topics of the syllabus whose questions train it."""
    missing: str = ""
    """What it asks and the pack does not teach, in words."""


class DomainEntry(File):
    id: str
    title: Prose
    weight: Annotated[float, Field(gt=0, le=1)]
    """Its part of the scored items."""
    tasks: Annotated[tuple[TaskEntry, ...], Field(min_length=1)]


class BlueprintEntry(File):
    """One exam."""

    id: Slug
    title: Prose
    status: Literal["active", "beta", "retired", "ended"]
    """Whether it can be sat: `ended` in English only, `retired` nowhere."""
    since: date | None = None
    until: date | None = None
    """The last day it could be sat."""
    verified: date
    note: str = ""
    """What a reader of the figures has to know."""
    form: FormEntry
    beta: FormEntry | None = None
    """The form while the exam is in beta."""
    domains: Annotated[tuple[DomainEntry, ...], Field(min_length=1)]
    missing: tuple[Prose, ...] = ()
    """What the exam asks and the pack does not teach, in words."""
    sources: tuple[Prose, ...]
