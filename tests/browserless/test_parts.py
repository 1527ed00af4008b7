"""Parts of values are changed as a page changes them, or the change is refused."""

import json
from typing import Any

import pytest

from jupyter_trame.browserless.expressions import NeedsBrowserError, compile_expression
from jupyter_trame.browserless.operators import UNDEFINED
from jupyter_trame.browserless.scope import Handling, Step, TriggerCall, WrittenKeys
from tests.testing.javascript import ask_node
from tests.testing.support import template

STATE: dict[str, Any] = {
    "n": 1,
    "form": {"name": "Ada", "tags": ["a", "b", "c"], "address": {"city": "London"}},
    "todos": [{"text": "x", "done": False}, {"text": "y", "done": True}],
    "picked": None,
}

SAME = [
    "form.name = 'Bob'",
    "form['na' + 'me'] += '!'",
    "form.tags[0] = n; form.tags[3] = 4",
    "form.address.city = form.name; form.name = form.address.city + n",
    "form.fresh = {a: [1]}; form.fresh.a.push(2)",
    "n = form.tags.push('d', 'e')",
    "n = form.tags.pop(); form.name = form.tags.shift()",
    "n = form.tags.unshift(0, 1)",
    "n = form.tags.splice(1, 1, 'x', 'y')",
    "n = form.tags.splice(-1)",
    "n = form.tags.splice(9, 1, 'z'); form.tags.splice(0, -1, 'y')",
    "form.tags.reverse()",
    "form.tags = []; form.tags.push(1)",
    "todos[1].done = !todos[1].done; todos[0].n = todos[0].n ?? 5",
    "picked = todos[0]; picked.done = true; todos[0].text = 'both'",
    "picked = form.tags; form.tags = ['other']; picked.push('mine')",
    "todos.push(todos[0]); todos[2].done = true",
    "todos.push(todos.shift())",
    "n = form.name++ || 1",
    "form.count = 1; n = form.count++ + form.count++; n += form.count",
    "n > 5 ? form.name = 1 : form.tags.push(n)",
    "form[n] = n; form.tags[n] = todos[n].text",
]
"""Handlers, after which the state is the same as under node."""
NUMBERS_ONLY = {"n = form.name++ || 1"}
"""Those that convert a value, which is refused."""


def handled(source: str, state: dict[str, Any], variables: dict[str, Any] | None = None) -> list[Step]:
    scope = template("", **state)[1]
    handling = Handling(scope.with_variables(variables or {}))
    compile_expression(source)(handling)
    return handling.steps


@pytest.fixture(scope="module")
def answers() -> list[Any]:
    """The state after each of SAME, by node."""
    run = "(source) => { const own = structuredClone(state); with (own) { eval(source); } return own; }"
    answers: list[Any] = ask_node(f"(state, sources) => sources.map({run})", STATE, SAME)
    return answers


@pytest.mark.parametrize("number", range(len(SAME)), ids=SAME)
def test_the_state_afterwards_is_the_same_as_in_javascript(number: int, answers: list[Any]) -> None:
    state = json.loads(json.dumps(STATE))
    if SAME[number] in NUMBERS_ONLY:
        with pytest.raises(NeedsBrowserError, match="converts a value"):
            handled(SAME[number], state)
        return
    steps = handled(SAME[number], state)
    assert state == STATE, "values of the state are not changed where they are"
    for step in steps:
        assert isinstance(step, WrittenKeys)
        state.update(step.changes)
    assert state == answers[number]


def test_a_variable_follows_its_value() -> None:
    state = json.loads(json.dumps(STATE))
    todo = state["todos"][0]
    source = "todo.done = !todo.done; todo.text = todo.done ? 'yes' : 'no'; todo.done = !todo.done"
    assert handled(source, state, {"todo": todo}) == [
        WrittenKeys({"todos": [{"text": "yes", "done": False}, state["todos"][1]]})
    ]


def test_a_key_leaves_once_and_before_a_call() -> None:
    source = "form.a = 1; form.tags.push(2); trigger('go', [form.tags]); form.tags.push(3); form.a = 2"
    assert handled(source, {"form": {"a": 0, "tags": []}}) == [
        WrittenKeys({"form": {"a": 1, "tags": [2]}}),
        TriggerCall("go", [[2]], {}),
        WrittenKeys({"form": {"a": 2, "tags": [2, 3]}}),
    ]


def test_values_that_were_given_are_not_changed() -> None:
    given = ["x"]
    scope = template("", form={})[1]
    handling = Handling(scope, given)
    compile_expression("form.tags = $event; form.tags.push('y')")(handling)
    assert handling.steps == [WrittenKeys({"form": {"tags": ["x", "y"]}})]
    assert given == ["x"]


def test_undefined_is_null() -> None:
    assert handled("form.a = undefined; form.b = [missing]", {"form": {}}) == [
        WrittenKeys({"form": {"a": None, "b": [None]}})
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("form.self = form", "into itself"),
        ("form.tags.push([form])", "into itself"),
        ("form.tags[7] = 1", "sets 7 of a list with 3 items"),
        ("form.tags.length = 0", "sets 'length' of a list"),
        ("form.tags[true] = 1", "sets True"),
        ("form.push(1)", "push of a part of a dict"),
        ("form.__proto__ = 1", "a member '__proto__'"),
        ("form[picked] = 1", "a member None"),
        ("form[todos] = 1", "a member \\["),
        ("n = form[picked]", "a member None"),
        ("form.tags.push(trigger('x'))", "what a trigger answers"),
        ("n = [trigger('x')]", "what a trigger answers"),
        ("trigger('x', [trigger('y')])", "what a trigger answers"),
        ("form.tags.pop(1)", "pop with 1 arguments"),
        ("form.tags.splice()", "splice with 0 arguments"),
        ("form.tags.splice('1')", "splice with '1'"),
        ("form.nothing.x = 1", "a part of undefined"),
        ("n.x = 1", "a part of a int"),
        ("[1].push(2)", "not in the state"),
        ("old.done = true", "to be found again"),
        ("$event.target.value = ''", "not in the state"),
    ],
)
def test_what_is_refused(source: str, reason: str) -> None:
    variables = {"old": {"done": False}, "$event": {"target": {"value": "x"}}}
    with pytest.raises(NeedsBrowserError, match=reason):
        handled(source, STATE, variables)


def test_what_only_shows_changes_nothing() -> None:
    scope = template("", **STATE)[1]
    for source in ("form.name = 1", "form.tags.push(1)", "n++"):
        with pytest.raises(NeedsBrowserError, match="should only show something"):
            compile_expression(source)(scope)
    assert compile_expression("form.tags?.length")(scope) == 3
    assert compile_expression("form.other?.push(1)")(scope) is UNDEFINED
