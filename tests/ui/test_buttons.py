"""Buttons."""

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import Server, ui
from jupyter_trame.errors import MissingArgumentError
from jupyter_trame.server import runtime_of

Template = Callable[[Server], str]


def test_button(template: Template) -> None:
    def go() -> None: ...

    with ui.app("button") as app:
        ui.button("Go on", go, kind="primary", help="To the next page", disabled=("trame__busy",))
    assert "".join(template(app).split("\n")) == (
        '<JtButton kind="primary" :disabled="trame__busy" help="To the next page" '
        f"@click=\"trigger('{app.trigger_name(go)}')\">Go on</JtButton>"
    )


def test_a_click_has_one_handler(template: Template) -> None:
    words = r"^write on_click= alone: ui\.button has a handler for 'click' already, beside "
    with ui.app("button") as app:
        with pytest.raises(TypeError, match=rf"{words}click=$"):
            ui.button("Go", print, click=len)
        with pytest.raises(TypeError, match=rf"{words}v_on_click=$"):
            ui.button("Go", print, v_on_click=len)
        ui.button("Go", click="count = 1")
        ui.button("On", print, click=None)
    assert template(app).count("<JtButton") == 2


def test_the_text_comes_first() -> None:
    text: Any
    with ui.app("button"):
        for text in (print, ("count",), None):
            with pytest.raises(
                TypeError, match=r"^ui\.button is given its text first, as in ui\.button\('Go', go\)"
            ):
                ui.button(text, click=print)


def pressed(app: Server, template: str) -> Any:
    """What the function of the only button returns."""
    return app.controller.trigger_fn(template.partition("trigger('")[2].partition("'")[0])()


def test_a_function_gets_the_keys_that_it_names(template: Template) -> None:
    def go(power: int, unit: str = "W") -> str:
        return f"{power} {unit}"

    with ui.app("button") as app:
        ui.button("Go", go)
    with pytest.raises(MissingArgumentError, match="go takes 'power', which nobody has set"):
        pressed(app, template(app))
    app.state.update({"power": 3, "unit": "kW"})
    assert pressed(app, template(app)) == "3 kW"
    app.state.power = 4
    assert pressed(app, template(app)) == "4 kW"


def test_a_function_that_needs_nothing_is_called_as_it_is(template: Template) -> None:
    with ui.app("button") as app:
        app.state.at = 3
        ui.button("Go", lambda at=1: at)
    assert pressed(app, template(app)) == 1


def test_a_button_that_is_given_what_a_function_returned_says_so() -> None:
    with ui.app("button") as app:
        ui.button("Go")
        ui.button("On", click="on = true")
        hints = runtime_of(app).user_code.hints
        assert not hints
        ui.button("Now", print("now"))
    [(where, message)] = hints
    assert where == "ui.button 'Now'"
    assert message.startswith("write ui.button('Now', function) without calling the function")


def test_a_function_whose_parameters_have_no_name_is_refused() -> None:
    def go(power: int, /) -> None: ...

    with (
        ui.app("button"),
        pytest.raises(TypeError, match="a function of a button is given its values by name"),
    ):
        ui.button("Go", go)
