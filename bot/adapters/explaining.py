"""Which question a message asks, told by its buttons, for platforms with a menu on messages."""

from collections.abc import Iterable

from bot.ui import Call


def explanation(calls: Iterable[Call]) -> Call | None:
    """What explains the question that a message with these controls asks: to those who have answered it, or, once it
    has closed, to all. None if it asks none."""
    for call in calls:
        if call.route in ("play.answer", "play.form") and len(call.args) >= 2:
            return Call("play.verdict", call.args[:2])
        if call.route == "daily.discuss" and call.args:
            return Call("play.why", (call.args[0], "0"))
    return None
