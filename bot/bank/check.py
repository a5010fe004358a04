"""Everything that is wrong with a pack, or could be better."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from bot.bank.across import across, leaks, repeats
from bot.bank.guessers import figures, riddles
from bot.bank.lints import lint
from bot.bank.load import Item, Problem, Reading, read_pack
from bot.bank.typed import typed

Step = Callable[[Reading], Iterator[Problem]]


def check_pack(
    folder: Path, today: date, tell: Callable[[str, float], None] = lambda step, done: None
) -> tuple[list[Item], list[Problem]]:
    """The questions of the pack in `folder` and every problem found; `tell` hears each step and the part done."""
    tell("reading", 0)
    reading = read_pack(folder, authoring=True)
    found = list(reading.problems)
    steps: dict[str, Step] = {
        "questions": lambda reading: lint(reading, today),
        "names": across,
        "typed answers": typed,
        "repeats": repeats,
        "leaks": leaks,
        "guessing": _guessing,
    }
    for n, (name, step) in enumerate(steps.items(), 1):
        tell(name, n / (len(steps) + 1))
        found += step(reading)
    return reading.items, found


def _guessing(reading: Reading) -> Iterator[Problem]:
    """The tests of the whole bank that fail."""
    for figure in figures(riddles(reading.items)):
        if figure.good is False:
            mend = figure.mend or "reword options, or move keys, until `content stats` is satisfied"
            text = f"{figure.name}: {figure.value}, {figure.wanted} wanted; {mend}"
            yield Problem(reading.folder / "pack.yaml", 1, text)
