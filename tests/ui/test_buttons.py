"""Buttons."""

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import Server, ui

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
