"""Messages as Discord's Components V2: one total function for each kind of value."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, assert_never

import discord
from discord import ui

from bot.adapters import charts, lettering
from bot.adapters.discord import ids
from bot.ui import (
    CHARACTERS_PER_MESSAGE,
    NUMBER_LENGTH,
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
    Select,
    ShortText,
    SomeOf,
    Span,
    Table,
    Text,
    When,
    clip,
)

COLOURS = {"question": 0x3B82F6, "right": 0x2E9E5B, "wrong": 0xC2571A, "warning": 0xB7791F, "neutral": 0x6B7280}
STYLES = {
    "plain": discord.ButtonStyle.secondary,
    "primary": discord.ButtonStyle.primary,
    "danger": discord.ButtonStyle.danger,
}
WHEN = {"time": "t", "date": "D", "datetime": "f", "relative": "R"}
ALT, HINT = 1024, 100

_SPECIAL = re.compile(r"[\\*_~|`#>\[\]()<-]")
_PINGS = re.compile(r"@(?=everyone|here)")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_MORE = re.compile(r"__|~~|\|\||^(?:#{1,3} |>|-# )", re.MULTILINE)


Typed = Mapping[str, tuple[str, ...]]
"""What a form held, by input."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: the layout, and the pictures it refers to."""

    view: ui.LayoutView
    files: list[discord.File]


async def pictures(card: Card) -> list[bytes]:
    """The charts of `card`, drawn outside the event loop."""
    found = [element for element in card.body if isinstance(element, Chart)]
    return await asyncio.to_thread(lambda: list(map(charts.png, found))) if found else []


async def drawn(card: Card, about: str = "", mark: int | None = None) -> Message:
    """`card` as by `message`, with its charts."""
    return message(card, await pictures(card), about, mark)


def message(card: Card, drawn: Sequence[bytes] = (), about: str = "", mark: int | None = None) -> Message:
    """`card` with its charts as `drawn` by `pictures`. A direct message is `about` a `SPACE/CHANNEL`. `mark` (1 to
    2^31 - 1) is kept by Discord as the container's id and told by the history, whatever else is edited."""
    body = _children(card, about, plain=False)
    if sum(map(_length, body)) > CHARACTERS_PER_MESSAGE:
        body = _children(card, about, plain=True)
    # discord.py would keep every view that is not stopped in memory for ever.
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*body, accent_colour=COLOURS[card.accent], id=mark))
    view.stop()
    return Message(view, [discord.File(BytesIO(png), _file(n)) for n, png in enumerate(drawn)])


def form(value: Form, opener: Call, about: str = "", typed: Typed | None = None) -> ui.Modal:
    """`value` as a dialog, which remembers the call that opened it where there is room, and what it is `about`. What
    was `typed` before stands in the inputs again."""
    modal = ui.Modal(title=value.title, custom_id=ids.of_form(value.call, opener, about), timeout=None)
    for item in value.inputs:
        modal.add_item(_label(item, _chosen(item, typed or {}), short=value.crowded))
    modal.stop()
    return modal


def escape(text: str) -> str:
    """Literal text: what would be markup or a mention is shown as it was written."""
    return _PINGS.sub("＠", _SPECIAL.sub(r"\\\g<0>", text))


def _children(card: Card, about: str, plain: bool) -> list[ui.Item[Any]]:
    """The parts of a card. `plain` leaves decoration out, where a card of the greatest length has no room for it."""
    names = iter(range(len(card.body)))
    return [_heading(card, plain), *(_element(element, about, names, plain) for element in card.body)]


def _heading(card: Card, plain: bool) -> ui.Item[Any]:
    """The title, beside the picture of whom the card is about."""
    title = _commands(escape(" ".join(card.title.split())))
    heading: ui.Item[Any] = ui.TextDisplay(title if plain else f"### {title}")
    if card.portrait is None:
        return heading
    return ui.Section(heading, accessory=ui.Thumbnail(card.portrait.url, description=clip(card.portrait.alt, ALT)))


def _length(item: ui.Item[Any]) -> int:
    """Characters of text, as Discord counts them."""
    if isinstance(item, ui.Section):
        return sum(map(_length, item.children))
    return len(item.content) if isinstance(item, ui.TextDisplay) else 0


def _element(element: Element, about: str, names: Iterator[int], plain: bool) -> ui.Item[Any]:
    match element:
        case Text(spans=spans, small=small):
            text = "".join(map(_span, spans)) or "\u200b"
            return ui.TextDisplay("-# " + text.replace("\n", "\n-# ") if small and not plain else text)
        case Fields(pairs=pairs):
            return ui.TextDisplay(
                "\n".join(f"**{escape(label)}** {_commands(escape(value))}" for label, value in pairs)
            )
        case Table():
            return ui.TextDisplay(_table(element))
        case Chart():
            return _picture(f"attachment://{_file(next(names))}", element.alt)
        case Image(url=url, alt=alt):
            return _picture(url, alt)
        case Divider():
            return ui.Separator()
        case Buttons(items=items):
            return ui.ActionRow(*(_button(item, about) for item in items))
        case Select():
            return ui.ActionRow(_select(element, about))
        case _:
            assert_never(element)


