"""Figures of libraries that are installed here become what a browser shows."""

import json
from typing import Any

import altair as alt
import folium
import matplotlib as mpl
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from matplotlib.figure import Figure

from jupyter_trame.showing import figures
from jupyter_trame.showing.figures import of_artist
from jupyter_trame.showing.forms import sent_form
from jupyter_trame.showing.outputs import shown

PNG = b"\x89PNG"


def drawn() -> Figure:
    figure = Figure(figsize=(2, 1), dpi=50)
    figure.subplots().plot([1, 2])
    return figure


def test_a_figure_of_matplotlib_is_a_sharp_picture() -> None:
    found = shown(drawn())
    assert found["trame__shown"] == "picture"
    assert found["data"].startswith(PNG)
    width = int.from_bytes(found["data"][16:20], "big")
    assert found["width"] == round(width / 2)
    plain = sent_form(drawn())
    assert plain.startswith(PNG)
    assert abs(int.from_bytes(plain[16:20], "big") - found["width"]) <= 2


def test_axes_and_lines_are_their_figure() -> None:
    axes = drawn().axes[0]
    assert shown(axes)["data"].startswith(PNG)
    assert shown(axes.lines[0])["data"].startswith(PNG)
    with pytest.raises(ValueError, match="this Line2D is in no figure"):
        shown(mpl.lines.Line2D([0], [0]))


def test_parts_of_figures_are_shown_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure()
    part: Any = figure.subfigures()
    axes = part.subplots()
    assert [of_artist(artist) for artist in (axes, axes.xaxis, part, figure)] == [figure] * 4
    # As it was before matplotlib 3.10.
    get_figure = mpl.artist.Artist.get_figure
    monkeypatch.setattr(mpl.artist.Artist, "get_figure", lambda self: get_figure(self))
    assert of_artist(axes) is figure


def test_pyplot_forgets_what_was_shown() -> None:
    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, _ = plt.subplots()
    sent_form(figure)
    assert plt.fignum_exists(figure.number)
    shown(figure)
    assert not plt.fignum_exists(figure.number)


def test_a_figure_of_plotly_is_json() -> None:
    found = shown(go.Figure(go.Scatter(y=np.arange(3))))
    assert (found["trame__shown"], found["library"]) == ("plot", "plotly")
    assert json.loads(found["figure"])["data"][0]["type"] == "scatter"


CHART = alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_point().encode(x="x")


def test_a_chart_of_altair_is_a_specification_and_a_picture_in_the_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = shown(CHART)
    assert found["trame__shown"] == "chart"
    assert json.loads(found["spec"])["mark"] == {"type": "point"}
    assert sent_form(CHART)["data"].startswith(b"<svg")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert shown(CHART) == found
    with pytest.raises(RuntimeError, match="pip install vl-convert-python"):
        sent_form(CHART)


def test_a_chart_of_altair_that_vegafusion_prepares_is_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(alt.data_transformers), "active", "vegafusion")
    monkeypatch.setattr(type(CHART), "save", lambda _, file, format: file.write(f"<{format}>"))  # noqa: A006
    assert shown(CHART)["data"] == b"<svg>"


def test_a_chart_of_altair_with_too_many_rows_says_so() -> None:
    with pytest.raises(alt.MaxRowsError, match="5001"):
        shown(alt.Chart(pd.DataFrame({"x": range(5001)})).mark_point())


def test_a_map_of_folium_is_a_page() -> None:
    found = shown(folium.Map([45, 7]))
    assert found["trame__shown"] == "page"
    assert found["html"].startswith("<!DOCTYPE html>")


def test_a_plotter_of_pyvista_is_a_picture_without_a_window() -> None:
    class Window:
        off_screen = False

        def SetOffScreenRendering(self, on: bool) -> None:  # noqa: N802 - VTK's name
            self.off_screen = on

    class Plotter:
        off_screen = False
        render_window = Window()

        def screenshot(self, file: Any) -> None:
            assert self.off_screen
            assert self.render_window.off_screen
            file.write(PNG)

    assert figures.of_pyvista(Plotter())["data"] == PNG


def test_what_plot_returns_is_its_figure() -> None:
    figure, other = drawn(), drawn()
    axes = figure.axes[0]
    for artists in (axes.plot([1, 2]), axes.bar([1], [2]), (figure, axes)):
        assert shown(artists)["trame__shown"] == "picture"
    for others in ([], [*axes.lines, *other.axes[0].lines], [axes, 3]):
        assert shown(others)["trame__shown"] == "text"
