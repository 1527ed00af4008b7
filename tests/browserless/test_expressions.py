"""Expressions give what JavaScript gives, or refuse."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.browserless.expressions import NeedsBrowserError, compile_expression
from jupyter_trame.browserless.operators import UNDEFINED, UnsupportedError, member, plain
from jupyter_trame.browserless.parts import Parts
from tests.testing.javascript import ask_node

STATE: dict[str, Any] = {
    "n": 3,
    "half": 0.5,
    "text": "it's",
    "on": True,
    "off": False,
    "nothing": None,
    "items": [1, "two", {"three": 3}],
    "user": {"name": "Ada", "tags": ["x"]},
}

SAME = [
    "n",
    "-n + +half",
    "n + 1 * 2 - 4 / 2 % 3",
    "(n + 1) * 2",
    "n > 2 && n <= 3",
    "n === 3 ? 'three' : 'other'",
    "on ? off ? 1 : 2 : 3",
    "!on || !items.length",
    "nothing ?? 'default'",
    "nothing == undefined",
    "nothing?.x ?? 1",
    "off || 'second'",
    "0 && n",
    "[n, 'a', [true, null]]",
    "{a: n, 'b c': {d: [1]}, text}",
    "items[2].three + items[0]",
    "items[n - 2]",
    "items.length",
    "user.name + ' ' + n",
    "user['name']",
    "user.tags.includes('x')",
    "items.includes('two')",
    "'a\\'b\\n\\u00e9'",
    '"quoted"',
    "half.toFixed(1)",
    "(n / 7).toFixed(3)",
    ".5 + 1e3",
    "n !== 3",
    "1; 2",
    "[1, 2,]",
    "'' + 0.1",
]

REFUSED = {
    "items.map(i => i)": "'=>'",
    "items.map(n)": "items.map",
    "Math.max(1, 2)": "Math",
    "`a${n}`": "`",
    "new Date()": "new",
    "function () {}": "function",
    "() => n": "'\\)'",
    "n = ": "the end",
    "user?.name = 'x'": "neither a name nor a member",
    "n + 1 = 2": "neither a name nor a member",
    "++trigger('a')": "neither a name nor a member",
    "on && n = 9": "neither a name nor a member",
    "delete user.name": "delete",
    "items.sort()": "items.sort",
    "nothing.x = 1": "a part of null",
    "text[0] = 'x'": "a part of a str",
    "n ** 2": "'\\*\\*'",
    "[...items]": "'...'",
    "typeof n": "typeof",
    "nothing.x": "throws",
    "nothing + 1": "converts",
    "fetch('x')": "fetch",
    "(on)()": "function",
    "n n": "'n'",
    "a.1": "understood",
    "3px": "understood",
    "'open": "understood",
    "{1: 2}": "'1'",
}


class Names:
    def __init__(self) -> None:
        self.values = dict(STATE)
        self.calls: list[tuple[str, list[Any]]] = []
        self.parts = Parts()

    def read(self, name: str) -> Any:
        if name == "Math":
            raise UnsupportedError("it uses 'Math'")
        return self.values.get(name, UNDEFINED)

    def assign(self, name: str, value: Any) -> None:
        self.values[name] = value

    def member(self, target: Any, key: Any, *, optional: bool) -> Any:
        return member(target, key, optional=optional)

    def change(self, target: Any, action: Callable[..., Any], *arguments: Any) -> Any:
        result, changes = self.parts.change(target, self.values, action, arguments)
        self.values.update(changes)
        return result

    def call(self, function: str, arguments: list[Any]) -> Any:
        if function in {"fetch", "items.map", "items.sort", "Math.max"}:
            raise UnsupportedError(f"it calls {function!r}")
        self.calls.append((function, arguments))
        return len(self.calls)


@pytest.fixture(scope="module")
def answers() -> list[Any]:
    """What node says to each of SAME."""
    run = "(s) => { const code = s.startsWith('{') ? `(${s})` : s; with (state) { return eval(code); } }"
    answers: list[Any] = ask_node(f"(state, sources) => sources.map({run})", STATE, SAME)
    return answers


@pytest.mark.parametrize("number", range(len(SAME)), ids=SAME)
def test_the_same_as_in_javascript(number: int, answers: list[Any]) -> None:
    result = plain(compile_expression(SAME[number])(Names()))
    assert json.dumps(result) == json.dumps(answers[number])


@pytest.mark.parametrize(("source", "reason"), REFUSED.items(), ids=REFUSED)
def test_what_is_refused(source: str, reason: str) -> None:
    with pytest.raises(NeedsBrowserError, match="needs a JavaScript engine") as caught:
        compile_expression(source)(Names())
    assert caught.match(reason)
    assert source in str(caught.value)
    assert caught.value.expression == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("n = 5", {"n": 5}),
        ("n += 2; half *= 2", {"n": 5, "half": 1}),
        ("n++", {"n": 4}),
        ("--n", {"n": 2}),
        ("on = !on; n = on ? 1 : 2", {"on": False, "n": 2}),
        ("fresh = user.name", {"fresh": "Ada"}),
        ("a = b = 1", {"a": 1, "b": 1}),
        ("on && (n = 9)", {"n": 9}),
        ("off && (n = 9)", {}),
        (";;n = 1;", {"n": 1}),
        ("(n) = 1", {"n": 1}),
        ("fresh = n++; half = ++n", {"n": 5, "fresh": 3, "half": 5}),
        ("n += (n = 1)", {"n": 4}),
        ("user.name = 'Bob'", {"user": {"name": "Bob", "tags": ["x"]}}),
        ("user['tags'][1] = 'y'", {"user": {"name": "Ada", "tags": ["x", "y"]}}),
        ("fresh = user.age = 1", {"user": {"name": "Ada", "tags": ["x"], "age": 1}, "fresh": 1}),
        ("items[2].three++", {"items": [1, "two", {"three": 4}]}),
        ("user.tags.push(n); n = user.tags.length", {"user": {"name": "Ada", "tags": ["x", 3]}, "n": 2}),
        ("nothing?.push(1)", {}),
    ],
)
def test_assignments(source: str, expected: dict[str, Any]) -> None:
    names = Names()
    compile_expression(source)(names)
    assert {key: value for key, value in names.values.items() if STATE.get(key) is not value} == expected


def test_calls() -> None:
    names = Names()
    assert compile_expression("trigger('a', [n, $event], {k: on}); trame.trigger('b')")(names) == 2
    assert names.calls == [("trigger", ["a", [3, UNDEFINED], {"k": True}]), ("trame.trigger", ["b"])]


def test_a_program_runs_again() -> None:
    program, names = compile_expression("n += 1"), Names()
    assert [program(names), program(names)] == [4, 5]


def test_nothing_is_undefined() -> None:
    assert compile_expression(" ")(Names()) is UNDEFINED
