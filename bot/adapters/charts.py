"""Charts as pictures, for platforms that draw none themselves. The alternative text is `Chart.alt`."""

from io import BytesIO
from typing import TYPE_CHECKING

from bot.ui import Chart, Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# One dark ground reads well on light and on dark chats; the pair of colours is told apart with any colour vision
# (Okabe and Ito, 2008), and the marked bar is hatched and named besides.
GROUND, INK, PLAIN, MARKED = "#1d2330", "#eef1f6", "#56b4e9", "#e69f00"


def png(chart: Chart) -> bytes:
    """`chart` as a PNG of 800 by 240 to 500 pixels."""
    # Imported here because it takes a third of a second, and most processes never draw.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height = 1.2 + 0.32 * len(chart.points) if chart.kind == "bars" else 4.0
    figure = Figure(figsize=(8, min(5.0, max(2.4, height))), dpi=100, facecolor=GROUND, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(facecolor=GROUND)
    (_bars if chart.kind == "bars" else _line)(axes, chart)
    axes.set_title(chart.title, color=INK, loc="left", fontsize=13)
    axes.tick_params(colors=INK, labelsize=11, length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    picture = BytesIO()
    figure.savefig(picture, format="png", metadata={"Description": chart.alt})
    return picture.getvalue()


def _bars(axes: "Axes", chart: Chart) -> None:
    places = range(len(chart.points))
    colours = [MARKED if point.note else PLAIN for point in chart.points]
    bars = axes.barh(places, [point.value for point in chart.points], color=colours, height=0.7)
    for bar, point in zip(bars, chart.points, strict=True):
        bar.set_hatch("//" if point.note else None)
    axes.bar_label(bars, [_value(point, chart) for point in chart.points], color=INK, padding=6, fontsize=11)
    axes.set_yticks(places, [point.label for point in chart.points])
    axes.set_xticks([])
    axes.margins(x=0.18)
    axes.invert_yaxis()


def _line(axes: "Axes", chart: Chart) -> None:
    places = range(len(chart.points))
    axes.plot(places, [point.value for point in chart.points], color=PLAIN, marker="o", linewidth=2)
    axes.set_xticks(places, [point.label for point in chart.points])
    axes.grid(axis="y", color=INK, alpha=0.2)


def _value(point: Point, chart: Chart) -> str:
    return f"{point.value:g}{chart.unit}{f'  {point.note}' if point.note else ''}"
