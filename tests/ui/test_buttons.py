"""Buttons."""

from collections.abc import Callable

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
