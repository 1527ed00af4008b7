"""Vuetify 3: components, a menu, a dialog, icons."""

from typing import TYPE_CHECKING

from trame_vuetify.ui.vuetify3 import VAppLayout
from trame_vuetify.widgets import vuetify3 as v

from tests.e2e.packages.answers import answer_line, answer_to

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-vuetify"
FRAMED = False
REMARKS = "`display` breakpoints in expressions are those of the window; columns follow the cell."


def app(server: "Server") -> None:
    server.state.update({"level": 3, "fruit": "apple", "asking": False})
    answer_to(server, "fruit")
    answer_to(server, "level")
    with VAppLayout(server), v.VContainer(fluid=True), v.VCard(title="Vuetify 3", prepend_icon="mdi-vuetify"):
        with v.VCardText(), v.VRow():
            with v.VCol(cols=12, md=6):
                v.VSlider(
                    v_model_number=("level",),
                    min=0,
                    max=10,
                    step=1,
                    label="Level",
                    thumb_label=True,
                    classes="level",
                )
            with v.VCol(cols=12, md=6):
                v.VSelect(
                    v_model=("fruit",), items=("['apple', 'pear', 'plum']",), label="Fruit", classes="fruit"
                )
            with v.VCol(cols=12):
                answer_line(server)
        with v.VCardActions():
            v.VBtn("Ask", color="primary", variant="flat", click="asking = true", classes="ask")
        with v.VDialog(v_model=("asking",), max_width=320), v.VCard(title="Really?", classes="question"):
            v.VTextField(label="Why", classes="why")
            with v.VCardActions():
                v.VBtn("Yes", color="primary", click="asking = false; level = 10", classes="yes")


def drive(view: "View") -> None:
    view.find(".fruit").click()
    view.find(".v-list-item", "pear").click()
    view.expect_text(".answer", "python: pear")
    view.find(".level .v-slider-thumb").focus()
    view.press("ArrowRight")
    view.expect_text(".answer", "python: 4")
    view.find(".ask").click()
    view.expect_visible(".question")
    view.press("Escape")
    view.expect_hidden(".question")
    view.find(".ask").click()
    view.find(".yes").click()
    view.expect_text(".answer", "python: 10")
