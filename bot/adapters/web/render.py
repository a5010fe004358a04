"""Messages as HTML: one total function for each kind of value. The templates escape everything that is not ours."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import assert_never

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.adapters.web import drawing, markup
from bot.ports import Message
from bot.ui import (
    NUMBER_LENGTH,
    Accent,
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

SIGNS: Mapping[Accent, tuple[str, str]] = {
    "question": ("?", "Question"),
    "right": ("✓", "Right"),
    "wrong": ("✗", "Not quite"),
    "warning": ("!", "Attention"),
    "neutral": ("", ""),
}
"""The sign and the word that carry what an accent means; its colour only supports them."""
HUES = 8

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, **values: object) -> str:
    """A whole page."""
    return _environment.get_template(template).render(values)


def message(value: Message, viewer: str, handle: str) -> str:
    """A message as `viewer` sees it. `handle` is what its controls say it is."""
    show = _macro("message.html", "line" if value.card is None else "message")
    return str(
        show(
            value,
            handle=handle,
            mine=bool(viewer) and value.author == viewer,
            typed=value.card is None and bool(value.viewer),
            hue=hue(value.author_name),
            initials=initials(value.author_name),
            at=instant(value.at),
            text=literal(value.text),
            body=card(value.card, handle) if value.card else "",
        )
    )


def card(value: Card, handle: str) -> Markup:
    """A card with its title, its sign and its body."""
    sign, word = SIGNS[value.accent]
    title = value.title.removeprefix(f"{sign} ") if sign else value.title
    body = [element(item, handle) for item in value.body]
    told = title.startswith(word)
    return _macro("message.html", "card")(
        accent=value.accent,
        sign=sign,
        word="" if told else word,
        title=title,
        body=body,
        portrait=value.portrait,
    )


def element(value: Element, handle: str) -> Markup:
    show = _elements
    match value:
        case Text(spans=spans, small=small):
            return show("text")(spans=[span(item) for item in spans], small=small)
        case Fields(pairs=pairs):
            return show("fields")(pairs)
        case Table():
            return show("table")(value, label=", ".join(filter(None, value.head)))
        case Chart():
            return chart(value)
        case Image(url=url, alt=alt):
            return show("image")(url=url if url.startswith("https://") else "", alt=alt)
        case Divider():
            return show("divider")()
        case Buttons(items=items):
            return show("buttons")(items, handle)
        case Select():
            return show("select")(value, handle)
        case _:
            assert_never(value)


def chart(value: Chart) -> Markup:
    """A drawing that says the same in words to those who do not see it."""
    match value.kind:
        case "bars":
            return _elements("bars")(value, drawing.bars(value))
        case "line":
            return _elements("line")(value, drawing.line(value), drawing.HEIGHT)
        case _:
            assert_never(value.kind)


def span(value: Span) -> Markup:
    match value:
        case str():
            return literal(value)
        case Md(text=text):
            return markup.html(text)
        case Mention(name=name):
            return Markup('<span class="mention">@{}</span>').format(name)
        case When(at=at, style=style):
            return Markup('<time datetime="{}" data-style="{}">{}</time>').format(instant(at), style, _utc(at, style))
        case _:
            assert_never(value)


def form(value: Form, token: str) -> str:
    """A dialog. `token` is what the page sends back to say which form it was."""
    return str(
        _macro("form.html", "form")(value, token=token, inputs=[input_(item, value.crowded) for item in value.inputs])
    )


def input_(value: Input, menus: bool = False) -> Markup:
    """An input of a form with its label, its hint and a place for its error."""
    match value:
        case ShortText():
            return _inputs("line")(value, mode="text", most=value.max_length)
        case LongText():
            return _inputs("lines")(value)
        case Number():
            return _inputs("line")(value, mode="decimal", most=NUMBER_LENGTH)
        case OneOf():
            return _inputs("menu" if menus else "radios")(value)
        case SomeOf():
            return _inputs("checks")(value, hint=_how_many(value))
        case _:
            assert_never(value)


def literal(text: str) -> Markup:
    """Text as it is, its line breaks kept."""
    return Markup("<br>").join(map(escape, text.split("\n")))


def instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def initials(name: str) -> str:
    """One or two letters that stand for a person."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or name[:1]


def hue(name: str) -> int:
    """The number of the colour that goes with a name, the same everywhere."""
    return sha256(name.encode()).digest()[0] % HUES


def _how_many(value: SomeOf) -> str:
    least, most = value.bounds
    if least == most:
        return f"Choose exactly {most}."
    if least == 0:
        return f"Choose up to {most}." if most < len(value.options) else "Choose any."
    return f"Choose {least} to {most}."


def _utc(at: datetime, style: str) -> str:
    """What is read where no script makes it local."""
    utc = at.astimezone(UTC)
    match style:
        case "time":
            return f"{utc:%H:%M} UTC"
        case "date":
            return f"{utc.day} {utc:%B}"
        case _:
            return f"{utc.day} {utc:%B} at {utc:%H:%M} UTC"


def _macro(template: str, name: str) -> Callable[..., Markup]:
    macro: Callable[..., Markup] = getattr(_environment.get_template(template).module, name)
    return macro


def _elements(name: str) -> Callable[..., Markup]:
    return _macro("elements.html", name)


def _inputs(name: str) -> Callable[..., Markup]:
    return _macro("inputs.html", name)
