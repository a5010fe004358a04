"""Every card and form that the shipped questions can become: what every renderer must be able to show."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import App
from bot.bank.library import load_library
from bot.bank.load import content_folder
from bot.engine.question import Pack, Question
from bot.engine.round import Round
from bot.features import build_router, cards
from bot.features.daily import closed_card, open_card
from bot.features.play import keep
from bot.ports import Place, Scope, Space
from bot.store.engine import open_store
from bot.store.migrate import upgrade
from bot.ui import Call, Card, Form
from tests.content.test_cards_fit import answers

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


async def shown(folder: Path) -> list[Card | Form]:
    """The question, its close, a chart of answers, its form and its longest verdict, for each; `folder` is empty."""
    library = load_library(content_folder())
    upgrade(url := f"sqlite:///{folder}/q.sqlite3")
    store = open_store(url)
    app = App(store, build_router(), library, clock=lambda: NOW, chance=lambda: random.Random(7))
    made: list[Card | Form] = []

    def make(scope: Scope) -> None:
        space = scope.uow.people.settle("tests", Place("T1", "T"), "UTC", NOW)
        for pack in library.packs.values():
            for question in pack.questions.values():
                made.extend(_of(scope, space, pack, question))

    await app.run(make)
    await store.close()
    return made


def _of(scope: Scope, space: Space, pack: Pack, question: Question) -> Iterator[Card | Form]:
    asked = keep(scope, question)
    draft = Round(0, space.id, "daily", pack.id, (asked,), NOW, NOW + timedelta(days=1), day=NOW.date())
    opened = scope.uow.rounds.open(draft)
    assert opened is not None
    yield open_card(scope, opened)
    yield closed_card(scope, opened)
    given = list(answers(question, asked.shown))
    yield Card("Answers", (cards.chart_of(question, asked, dict.fromkeys(given, 3)),))
    if question.kind.action:
        call = Call.of("play.submit", opened.id, 0)
        yield Form(question.kind.action, question.kind.inputs(asked.shown), call)
    longest = max(given, key=lambda one: len("".join(question.kind.review(one, asked.shown))))
    grade, follow = question.kind.grade(longest, pack.known), cards.follow_up(pack, question)
    yield cards.verdict_card(question, asked, longest, grade, "Streak 100 days", follow)
