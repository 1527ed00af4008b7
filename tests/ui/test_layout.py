"""Layouts."""

from collections.abc import Callable

from jupyter_trame import Server, ui

Template = Callable[[Server], str]


def test_layouts_hold_what_is_written_in_them(template: Template) -> None:
    with ui.app("layouts") as app:
        with ui.sidebar(label="Filters"):
            ui.text_input("name")
        with ui.column(), ui.row(classes="wide"), ui.card():
            ui.text_input("word")
    text = "".join(template(app).split("\n"))
    assert text == (
        '<JtSidebar label="Filters"><JtText v-model="name" label="Name" /></JtSidebar>'
        '<div class="jt-column"><div class="jt-row wide"><div class="jt-column jt-card">'
        '<JtText v-model="word" label="Word" /></div></div></div>'
    )
