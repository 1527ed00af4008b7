"""`@ui.output`: what it shows, where, and what it says when that fails."""

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import plotly.graph_objects as go
import pytest

from jupyter_trame import Server, ui
from jupyter_trame.server.server import runtime_of
from jupyter_trame.testing import AppLauncher

Template = Callable[[Server], str]


def test_it_stands_where_it_is_defined(template: Template) -> None:
    with ui.app("outputs") as app:
        app.state.power = 0
        ui.slider("power", 0, 10)

        @ui.output(v_if="power > 1")
        def chart(power: int) -> str:
            return f"at {power}"

        ui.output(lambda power: pd.DataFrame({"a": [power]}))
    slider, first, second = template(app).splitlines()
    assert "JtSlider" in slider
    assert first == (
        '<JtOutput v-if="power > 1" :value="trame__output__chart" :status="trame__output__chart__status" alt="Chart" />'
    )
    assert ':value="trame__output__output"' in second
    assert 'alt="Figure"' in second
    assert chart(3) == "at 3", "the function is the author's own"
    assert app.state.trame__output__chart == "at 0"
    assert app.state.trame__output__output["trame__shown"] == "html"


@pytest.mark.asyncio
async def test_errors_are_shown_in_its_place_alone(trame: AppLauncher) -> None:
    def app(server: Server) -> None:
        server.state.power = 1
        with ui.app(server):
            ui.output(lambda power: 1 // power)

    async with trame(app) as session:
        client = await session.client()
        with session.errors.expect("ZeroDivisionError") as told:
            await client.set(power=0)
        status = client.state.trame__output__output__status
        assert "ZeroDivisionError" in status["error"]["message"]
        assert client.state.trame__output__output == {"trame__shown": "text", "text": "1"}, "as it was"
        assert [error.message for error in told] == [status["error"]["message"]]
        assert not [one for one in client.publications if "error" in one.topic], "the view says it once"
        await client.set(power=2)
        assert client.state.trame__output__output__status == {"busy": False, "error": None}


@pytest.mark.asyncio
async def test_a_figure_of_plotly_brings_its_script(trame: AppLauncher) -> None:
    def app(server: Server) -> None:
        server.state.kind = "text"
        with ui.app(server):
            ui.output(lambda kind: go.Figure() if kind == "figure" else kind)

    async with trame(app) as session:
        client = await session.client()
        assert not any("plotly" in str(script) for script in client.state.trame__scripts)
        await client.set(kind="figure")
        assert client.state.trame__output__output["library"] == "plotly"
        assert [script for script in client.state.trame__scripts if "plotly.min.js" in str(script)]


def test_a_child_server_has_outputs_of_its_own(template: Template) -> None:
    server = Server("parent")
    child: Any = server.create_child_server(prefix="left_")
    child.state.power = 3
    with ui.app(child):
        ui.output(lambda power: f"at {power}")
    assert server.state.trame__left_output__output == "at 3"
    assert ':value="trame__left_output__output"' in template(server)


def test_what_a_picture_shows_can_be_said(template: Template) -> None:
    with ui.app("outputs") as app:

        @ui.output(alt="Fuel & power")
        def chart() -> None: ...

        ui.output(lambda: None, alt=("title",))
    first, second = template(app).splitlines()
    assert 'alt="Fuel &amp; power"' in first
    assert ':alt="title"' in second


def test_a_figure_that_is_not_returned_is_a_hint() -> None:
    with ui.app("forgotten") as app:

        @ui.output
        def quiet() -> None:
            assert not plt.get_fignums()

        @ui.output
        def lost() -> None:
            plt.figure()

        @ui.output
        def other() -> None:
            """It knows nothing of pyplot, whose figure is open."""

    plt.close("all")
    [(where, message)] = runtime_of(app).user_code.hints
    assert where == "ui.output lost"
    assert message == "add `return plt.gcf()`: it draws with plt and returns None, so nothing is shown"


def test_what_is_no_function_is_refused() -> None:
    with ui.app("refused"), pytest.raises(TypeError, match="a function is wanted"):
        ui.output(5)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="outside of an interface"):
        ui.output(lambda: None)
