"""Messages and dialogs as Slack's Block Kit: one total function for each kind of value.

The limits named here are those of https://docs.slack.dev/reference/block-kit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, Literal, assert_never

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    CheckboxesElement,
    DividerBlock,
    HeaderBlock,
    ImageBlock,
    ImageElement,
    InputBlock,
    InputInteractiveElement,
    PlainTextInputElement,
    RadioButtonsElement,
    RichTextBlock,
    SectionBlock,
    StaticSelectElement,
    TableBlock,
)
from slack_sdk.models.blocks import Option as BlockOption
from slack_sdk.models.views import View

from bot.adapters import lettering
from bot.adapters.slack import ids, prose
from bot.adapters.slack.prose import BLANK, Block, Piece, plain
from bot.ui import (
    FORM_TITLE,
    NUMBER_LENGTH,
    Button,
    Buttons,
    Card,
    Chart,
    Divider,
    Element,
    Fields,
    Form,
    Image,
    Input,
    LongText,
    Number,
    OneOf,
    Option,
    Point,
    Select,
    ShortText,
    SomeOf,
    Table,
    Text,
    clip,
)

Picture = Literal["native", "words"] | str
"""How a chart is shown: by Slack itself, in words, or as the uploaded file of this id."""
ALT, TYPED, HINT = 2000, 3000, 2000
CHARTS, CHART_LABEL, CHART_UNIT = 2, 20, 50
"""The charts of a message, the characters of a label in one, and those beside its axis."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: the text of the notification, and the blocks."""

    text: str
    blocks: list[Block]


def message(card: Card, pictures: Sequence[Picture] | None = None, about: str = "") -> Message:
    """`card` as a message. `pictures` says for each chart in order how it is shown (None: all by Slack itself); what
    Slack cannot draw is said in words. Controls of a direct message are `about` a channel."""
    tables = chain(["native"], repeat("words"))
    return Message(prose.escape(_title(card)), [*_heading(card), *_body(card, about, _allowed(pictures), tables)])


def page(card: Card, about: str = "", metadata: str = "") -> dict[str, Any]:
    """`card` as a dialog that asks nothing."""
    blocks = [*_heading(card), *_told(card, about)]
    if len(_title(card)) <= FORM_TITLE and len(blocks) > 1 and card.portrait is None:
        del blocks[0]
    return _view(blocks, type="modal", title=clip(card.title, FORM_TITLE), close="Close", private_metadata=metadata)


def home(card: Card) -> dict[str, Any]:
    """`card` as what a person sees in the bot's Home tab."""
    return _view([*_heading(card), *_told(card, "")], type="home")


def form(value: Form, metadata: str) -> dict[str, Any]:
    """`value` as a dialog, whose `callback_id` is the call and whose inputs go by their names."""
    blocks = [_input(item).to_dict() for item in value.inputs]
    known = {"callback_id": value.call.id, "private_metadata": metadata}
    return _view(blocks, type="modal", title=value.title, submit=value.submit, close="Cancel", **known)


