"""The slash command under another name: cards that speak of `/quiz` speak of that."""

import re
from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import Any

from bot.ports import Reply
from bot.ui import Buttons, Call, Card, Form, LimitError, Text

USUAL = "/quiz"
_SPOKEN = re.compile(r"(?<![\w./:=-])/quiz(?![\w/-])")
"""The command as a word: not in an address or a path."""
_KEPT = ("name", "url", "value")
"""Fields that nobody reads as a sentence."""


def renamed(card: Card, command: str) -> Card:
    """`card` with `command` where it says `/quiz`; as it is where a longer name has no room."""
    found: Card = card if command == USUAL else _fitting(card, command)
    return found


def renamed_reply(reply: Reply, command: str) -> Reply:
    """The same for everything that a reply says."""
    if command == USUAL:
        return reply
    said = partial(_fitting, command=command)
    return Reply(
        said(reply.form),
        reply.errors and {name: _spoken(problem, command) for name, problem in reply.errors.items()},
        said(reply.update),
        said(reply.private),
        said(reply.public),
    )


def _fitting(shown: Card | Form | None, command: str) -> Any:
    try:
        return _renamed(shown, command)
    except LimitError:
        return shown


def _spoken(text: str, command: str) -> str:
    return _SPOKEN.sub(lambda _: command, text)


def _renamed(value: Any, command: str) -> Any:
    """The same value, with the command renamed in all its texts but those of calls."""
    if isinstance(value, str):
        return _spoken(value, command)
    if isinstance(value, tuple):
        return tuple(_renamed(one, command) for one in value)
    if isinstance(value, Text):
        return Text(*_renamed(value.spans, command), small=value.small)
    if isinstance(value, Buttons):
        return Buttons(*_renamed(value.items, command))
    if isinstance(value, Call) or not is_dataclass(value) or isinstance(value, type):
        return value
    texts = {field.name for field in fields(value)} - {*_KEPT}
    return replace(value, **{name: _renamed(getattr(value, name), command) for name in texts})