def _span(span: Span) -> str:
    match span:
        case str():
            return _commands(escape(span))
        case Md(text=text):
            return _commands(_markup(text))
        case Mention(player=player, name=name):
            return f"<@{player}>" if player.isdigit() else escape(f"@{name}")
        case When(at=at, style=style):
            return f"<t:{int(at.timestamp())}:{WHEN[style]}>"
        case _:
            assert_never(span)


def _markup(text: str) -> str:
    """Our subset is part of Discord's; what Discord knows besides is shown as it is written."""
    parts = _CODE.split(text)
    parts[::2] = [_MORE.sub(lambda found: re.sub(r"([_~|#>-])", r"\\\1", found[0]), part) for part in parts[::2]]
    return "".join(parts)


def _commands(text: str) -> str:
    """Commands of admins are a command of their own here."""
    return text.replace("/quiz admin", "/quiz-admin")


def _table(table: Table) -> str:
    lines = (line.replace("`", "'") for line in lettering.table(table))
    return "\n".join(["```", *lines, "```"])


def _picture(url: str, alt: str) -> ui.Item[Any]:
    return ui.MediaGallery(discord.MediaGalleryItem(url, description=clip(alt, ALT)))


def _file(number: int) -> str:
    return f"chart-{number}.png"


def _button(button: Button, about: str) -> ui.Button[Any]:
    return ui.Button(label=button.label, custom_id=ids.of_call(button.call, about), style=STYLES[button.style])


def _select(select: Select, about: str) -> ui.Select[Any]:
    options = [discord.SelectOption(label=option.label, value=option.value) for option in select.options]
    return ui.Select(custom_id=ids.of_call(select.call, about), placeholder=select.placeholder, options=options)


# ---- forms


def _chosen(item: Input, typed: Typed) -> tuple[str, ...]:
    """What stands in an input when its form opens."""
    return typed.get(item.name, () if isinstance(item, SomeOf) else (item.value,))


def _label(item: Input, chosen: tuple[str, ...], short: bool) -> ui.Label[Any]:
    match item:
        case ShortText() | Number():
            return _labelled(item.label, item.hint, _typed(item, "".join(chosen), discord.TextStyle.short))
        case LongText():
            return _labelled(item.label, item.hint, _typed(item, "".join(chosen), discord.TextStyle.long))
        case OneOf():
            return _labelled(item.label, "", _menu(item, chosen) if short else _radio(item, chosen))
        case SomeOf():
            return _labelled(item.label, _how_many(item), _menu(item, chosen) if short else _boxes(item, chosen))
        case _:
            assert_never(item)


def _labelled(label: str, hint: str, inner: ui.Item[Any]) -> ui.Label[Any]:
    return ui.Label(text=label, description=clip(hint, HINT) or None, component=inner)


def _typed(item: ShortText | LongText | Number, value: str, style: discord.TextStyle) -> ui.TextInput[Any]:
    longest = NUMBER_LENGTH if isinstance(item, Number) else min(item.max_length, 4000)
    return ui.TextInput(
        style=style,
        custom_id=item.name,
        default=value[:longest] or None,
        required=item.required,
        max_length=longest,
    )


def _radio(item: OneOf, chosen: tuple[str, ...]) -> ui.RadioGroup[Any]:
    options = [discord.RadioGroupOption(label=o.label, value=o.value, default=o.value in chosen) for o in item.options]
    return ui.RadioGroup(custom_id=item.name, options=options)


def _boxes(item: SomeOf, chosen: tuple[str, ...]) -> ui.CheckboxGroup[Any]:
    options = [
        discord.CheckboxGroupOption(label=o.label, value=o.value, default=o.value in chosen) for o in item.options
    ]
    least, most = item.bounds
    return ui.CheckboxGroup(custom_id=item.name, options=options, min_values=least, max_values=most, required=least > 0)


def _menu(item: OneOf | SomeOf, chosen: tuple[str, ...]) -> ui.Select[Any]:
    options = [discord.SelectOption(label=o.label, value=o.value, default=o.value in chosen) for o in item.options]
    least, most = (1, 1) if isinstance(item, OneOf) else item.bounds
    return ui.Select(custom_id=item.name, options=options, min_values=least, max_values=most, required=least > 0)


def _how_many(item: SomeOf) -> str:
    least, most = item.bounds
    return f"Choose {least}" if least == most else ""
