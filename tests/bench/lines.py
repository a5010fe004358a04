"""What a measurement says: our figure and its floor, from the same run."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Line:
    """One figure; `floor` is what the same would cost without us, in the same unit."""

    name: str
    figure: float
    floor: float | None
    unit: str
    note: str = ""

    def __str__(self) -> str:
        against = f"{self.floor:>12,.3f}  {self.figure / self.floor:>6.2f}x" if self.floor else f"{'':>12}  {'':>7}"
        return f"{self.name:<58} {self.figure:>12,.3f} {against} {self.unit:<10} {self.note}"


HEAD = f"{'':<58} {'figure':>12} {'floor':>12}  {'ratio':>7}"


def timed(work: Callable[[], object], times: int = 5) -> float:
    """Median seconds of `work`, after one run that does not count."""
    work()
    return median(_once(work) for _ in range(times))


def _once(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started
