"""The statistics of a bank, against known values and on made-up banks."""

import random

import pytest

from bot.bank.chance import at_least, chi_square_tail, rate_above
from bot.bank.guessers import GAIN, Riddle, figures, guessed, popular


@pytest.mark.parametrize(("hits", "chances", "expected"), [
    (8, [0.5] * 10, 56 / 1024), (0, [0.5] * 10, 1.0), (10, [0.5] * 10, 1 / 1024), (1, [0.25, 0.5], 1 - 0.75 * 0.5),
    (2, [0.2, 0.5], 0.1), (0, [], 1.0), (1, [], 0.0),
])  # fmt: skip
def test_the_chance_of_at_least_so_many(hits: int, chances: list[float], expected: float) -> None:
    assert at_least(hits, chances) == pytest.approx(expected)


@pytest.mark.parametrize(("value", "freedom", "expected"), [
    (3.841459, 1, 0.05), (6.634897, 1, 0.01), (7.814728, 3, 0.05), (11.344867, 3, 0.01), (18.307038, 10, 0.05),
    (0, 3, 1.0), (500, 3, 0.0),
])  # fmt: skip
def test_the_tail_of_chi_square_is_that_of_the_tables(value: float, freedom: int, expected: float) -> None:
    assert chi_square_tail(value, freedom) == pytest.approx(expected, abs=1e-6)


def test_one_rate_above_another() -> None:
    assert rate_above(5, 100, 5, 100) == pytest.approx(0.5)
    assert rate_above(60, 100, 40, 100) == pytest.approx(0.00234, abs=1e-5)
    assert rate_above(0, 100, 0, 100) == 1.0


def invented(count: int, seed: int = 7) -> list[Riddle]:
    """Riddles of random words whose key is drawn blindly."""
    chance = random.Random(seed)

    def words(count: int) -> str:
        return " ".join("".join(chance.choices("abcdefghijklmnop", k=chance.randint(3, 9))) for _ in range(count))

    sheets = [tuple(words(chance.randint(1, 6)) for _ in range(4)) for _ in range(count)]
    return [Riddle(words(1), sheet, chance.randrange(4)) for sheet in sheets]


def others(r: Riddle, patterns: tuple[str, ...], key: str) -> Riddle:
    """A riddle whose wrong options follow these patterns in turn, and whose key follows another."""
    forms = [key if n == r.key else patterns[n % len(patterns)] for n in range(len(r.options))]
    return Riddle(r.stem, tuple(form.format(text) for form, text in zip(forms, r.options, strict=True)), r.key)


def share(credit: list[float]) -> float:
    return sum(credit) / len(credit)


def success(riddles: list[Riddle]) -> list[float]:
    return guessed(riddles)[0]


def test_a_guesser_is_at_chance_on_a_blind_bank() -> None:
    assert share(success(invented(600))) == pytest.approx(0.25, abs=GAIN)


def test_a_guesser_finds_keys_that_are_longest() -> None:
    riddles = [Riddle(r.stem, r.options, max(range(4), key=lambda n: len(r.options[n]))) for r in invented(300)]
    assert share(success(riddles)) > 0.9


def test_a_guesser_finds_keys_that_avoid_absolute_words() -> None:
    assert share(success([others(r, ("always {}",), "{}") for r in invented(300)])) > 0.9


def test_a_guesser_gives_the_same_answer_twice() -> None:
    assert guessed(invented(100)) == guessed(invented(100))


def test_the_most_used_option_wins_where_one_service_is_usually_right() -> None:
    riddles = [Riddle(r.stem, ("Amazon Usual", *r.options[1:]), 0) for r in invented(100)]
    assert share(popular(riddles)) == 1.0
    assert share(popular(invented(400))) == pytest.approx(0.25, abs=GAIN)


def test_a_small_bank_is_not_judged() -> None:
    (only,) = figures(invented(39))
    assert (only.value, only.good) == ("39 choices with one key", None)


def test_a_blind_bank_passes_every_test() -> None:
    assert [figure.name for figure in figures(invented(600)) if figure.good is False] == []


@pytest.mark.parametrize(("name", "spoilt"), [
    ("key position", lambda r: Riddle(r.stem, r.options, 1)),
    ("key longest", lambda r: Riddle(r.stem, r.options, max(range(4), key=lambda n: len(r.options[n])))),
    ("stem overlap picks the key", lambda r: Riddle(f"{r.stem} {r.options[r.key]}", r.options, r.key)),
    ("convergence picks the key", lambda r: others(r, ("amber {}", "birch {}"), "amber birch")),
    ("absolute words", lambda r: others(r, ("never {}",), "{}")),
    ("most-used-option guesser", lambda r: Riddle(r.stem, ("Usual", *r.options[1:]), 0)),
])  # fmt: skip
def test_each_habit_of_authors_fails_its_test(name: str, spoilt: object) -> None:
    assert callable(spoilt)
    found = {figure.name: figure for figure in figures([spoilt(r) for r in invented(200)])}
    assert found[name].good is False


def test_a_bank_that_is_guessed_names_the_cue_and_where_to_begin() -> None:
    riddles = [others(r, ("always {}",), "{}") for r in invented(100)]
    riddles = [Riddle(r.stem, r.options, r.key, f"q{n}") for n, r in enumerate(riddles)]
    (figure,) = (figure for figure in figures(riddles) if figure.name == "options-only guesser")
    assert "absolute words (-" in figure.mend
    assert figure.mend.count(", q") == 7
