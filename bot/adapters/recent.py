"""What is worth remembering for a while, and may be forgotten at any time."""

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by key, each for `seconds`, and at most `most` of them: the oldest go first."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._kept: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key) -> Value | None:
        until, value = self._kept.get(key, (0.0, None))
        return value if self._clock() < until else None

    def put(self, key: Key, value: Value) -> None:
        self.drop(key)
        self._kept[key] = (self._clock() + self._seconds, value)
        if len(self._kept) > self._most:
            self.drop(next(iter(self._kept)))

    def drop(self, key: Key) -> None:
        self._kept.pop(key, None)
