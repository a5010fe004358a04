"""Question kinds: what counts as right, and what is refused."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.errors import FormError, QuizError
from bot.engine.kinds import KINDS
from bot.engine.kinds.choice import Alternative, Choice
from bot.engine.kinds.match import Match, Pair
from bot.engine.kinds.number import TypedNumber, parse
from bot.engine.kinds.order import Order, Step
from bot.engine.kinds.text import TypedTerm, normalise
from bot.engine.question import LETTERS, Kind
from bot.ui import Buttons, Text

NONE: frozenset[str] = frozenset()


def choice(keys: str, count: int = 4) -> Choice:
    return Choice(tuple(Alternative(f"option {p}", f"Because {p}.", p in keys) for p in "abcdef"[:count]))


SAMPLES: dict[str, Kind] = {
    "choice": choice("b"),
    "text": TypedTerm(("Amazon Rekognition", "Rekognition")),
    "number": TypedNumber(0.8, 0.005),
    "order": Order((Step("first"), Step("second"), Step("third"))),
    "match": Match((Pair("one", "uno"), Pair("two", "due"), Pair("three", "tre")), ("quattro",)),
}


def test_every_kind_in_the_folder_has_a_sample_here() -> None:
    assert SAMPLES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", SAMPLES.values(), ids=SAMPLES)
def test_a_kind_asks_by_letters_or_by_a_form_and_never_by_both(kind: Kind) -> None:
    shown = kind.shuffle(random.Random(1))
    assert bool(kind.presses(shown)) != bool(kind.inputs(shown))
    assert bool(kind.action) == bool(kind.inputs(shown))


@pytest.mark.parametrize("kind", SAMPLES.values(), ids=SAMPLES)
def test_nothing_shown_before_the_answer_depends_on_the_key(kind: Kind) -> None:
    shown = kind.shuffle(random.Random(1))
    assert all(not isinstance(element, Buttons) for element in kind.lines(shown))
    assert "key" not in repr([element for element in kind.lines(shown) if isinstance(element, Text)])


@given(st.randoms(use_true_random=False), st.integers(2, 6), st.data())
def test_a_pressed_letter_means_the_option_printed_beside_it(
    chance: random.Random, count: int, data: st.DataObject
) -> None:
    kind = choice("a", count)
    shown = kind.shuffle(chance)
    letter = data.draw(st.sampled_from(kind.presses(shown)))
    place = kind.press(letter, shown)
    (lines,) = kind.lines(shown)
    assert isinstance(lines, Text)
    assert f"**{letter}**  option {place}" in str(lines.spans[0])
    assert kind.grade(place, NONE).right == (place == "a")


def test_options_marked_fixed_keep_their_order() -> None:
    kind = Choice((Alternative("True", "Yes.", True), Alternative("False", "No.")), fixed=True)
    assert kind.shuffle(random.Random(3)) == "ab"


def test_two_of_five_is_right_only_with_exactly_both() -> None:
    kind = choice("bd", 5)
    assert kind.grade("b,d", NONE).right
    assert not kind.grade("b,c", NONE).right
    assert kind.guess == pytest.approx(1 / 10)


def test_choosing_too_few_is_refused_with_the_number_wanted() -> None:
    kind = choice("bd", 5)
    with pytest.raises(FormError, match="exactly two; you chose 1"):
        kind.read({"answer": ("A",)}, "abcde")


@pytest.mark.parametrize("letter", ["", "E", "AB", "a", "1", "💥"])
def test_a_letter_that_is_not_there_is_refused(letter: str) -> None:
    with pytest.raises(QuizError, match="Press one of A, B, C, D"):
        choice("a").press(letter, "abcd")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ((Alternative("x", "w"), Alternative("y", "w")), "key: true"),
        ((Alternative("x", "w", True),), "2 to 6 options"),
        ((Alternative("x", "w", True), Alternative("X ", "w")), "the same"),
        (tuple(Alternative(str(n), "w", n < 2) for n in range(4)), "at least five"),
    ],
)
def test_a_choice_that_cannot_be_asked_cannot_be_built(options: tuple[Alternative, ...], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Choice(options)


TERMS = frozenset(
    map(normalise, ["Random Forest", "supervised", "unsupervised", "Amazon Transcribe", "P2", "Amazon Polly"])
)


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ("Amazon Rekognition", "rekognition"),
        ("Amazon Rekognition", "AWS Recognition"),
        ("Amazon Comprehend", "comprehand"),
        ("Polly", "Poly"),
        ("k-means", "K MEANS"),
        ("hyperparameter", "hyperparameters"),
        ("Écran", "ecran"),
        ("SPICE", "||SPICE||"),
    ],
)
def test_case_accents_markup_and_small_typos_are_forgiven(accepted: str, said: str) -> None:
    assert TypedTerm((accepted,)).grade(said, NONE).right


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ("Random Cut Forest", "Random Forest"),
        ("unsupervised", "supervised"),
        ("supervised", "unsupervised"),
        ("semi-supervised", "supervised"),
        ("Amazon Translate", "Amazon Transcribe"),
        ("90 days", "180 days"),
        ("L1", "L2"),
        ("P3", "P2"),
        ("S3", "s"),
        ("Polly", ""),
        ("Polly", "Polly or Transcribe"),
    ],
)
def test_another_known_term_another_number_and_an_opposite_are_wrong(accepted: str, said: str) -> None:
    assert not TypedTerm((accepted,)).grade(said, TERMS).right


def test_a_forgiven_typo_shows_the_proper_spelling() -> None:
    assert TypedTerm(("Amazon Rekognition",)).grade("Recognition", NONE).note == "It is spelt Amazon Rekognition."


@pytest.mark.parametrize("said", ["", "  ", "!!!", "\u200b", "x" * 90])
def test_an_empty_or_endless_term_is_refused(said: str) -> None:
    with pytest.raises(FormError):
        TypedTerm(("Polly",)).read({"answer": (said,)}, "")


@given(st.text(max_size=60))
def test_no_text_whatever_breaks_the_marking_of_terms(said: str) -> None:
    kind = TypedTerm(("Amazon Rekognition",))
    try:
        given_ = kind.read({"answer": (said,)}, "")
    except FormError:
        return
    kind.grade(given_, TERMS)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,234.5 GB", 1234.5, "gb"),
        ("4/5", 0.8, ""),
        ("0,8", 0.8, ""),
        ("−3", -3, ""),
        ("twenty-five", 25, ""),
        ("80 %", 80, "%"),
        ("1 000", 1000, ""),
        ("1'000", 1000, ""),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: float, unit: str) -> None:
    found, found_unit = parse(text)
    assert found == pytest.approx(value)
    assert found_unit == unit


@pytest.mark.parametrize(
    ("kind", "said", "right"),
    [
        (TypedNumber(0.8, 0.005), "80%", True),
        (TypedNumber(80, 0, "%"), "80", True),
        (TypedNumber(80, 0, "%"), "0.8", False),
        (TypedNumber(2, 0, "h"), "120 min", True),
        (TypedNumber(1, 0, "GB"), "1000 MB", True),
        (TypedNumber(1, 0, "GB"), "1024 MB", False),
        (TypedNumber(0.667, 0.001), "0.666", True),
        (TypedNumber(0.667, 0.001), "0.665", False),
        (TypedNumber(5), "5.0001", False),
    ],
)
def test_numbers_are_compared_in_their_unit_within_the_tolerance(kind: TypedNumber, said: str, right: bool) -> None:
    assert kind.grade(kind.read({"answer": (said,)}, ""), NONE).right is right


@pytest.mark.parametrize("said", ["", "about", "5 apples", "3 h", "nan", "inf", "1/0 x"])
def test_what_is_no_number_or_has_a_foreign_unit_is_refused(said: str) -> None:
    with pytest.raises(FormError):
        TypedNumber(1, 0, "GB").read({"answer": (said,)}, "")


@given(st.text(max_size=40))
def test_no_text_whatever_breaks_the_marking_of_numbers(said: str) -> None:
    kind = TypedNumber(1, 0.5, "GB")
    try:
        given_ = kind.read({"answer": (said,)}, "")
    except FormError:
        return
    kind.grade(given_, NONE)


@given(st.integers(0, 2**32))
def test_an_order_is_never_shown_in_the_right_order(seed: int) -> None:
    kind = Order(tuple(Step(f"step {n}") for n in range(4)))
    shown = kind.shuffle(random.Random(seed))
    assert shown != "abcd"
    assert sorted(shown) == list("abcd")
    assert kind.grade(kind.press(kind.key(shown), shown), NONE).right


def test_an_order_that_uses_an_item_twice_says_which_place() -> None:
    kind = Order((Step("x"), Step("y"), Step("z")))
    with pytest.raises(FormError) as refused:
        kind.read({"place0": ("A",), "place1": ("A",)}, "cab")
    assert refused.value.problems == {
        "place1": "A has a place already; use each item once.",
        "place2": "Choose an item for this place.",
    }


@given(st.randoms(use_true_random=False))
def test_a_match_is_right_only_with_every_pair(chance: random.Random) -> None:
    kind = SAMPLES["match"]
    shown = kind.shuffle(chance)
    right = kind.press(kind.key(shown), shown)
    assert kind.grade(right, NONE).right
    assert not kind.grade(right[1] + right[0] + right[2], NONE).right


def test_a_match_that_uses_a_response_twice_says_which_prompt() -> None:
    with pytest.raises(FormError) as refused:
        SAMPLES["match"].press("BB", "cabd")
    assert refused.value.problems == {
        "prompt1": "B is taken already; each response fits one prompt.",
        "prompt2": "Choose a response for this prompt.",
    }


@pytest.mark.parametrize(("kind", "row"), [(SAMPLES["order"], "place"), (SAMPLES["match"], "prompt")])
@given(values=st.lists(st.lists(st.sampled_from(["A", "B", "C", "D", "E", "a", "", "AB"]) | st.text(), max_size=2)))
def test_no_form_whatever_gives_an_answer_that_cannot_be_shown(kind: Kind, row: str, values: list[list[str]]) -> None:
    shown = kind.shuffle(random.Random(2))
    try:
        given_ = kind.read({f"{row}{n}": tuple(value) for n, value in enumerate(values)}, shown)
    except FormError:
        return
    _shows(kind, given_, shown)


@pytest.mark.parametrize("kind", [SAMPLES["order"], SAMPLES["match"]], ids=["order", "match"])
@given(line=st.permutations("ABCD").map("".join) | st.text())
def test_no_line_whatever_gives_an_answer_that_cannot_be_shown(kind: Kind, line: str) -> None:
    shown = kind.shuffle(random.Random(2))
    try:
        given_ = kind.press(line, shown)
    except FormError:
        return
    _shows(kind, given_, shown)


def _shows(kind: Kind, given_: str, shown: str) -> None:
    """Fails if an answer, once taken, breaks a card."""
    assert kind.review(given_, shown)
    assert kind.tally({given_: 1}, shown)


@pytest.mark.parametrize("kind", SAMPLES.values(), ids=SAMPLES)
def test_the_tally_counts_people_and_marks_the_right_answer(kind: Kind) -> None:
    shown = kind.shuffle(random.Random(5))
    right = {"choice": "b", "text": "rekognition", "number": "0.8", "order": "abc", "match": "abc"}[kind.name]
    wrong = {"choice": "a", "text": "Polly", "number": "3", "order": "bac", "match": "bac"}[kind.name]
    points = kind.tally({right: 3, wrong: 1}, shown)
    assert max(point.value for point in points if point.note) >= 3
    assert len(points) <= len(LETTERS)
