"""The message vocabulary: what can be built can be sent everywhere, and comes back from storage unchanged."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import ui
from bot.ui import (
    Button,
    Buttons,
    Call,
    Card,
    Chart,
    Fields,
    Form,
    LimitError,
    Md,
    Option,
    Point,
    Select,
    ShortText,
    SomeOf,
    Table,
    Text,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


PORTRAIT = ui.Image("https://example.org/ann.png", "Picture of Ann")


def button(number: int) -> Button:
    return Button(str(number), Call.of("route", number))


TOO_MUCH: dict[str, Callable[[], object]] = {
    "an empty title": lambda: Card(""),
    "a title of 151": lambda: Card("x" * 151),
    "a text of 3,001": lambda: Text("x" * 3001),
    "a text that grows too long when escaped": lambda: Text("&" * 700),
    "a message of 4,001": lambda: Card("t", (Text("x" * 2000), Text("x" * 2000))),
    "41 components": lambda: Card("t", tuple(Text("x") for _ in range(39))),
    "41 components with a portrait": lambda: Card("t", (Text("x"),) * 37, portrait=PORTRAIT),
    "a portrait that is not https": lambda: Card("t", portrait=ui.Image("http://example.org/a.png", "Ann")),
    "six buttons in a row": lambda: Buttons(*map(button, range(6))),
    "a label of 76": lambda: Button("x" * 76, Call("r")),
    "an id of 101": lambda: Call("r", ("x" * 100,)),
    "26 options": lambda: Select(Call("r"), "p", tuple(Option(str(n), str(n)) for n in range(26))),
    "an option too long for the id it makes": lambda: Select(Call("r" * 60), "p", (Option("one", "v" * 40),)),
    "an empty option": lambda: Option("", "v"),
    "two controls with one call": lambda: Card("t", (Buttons(button(1)), Buttons(button(1)))),
    "a form title of 25": lambda: Form("x" * 25, (ShortText("a", "A"),), Call("r")),
    "six inputs": lambda: Form("t", tuple(ShortText(str(n), "A") for n in range(6)), Call("r")),
    "two inputs of one name": lambda: Form("t", (ShortText("a", "A"), ShortText("a", "B")), Call("r")),
    "an input label of 46": lambda: Form("t", (ShortText("a", "x" * 46),), Call("r")),
    "eleven choices": lambda: ui.OneOf("a", "A", tuple(Option(str(n), str(n)) for n in range(11))),
    "a ragged table": lambda: Table(("a", "b"), (("1",),)),
    "21 chart points": lambda: Chart("bars", "t", tuple(Point("x", 1) for _ in range(21))),
    "no fields": lambda: Fields(()),
    "an instant without a zone": lambda: ui.When(datetime(2026, 1, 1)),  # noqa: DTZ001
}


@pytest.mark.parametrize("build", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_some_platform_could_not_show_cannot_be_built(build: Callable[[], object]) -> None:
    with pytest.raises(LimitError):
        build()


def test_the_largest_of_everything_can_be_built() -> None:
    Card("x" * 150, (Text("x" * 3000), *(Buttons(*(button(row * 5 + n) for n in range(5))) for row in range(5))))
    Card("t", (Text("x"),) * 36, portrait=PORTRAIT)
    Form("x" * 24, tuple(ShortText(str(n), "x" * 45) for n in range(5)), Call("r"))


@given(
    st.text(st.characters(min_codepoint=32), min_size=1, max_size=12),
    st.lists(st.text(st.characters(exclude_characters="\x00"), max_size=8), max_size=3),
)
def test_an_id_says_exactly_which_call_it_is(route: str, args: list[str]) -> None:
    try:
        call = Call(route.replace(":", " "), tuple(args))
    except LimitError:
        return
    assert Call.parse(call.id) == call


@pytest.mark.parametrize("id", ["", "x" * 101, "route:a%00b", "route:\x00"])
def test_what_is_no_id_is_refused(id: str) -> None:
    with pytest.raises(LimitError):
        Call.parse(id)


SPANS = st.one_of(
    st.text(max_size=40),
    st.builds(Md, st.text(max_size=40)),
    st.builds(ui.Mention, st.text(max_size=10), st.text(max_size=10)),
    st.builds(ui.When, st.datetimes(timezones=st.just(UTC)), st.sampled_from(["time", "date", "datetime", "relative"])),
)
ELEMENTS = st.one_of(
    st.builds(lambda spans, small: Text(*spans, small=small), st.lists(SPANS, max_size=4), st.booleans()),
    st.builds(lambda a, b: Fields(((a, b),)), st.text(max_size=9), st.text(max_size=9)),
    st.builds(lambda a, b: Table((a, "n"), ((b, "1"),), (1,)), st.text(max_size=9), st.text(max_size=9)),
    st.builds(lambda v: Chart("bars", "c", (Point("A", v, "right"), Point("B", 2.0)), "%"), st.floats(0, 99)),
    st.builds(ui.Image, st.text(max_size=9), st.text(max_size=9)),
    st.just(ui.Divider()),
)


@given(st.text(min_size=1, max_size=40), st.lists(ELEMENTS, max_size=6), st.sampled_from([None, PORTRAIT]))
def test_a_stored_card_comes_back_equal(title: str, body: list[ui.Element], portrait: ui.Image | None) -> None:
    controls = (Buttons(button(1), button(2)), Select(Call.of("s", "a:b"), "p", (Option("one", "1"),)))
    card = Card(title, (*body, *controls), "right", portrait)
    assert ui.load(ui.dump(card)) == card


def test_a_chart_says_in_words_what_it_shows() -> None:
    chart = Chart("bars", "Answers", (Point("A", 4), Point("B", 11, "right")))
    assert chart.alt == "Answers: A 4, B 11 (right)"


def test_clipping_keeps_one_line_within_the_limit() -> None:
    assert ui.clip("a  b\nc", 10) == "a b c"
    assert ui.clip("abcdefgh", 5) == "abcd…"


def test_the_bounds_of_a_choice_are_no_higher_than_its_options() -> None:
    two = (Option("A", "a"), Option("B", "b"))
    assert SomeOf("n", "L", two).bounds == (0, 2)
    assert SomeOf("n", "L", two, least=3, most=5).bounds == (2, 2)
    assert SomeOf("n", "L", two, least=1, most=1).bounds == (1, 1)


def test_a_form_of_more_than_two_inputs_is_crowded() -> None:
    inputs = tuple(ShortText(str(n), "A") for n in range(3))
    assert [Form("t", inputs[:count], Call("r")).crowded for count in (1, 2, 3)] == [False, False, True]
