"""Inputs: their values in the state, and what the client is told."""

from collections.abc import Callable

from jupyter_trame import Server, ui

Template = Callable[[Server], str]


def test_slider(template: Template) -> None:
    with ui.app("slider") as app:
        ui.slider("power", 50, ("most",), value=150, step=0.5, unit="hp")
    assert app.state.power == 150
    assert ':min="50" :max="most" :step="0.5" unit="hp"' in template(app)


def test_a_slider_begins_at_its_lower_end() -> None:
    with ui.app("slider") as app:
        ui.slider("power", 50, 230)
    assert app.state.power == 50


def test_text_input(template: Template) -> None:
    with ui.app("text") as app:
        ui.text_input("name", placeholder="Yours")
    assert app.state.name == ""
    assert 'placeholder="Yours"' in template(app)
