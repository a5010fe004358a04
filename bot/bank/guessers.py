"""How well a bank resists people who guess without knowing: statistics over all choices with one key.

Each test gives a `Figure`. Below `FEW` questions nothing is judged, because nothing could be told from chance.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from bot.bank.chance import at_least, chi_square_tail, rate_above
from bot.bank.load import Item
from bot.bank.words import ABSOLUTE, HEDGES, content, words
from bot.engine.kinds.choice import Choice, plain

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[Any, np.dtype[np.float64]]
    Mask = np.ndarray[Any, np.dtype[np.bool_]]

FEW = 40
SURE = 0.01
"""The p below which a difference from chance counts."""
GAIN = 0.05
"""What a guesser may win over chance."""
NAMED = 8
"""Questions named as a place to begin."""
FOLDS, ROUNDS = 10, 5
"""How the guesser is cross-validated: one parting into folds alone would move its success by a whole point."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure of the bank: as printed, what it should be, and whether it is (None where nothing is asked).

    `mend` says where to begin.
    """

    name: str
    value: str
    wanted: str = ""
    good: bool | None = None
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Riddle:
    """A choice with one key, as a guesser sees it. `key` is the place of the key."""

    stem: str
    options: tuple[str, ...]
    key: int
    id: str = ""

    @property
    def chance(self) -> float:
        return 1 / len(self.options)


def riddles(items: Iterable[Item]) -> list[Riddle]:
    """The choices with one key of three or more options, drafts left out."""
    found = []
    for item in items:
        kind = item.question.kind
        if isinstance(kind, Choice) and len(kind.keys) == 1 and len(kind.options) > 2 and item.entry.status != "draft":
            key = next(n for n, option in enumerate(kind.options) if option.key)
            texts = tuple(plain(option.text) for option in kind.options)
            found.append(Riddle(item.entry.stem, texts, key, item.entry.id))
    return found


def figures(found: Sequence[Riddle]) -> Iterator[Figure]:
    """Every test of the bank."""
    if len(found) < FEW:
        yield Figure("guessing", f"{len(found)} choices with one key", f"judged from {FEW}")
        return
    yield _positions(found)
    yield _picked("key longest", found, [[float(len(text)) for text in r.options] for r in found], strict=True)
    yield _picked("stem overlap picks the key", found, [_echoes(r) for r in found])
    yield _picked("convergence picks the key", found, [_shared(r) for r in found])
    yield _absolutes(found)
    credit, odds = guessed(found)
    ease = {r.id: chance for r, chance in zip(found, odds, strict=True)}
    easiest = ", ".join(sorted(ease, key=ease.__getitem__, reverse=True)[:NAMED])
    mend = f"it goes by {', '.join(_cues(found))}; reword the options of those it is surest of: {easiest}"
    yield _gain("options-only guesser", found, credit, proven=True, mend=mend)
    yield _gain("most-used-option guesser", found, popular(found), mend="let the usual names be wrong more often")


def _positions(found: Sequence[Riddle]) -> Figure:
    """Whether keys stand in every place of the file alike, by chi-square over each number of options."""
    value, freedom, shares = 0.0, 0, []
    for size in sorted({len(r.options) for r in found}):
        keys = [r.key for r in found if len(r.options) == size]
        if len(keys) >= FEW:
            counts = Counter(keys)
            value += sum((counts[n] - len(keys) / size) ** 2 / (len(keys) / size) for n in range(size))
            freedom += size - 1
            shares.append("/".join(f"{counts[n] / len(keys):.0%}" for n in range(size)))
    p = chi_square_tail(value, freedom) if freedom else 1.0
    return Figure("key position", f"{', '.join(shares)} (p {p:.3f})", f"p at least {SURE}", p >= SURE)


def _picked(name: str, found: Sequence[Riddle], scores: Sequence[Sequence[float]], *, strict: bool = False) -> Figure:
    """How often the one option with the highest score is the key; `strict` counts ties as misses."""
    hits, chances = 0, []
    for r, row in zip(found, scores, strict=True):
        best = [n for n, score in enumerate(row) if score == max(row)]
        if strict or len(best) == 1:
            chances.append(r.chance)
            hits += best == [r.key]
    p = at_least(hits, chances)
    share, chance = (hits / len(chances), fmean(chances)) if chances else (0.0, 0.0)
    value = f"{share:.1%} of {len(chances)}, chance {chance:.1%} (p {p:.3f})"
    return Figure(name, value, f"p at least {SURE}", p >= SURE)


def _echoes(r: Riddle) -> list[float]:
    stem = content(r.stem)
    return [float(len(stem & content(text))) for text in r.options]


def _shared(r: Riddle) -> list[float]:
    """For each option, the words it shares with the others, summed."""
    sets = [content(text) for text in r.options]
    return [float(sum(len(one & other) for m, other in enumerate(sets) if m != n)) for n, one in enumerate(sets)]


def _absolutes(found: Sequence[Riddle]) -> Figure:
    """Whether absolute words mark wrong options; more of them in keys is for the guesser to weigh."""
    marked = [[bool(ABSOLUTE.intersection(words(text))) for text in r.options] for r in found]
    keys = sum(row[r.key] for r, row in zip(found, marked, strict=True))
    others = sum(map(sum, marked)) - keys
    count = sum(len(r.options) - 1 for r in found)
    p = rate_above(others, count, keys, len(found))
    value = f"{keys / len(found):.1%} of keys, {others / count:.1%} of others (p {p:.3f})"
    return Figure("absolute words", value, f"p at least {SURE}", p >= SURE)


def _gain(
    name: str, found: Sequence[Riddle], credit: Sequence[float], *, proven: bool = False, mend: str = ""
) -> Figure:
    """What a guesser wins over chance; `proven` asks also that luck cannot explain it."""
    chances = [r.chance for r in found]
    gain = fmean(credit) - fmean(chances)
    p = at_least(round(sum(credit)), chances)
    value = f"{fmean(credit):.1%}, chance {fmean(chances):.1%} (p {p:.3f})"
    good = gain <= GAIN or (proven and p >= SURE)
    return Figure(name, value, f"at most {GAIN} over chance", good, mend)


def popular(found: Sequence[Riddle]) -> list[float]:
    """The success of choosing the option text that the other questions use most; ties share it."""
    uses = Counter(_name(text) for r in found for text in r.options)
    credit = []
    for r in found:
        counts = [uses[_name(text)] for text in r.options]
        best = [n for n, count in enumerate(counts) if count == max(counts)]
        credit.append((r.key in best) / len(best))
    return credit


def guessed(found: Sequence[Riddle]) -> tuple[list[float], list[float]]:
    """How a conditional logistic model does that sees the options only, cross-validated by question.

    For each question the success, and the odds that it gave to the key.
    """
    import numpy as np

    rows, there = _matrix(found)
    keys = np.array([r.key for r in found])
    credit, odds = np.zeros(len(found)), np.zeros(len(found))
    for seed in range(ROUNDS):
        fold = np.random.default_rng(seed).permutation(len(found)) % FOLDS
        for n in range(FOLDS):
            held = fold == n
            weights = _fitted(rows[~held], there[~held], keys[~held])
            spread = _odds(rows[held], there[held], weights)
            credit[held] += (spread.argmax(1) == keys[held]) / ROUNDS
            odds[held] += spread[np.arange(held.sum()), keys[held]] / ROUNDS
    return [float(value) for value in credit], [float(value) for value in odds]


def _cues(found: Sequence[Riddle]) -> list[str]:
    """What tells keys from the rest most, strongest first."""
    import numpy as np

    rows, there = _matrix(found)
    weights = _fitted(rows, there, np.array([r.key for r in found]))
    strongest = sorted(range(len(weights)), key=lambda n: -abs(weights[n]))[:3]
    return [f"{FEATURES[n]} ({weights[n]:+.2f})" for n in strongest]


def _matrix(found: Sequence[Riddle]) -> "tuple[Matrix, Mask]":
    """Features by question and option, of mean 0 and spread 1, and which options there are."""
    import numpy as np

    uses = Counter(_name(text) for r in found for text in r.options)
    sheets = [_features(r, uses) for r in found]
    rows = np.zeros((len(found), max(map(len, sheets)), len(sheets[0][0])))
    there = np.zeros(rows.shape[:2], dtype=bool)
    for n, sheet in enumerate(sheets):
        rows[n, : len(sheet)], there[n, : len(sheet)] = sheet, True
    return (rows - rows[there].mean(0)) / (rows[there].std(0) + 1e-9), there


def _fitted(rows: "Matrix", there: "Mask", keys: Any, ridge: float = 1.0) -> "Matrix":
    """Weights of the conditional logistic model (McFadden 1974) by Newton's method, shrunk by `ridge`."""
    import numpy as np

    weights: Matrix = np.zeros(rows.shape[2])
    chosen = rows[np.arange(len(keys)), keys]
    for _ in range(12):
        odds = _odds(rows, there, weights)
        mean = np.einsum("nk,nkf->nf", odds, rows)
        slope = (chosen - mean).sum(0) - ridge * weights
        bend = np.einsum("nk,nkf,nkg->fg", odds, rows, rows) - mean.T @ mean + ridge * np.eye(len(weights))
        weights = weights + np.linalg.solve(bend, slope)
    return weights


