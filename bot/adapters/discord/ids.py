"""What the ids of buttons, menus and dialogs carry besides the call.

In an id of a call a percent sign is followed by a digit, so `%~` and `%@` cannot be part of it.
"""

from dataclasses import dataclass

from bot.ui import ID_LENGTH, Call

_OPENER, _ABOUT = "%~", "%@"


@dataclass(frozen=True, slots=True)
class Parsed:
    """An id that came back: the call, the one that opened the form, and the `SPACE/CHANNEL` a message is about."""

    call: Call
    opener: Call | None = None
    about: str = ""


def of_call(call: Call, about: str = "") -> str:
    """The id of a button; `about` goes along in direct messages."""
    return _with(call.id, _ABOUT, about)


def of_form(call: Call, opener: Call) -> str:
    """The id of a dialog, with the call that opens it again."""
    return _with(call.id, _OPENER, opener.id)


def parse(id: str) -> Parsed:
    """What an id says; raises `LimitError` if it is none of ours."""
    rest, _, about = id.partition(_ABOUT)
    call, _, opener = rest.partition(_OPENER)
    return Parsed(Call.parse(call), Call.parse(opener) if opener else None, about)


def _with(id: str, sign: str, more: str) -> str:
    longer = f"{id}{sign}{more}"
    return longer if more and len(longer) <= ID_LENGTH else id
