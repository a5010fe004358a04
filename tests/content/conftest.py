"""A small sound pack on disk, and questions to spoil."""

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.cli.content import content

TODAY = datetime.now(UTC).date()
Raw = dict[str, Any]

_COMMON: Raw = {
    "topics": ["storage"],
    "difficulty": "apply",
    "explanation": "What is read seldom but must answer at once belongs into the class made for exactly that.",
    "remember": "Seldom does not mean slow.",
    "facts": ["instant-class"],
    "sources": [{"title": "User guide", "where": "docs.example.org/classes", "checked": TODAY}],
    "verified": TODAY,
}
_OPTIONS = [
    {"text": "Instant Retrieval", "key": True, "why": "It answers at once."},
    {"text": "Deep Archive", "why": "It needs hours."},
    {"text": "Frequent Access", "why": "It costs more to keep."},
    {"text": "Slow Retrieval", "why": "It needs minutes."},
]
_STEM = "A shop reads its old invoices twice a year. Each read must start at once. Which class costs LEAST?"

SOUND: Mapping[str, Raw] = {
    "choice": {"kind": "choice", "scenario": True, "stem": _STEM, "options": _OPTIONS},
    "several": {
        "kind": "choice",
        "stem": "Which two classes keep files in a vault far away? (Choose two.)",
        "options": [
            {"text": "Glacier one", "key": True, "why": "It is far away."},
            {"text": "Glacier two", "key": True, "why": "It is far away too."},
            {"text": "Tape", "why": "It is on a shelf."},
            {"text": "Disk", "why": "It spins nearby."},
            {"text": "Memory", "why": "It forgets."},
        ],
    },
    "text": {
        "kind": "text",
        "stem": "Which service finds faces in pictures? Type its name.",
        "accept": ["Amazon Rekognition", "Rekognition"],
        "wrong": [{"text": "Amazon Textract", "why": "It reads documents."}],
    },
    "number": {
        "kind": "number",
        "stem": "A test finds 8 of 10 sick people. What is its recall in %?",
        "value": 80,
        "unit": "%",
        "wrong": [{"value": 20, "why": "That is what it misses."}],
    },
    "order": {
        "kind": "order",
        "stem": "Put the steps from raw data to an answer in order.",
        "items": [
            {"text": "Train", "why": "First."},
            {"text": "Deploy", "why": "Next."},
            {"text": "Ask", "why": "Last."},
        ],
    },
    "match": {
        "kind": "match",
        "stem": "Match each service with what it reads.",
        "pairs": [
            {"prompt": "Textract", "response": "Documents", "why": "It reads forms."},
            {"prompt": "Transcribe", "response": "Speech", "why": "It hears."},
            {"prompt": "Rekognition", "response": "Pictures", "why": "It sees."},
        ],
    },
}


def sound(kind: str = "choice", /, **changes: Any) -> Raw:
    """A question without any flaw, then changed."""
    return {"id": f"storage-{kind}"} | copy.deepcopy(_COMMON | SOUND[kind] | changes)


def options(*texts: str, key: int = 0) -> list[Raw]:
    """Options of these texts with a reason each."""
    return [
        {"text": text, "why": f"So it is with {n}."} | ({"key": True} if n == key else {})
        for n, text in enumerate(texts)
    ]


FILES: Mapping[str, Any] = {
    "pack.yaml": {
        "id": "small", "title": "Small pack", "description": "For tests.", "licence": "CC0", "maintainers": ["me"],
        "language": "en", "blueprint": "exam",
    },
    "syllabus/storage.yaml": {
        "id": "storage",
        "title": "Storage",
        "objectives": [{"text": "Choose a class", "facts": ["instant-class", "old-news"]}],
    },
    "facts.yaml": [
        {"id": "instant-class", "topic": "storage", "notes": [1, 2], "verdict": "right", "product": "n/a", "says": "A"},
        {"id": "old-news", "topic": "storage", "verdict": "right", "product": "n/a", "key": "never", "says": "It was."},
    ],
    "glossary.yaml": [
        {"term": "Amazon Rekognition", "aliases": ["Rekognition", "AWS Rekognition"], "misspellings": ["Recognition"]},
        {"term": "Amazon Textract", "aliases": ["Textract"]},
        {"term": "Random Cut Forest", "aliases": ["RCF"]},
    ],
    "cases.yaml": [{"id": "the-shop", "title": "The shop", "text": "A shop keeps invoices for ten years."}],
    "products.yaml": [
        {"name": "Old Vault", "state": "ended", "when": "May 2025"},
        {"name": "Late Vault", "state": "closed-to-new", "when": "May 2026"},
        {"name": "Fire Hose", "state": "renamed", "when": "2024", "successor": "Amazon Data Hose"},
    ],
    "blueprints/exam.yaml": {
        "id": "exam", "title": "The exam", "status": "active", "verified": TODAY, "sources": ["guide"],
        "form": {"items": 10, "low": 100, "high": 1000, "kinds": ["choice"]}, "missing": ["Everything about tapes."],
        "domains": [
            {"id": "1", "title": "Keep", "weight": 0.6, "tasks": [{"id": "1.1", "title": "A", "topics": ["storage"]}]},
            {"id": "2", "title": "Lose", "weight": 0.4, "tasks": [{"id": "2.1", "title": "Lose", "missing": "Tapes."}]},
        ],
    },
}  # fmt: skip


@dataclass
class PackOnDisk:
    """A pack folder, written anew by each `write`."""

    folder: Path
    questions: list[Raw] = field(default_factory=list)

    def write(self, *questions: Raw, **files: Any) -> "PackOnDisk":
        """Write the small pack with these questions; `files` replace parts by name, None leaves one out."""
        for name, standard in FILES.items():
            value = files.get(Path(name).stem, standard)
            if value is not None:
                self.put(name, yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=1000))
        self.put(
            "questions/storage.yaml", yaml.safe_dump([*questions], sort_keys=False, allow_unicode=True, width=1000)
        )
        return self

    def put(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def line(self, name: str, text: str, after: str = "") -> int:
        """The line of a file on which `text` first stands, from the one that holds `after` on."""
        lines = (self.folder / name).read_text("utf-8").splitlines()
        start = next(n for n, row in enumerate(lines) if after in row)
        return next(n for n, row in enumerate(lines[start:], start + 1) if text in row)

    def check(self, *options: str) -> Result:
        return run("check", str(self.folder), *options)


def run(*arguments: str) -> Result:
    """What `quizbot content …` answers."""
    return CliRunner().invoke(content, arguments)


def problems(result: Result) -> list[str]:
    """The problems printed, advice too, each from its file name on."""
    return re.findall(r"[a-z]+\.yaml:\d+: .*", result.output)


@pytest.fixture
def pack(tmp_path: Path) -> PackOnDisk:
    return PackOnDisk(tmp_path / "small")


@pytest.fixture
def spoil(pack: PackOnDisk) -> Callable[..., list[str]]:
    """Problems of the small pack with one question, changed."""

    def spoilt(kind: str = "choice", **changes: Any) -> list[str]:
        return problems(pack.write(sound(kind, **changes)).check())

    return spoilt


def days_ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()
