"""Reads packs. Every problem is collected with its file, line and mend; nothing half-read is ever used."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.bank import schema
from bot.bank.document import Document, Place
from bot.engine.kinds import KINDS
from bot.engine.kinds.text import normalise
from bot.engine.question import Case, Difficulty, Pack, Question, Source, Status, Term, Topic

Entry = TypeVar("Entry", bound=BaseModel)
Result = TypeVar("Result")
_TAGS = {(kind,) for kind in KINDS}
"""What pydantic puts before the place of an error in a question."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, where, and how to mend it. An `advice` does not fail the check."""

    file: Path
    line: int
    text: str
    advice: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {'advice: ' if self.advice else ''}{self.text}"


class ContentError(Exception):
    """A pack that cannot be used; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Item:
    """A question with what only its authors need."""

    entry: schema.QuestionEntry
    question: Question
    document: Document
    index: int

    @property
    def file(self) -> Path:
        return self.document.file

    def line(self, *place: str | int) -> int:
        """The line of a part of the question, or of its beginning."""
        return self.document.line((self.index, *place))


@dataclass(slots=True)
class Reading:
    """One pack as read: its parts, and every problem met on the way."""

    folder: Path
    pack: schema.PackEntry | None = None
    topics: dict[str, schema.TopicEntry] = field(default_factory=dict)
    facts: dict[str, schema.FactEntry] = field(default_factory=dict)
    terms: list[schema.TermEntry] = field(default_factory=list)
    products: list[schema.ProductEntry] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    blueprints: dict[str, schema.BlueprintEntry] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def known(self) -> frozenset[str]:
        """Every term of the glossary and its aliases, normalised."""
        return frozenset(normalise(name) for term in self.terms for name in (term.term, *term.aliases))

    def result(self) -> Pack:
        """The pack to play from; raises `ContentError` if anything is wrong."""
        wrong = sorted(problem for problem in self.problems if not problem.advice)
        if wrong or self.pack is None:
            raise ContentError(wrong)
        return Pack(
            self.pack.id,
            self.pack.title,
            {topic.id: Topic(topic.id, topic.title, topic.aliases) for topic in self.topics.values()},
            {item.question.id: item.question for item in self.items},
            tuple(Term(term.term, term.aliases, term.misspellings, term.about) for term in self.terms),
            self.known,
        )


def content_folder() -> Path:
    """Where the packs are: beside the `bot` package in a checkout, inside it where it was installed."""
    package = Path(__file__).parents[1]
    installed = package / "_data" / "content"
    return installed if installed.is_dir() else package.parent / "content"


def packs_in(folder: Path) -> list[Path]:
    """The pack folders at or under `folder`."""
    return [folder] if (folder / "pack.yaml").exists() else sorted(file.parent for file in folder.glob("*/pack.yaml"))


def read_pack(folder: Path, *, authoring: bool = False) -> Reading:
    """Read the pack in `folder`; `authoring` reads also what only checks and coverage need."""
    reading = Reading(folder)
    reading.pack = _entry(reading, "pack.yaml", schema.PackEntry)
    for name in _names(folder, "syllabus"):
        if topic := _entry(reading, name, schema.TopicEntry):
            reading.topics[topic.id] = topic
    reading.terms = list(_entries(reading, "glossary.yaml", schema.TermEntry))
    cases = _entries(reading, "cases.yaml", schema.CaseEntry)
    reading.cases = {case.id: Case(case.id, case.title, case.text) for case in cases}
    if authoring:
        _read_authoring(reading)
    for name in _names(folder, "questions"):
        reading.items += _questions(reading, name)
    reading.problems += _repeated(reading.items)
    return reading


def _read_authoring(reading: Reading) -> None:
    reading.facts = {fact.id: fact for fact in _entries(reading, "facts.yaml", schema.FactEntry)}
    reading.products = list(_entries(reading, "products.yaml", schema.ProductEntry))
    for name in _names(reading.folder, "blueprints"):
        if blueprint := _entry(reading, name, schema.BlueprintEntry):
            reading.blueprints[blueprint.id] = blueprint


def _names(folder: Path, part: str) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.glob(f"{part}/*.yaml"))


def _questions(reading: Reading, name: str) -> Iterator[Item]:
    """The questions of one file; what is wrong with them goes to `reading.problems`."""
    document = _document(reading, name, list)
    pack = reading.pack.id if reading.pack else reading.folder.name
    for index, raw in enumerate(document.value if document else ()):
        assert document
        entry = _validated(reading, document, (index,), partial(schema.QUESTION.validate_python, raw))
        if entry and _case_found(reading, document, index, entry.case):
            question = _validated(reading, document, (index,), partial(_question, entry, pack, reading.cases))
            if question:
                yield Item(entry, question, document, index)


def _case_found(reading: Reading, document: Document, index: int, case: str | None) -> bool:
    """Whether the question can be built; a pack without cases.yaml is unfinished, and its cases are not looked for."""
    if case is None or case in reading.cases:
        return True
    unfinished = "cases.yaml" not in reading.documents
    text = f"no case {case!r} in cases.yaml; write it there"
    reading.problems.append(Problem(document.file, document.line((index, "case")), text, advice=unfinished))
    return unfinished


def archive(question: Question) -> str:
    """`question` as text that `revive` reads, whatever becomes of its file."""
    plain = dataclasses.asdict(question)
    plain["enemies"] = sorted(question.enemies)
    return json.dumps(plain | {"kind": question.kind.name, "fields": plain["kind"]}, ensure_ascii=False, default=str)


def revive(text: str) -> Question:
    """The question that `archive` wrote."""
    raw = json.loads(text)
    kind = TypeAdapter(KINDS[raw["kind"]]).validate_python(raw.pop("fields"))
    return TypeAdapter(_Archived).validate_python(raw | {"kind": None}).build(kind)


class _Archived(BaseModel):
    model_config = {"extra": "ignore"}
    id: str
    revision: str
    pack: str
    stem: str
    explanation: str
    topics: tuple[str, ...]
    difficulty: Difficulty
    sources: tuple[Source, ...]
    remember: str
    status: Status
    case: Case | None
    enemies: frozenset[str]

    def build(self, kind: Any) -> Question:
        return Question(kind=kind, **{name: getattr(self, name) for name in type(self).model_fields})


def _question(entry: schema.QuestionEntry, pack: str, cases: Mapping[str, Case]) -> Question:
    cls = KINDS[entry.kind]  # type: ignore[attr-defined]
    kind = cls(**{item.name: getattr(entry, item.name) for item in dataclasses.fields(cls)})  # type: ignore[arg-type]
    case = cases.get(entry.case or "")
    seen = json.dumps(
        [entry.stem, case.text if case else "", kind.name, dataclasses.asdict(kind)],  # type: ignore[call-overload]
        ensure_ascii=False,
    )
    return Question(
        id=entry.id,
        revision=hashlib.sha256(seen.encode()).hexdigest()[:12],
        pack=pack,
        kind=kind,
        stem=entry.stem,
        explanation=entry.explanation,
        topics=entry.topics,
        difficulty=entry.difficulty,
        sources=tuple(Source(source.title, source.where, source.checked) for source in entry.sources),
        remember=entry.remember,
        status=entry.status,
        case=case,
        enemies=entry.enemies,
    )


def _repeated(items: list[Item]) -> Iterator[Problem]:
    first: dict[str, Item] = {}
    for item in items:
        other = first.setdefault(item.entry.id, item)
        if other is not item:
            taken = f"id {item.entry.id!r} is taken in {other.file.name}:{other.line()}; choose another"
            yield Problem(item.file, item.line("id"), taken)


def _entries(reading: Reading, name: str, model: type[Entry]) -> Iterator[Entry]:
    """The rows of a file that is a list; none where the file is absent."""
    document = _document(reading, name, list) if (reading.folder / name).exists() else None
    for index, raw in enumerate(document.value if document else ()):
        assert document
        entry = _validated(reading, document, (index,), partial(model.model_validate, raw))
        if entry is not None:
            yield entry


def _entry(reading: Reading, name: str, model: type[Entry]) -> Entry | None:
    """The one entry of a file that is a mapping."""
    document = _document(reading, name, dict)
    return _validated(reading, document, (), partial(model.model_validate, document.value)) if document else None


def _document(reading: Reading, name: str, shape: type) -> Document | None:
    """The parsed file; None where it cannot be used, with the reason among the problems."""
    file = reading.folder / name
    try:
        document = Document(file)
    except OSError as error:
        reading.problems.append(Problem(file, 1, f"cannot be read ({error.strerror}); put it there"))
    except yaml.YAMLError as error:
        mark, what = getattr(error, "problem_mark", None), getattr(error, "problem", None) or str(error)
        mend = "mind the indent, and quote text with ': ' or ' #'"
        reading.problems.append(Problem(file, mark.line + 1 if mark else 1, f"not YAML: {what}; {mend}"))
    else:
        reading.documents[name] = document
        reading.problems += [Problem(file, n, f"{key!r} stands here twice; keep one") for n, key in document.repeated()]
        if isinstance(document.value, shape):
            return document
        wanted = "list, each entry beginning with `- `" if shape is list else "mapping"
        reading.problems.append(Problem(file, 1, f"expected a {wanted} at the top"))
    return None


def _validated(reading: Reading, document: Document, place: Place, build: Callable[[], Result]) -> Result | None:
    try:
        return build()
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            loc = detail["loc"][1:] if detail["loc"][:1] in _TAGS and detail["loc"][1:] else detail["loc"]
            reading.problems.append(Problem(document.file, document.line((*place, *loc)), _mend(loc, detail)))
    except ValueError as error:
        reading.problems.append(Problem(document.file, document.line(place), str(error)))
    return None


def _mend(loc: tuple[str | int, ...], detail: Any) -> str:
    name = ".".join(map(str, loc)) or "entry"
    given = str(detail.get("input"))[:40]
    match detail["type"]:
        case "missing":
            return f"{name}: missing; add it"
        case "extra_forbidden" | "unexpected_keyword_argument":
            return f"{name}: no such field; check the spelling or take it out"
        case "string_type":
            return f"{name}: {given} is not text; put it in quotes"
        case "union_tag_invalid" | "union_tag_not_found":
            return f"kind: must be one of {', '.join(sorted(KINDS))}"
        case _:
            return f"{name}: {detail['msg'].removeprefix('Value error, ')}"
