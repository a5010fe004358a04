"""Which question comes next: unseen first, the longest unseen after that, never two enemies near each other."""

import random
from collections.abc import Iterable, Mapping, Sequence

from bot.engine.question import Question

NEAR = 10
"""How many questions keep two enemies apart."""


def pick(
    candidates: Iterable[Question],
    seen: Mapping[str, float],
    recent: Sequence[str],
    chance: random.Random,
    count: int = 1,
) -> list[Question]:
    """Up to `count` questions of `candidates`, none twice.

    `seen` maps the ids asked before to when (any number that grows with time); `recent` lists the latest ids, newest
    last. Enemies of the last `NEAR` are avoided unless nothing else is left; among the others the unseen come first,
    then the longest unseen. The same arguments and state of `chance` give the same choice.
    """
    pool = sorted(candidates, key=lambda question: question.id)
    chance.shuffle(pool)
    pool.sort(key=lambda question: seen.get(question.id, float("-inf")))
    foes = {question.id: question.enemies for question in pool}
    latest, chosen = list(recent[-NEAR:]), list[Question]()
    while pool and len(chosen) < count:
        index = next((n for n, question in enumerate(pool) if not _feud(question, latest, foes)), 0)
        chosen.append(pool.pop(index))
        latest = [*latest, chosen[-1].id][-NEAR:]
    return chosen


def _feud(question: Question, latest: Iterable[str], foes: Mapping[str, frozenset[str]]) -> bool:
    return any(other in question.enemies or question.id in foes.get(other, ()) for other in latest)
