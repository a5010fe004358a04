"""Every element and input there is, and the largest of each: what every renderer must be able to show."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import get_args

from bot.ui import (
    BUTTON_LABEL,
    BUTTONS_PER_ROW,
    CARD_TITLE,
    CHARACTERS_PER_MESSAGE,
    CHARACTERS_PER_TEXT,
    CHART_LABEL,
    CHART_POINTS,
    CHOICES_PER_INPUT,
    COMPONENTS_PER_MESSAGE,
    FIELDS_PER_ELEMENT,
    FORM_INPUTS,
    FORM_TITLE,
    ID_LENGTH,
    INPUT_LABEL,
    OPTION_LABEL,
    SELECT_OPTIONS,
    TABLE_COLUMNS,
    Accent,
    Button,
    Buttons,
    Call,
    Card,
    Chart,
    Divider,
    Element,
    Fields,
    Form,
    Image,
    Input,
    LongText,
    Md,
    Mention,
    Number,
    OneOf,
    Option,
    Point,
    Select,
    ShortText,
    SomeOf,
    Table,
    Text,
    When,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVIL = "@everyone <@1> <#2> **bold** _it_ ~~s~~ ||s|| `code` [x](https://x.org) # h\n> quote\n- item & more"


def _id(number: int) -> Call:
    """A call whose id is as long as one may be."""
    return Call("x" * (ID_LENGTH - 3), (f"{number:02}",))


def _options(count: int) -> tuple[Option, ...]:
    return tuple(Option(f"{number:02}".ljust(OPTION_LABEL, "w"), f"{number:02}") for number in range(count))


ELEMENTS: tuple[Element, ...] = (
    Text("Plain words, and ", Md("**bold**, *italic*, `code`, [a link](https://example.org)"), "."),
    Text(EVIL),
    Text(Md("```python\nfor __name__ in x:\n    print(||y||)\n```")),
    Text(
        "Seen by ", Mention("81234567890123456", "Ann"), " ", When(NOON, "time"), ", ", When(NOON, "date"), small=True
    ),
    Text(When(NOON), " ", When(NOON, "relative")),
    Text(""),
    Fields((("Zone", "Europe/Berlin"), ("Streak", "4 days"))),
    Fields((("w" * 60, EVIL),) * FIELDS_PER_ELEMENT),
    Table(("", "Player", "Points"), (("1", "Ana `x`", "120"), ("2", "Bo", "90")), (0, 2)),
    Table(("h" * 9,) * TABLE_COLUMNS, (("w" * 9,) * TABLE_COLUMNS,) * 30),
    Table(("Nobody",), ()),
    Chart("bars", "Answers given", (Point("A", 4), Point("B", 11, "right"))),
    Chart("line", "t" * 50, tuple(Point("p" * CHART_LABEL, n, "note " * 20) for n in range(CHART_POINTS)), " %"),
    Image("https://example.org/a.png", "a" * 2000),
    Divider(),
    Buttons(Button("A", Call("a")), Button("Go", Call("b"), "primary"), Button("Stop", Call("c"), "danger")),
    Buttons(*(Button("l" * BUTTON_LABEL, _id(n)) for n in range(BUTTONS_PER_ROW))),
    Select(Call("x" * (ID_LENGTH - 3)), "p" * OPTION_LABEL, _options(SELECT_OPTIONS)),
    Select(Call("pick"), "Which?", (Option("One", "1"),)),
)

INPUTS: tuple[Input, ...] = (
    ShortText("name", "Name"),
    ShortText("full", "l" * INPUT_LABEL, "h" * 300, "v" * 500, required=False, max_length=500),
    LongText("long", "Thought", "Everybody sees it", "v" * 4000, max_length=4000),
    Number("count", "How many", value="12"),
    OneOf("one", "One of two", _options(2)),
    OneOf("one10", "l" * INPUT_LABEL, _options(CHOICES_PER_INPUT), "03"),
    SomeOf("some", "Some of one", _options(1)),
    SomeOf("some10", "l" * INPUT_LABEL, _options(CHOICES_PER_INPUT), least=2, most=3),
)


def cards() -> Iterator[Card]:
    """A card of each element, one of each accent, and the largest cards."""
    yield from (Card("A card", (element,)) for element in ELEMENTS)
    yield from (Card(f"It is {accent}", (Text("So."),), accent) for accent in get_args(Accent))
    yield Card("T" * CARD_TITLE)
    yield Card("_" * CARD_TITLE, (Text("_" * (CHARACTERS_PER_TEXT // 2)),))
    portrait = Image("https://example.org/ann.png", f"Picture of {EVIL}")
    yield Card("Ann", (Fields((("Streak", "4 days"),)),), portrait=portrait)
    yield Card("T" * CARD_TITLE, (Divider(),) * (COMPONENTS_PER_MESSAGE - 4), "right", portrait)
    yield _longest(small=False)
    yield _longest(small=True)
    rows = (Buttons(*(Button(f"b{n}", Call.of("b", row, n)) for n in range(5))) for row in range(6))
    yield Card("As many controls as fit", (*rows, Text("."), Divider()))
    yield Card("As many parts as fit", (Divider(),) * (COMPONENTS_PER_MESSAGE - 2))


def _longest(small: bool) -> Card:
    room = CHARACTERS_PER_MESSAGE - CHARACTERS_PER_TEXT - 1
    return Card("T", (Text("w" * CHARACTERS_PER_TEXT, small=small), Text("w" * room, small=small)))


def forms() -> Iterator[Form]:
    """A form of each input, and the largest forms."""
    yield from (Form("Form", (item,), Call("send")) for item in INPUTS)
    yield Form("t" * FORM_TITLE, tuple(OneOf(f"i{n}", f"Item {n}", _options(10)) for n in range(FORM_INPUTS)), _id(1))
    yield Form("t" * FORM_TITLE, tuple(SomeOf(f"i{n}", f"Item {n}", _options(10)) for n in range(3)), _id(1))
    yield Form("Form", (*INPUTS[:4], INPUTS[4]), _id(1))
