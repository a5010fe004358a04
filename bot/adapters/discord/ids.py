"""What the ids of buttons, menus and dialogs carry besides the call.

In an id of a call a percent sign is followed by a digit, so `%~` and `%@` cannot be part of it.
"""

from dataclasses import dataclass

from bot.ui import ID_LENGTH, Call

_OPENER, _ABOUT = "%~", "%@"


@dataclass(frozen=True, slots=True)
class Parsed:
    """An id that came back: the call, the one that opened the form, and the `SPACE/CHANNEL`, or the `SPACE` alone, that
    a message is about."""

    call: Call
    opener: Call | None = None
    about: str = ""


def of_call(call: Call, about: str = "") -> str:
    """The id of a button; `about` goes along in direct messages, the server alone where room is short."""
    return _longest(call.id, "", about)


def of_form(call: Call, opener: Call, about: str = "") -> str:
    """The id of a dialog, with the call that opens it again; where room is short, that is left out first."""
    return _longest(call.id, f"{_OPENER}{opener.id}", about)


def parse(id: str) -> Parsed:
    """What an id says; raises `LimitError` if it is none of ours."""
    rest, _, about = id.partition(_ABOUT)
    call, _, opener = rest.partition(_OPENER)
    return Parsed(Call.parse(call), Call.parse(opener) if opener else None, about)


def _longest(id: str, opener: str, about: str) -> str:
    """`id` with as much of the rest as there is room for."""
    whole = f"{_ABOUT}{about}" if about else ""
    space = whole.partition("/")[0]
    return next(one for one in (id + opener + whole, id + whole, id + space, id) if len(one) <= ID_LENGTH)
