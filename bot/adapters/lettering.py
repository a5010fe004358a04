"""Tables and charts in letters of one width, for where nothing else can show them."""

from bot.ui import Chart, Point, Table

BAR = 24
"""The letters of the longest bar."""


def table(value: Table) -> list[str]:
    """The head and the rows, a line each, their columns aligned."""
    lines = []
    for row in (value.head, *value.rows):
        cells = (
            cell.rjust(width) if index in value.numeric else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, value.widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return lines


def bars(chart: Chart) -> list[str]:
    """The points, a line each: label, bar and value. What is not above zero has no bar."""
    width = max(len(point.label) for point in chart.points)
    most = max(*(point.value for point in chart.points), 0) or 1
    lines = []
    for point in chart.points:
        bar = "▇" * round(BAR * max(point.value, 0) / most)
        parts = (point.label.ljust(width), bar, f"{point.value:g}{chart.unit}{note(point)}")
        lines.append(" ".join(filter(None, parts)))
    return lines


def note(point: Point) -> str:
    """What marks a point, to be put after it; empty if nothing does."""
    return f" ({point.note})" if point.note else ""