def values(state: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What a submitted dialog holds, by input name, from the `state.values` of its view."""
    return {name: _given(element) for block in state.values() for name, element in block.items()}


def errors(problems: Mapping[str, str], view: Mapping[str, Any]) -> dict[str, str]:
    """`problems` by the blocks of `view`; what is no input's own is said at the last input."""
    inputs = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    told: dict[str, str] = {}
    for name, problem in problems.items():
        at = name if name in inputs else inputs[-1]
        told[at] = f"{told[at]} {problem}" if at in told else problem
    return told


# ---- the parts of a card


def _view(blocks: list[Block], type: str, title: str = "", submit: str = "", close: str = "", **known: str) -> Block:
    labels = {"title": title, "submit": submit, "close": close}
    view = View(type, **known, **{name: plain(text) for name, text in labels.items() if text})  # type: ignore[arg-type]
    # Given to the constructor, each block would be built anew, which takes ten times as long as all the rest.
    view.blocks = blocks  # type: ignore[assignment]
    return view.to_dict()


def _title(card: Card) -> str:
    return " ".join(card.title.split())


def _heading(card: Card) -> Iterator[Block]:
    if card.portrait is None:
        yield HeaderBlock(text=plain(_title(card))).to_dict()
    else:
        portrait = ImageElement(image_url=card.portrait.url, alt_text=clip(card.portrait.alt, ALT))
        yield SectionBlock(text=prose.marked(f"*{prose.literal(_title(card))}*"), accessory=portrait).to_dict()


def _told(card: Card, about: str) -> Iterator[Block]:
    """The body where Slack shows neither tables nor charts: in dialogs and in the Home tab."""
    return _body(card, about, repeat("words"), repeat("words"))


def _body(card: Card, about: str, pictures: Iterator[Picture], tables: Iterator[str]) -> Iterator[Block]:
    for element in card.body:
        yield from _element(element, about, pictures, tables)


def _element(element: Element, about: str, pictures: Iterator[Picture], tables: Iterator[str]) -> Iterable[Block]:
    match element:
        case Text():
            return prose.blocks(element)
        case Fields(pairs=pairs):
            return [_fields(pairs)]
        case Table():
            return [_table(element) if next(tables) == "native" else _columns(element)]
        case Chart():
            return _chart(element, next(pictures))
        case Image(url=url, alt=alt):
            return [ImageBlock(image_url=url, alt_text=clip(alt, ALT)).to_dict()]
        case Divider():
            return [DividerBlock().to_dict()]
        case Buttons(items=items):
            return [ActionsBlock(elements=[_button(item, about) for item in items]).to_dict()]
        case Select():
            return [ActionsBlock(elements=[_select(element, about)]).to_dict()]
        case _:
            assert_never(element)


def _button(button: Button, about: str) -> ButtonElement:
    style = None if button.style == "plain" else button.style
    return ButtonElement(text=plain(button.label), action_id=ids.of_call(button.call, about), style=style)


def _select(select: Select, about: str) -> StaticSelectElement:
    placeholder = plain(select.placeholder) if select.placeholder else None
    options = [_option(option) for option in select.options]
    return StaticSelectElement(action_id=ids.of_call(select.call, about), placeholder=placeholder, options=options)


def _option(option: Option) -> BlockOption:
    return BlockOption(value=option.value, text=plain(option.label))


def _fields(pairs: Sequence[tuple[str, str]]) -> Block:
    pieces = [piece for label, value in pairs for piece in (Piece(label, ("bold",)), Piece(f"  {value}\n"))]
    pieces[-1] = Piece(pieces[-1].text[:-1])
    return RichTextBlock(elements=[prose.section(pieces)]).to_dict()


# ---- tables and charts


def _table(table: Table) -> Block:
    rows = [[{"type": "raw_text", "text": cell.strip() or BLANK} for cell in row] for row in (table.head, *table.rows)]
    settings = [{"align": "right" if n in table.numeric else "left"} for n in range(len(table.head))]
    return TableBlock(rows=rows, column_settings=settings).to_dict()


def _columns(table: Table) -> Block:
    """A table in letters of one width."""
    return RichTextBlock(elements=[prose.fenced("\n".join(lettering.table(table)))]).to_dict()


def _allowed(pictures: Sequence[Picture] | None) -> Iterator[Picture]:
    """How the charts of a message are shown, in order: no more by Slack itself than it takes."""
    left = CHARTS
    for picture in repeat("native") if pictures is None else chain(pictures, repeat("words")):
        left -= picture == "native"
        yield "words" if picture == "native" and left < 0 else picture


def _chart(chart: Chart, picture: Picture) -> list[Block]:
    if picture == "native":
        return [_drawn(chart) or _bars(chart)]
    if picture == "words":
        return [_bars(chart)]
    return [ImageBlock(slack_file={"id": picture}, alt_text=clip(chart.alt, ALT)).to_dict()]


def _drawn(chart: Chart) -> Block | None:
    """`chart` for Slack to draw (https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block); None
    where its labels, notes included, do not fit or are not told apart."""
    labels = [_label(point) for point in chart.points]
    fits = bool(chart.title.strip()) and all(0 < len(label) <= CHART_LABEL for label in labels)
    if not fits or len(set(labels)) < len(labels):
        return None
    data = [{"label": label, "value": point.value} for label, point in zip(labels, chart.points, strict=True)]
    unit = {"y_label": clip(chart.unit, CHART_UNIT)} if chart.unit.strip() else {}
    return {
        "type": "data_visualization",
        "title": chart.title,
        "chart": {
            "type": "bar" if chart.kind == "bars" else "line",
            "series": [{"name": clip(chart.title, CHART_LABEL), "data": data}],
            "axis_config": {"categories": labels} | unit,
        },
    }


def _label(point: Point) -> str:
    """What stands below a bar: the label, cut to leave room for the note."""
    note = lettering.note(point)
    return clip(point.label, max(2, CHART_LABEL - len(note))) + note


def _bars(chart: Chart) -> Block:
    """`chart` in words, with bars of letters."""
    title = prose.section([Piece(chart.title, ("bold",))])
    return RichTextBlock(elements=[title, prose.fenced("\n".join(lettering.bars(chart)))]).to_dict()


# ---- forms


def _input(item: Input) -> InputBlock:
    match item:
        case ShortText() | LongText():
            most = min(item.max_length, TYPED)
            return _asked(item, _typed(item, most, isinstance(item, LongText)), item.hint, item.required)
        case Number():
            # Slack's own input for numbers takes neither units nor words, and answers may have both.
            return _asked(item, _typed(item, NUMBER_LENGTH, False), item.hint, item.required)
        case OneOf():
            return _asked(item, _radio(item), "", True)
        case SomeOf():
            boxes = CheckboxesElement(action_id=item.name, options=[_option(option) for option in item.options])
            return _asked(item, boxes, _how_many(item), item.least > 0)
        case _:
            assert_never(item)


def _asked(item: Input, element: InputInteractiveElement, hint: str, required: bool) -> InputBlock:
    note = plain(clip(hint, HINT)) if hint else None
    return InputBlock(label=plain(item.label), element=element, block_id=item.name, hint=note, optional=not required)


def _typed(item: ShortText | LongText | Number, most: int, long: bool) -> PlainTextInputElement:
    value = item.value[:most] or None
    return PlainTextInputElement(action_id=item.name, initial_value=value, multiline=long, max_length=most)


def _radio(item: OneOf) -> RadioButtonsElement:
    options = [_option(option) for option in item.options]
    chosen = next((option for option in options if option.value == item.value), None)
    return RadioButtonsElement(action_id=item.name, options=options, initial_option=chosen)


def _how_many(item: SomeOf) -> str:
    """What Slack cannot see to itself."""
    least, most = item.bounds
    if least == most:
        return f"Choose {most}"
    return f"Choose {least} to {most}" if least or most < len(item.options) else ""


def _given(element: Mapping[str, Any]) -> tuple[str, ...]:
    match element:
        case {"selected_options": chosen}:
            return tuple(option["value"] for option in chosen or ())
        case {"selected_option": chosen}:
            return (chosen["value"],) if chosen else ()
        case _:
            value = element.get("value")
            return () if value is None else (str(value),)
