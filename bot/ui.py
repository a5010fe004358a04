"""The vocabulary of messages and the limits every platform shares.

A message is a `Card`: a closed tree of frozen values. Limits are the intersection of all platforms, checked when a
value is built, so a card that exists can be sent everywhere. Every breach raises `LimitError`, which is a bug of the
caller.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import unquote

COMPONENTS_PER_MESSAGE = 40
CHARACTERS_PER_MESSAGE = 4000
CHARACTERS_PER_TEXT = 3000
FIELDS_PER_ELEMENT = 10
TABLE_ROWS = 60
TABLE_COLUMNS = 8
CHART_POINTS = 20
CHART_LABEL = 20
BUTTONS_PER_ROW = 5
BUTTON_LABEL = 75
SELECT_OPTIONS = 25
OPTION_LABEL = 75
ID_LENGTH = 100
CARD_TITLE = 150
FORM_TITLE = 24
FORM_INPUTS = 5
INPUT_LABEL = 45
CHOICES_PER_INPUT = 10
NUMBER_LENGTH = 40

Accent = Literal["question", "right", "wrong", "neutral", "warning"]


class LimitError(ValueError):
    """A message was built that some platform could not show."""


def require(condition: bool, problem: str) -> None:
    if not condition:
        raise LimitError(problem)


def clip(text: str, limit: int) -> str:
    """`text` on one line, at most `limit` characters, ended by an ellipsis where it was cut."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def fit(text: str, limit: int) -> str:
    """`text` cut so that its `weight`, escapes included, is at most `limit`."""
    while weight(text) > limit:
        text = text[: -max(1, (weight(text) - limit) // 6)]
    return text


# ---- spans


@dataclass(frozen=True, slots=True)
class Md:
    """Trusted markup of our own content: `**bold**`, `*italic*`, `` `code` ``, fenced code and `[links](https://…)`."""

    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person. `player` is the platform's own id; `name` is shown where the platform has no mentions."""

    player: str
    name: str


@dataclass(frozen=True, slots=True)
class When:
    """An instant shown in the reader's own zone: as a time of day, a date, both, or relative to now."""

    at: datetime
    style: Literal["time", "date", "datetime", "relative"] = "datetime"

    def __post_init__(self) -> None:
        require(self.at.tzinfo is not None, "When needs an instant with a zone")


Span = str | Md | Mention | When
"""A plain `str` is literal: renderers escape it, so a name can neither ping a channel nor become markup."""

_SPECIAL = re.compile(r"[\\*_~|`#>\[\]()<&-]")


def weight(span: Span) -> int:
    """The most characters any platform needs for `span`, escapes included."""
    match span:
        case str():
            return len(span) + 4 * len(re.findall("[&<>]", span)) + len(_SPECIAL.findall(span))
        case Md():
            return len(span.text)
        case Mention():
            return max(len(span.name), 25)
        case When():
            return 30


# ---- what a control does


@dataclass(frozen=True, slots=True)
class Call:
    """A route with its arguments, as carried by a button: `route:arg:arg`, at most 100 characters."""

    route: str
    args: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(len(self.id) <= ID_LENGTH, f"id longer than {ID_LENGTH} characters: {self.id[:40]}…")

    @property
    def id(self) -> str:
        return ":".join([self.route, *(arg.replace("%", "%25").replace(":", "%3A") for arg in self.args)])

    @classmethod
    def of(cls, route: str, *args: str | int) -> "Call":
        return cls(route, tuple(map(str, args)))

    @classmethod
    def parse(cls, id: str) -> "Call":
        """The call behind an id that came from outside; raises `LimitError` if it is no id of ours."""
        require(0 < len(id) <= ID_LENGTH, "no id")
        require("\x00" not in unquote(id), "no id")
        route, *args = id.split(":")
        return cls(route, tuple(map(unquote, args)))


# ---- elements


@dataclass(frozen=True, slots=True, init=False)
class Text:
    """A paragraph; `small` marks what may be overlooked (a footer, a source)."""

    spans: tuple[Span, ...]
    small: bool

    def __init__(self, *spans: Span, small: bool = False) -> None:
        object.__setattr__(self, "spans", spans)
        object.__setattr__(self, "small", small)
        require(sum(map(weight, spans)) <= CHARACTERS_PER_TEXT, "text too long")


@dataclass(frozen=True, slots=True)
class Fields:
    """Short labelled values."""

    pairs: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        require(1 <= len(self.pairs) <= FIELDS_PER_ELEMENT, f"1 to {FIELDS_PER_ELEMENT} fields")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head. `numeric` names the columns to align right, by index."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        require(1 <= len(self.head) <= TABLE_COLUMNS, f"1 to {TABLE_COLUMNS} columns")
        require(len(self.rows) <= TABLE_ROWS, f"at most {TABLE_ROWS} rows")
        require(all(len(row) == len(self.head) for row in self.rows), "every row needs a cell for every column")

    @property
    def widths(self) -> tuple[int, ...]:
        return tuple(max(map(len, column)) for column in zip(self.head, *self.rows, strict=True))


@dataclass(frozen=True, slots=True)
class Point:
    """One bar or point of a chart; `note` marks it in words (such as "right")."""

    label: str
    value: float
    note: str = ""

    def __post_init__(self) -> None:
        require(len(self.label) <= CHART_LABEL, f"chart label longer than {CHART_LABEL}")


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars (one per point) or a line over the points, in order."""

    kind: Literal["bars", "line"]
    title: str
    points: tuple[Point, ...]
    unit: str = ""

    def __post_init__(self) -> None:
        require(1 <= len(self.points) <= CHART_POINTS, f"1 to {CHART_POINTS} points")
        require(len(self.title) <= 50, "chart title longer than 50")

    @property
    def alt(self) -> str:
        """The chart in words, for those who do not see it."""
        values = (f"{p.label} {p.value:g}{self.unit}{f' ({p.note})' if p.note else ''}" for p in self.points)
        return f"{self.title}: {', '.join(values)}"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture behind an https address, with its description."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Divider:
    """A line between parts."""


@dataclass(frozen=True, slots=True)
class Button:
    """A label and what pressing it calls."""

    label: str
    call: Call
    style: Literal["plain", "primary", "danger"] = "plain"

    def __post_init__(self) -> None:
        require(0 < len(self.label) <= BUTTON_LABEL, f"button label of 1 to {BUTTON_LABEL} characters")


@dataclass(frozen=True, slots=True, init=False)
class Buttons:
    """A row of buttons."""

    items: tuple[Button, ...]

    def __init__(self, *items: Button) -> None:
        object.__setattr__(self, "items", items)
        require(1 <= len(items) <= BUTTONS_PER_ROW, f"1 to {BUTTONS_PER_ROW} buttons a row")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select or an input."""

    label: str
    value: str

    def __post_init__(self) -> None:
        require(0 < len(self.label) <= OPTION_LABEL, f"option label of 1 to {OPTION_LABEL} characters")
        require(0 < len(self.value) <= OPTION_LABEL, f"option value of 1 to {OPTION_LABEL} characters")


@dataclass(frozen=True, slots=True)
class Select:
    """A menu; choosing calls `call` with the option's value as one more argument."""

    call: Call
    placeholder: str
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        require(1 <= len(self.options) <= SELECT_OPTIONS, f"1 to {SELECT_OPTIONS} options")
        require(len(self.placeholder) <= OPTION_LABEL, f"placeholder longer than {OPTION_LABEL}")
        for option in self.options:
            self.choosing(option.value)

    def choosing(self, value: str) -> Call:
        """What choosing the option of this value calls; raises `LimitError` if that is too long for an id."""
        return Call(self.call.route, (*self.call.args, value))


Element = Text | Fields | Table | Chart | Image | Divider | Buttons | Select


# ---- forms


@dataclass(frozen=True, slots=True)
class ShortText:
    """One line of text."""

    name: str
    label: str
    hint: str = ""
    value: str = ""
    required: bool = True
    max_length: int = 200


@dataclass(frozen=True, slots=True)
class LongText:
    """Several lines of text."""

    name: str
    label: str
    hint: str = ""
    value: str = ""
    required: bool = True
    max_length: int = 1000


@dataclass(frozen=True, slots=True)
class Number:
    """A number of at most `NUMBER_LENGTH` characters, with an optional range and unit (shown as hint)."""

    name: str
    label: str
    hint: str = ""
    value: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class OneOf:
    """Exactly one of 2 to 10 options."""

    name: str
    label: str
    options: tuple[Option, ...]
    value: str = ""

    def __post_init__(self) -> None:
        require(2 <= len(self.options) <= CHOICES_PER_INPUT, f"2 to {CHOICES_PER_INPUT} options")


@dataclass(frozen=True, slots=True)
class SomeOf:
    """Between `least` and `most` of 1 to 10 options."""

    name: str
    label: str
    options: tuple[Option, ...]
    least: int = 0
    most: int = CHOICES_PER_INPUT

    def __post_init__(self) -> None:
        require(1 <= len(self.options) <= CHOICES_PER_INPUT, f"1 to {CHOICES_PER_INPUT} options")

    @property
    def bounds(self) -> tuple[int, int]:
        """`least` and `most`, as far as there are options."""
        return min(self.least, len(self.options)), min(self.most, len(self.options))


Input = ShortText | LongText | Number | OneOf | SomeOf


@dataclass(frozen=True, slots=True)
class Form:
    """A dialog of 1 to 5 inputs; submitting it calls `call` with the values by input name."""

    title: str
    inputs: tuple[Input, ...]
    call: Call
    submit: str = "Send"

    def __post_init__(self) -> None:
        require(0 < len(self.title) <= FORM_TITLE, f"form title of 1 to {FORM_TITLE} characters")
        require(1 <= len(self.inputs) <= FORM_INPUTS, f"1 to {FORM_INPUTS} inputs")
        require(all(0 < len(i.label) <= INPUT_LABEL for i in self.inputs), f"input label of 1 to {INPUT_LABEL}")
        require(len({i.name for i in self.inputs}) == len(self.inputs), "two inputs share a name")
        require(len(self.submit) <= FORM_TITLE, f"submit label longer than {FORM_TITLE}")

    @property
    def crowded(self) -> bool:
        """Whether there are more than two inputs, so that choices are better shown as menus, to stay short."""
        return len(self.inputs) > 2


# ---- the card


@dataclass(frozen=True, slots=True)
class Card:
    """A message: a title (also the notification text) over a body."""

    title: str
    body: tuple[Element, ...] = ()
    accent: Accent = "neutral"
    portrait: Image | None = None
    """A small picture beside the title: of the person whom the card is about. Its address is https."""

    def __post_init__(self) -> None:
        require(0 < len(self.title) <= CARD_TITLE, f"card title of 1 to {CARD_TITLE} characters")
        parts = 2 + sum(map(_components, self.body)) + (2 if self.portrait else 0)
        require(parts <= COMPONENTS_PER_MESSAGE, "too many components")
        require(self.portrait is None or self.portrait.url.startswith("https://"), "a portrait's address is not https")
        require(weight(self.title) + sum(map(_characters, self.body)) <= CHARACTERS_PER_MESSAGE, "message too long")
        ids = [call.id for call in self.calls]
        require(len(set(ids)) == len(ids), "two controls of one card share a call")

    @property
    def calls(self) -> Iterator[Call]:
        """The calls of all controls, in order."""
        for element in self.body:
            match element:
                case Buttons(items=items):
                    yield from (button.call for button in items)
                case Select(call=call):
                    yield call
                case _:
                    pass


def _components(element: Element) -> int:
    match element:
        case Buttons(items=items):
            return 1 + len(items)
        case Select() | Chart() | Image():
            return 2
        case _:
            return 1


def _characters(element: Element) -> int:
    match element:
        case Text(spans=spans):
            return sum(map(weight, spans))
        case Fields(pairs=pairs):
            return sum(weight(label) + weight(value) + 8 for label, value in pairs)
        case Table():
            return (len(element.rows) + 2) * (sum(element.widths) + 2 * len(element.head)) + 8
        case _:
            return 0


# ---- cards as text, for storing what must be sent later

_TYPES: Mapping[str, Any] = {
    cls.__name__: cls
    for cls in (
        *(Card, Text, Fields, Table, Point, Chart, Image, Divider, Button, Buttons, Option, Select),
        *(Call, Md, Mention, When),
    )
}


def dump(card: Card) -> str:
    """`card` as JSON; `load` gives it back, equal."""
    return json.dumps(_plain(card), ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> Card:
    """The card that `dump` wrote."""
    card = _value(json.loads(text))
    assert isinstance(card, Card)
    return card


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if is_dataclass(value):
        return {"is": type(value).__name__} | {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _value(plain: object) -> object:
    if isinstance(plain, list):
        return tuple(map(_value, plain))
    if not isinstance(plain, dict):
        return plain
    if "is" not in plain:
        return datetime.fromisoformat(plain["at"])
    cls = _TYPES[plain["is"]]
    values: dict[str, Any] = {name: _value(item) for name, item in plain.items() if name != "is"}
    if cls is Text:
        return Text(*values["spans"], small=values["small"])
    return Buttons(*values["items"]) if cls is Buttons else cls(**values)
