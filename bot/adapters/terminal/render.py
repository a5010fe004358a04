"""Cards as lines of text."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from bot.adapters import lettering
from bot.ui import (
    Buttons,
    Call,
    Card,
    Chart,
    Divider,
    Element,
    Fields,
    Image,
    Input,
    LongText,
    Md,
    Mention,
    Number,
    OneOf,
    Select,
    ShortText,
    SomeOf,
    Span,
    Table,
    Text,
    When,
)


def card(value: Card, zone: ZoneInfo) -> str:
    """A card as text: the title, the body, and its controls as `[label]`."""
    lines = [line for element in value.body for line in body(element, zone)]
    return "\n".join([f"# {value.title}", *lines])


def body(element: Element, zone: ZoneInfo) -> Iterator[str]:
    """The lines of one element."""
    match element:
        case Text(spans=spans):
            yield from "".join(span(item, zone) for item in spans).split("\n")
        case Fields(pairs=pairs):
            width = max(len(label) for label, _ in pairs)
            yield from (f"{label.ljust(width)}  {value}" for label, value in pairs)
        case Table():
            yield from lettering.table(element)
        case Chart():
            yield from (element.title, *lettering.bars(element))
        case Image(alt=alt):
            yield f"[{alt}]"
        case Divider():
            yield "---"
        case Buttons(items=items):
            yield " ".join(f"[{button.label}]" for button in items)
        case Select(placeholder=placeholder, options=options):
            yield f"{placeholder} {' '.join(f'[{option.label}]' for option in options)}"
        case _:
            assert_never(element)


def span(value: Span, zone: ZoneInfo) -> str:
    match value:
        case str():
            return value
        case Md(text=text):
            return re.sub(r"\*\*|`|(?<!\*)\*(?!\*)", "", text)
        case Mention(name=name):
            return f"@{name}"
        case When(at=at, style=style):
            return _when(at.astimezone(zone), style)
        case _:
            assert_never(value)


def prompt(value: Input) -> str:
    """What an input asks, with its options and hint."""
    match value:
        case ShortText() | LongText() | Number():
            hint = f" ({value.hint})" if value.hint else ""
            return f"{value.label}{hint}{f' [{value.value}]' if value.value else ''}"
        case OneOf() | SomeOf():
            return "\n".join([value.label, *(f"  {option.label}" for option in value.options)])
        case _:
            assert_never(value)


def controls(element: Element) -> Iterator[tuple[str, Call]]:
    """What an element offers to press or choose: label and call, in order."""
    match element:
        case Buttons(items=items):
            yield from ((button.label, button.call) for button in items)
        case Select(options=options):
            yield from ((option.label, element.choosing(option.value)) for option in options)
        case _:
            pass


def _when(at: datetime, style: str) -> str:
    match style:
        case "time":
            return f"{at:%H:%M}"
        case "date":
            return f"{at.day} {at:%B}"
        case _:
            return f"{at.day} {at:%B} at {at:%H:%M}"
