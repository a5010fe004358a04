"""Every shipped question fits every card it goes through, on every platform: as asked, judged and closed."""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import App
from bot.bank.library import load_library
from bot.bank.load import content_folder
from bot.engine.question import Question
from bot.engine.round import Round
from bot.features import build_router, cards
from bot.features.daily import closed_card, open_card
from bot.features.play import keep
from bot.ports import Place, Scope
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from bot.ui import LimitError

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
FOOTER = "Streak 100 days (a freeze was used on Wednesday) · 100 of 100 right this month"
LIBRARY = load_library(content_folder())


def answers(question: Question, shown: str) -> Iterator[str]:
    """Answers that bring the longest reviews: all, or the worst, a person can give."""
    match question.kind.name:
        case "choice":
            size = len(question.kind.key(shown).split(" and "))
            yield from (",".join(sorted(some)) for some in itertools.combinations(shown, size))
        case "order":
            yield from ("".join(order) for order in itertools.permutations(shown))
        case "match":
            prompts = len(question.kind.inputs(shown))
            yield from ("".join(order) for order in itertools.permutations(shown, prompts))
        case "text":
            yield "W" * 60
        case _:
            yield "1"


async def test_every_question_fits_its_cards(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/q.sqlite3"
    upgrade(url)
    store = open_store(url)
    app = App(store, build_router(), LIBRARY, clock=lambda: NOW, chance=lambda: random.Random(7))
    misfits: list[str] = []
    await app.run(lambda scope: misfits.extend(_misfits(scope)))
    await store.close()
    assert misfits == []


def _misfits(scope: Scope) -> Iterator[str]:
    space = scope.uow.people.settle("terminal", Place("t", "T"), "UTC", NOW)
    for question in (question for pack in LIBRARY.packs.values() for question in pack.questions.values()):
        try:
            _show(scope, space.id, question)
        except LimitError as error:
            yield f"{question.id}: {error}"


def _show(scope: Scope, space: int, question: Question) -> None:
    asked = keep(scope, question)
    draft = Round(0, space, "daily", question.pack, (asked,), NOW, NOW + timedelta(days=1), day=NOW.date())
    opened = scope.uow.rounds.open(draft)
    assert opened is not None
    open_card(scope, opened)
    closed_card(scope, opened)
    if question.kind.action:
        assert question.kind.inputs(asked.shown)
    for given in answers(question, asked.shown):
        grade = question.kind.grade(given, LIBRARY.default.known)
        cards.verdict_card(question, asked, given, grade, FOOTER, cards.follow_up(LIBRARY.default, question))
