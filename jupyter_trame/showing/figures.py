"""Figures of the plotting libraries, as clients show them. Each function is given what its library made."""

import importlib.util
import io
import sys
from typing import Any

from jupyter_trame.showing.kinds import chart, page, picture, plot

__all__ = [
    "altair_drawing",
    "matplotlib_png",
    "of_altair",
    "of_artist",
    "of_artists",
    "of_folium",
    "of_matplotlib",
    "of_plotly",
    "of_pyvista",
]

_SCALE = 2
"""Pixels of a picture for one of the page: screens have two as a rule."""


def of_matplotlib(figure: Any) -> dict[str, Any]:
    """A figure as a sharp picture of its size on a page. pyplot forgets it: an output makes a new one each time."""
    shown = picture(_png(figure, figure.dpi * _SCALE), _SCALE)
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)
    return shown


def matplotlib_png(figure: Any) -> bytes:
    """A figure as PNG: ``html.Img(src=("figure",))`` shows it."""
    return _png(figure, figure.dpi)


def _png(figure: Any, dpi: float) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi, bbox_inches="tight")
    return file.getvalue()


def of_artist(artist: Any) -> Any:
    """The figure of axes, lines and whatever else matplotlib draws. Raises ValueError for what is in none."""
    if artist.figure is None:
        raise ValueError(
            f"this {type(artist).__qualname__} is in no figure: show the figure that it was drawn in"
        )
    return artist.figure.figure  # that of axes may be a part of another one


def of_artists(values: Any) -> Any:
    """The figure of the artists in a list or tuple, as ``plot`` of axes returns them; None for anything else."""
    known = sys.modules.get("matplotlib.artist")
    if known is None or not isinstance(values, list | tuple) or not values:
        return None
    if not all(isinstance(value, known.Artist) and value.figure is not None for value in values):
        return None
    figure = of_artist(values[0])
    return figure if all(of_artist(value) is figure for value in values) else None


def of_plotly(figure: Any) -> dict[str, Any]:
    """A figure of plotly as JSON, which plotly's own script draws."""
    return plot("plotly", figure.to_json())


def of_altair(drawn: Any) -> dict[str, Any]:
    """A chart of altair, which answers to the pointer. Raises what altair finds wrong with it."""
    from altair import data_transformers

    # With it altair has no chart of Vega-Lite to give.
    if data_transformers.active == "vegafusion":
        return altair_drawing(drawn)
    return chart(drawn.to_json(indent=None))


def altair_drawing(drawn: Any) -> dict[str, Any]:
    """A chart of altair as a picture. Raises RuntimeError where what draws it is not installed."""
    if importlib.util.find_spec("vl_convert") is None:
        raise RuntimeError(
            "pictures of altair's charts are drawn by vl-convert: pip install vl-convert-python"
        )
    file = io.StringIO()
    drawn.save(file, format="svg")
    return picture(file.getvalue().encode())


def of_folium(drawing: Any) -> dict[str, Any]:
    """A map or figure of folium as a page of its own, which fetches its scripts and tiles from where folium says."""
    return page(drawing.get_root().render())


def of_pyvista(plotter: Any) -> dict[str, Any]:
    """What a plotter of PyVista shows, as a picture. Its window is never opened."""
    plotter.off_screen = True
    plotter.render_window.SetOffScreenRendering(True)
    file = io.BytesIO()
    plotter.screenshot(file)
    return picture(file.getvalue())
