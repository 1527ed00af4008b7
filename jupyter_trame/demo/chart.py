"""The chart: two frames go in, a PNG comes out. Nothing of pyplot, so nothing global is touched."""

from io import BytesIO
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jupyter_trame.demo.data import COLORS, MEASURES

__all__ = ["draw"]

INK = "#7a828c"
"""Of text and lines: a grey that can be read on white and on black, as the picture has no background."""

SIZE = (7.2, 3.6)
"""In hundreds of CSS pixels."""
SHARPNESS = 2
"""Device pixels a CSS pixel."""


def draw(selected: pd.DataFrame, cars: pd.DataFrame, measure: str = "weight") -> bytes:
    """Fuel economy against `measure` (a key of `MEASURES`): the selection in colour, the other cars as a shade.

    The axes show all `cars`, so that nothing but the selection moves. Takes tens of milliseconds; may be called on
    any thread.
    """
    figure = Figure(figsize=SIZE, dpi=100 * SHARPNESS)
    axes = figure.add_axes((0.07, 0.13, 0.925, 0.855))
    _set_frame(axes, cars, measure)
    axes.scatter(cars[measure], cars["mpg"], s=13, color=INK, alpha=0.16, linewidths=0)
    if len(selected):
        _draw_selection(axes, selected, measure)
    else:
        axes.text(0.5, 0.5, "No car is left", transform=axes.transAxes, ha="center", color=INK, fontsize=12)
    picture = BytesIO()
    # Of the time half would go into compressing what travels a few metres.
    figure.savefig(picture, format="png", transparent=True, pil_kwargs={"compress_level": 1})
    return picture.getvalue()


def _draw_selection(axes: Axes, selected: pd.DataFrame, measure: str) -> None:
    for origin, color in COLORS.items():
        group = selected[selected["origin"] == origin]
        axes.scatter(group[measure], group["mpg"], s=24, color=color, alpha=0.78, linewidths=0, zorder=3)
    mean = selected["mpg"].mean()
    axes.axhline(mean, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=2)
    right = axes.get_xlim()[1]
    axes.annotate(f"mean {mean:.1f}", (right, mean), (-3, 4), **_label("right"))
    best = selected.loc[selected["mpg"].idxmax()]
    in_left_half = best[measure] < sum(axes.get_xlim()) / 2
    place = ((6, 3), "left") if in_left_half else ((-6, 3), "right")
    axes.annotate(best["name"], (best[measure], best["mpg"]), place[0], **_label(place[1]))


def _label(side: str) -> dict[str, Any]:
    return {"textcoords": "offset points", "ha": side, "color": INK, "fontsize": 8.5, "zorder": 4}


def _set_frame(axes: Axes, cars: pd.DataFrame, measure: str) -> None:
    low, high = cars[measure].min(), cars[measure].max()
    margin = 0.04 * (high - low)
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(5, 50)
    axes.set_yticks(range(10, 51, 10))
    axes.locator_params(axis="x", nbins=7)
    axes.set_xlabel(MEASURES[measure], color=INK, fontsize=9, labelpad=5)
    axes.set_ylabel("Miles per gallon", color=INK, fontsize=9, labelpad=5)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.tick_params(length=0, labelcolor=INK, labelsize=8.5, pad=5)
    axes.grid(color=INK, alpha=0.18, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