def _odds(rows: "Matrix", there: "Mask", weights: "Matrix") -> "Matrix":
    """The chance that the model gives to each option."""
    import numpy as np

    utility = np.where(there, rows @ weights, -np.inf)
    odds: Matrix = np.exp(utility - utility.max(1, keepdims=True))
    odds /= odds.sum(1, keepdims=True)
    return odds


FEATURES = (
    "length rank", "length", "being longest", "being shortest", "first place", "last place", "second place",
    "absolute words", "hedging words", "shared words", "most shared words", "use in the bank", "commas and brackets",
    "digits", "short words",
)  # fmt: skip


def _features(r: Riddle, uses: Counter[str]) -> list[list[float]]:
    """What each option shows without the stem, by `FEATURES`."""
    lengths = [len(text) for text in r.options]
    shared = _shared(r)
    last = len(r.options) - 1
    rows = []
    for n, text in enumerate(r.options):
        said = words(text)
        rank = sum(other < lengths[n] for other in lengths) / last
        rows.append([
            rank, lengths[n] / fmean(lengths), rank == 1, rank == 0, n == 0, n == last, n == 1,
            len(ABSOLUTE.intersection(said)), len(HEDGES.intersection(said)), shared[n] - fmean(shared),
            shared[n] == max(shared), uses[_name(text)] - 1, text.count(",") + text.count("("),
            any(char.isdigit() for char in text), len(said) / (1 + lengths[n]),
        ])  # fmt: skip
    return [[float(value) for value in row] for row in rows]


def _name(text: str) -> str:
    return " ".join(words(text))
