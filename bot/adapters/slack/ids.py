"""What the ids of buttons and menus carry besides the call.

In an id of a call a percent sign is followed by a digit, so `%@` cannot be part of it.
"""

from dataclasses import dataclass

from bot.ui import Call

ACTION_ID = 255
"""The most characters of an action id: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
_ABOUT = "%@"


@dataclass(frozen=True, slots=True)
class Parsed:
    """An id that came back: the call, and the channel that a message outside of it is about."""

    call: Call
    about: str = ""


def of_call(call: Call, about: str = "") -> str:
    """The id of a button or menu; `about` goes along where there is room."""
    longer = f"{call.id}{_ABOUT}{about}"
    return longer if about and len(longer) <= ACTION_ID else call.id


def parse(id: str) -> Parsed:
    """What an id says; raises `LimitError` if it is none of ours."""
    call, _, about = id.partition(_ABOUT)
    return Parsed(Call.parse(call), about)
