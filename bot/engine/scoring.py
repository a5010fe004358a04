"""What an answer is worth. Everybody who is right inside the window earns the same: chat is no place to race."""

from bot.engine.round import RoundKind

DAILY = 10
PRACTICE = 1


def points(kind: RoundKind, right: bool, first: bool) -> int:
    """Points for an answer: a right daily 10; in practice 1, and only the first time a person meets the question."""
    if not right:
        return 0
    return DAILY if kind == "daily" else PRACTICE if first else 0
