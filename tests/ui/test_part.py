"""The base of all parts: what a property and an event become in a template."""

from collections.abc import Callable
from typing import Any

import pytest
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

from jupyter_trame import Server, ui
from jupyter_trame.ui.part import Part, in_words, takes_value

Template = Callable[[Server], str]


def test_properties_are_values_and_tuples_expressions(template: Template) -> None:
    with ui.app("props") as app:
        Part("JtPart", props={"text": 'a "b" & <c>', "count": 3, "on": True, "rows": [1, "x"], "none": None})
        Part("JtPart", props={"text": ("word + 1",), "off": False})
    first, second = template(app).splitlines()
    assert first == (
        '<JtPart text="a &quot;b&quot; &amp; &lt;c&gt;" :count="3" on :rows="[1, &quot;x&quot;]" />'
    )
    assert second == '<JtPart :text="word + 1" :off="false" />'


def test_events_call_functions(template: Template) -> None:
    calls: list[str] = []
    with ui.app("events") as app:
        Part("JtPart", events={"change": lambda: calls.append("changed"), "go": "count = 1", "none": None})
    name = app.trigger_name(calls.append)
    assert f"""<JtPart @change="trigger('{name[:-1]}""" in template(app)
    assert '@go="count = 1"' in template(app)


def test_it_is_an_element_as_all_others(template: Template) -> None:
    with ui.app("elements") as app, html.Section(), ui.row(v_if="shown", classes="wide"):
        html.B("{{ word }}")
    text = "".join(template(app).split("\n"))
    assert text == '<section ><div class="jt-row wide" v-if="shown"><b >{{ word }}</b></div></section>'


def test_it_works_in_other_layouts() -> None:
    server = Server("other")
    with DivLayout(server):
        ui.slider("power", 0, 10)
    assert '<JtSlider v-model="power"' in server.state.trame__template_main
    assert server.state.power == 0


def test_a_child_server_has_its_own_keys(template: Template) -> None:
    server = Server("parent")
    child = server.create_child_server(prefix="left_")
    with ui.app(child):
        ui.slider("power", 0, 10, disabled=("power > 5",))
    assert server.state.left_power == 0
    assert ':disabled="left_power > 5"' in template(server)


@pytest.mark.parametrize(
    "make",
    [lambda given: ui.button("Go", disabled=given), lambda given: ui.slider("a", 0, 1, disabled=given)],
)
def test_a_text_disables_nothing(make: Callable[[Any], Any]) -> None:
    with ui.app("disabled"):
        with pytest.raises(TypeError, match=r"^write disabled=\(\"level > 3\",\): .* ui\.\w+ is"):
            make("level > 3")
        make(("level > 3",))


def test_a_chunk_is_served_to_pages_that_have_no_other_way() -> None:
    with ui.app("chunk") as app:
        Part("JtPart")
        assert "__jupyter_trame_ui" not in app.serve
        Part("JtPart", chunk="part")
    assert app.serve["__jupyter_trame_ui"].endswith("ui")


def test_a_key_in_words() -> None:
    assert [in_words(key) for key in ("power", "max_power", "row.first_name", "_x")] == [
        "Power",
        "Max power",
        "First name",
        "X",
    ]


def test_which_functions_take_a_value() -> None:
    def listener(**keys: object) -> None: ...

    assert takes_value(print)
    assert takes_value([].append)
    assert not takes_value(lambda: 1)
    assert not takes_value(listener)
