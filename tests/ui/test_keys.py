"""What may be a key of an input, and what is told of other text."""

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import ui
from jupyter_trame.ui.keys import is_name, require_key


def test_names_and_parts_of_values_are_keys() -> None:
    keys = [
        "power",
        "größe",
        "_x",
        "row.done",
        "rows[0].name",
        "rows[order[i] + 1]",
        "row['my key']",
        "row.a.b",
    ]
    for key in keys:
        require_key(key)
    assert [key for key in keys if is_name(key)] == ["power", "größe", "_x"]


@pytest.mark.parametrize("key", ["my key", "", "power > 3", "9lives", "row.", "a-b", "f(x)", "power "])
def test_other_text_is_no_key(key: str) -> None:
    with (
        ui.app("keys"),
        pytest.raises(ValueError, match=r"^ui\.text_input is given a key first: .*'row\.done', not "),
    ):
        ui.text_input(key)


def test_a_name_is_proposed() -> None:
    with ui.app("keys"), pytest.raises(ValueError, match="a name as in 'my_key', or within v_for"):
        ui.slider("My key", 0, 1)


@pytest.mark.parametrize(
    "make", [lambda: ui.tabs("my key"), lambda: ui.dialog("my key"), lambda: ui.table("my key")]
)
def test_of_all_that_write_a_key(make: Callable[[], Any]) -> None:
    with ui.app("keys"), pytest.raises(ValueError, match=r"^ui\.\w+ is given a key first"):
        make()


@pytest.mark.parametrize("make", [ui.metric, ui.progress, ui.log])
@pytest.mark.parametrize("value", [0.5, ["a"], len, None, ("a",)])
def test_of_all_that_show_a_key(make: Callable[[Any], Any], value: Any) -> None:
    words = rf"^ui\.{make.__name__} is given the name of a key of the state first, as in 'power', not \w+$"
    with ui.app("keys"), pytest.raises(TypeError, match=words):
        make(value)
    with ui.app("keys"), pytest.raises(ValueError, match=rf"^ui\.{make.__name__} is given a key first: "):
        make("a + b")


@pytest.mark.parametrize("make", [ui.markdown, ui.code, ui.spinner, ui.json])
@pytest.mark.parametrize("value", [3, ["a"], len, None, (), (3,)])
def test_texts_are_texts_or_expressions(make: Callable[[Any], Any], value: Any) -> None:
    words = rf"^ui\.{make.__name__} is given .+, or an expression for it as in \('report',\), not \w+$"
    with ui.app("keys") as app, pytest.raises(TypeError, match=words):
        make(value)
    assert "Jt" not in app.state.trame__template_main.removeprefix("<JtApp").removesuffix("JtApp>")


def test_json_names_a_key_or_an_expression() -> None:
    with ui.app("keys"), pytest.raises(ValueError, match=r"^ui\.json is given a key first: "):
        ui.json("a b")
