"""Layouts."""

from collections.abc import Callable

import pytest
from trame_client.widgets import html

from jupyter_trame import Server, ui

Template = Callable[[Server], str]


def test_layouts_hold_what_is_written_in_them(template: Template) -> None:
    with ui.app("layouts") as app:
        with ui.sidebar(label="Filters"):
            ui.text_input("name")
        with ui.column(), ui.row(classes="wide"), ui.card("Word"):
            ui.text_input("word")
    text = "".join(template(app).split("\n"))
    assert text == (
        '<JtSidebar label="Filters"><JtText v-model="name" label="Name" /></JtSidebar>'
        '<div class="jt-column"><div class="jt-row wide"><div class="jt-column jt-card">'
        '<h3 class="jt-title">Word</h3><JtText v-model="word" label="Word" /></div></div></div>'
    )


def test_the_title_of_a_card_is_text(template: Template) -> None:
    with ui.app("layouts") as app:
        ui.card("{{ trigger('x') }}<b>")
    assert "&#123;&#123; trigger('x') }}&lt;b&gt;" in template(app)


def test_classes_may_be_an_expression(template: Template) -> None:
    with ui.app("layouts") as app:
        ui.row(classes=("{wide: on}",))
    assert template(app) == """<div :class="['jt-row', {wide: on}]" />"""


def test_grid(template: Template) -> None:
    with ui.app("layouts") as app:
        ui.grid(3, style="color: red")
    assert template(app) == '<div class="jt-grid" style="--jt-columns: 3; color: red" />'
    with ui.app("layouts"), pytest.raises(ValueError, match="at least one column, not 0"):
        ui.grid(0)


def test_tabs(template: Template) -> None:
    with ui.app("layouts") as app:
        with ui.tabs("page", label="Views"), ui.tab("Chart"):
            html.B("chart")
        with ui.tabs(), ui.tab(("name",)):
            html.B("other")
    text = "".join(template(app).split("\n"))
    assert '<JtTabs v-model="page" label="Views"><JtTab title="Chart"><b >chart</b></JtTab></JtTabs>' in text
    assert '<JtTabs ><JtTab :title="name"><b >other</b></JtTab></JtTabs>' in text
    assert app.state.page == "Chart"


def test_dialog(template: Template) -> None:
    with ui.app("layouts") as app, ui.dialog("asked", title="A question"):
        html.B("why?")
    assert app.state.asked is False
    assert '<JtDialog title="A question" v-model="asked">' in template(app)


def test_expander_and_divider(template: Template) -> None:
    with ui.app("layouts") as app:
        ui.divider()
        ui.expander("More", open=True)
    assert template(app).splitlines() == ['<hr class="jt-divider" />', '<JtExpander title="More" open />']


def test_a_tab_is_in_tabs(template: Template) -> None:
    with ui.app("layouts") as app:
        with pytest.raises(TypeError, match=r"^write ui\.tab\(\.\.\.\) below `with ui\.tabs\(\):`"):
            ui.tab("Chart")
        with ui.tabs(), html.Div(v_if="open"):
            ui.tab("Table")
    assert template(app).count("<JtTab ") == 1
