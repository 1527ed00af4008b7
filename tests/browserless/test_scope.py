"""What names mean, and what a handler does."""

from typing import Any

import pytest

from jupyter_trame.browserless.expressions import compile_expression
from jupyter_trame.browserless.operators import UNDEFINED, UnsupportedError
from jupyter_trame.browserless.scope import UNKNOWN, Handling, Scope, TriggerCall, WrittenKeys
from tests.testing.support import template


def scope(**state: Any) -> Scope:
    return template("", **state)[1]


def handled(expression: str, event: Any = UNDEFINED, **state: Any) -> list[Any]:
    handling = Handling(scope(**state), event)
    compile_expression(expression)(handling)
    return list(handling.steps)


def test_names_are_state_keys_and_variables() -> None:
    inner = scope(x=1, y=2).with_variables({"x": 3})
    assert [inner.read("x"), inner.read("y"), inner.read("z")] == [3, 2, UNDEFINED]
    assert inner.call("get", ["x"]) == 1


@pytest.mark.parametrize("name", ["Math", "window", "utils", "trigger", "$refs", "_private", "throttle"])
def test_names_of_the_page_are_refused(name: str) -> None:
    with pytest.raises(UnsupportedError, match=name.replace("$", "\\$")):
        scope().read(name)


def test_some_names_give_way_to_the_state() -> None:
    assert scope(name="Ada").read("name") == "Ada"
    with pytest.raises(UnsupportedError):
        scope(trigger=1).read("trigger")


def test_a_variable_that_a_component_makes() -> None:
    with pytest.raises(UnsupportedError, match="'props' is made by a component"):
        scope(props=1).with_variables({"props": UNKNOWN}).read("props")


def test_what_only_shows_changes_nothing() -> None:
    with pytest.raises(UnsupportedError, match="sets 'x'"):
        scope().assign("x", 1)
    with pytest.raises(UnsupportedError, match="calls 'trigger'"):
        scope().call("trigger", ["x"])


@pytest.mark.parametrize(
    ("expression", "steps"),
    [
        ("x = 2", [WrittenKeys({"x": 2})]),
        ("x += 1; y = x", [WrittenKeys({"x": 2}), WrittenKeys({"y": 2})]),
        ("set('x', null)", [WrittenKeys({"x": None})]),
        ("setAll({x: 2, y: z})", [WrittenKeys({"x": 2, "y": None})]),
        ("flushState('x')", [WrittenKeys({"x": 1})]),
        ("x = 5; trigger('go', [x])", [WrittenKeys({"x": 5}), TriggerCall("go", [5], {})]),
        ("trigger('go')", [TriggerCall("go", [], {})]),
        ("trigger('go', null, {a: 1})", [TriggerCall("go", [], {"a": 1})]),
        ("trigger('go', [$event])", [TriggerCall("go", ["e"], {})]),
        ("get('x') > 0 && trame.trigger('go')", [TriggerCall("go", [], {})]),
        ("tts++", []),
        ("tts = 1", []),
    ],
)
def test_steps(expression: str, steps: list[Any]) -> None:
    assert handled(expression, "e", x=1) == steps


@pytest.mark.parametrize(
    "expression", ["set('x')", "trigger(x)", "window = 1", "trigger('a', [], {}, 1)", "open()"]
)
def test_what_is_refused(expression: str) -> None:
    with pytest.raises(Exception, match="needs a JavaScript engine"):
        handled(expression, x=1)


def test_variables_are_not_set() -> None:
    handling = Handling(scope().with_variables({"item": 1}))
    with pytest.raises(UnsupportedError, match="'item'"):
        handling.assign("item", 2)


def test_the_result_of_a_trigger_is_not_there() -> None:
    assert Handling(scope()).call("trigger", ["x"]) is UNKNOWN
