"""What Slack's Web API says where it refuses, and the pauses it wants."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.ports import Later, T

LIMITED = frozenset({"rate_limited", "ratelimited"})
UNTOLD_PAUSE = 30
"""Seconds to wait where Slack wants a pause and does not say how long."""


def told(refusal: SlackApiError) -> Mapping[str, Any]:
    """What Slack's answer says; empty where that cannot be read."""
    body = getattr(refusal.response, "data", refusal.response)
    return body if isinstance(body, dict) else {}


def error_of(refusal: SlackApiError) -> str:
    """The code of what is wrong; empty where that cannot be read."""
    return str(told(refusal).get("error", ""))


def status_of(refusal: SlackApiError) -> int:
    """The HTTP status. slack_sdk hands over its own answer, or the wire's where it could not be read."""
    answer: Any = refusal.response
    status: int = answer.status_code if hasattr(answer, "status_code") else getattr(answer, "status", 0)
    return status


def pause_of(refusal: SlackApiError) -> float | None:
    """The seconds for which Slack wants to be left alone; None where that is not what is wrong."""
    if status_of(refusal) != 429 and error_of(refusal) not in LIMITED:
        return None
    asked = refusal.response.headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else UNTOLD_PAUSE


class Pauses:
    """Pauses that Slack wants. Each is of one method in one workspace; others go on meanwhile.

    Source: https://docs.slack.dev/apis/web-api/rate-limits
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[tuple[str, str], float] = {}

    async def kept(self, team: str, method: str, call: Callable[[], Awaitable[T]]) -> T:
        """What `call`, a call of the method, returns. Raises `Later` where Slack wants a pause, without asking again
        before it is over, and what else `call` raises."""
        rest = self._until.get((team, method), 0.0) - self._clock()
        if rest > 0:
            raise Later(rest)
        try:
            return await call()
        except SlackApiError as refusal:
            pause = pause_of(refusal)
            if pause is None:
                raise
            self._until[team, method] = self._clock() + pause
            raise Later(pause) from refusal
