"""Inputs whose values are given."""

from collections.abc import Callable
from html import escape

import pytest

from jupyter_trame import Server, ui

Template = Callable[[Server], str]

SIX = escape('[{"value": 4, "label": "4"}, {"value": 6, "label": "six"}]')


@pytest.mark.parametrize("options", [[4, (6, "six")], {4: "4", 6: "six"}])
def test_options_are_values_with_labels(template: Template, options: object) -> None:
    with ui.app("options") as app:
        ui.select("key", options)  # type: ignore[arg-type]
    assert f':options="{SIX}"' in template(app)
    assert app.state["key"] == 4


def test_options_may_be_in_the_state(template: Template) -> None:
    with ui.app("options") as app:
        ui.select("one", ("names",))
        ui.radio("two", ("names",), value="b")
        ui.multi_select("many", ("names",))
    assert template(app).count(':options="names"') == 3
    assert (app.state.one, app.state.two, app.state.many) == (None, "b", [])


@pytest.mark.parametrize("values", [("a", "b"), (4,), ()])
def test_a_tuple_that_is_no_expression_is_refused(values: tuple[object, ...]) -> None:
    """One text in a tuple is an expression: values that become fewer would silently be one."""
    with ui.app("options"), pytest.raises(TypeError) as refused:
        ui.radio("key", values)
    assert str(refused.value).endswith(f"values stand in a list: {list(values)!r}")


def test_a_list_of_one_text_is_one_option(template: Template) -> None:
    with ui.app("options") as app:
        ui.radio("key", ["a"])
    assert template(app).count("&quot;value&quot;") == 1
    assert app.state["key"] == "a"


def test_a_placeholder_asks_for_a_choice(template: Template) -> None:
    with ui.app("options") as app:
        ui.select("key", ["a"], placeholder="Choose one")
    assert app.state["key"] is None
    assert 'placeholder="Choose one"' in template(app)


def test_many(template: Template) -> None:
    with ui.app("options") as app:
        ui.multi_select("key", [4, 6, 8], value=(4, 8))
    assert app.state["key"] == [4, 8]
    assert "many" in template(app)


def test_no_options_have_no_first() -> None:
    with ui.app("options") as app:
        ui.select("key", [])
    assert app.state["key"] is None


def test_one_text_is_refused() -> None:
    with ui.app("options"), pytest.raises(TypeError, match=r"not the text 'names'.*\('names',\)"):
        ui.select("key", "names")
