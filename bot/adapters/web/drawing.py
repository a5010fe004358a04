"""Charts as the numbers an SVG needs. Places across are per cent and places down are pixels, so that a chart fills any
width without its letters shrinking."""

from dataclasses import dataclass

from bot.ui import Chart, Point

WIDEST = 58.0
"""Per cent of the width a bar may take: the rest is for its value and its note."""
SHORT = 3
"""Labels of up to so many characters stand beside their bar, longer ones above it."""
HEIGHT = 120.0
LABELS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with the place of its label, its value and its sign."""

    label: str
    value: str
    note: str
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Bars:
    bars: tuple[Bar, ...]
    beside: bool
    height: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a line; `shown` is whether its label is written below."""

    label: str
    value: str
    note: str
    x: float
    y: float
    shown: bool


@dataclass(frozen=True, slots=True)
class Line:
    dots: tuple[Dot, ...]
    path: str
    top: str
    bottom: str


def bars(chart: Chart) -> Bars:
    """A bar for each point, longest for the greatest value."""
    most = max(point.value for point in chart.points)
    beside = all(len(point.label) <= SHORT for point in chart.points)
    step = 30.0 if beside else 50.0
    drawn = tuple(_bar(chart, point, most, n * step) for n, point in enumerate(chart.points))
    return Bars(drawn, beside, step * len(drawn))


def line(chart: Chart) -> Line:
    """The points joined, in order. The lowest value touches the ground, unless all are equal."""
    values = [point.value for point in chart.points]
    low, high = min(0.0, *values), max(values)
    gap = max(1, -(-(len(values) - 1) // (LABELS - 1)))
    dots = tuple(_dot(chart, n, low, high, (len(values) - 1 - n) % gap == 0) for n in range(len(values)))
    path = " ".join(f"{dot.x:.2f},{dot.y:.2f}" for dot in dots)
    return Line(dots, path, f"{high:g}{chart.unit}", f"{low:g}{chart.unit}")


def _bar(chart: Chart, point: Point, most: float, y: float) -> Bar:
    share = max(0.0, point.value / most) if most > 0 else 0.0
    return Bar(point.label, f"{point.value:g}{chart.unit}", point.note, y, round(share * WIDEST, 2))


def _dot(chart: Chart, n: int, low: float, high: float, shown: bool) -> Dot:
    point, last = chart.points[n], len(chart.points) - 1
    x = 100 * n / last if last else 50.0
    y = HEIGHT * (1 - (point.value - low) / (high - low)) if high > low else HEIGHT / 2
    return Dot(point.label, f"{point.value:g}{chart.unit}", point.note, round(x, 2), round(y, 2), shown)
