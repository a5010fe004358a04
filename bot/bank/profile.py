"""What a bank is made of, beside what the project aims at."""

from collections import Counter
from collections.abc import Iterator, Sequence

from bot.bank.guessers import Figure
from bot.bank.load import Item
from bot.engine.kinds.choice import Choice

QUESTIONS = 700
SCENARIOS, SEVERAL, ARRANGED, TYPED = 0.45, 0.12, 0.08, 0.08
THIRD = (0.25, 0.42)
"""What "about a third" allows."""


def profile(items: Sequence[Item]) -> Iterator[Figure]:
    """Sizes and shares, drafts left out."""
    asked = [item for item in items if item.entry.status != "draft"]
    count = len(asked) or 1
    yield Figure("questions", str(len(asked)), f"at least {QUESTIONS}", len(asked) >= QUESTIONS)
    for status, number in sorted(Counter(item.entry.status for item in items).items()):
        yield Figure(f"  {status}", str(number))
    kinds = Counter(item.question.kind.name for item in asked)
    for kind, number in kinds.most_common():
        yield Figure(f"  {kind}", f"{number} ({number / count:.1%})")
    yield _share("scenarios", sum(item.entry.scenario for item in asked) / count, SCENARIOS)
    yield _share("choose two or three", sum(map(_several, asked)) / count, SEVERAL)
    yield _share("order and match", (kinds["order"] + kinds["match"]) / count, ARRANGED)
    yield _share("typed terms and numbers", (kinds["text"] + kinds["number"]) / count, TYPED)
    levels = Counter(item.entry.difficulty for item in asked)
    for level in ("recall", "apply", "analyse"):
        share = levels[level] / count
        yield Figure(level, f"{levels[level]} ({share:.1%})", "about a third", THIRD[0] <= share <= THIRD[1])
    cases = Counter(item.entry.case for item in asked if item.entry.case)
    yield Figure("case studies", f"{len(cases)} with {cases.total()} questions", "some", bool(cases))


def _share(name: str, share: float, least: float) -> Figure:
    return Figure(name, f"{share:.1%}", f"at least {least:.0%}", share >= least)


def _several(item: Item) -> bool:
    return isinstance(item.question.kind, Choice) and len(item.question.kind.keys) > 1
