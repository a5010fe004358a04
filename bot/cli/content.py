"""Checking and measuring content: `quizbot content …`."""

import json
import os
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.bank.check import check_pack
from bot.bank.coverage import ENOUGH, by_task, by_topic, uncorrected
from bot.bank.guessers import Figure, figures, riddles
from bot.bank.load import Problem, Reading, content_folder, packs_in, read_pack
from bot.bank.profile import profile
from bot.bank.schema import BlueprintEntry, question_schema

content = typer.Typer(help="Check and measure question packs.", no_args_is_help=True)

Where = Annotated[
    Path | None,
    typer.Argument(metavar="[PATH]", help="A content folder, a pack or one question file.", show_default="content/"),
]
PATIENCE = 2.0
"""Seconds of work after which a progress bar appears."""


@content.command()
def check(
    path: Where = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let advice fail the check too.")] = False,
) -> None:
    """Name every problem with its file, line and mend."""
    asked = path or content_folder()
    found: list[Problem] = []
    questions = 0
    with _Bar() as bar:
        for pack in _packs(asked):
            items, problems = check_pack(pack, datetime.now(UTC).date(), bar.tell)
            found += [problem for problem in problems if _within(problem.file, asked)]
            questions += sum(_within(item.file, asked) for item in items)
    _report(found, questions)
    if any(strict or not problem.advice for problem in found):
        raise typer.Exit(1)


@content.command()
def coverage(
    path: Where = None,
    blueprint: Annotated[str, typer.Option(help="Show one exam instead: mla-c02, say.")] = "",
) -> None:
    """Show what is tested, topic by topic; fails where a fact of the study notes has no question."""
    readings = _readings(path)
    if blueprint:
        _show_blueprint(*_found(readings, blueprint))
    elif sum(map(_show_topics, readings)):
        raise typer.Exit(1)


@content.command()
def stats(path: Where = None) -> None:
    """Show what the bank is made of, and how well it resists guessing."""
    for reading in _readings(path):
        shown = [*profile(reading.items), *figures(riddles(reading.items))]
        _table(_title(reading), ("figure", "value", "wanted", ""), [_row(figure) for figure in shown])
        for figure in (figure for figure in shown if figure.mend and not figure.good):
            typer.echo(f"{figure.name}: {figure.mend}\n")
        topics = [(cover.title, str(cover.questions)) for cover in by_topic(reading)]
        _table("Questions by topic", ("topic", "questions"), topics)


@content.command()
def schema(
    write: Annotated[Path | None, typer.Option(help="Write it to this file instead of printing it.")] = None,
) -> None:
    """Print the JSON Schema of question files, for editors."""
    text = json.dumps(question_schema(), indent=1, ensure_ascii=False) + "\n"
    if write:
        write.write_text(text, "utf-8")
    else:
        typer.echo(text, nl=False)


# ---- what was asked for


def _packs(asked: Path) -> list[Path]:
    """The packs to read for what was asked; refuses a path without any."""
    packs = packs_in(asked) if asked.is_dir() else packs_in(asked.resolve().parent.parent)
    if not packs or not asked.exists():
        raise typer.BadParameter(f"{asked} is neither a pack, a folder of packs nor a question file of a pack.")
    return packs


def _within(file: Path, asked: Path) -> bool:
    return asked.is_dir() or file.resolve() == asked.resolve()


def _readings(path: Path | None) -> list[Reading]:
    """The packs, readable as a whole; what is wrong in them is for `check` to say."""
    readings = [read_pack(pack, authoring=True) for pack in _packs(path or content_folder())]
    broken = sum(not problem.advice for reading in readings for problem in reading.problems)
    if broken:
        typer.echo(f"{_count(broken, 'problem')} in the files; the figures leave out what could not be read.", err=True)
    return readings


def _found(readings: Sequence[Reading], name: str) -> tuple[Reading, BlueprintEntry]:
    for reading in readings:
        if name in reading.blueprints:
            return reading, reading.blueprints[name]
    known = sorted(key for reading in readings for key in reading.blueprints)
    raise typer.BadParameter(f"no blueprint {name!r}; there are {', '.join(known) or 'none'}.")


# ---- what is shown


def _report(found: Iterable[Problem], questions: int) -> None:
    found = sorted(found)
    for problem in found:
        typer.echo(f"{os.path.relpath(problem.file)}{str(problem).removeprefix(str(problem.file))}")
    advice = sum(problem.advice for problem in found)
    typer.echo(
        f"{_count(questions, 'question')}, {_count(len(found) - advice, 'problem')}, "
        f"{_count(advice, 'piece', 'pieces')} of advice"
    )


def _show_topics(reading: Reading) -> int:
    """Print the table of topics and every fact without a question; how many there are."""
    covers = by_topic(reading)
    rows = [
        (c.title, *map(str, (c.facts, c.noted, c.noted - len(c.untested), c.questions)), "✗" if c.untested else "")
        for c in covers
    ]
    _table(_title(reading), ("topic", "facts", "of the notes", "tested", "questions", ""), rows)
    missed = [fact for cover in covers for fact in cover.untested]
    for fact in missed:
        lines = f"lines {fact.notes[0]}-{fact.notes[1]} of the notes" if fact.notes else ""
        typer.echo(f"no question: {fact.id} ({fact.topic}, {lines})")
    for fact in uncorrected(reading):
        typer.echo(f'advice: {fact.id}: the notes are {fact.verdict}, but no explanation says "Older study notes …"')
    noted = sum(cover.noted for cover in covers)
    typer.echo(f"{noted - len(missed)} of {noted} facts of the notes have a question")
    return len(missed)


def _show_blueprint(reading: Reading, blueprint: BlueprintEntry) -> None:
    covers = by_task(reading, blueprint)
    rows = [
        (f"{c.task.id} {c.task.title}", f"{c.weight:.1%}", str(c.questions), ", ".join(c.task.topics), c.task.missing)
        for c in covers
    ]
    for domain in dict.fromkeys(c.domain for c in covers):
        of_it = [row for c, row in zip(covers, rows, strict=True) if c.domain == domain]
        _table(domain, ("task", "weight", "questions", "topics", "missing"), of_it)
    share = sum(c.weight for c in covers if c.enough)
    typer.echo(f"{blueprint.title}: {blueprint.status}")
    typer.echo(
        f"Tasks with {ENOUGH} questions or more: {share:.0%} of the exam, a task being an equal part of its domain."
    )
    typer.echo("A task counts with whatever it has. What this pack cannot test:")
    for text in blueprint.missing:
        typer.echo(f"- {text}")
    if blueprint.note:
        typer.echo(blueprint.note)


def _row(figure: Figure) -> tuple[str, str, str, str]:
    return figure.name, figure.value, figure.wanted, {True: "✓", False: "✗", None: ""}[figure.good]


def _title(reading: Reading) -> str:
    return reading.pack.title if reading.pack else reading.folder.name


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = 140
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for n, name in enumerate(head):
        number = name in ("facts", "of the notes", "tested", "questions", "weight")
        table.add_column(name, justify="right" if number and n else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table, highlight=False)
    console.print()


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


class _Bar:
    """A progress bar on the error output, shown once the work takes long and somebody watches."""

    def __init__(self) -> None:
        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("", total=1)
        self._since = time.monotonic()

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *raised: object) -> None:
        if self._bar.live.is_started:
            self._bar.stop()

    def tell(self, step: str, done: float) -> None:
        self._bar.update(self._task, description=step, completed=done)
        if self._bar.console.is_terminal and time.monotonic() - self._since > PATIENCE:
            self._bar.start()
