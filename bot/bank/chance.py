"""Probabilities for the tests of a bank, exact where that is cheap."""

import math
from collections.abc import Sequence


def at_least(hits: int, chances: Sequence[float]) -> float:
    """The chance of `hits` or more successes in independent trials with these chances.

    Exact, by adding one trial after another to the distribution: the Poisson binomial, or the binomial where all are
    equal.
    """
    spread = [1.0] + [0.0] * len(chances)
    for done, chance in enumerate(chances, 1):
        for n in range(done, 0, -1):
            spread[n] += (spread[n - 1] - spread[n]) * chance
        spread[0] *= 1 - chance
    return min(1.0, math.fsum(spread[hits:]))


def chi_square_tail(value: float, freedom: int) -> float:
    """The chance that chi-square with `freedom` degrees exceeds `value`.

    One minus the regularised lower incomplete gamma function by its series (Abramowitz and Stegun 6.5.29).
    """
    half, x = freedom / 2, value / 2
    if x <= 0:
        return 1.0
    term = total = 1 / half
    n = half
    while term > total * 1e-16:
        n += 1
        term *= x / n
        total += term
    return max(0.0, 1 - total * math.exp(half * math.log(x) - x - math.lgamma(half)))


def rate_above(hits: int, trials: int, other_hits: int, other_trials: int) -> float:
    """The p of a rate that is no higher than the other: pooled two-proportion z-test, one-sided."""
    pooled = (hits + other_hits) / (trials + other_trials)
    error = math.sqrt(pooled * (1 - pooled) * (1 / trials + 1 / other_trials))
    gap = hits / trials - other_hits / other_trials
    return math.erfc(gap / error / math.sqrt(2)) / 2 if error else 1.0
