"""Which question comes next, who may answer it, and what that is worth."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.errors import QuizError
from bot.engine.kinds.choice import Alternative, Choice
from bot.engine.picker import NEAR, pick
from bot.engine.question import Question, Source
from bot.engine.round import Asked, Round
from bot.engine.scoring import points

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def question(number: int, *enemies: int) -> Question:
    kind = Choice((Alternative("x", "w", True), Alternative("y", "w")))
    foes = frozenset(f"q{enemy}" for enemy in enemies)
    return Question(
        f"q{number}",
        "r",
        "pack",
        kind,
        "stem",
        "why",
        ("topic",),
        "recall",
        (Source("t", "w", date(2026, 1, 1)),),
        enemies=foes,
    )


def test_the_whole_pack_comes_before_anything_comes_again() -> None:
    pool, seen = [question(n) for n in range(30)], dict[str, float]()
    for step in range(30):
        (chosen,) = pick(pool, seen, list(seen), random.Random(step))
        assert chosen.id not in seen
        seen[chosen.id] = step
    (again,) = pick(pool, seen, list(seen), random.Random(0))
    assert seen[again.id] == 0


def test_the_same_seed_picks_the_same() -> None:
    pool = [question(n) for n in range(30)]
    one, other = (pick(reversed(pool) if n else pool, {}, [], random.Random(9), 5) for n in range(2))
    assert one == other


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_enemies_never_come_near_each_other_while_there_is_a_choice(seed: int, count: int) -> None:
    pool = [question(n, n + 1) if n % 2 == 0 and n < 6 else question(n) for n in range(40)]
    chosen = [one.id for one in pick(pool, {}, [], random.Random(seed), count)]
    for n in (0, 2, 4):
        if {f"q{n}", f"q{n + 1}"} <= set(chosen):
            assert abs(chosen.index(f"q{n}") - chosen.index(f"q{n + 1}")) > NEAR


def test_an_enemy_is_asked_when_nothing_else_is_left() -> None:
    assert len(pick([question(1, 2), question(2)], {}, [], random.Random(0), 2)) == 2


def test_no_candidates_give_no_question() -> None:
    assert pick([], {}, [], random.Random(0)) == []


SOLO = Round(7, 1, "ask", "pack", (Asked("q1", "r", "ab"),), NOW, player=5)
DAILY = Round(8, 1, "daily", "pack", (Asked("q1", "r", "ab"),), NOW, NOW + timedelta(hours=1))


def test_anybody_may_answer_a_daily_until_it_closes() -> None:
    assert DAILY.admit(99, 0, NOW) == DAILY.asked[0]
    with pytest.raises(QuizError, match="has closed"):
        DAILY.admit(99, 0, NOW + timedelta(hours=1))
    with pytest.raises(QuizError, match="has closed"):
        replace(DAILY, closed=NOW).admit(99, 0, NOW)


def test_a_question_for_one_person_is_for_nobody_else() -> None:
    assert SOLO.admit(5, 0, NOW)
    with pytest.raises(QuizError, match="asked to somebody else"):
        SOLO.admit(6, 0, NOW)


@pytest.mark.parametrize("position", [-1, 1, 10**9])
def test_a_position_that_is_not_there_is_refused(position: int) -> None:
    with pytest.raises(QuizError, match="no such question"):
        SOLO.admit(5, position, NOW)


def test_a_right_daily_is_worth_ten_and_practice_one_the_first_time() -> None:
    assert points("daily", right=True, first=False) == 10
    assert points("quiz", right=True, first=True) == 1
    assert points("ask", right=True, first=False) == 0
    assert points("daily", right=False, first=True) == 0
