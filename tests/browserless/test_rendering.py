"""Loops, conditions and values of a template."""

from typing import Any

import pytest

from jupyter_trame.browserless.elements import Element
from jupyter_trame.browserless.rendering import render
from tests.testing.support import template


def shown(text: str, **state: Any) -> Element:
    return render(*template(text, **state), Element)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ n }} of {{ m }}", "1 of"),
        ("{{ user.name }}", "Ada"),
        ("{{ on }} {{ missing }}", "true"),
        ("{{ items.map(f) }} {{ n }}", "{{ items.map(f) }} 1"),
        ('<p v-text="n + 1">0</p>', "2"),
        ("  a \n  <b>b</b>", "a b"),
    ],
)
def test_texts(text: str, expected: str) -> None:
    assert shown(text, n=1, user={"name": "Ada"}, on=True, items=[]).text == expected


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, "one"), (2, "two"), (3, "many"), (4, "many")],
    ids=["if", "else-if", "else", "else again"],
)
def test_conditions(n: int, expected: str) -> None:
    chain = '<p v-if="n === 1">one</p> <p v-else-if="n === 2">two</p> <p v-else>many</p>'
    assert shown(chain, n=n).text == expected


def test_conditions_that_nobody_can_tell() -> None:
    chain = '<p v-if="f(n)">a</p><p v-else-if="n === 1">b</p><p v-else>c</p><p>d</p><p v-if="n">e</p>'
    top = shown(chain, n=1)
    assert [(p.text, p.certain) for p in top.find_all("p")] == [
        ("a", False),
        ("b", False),
        ("c", False),
        ("d", True),
        ("e", True),
    ]


def test_what_is_within_something_uncertain_is_uncertain() -> None:
    assert not shown('<div v-if="f()"><p>x</p></div>').find("p").certain


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("x in items", "a0 b0"),
        ("(x, i) in items", "a0 b1"),
        ("(x, i) of items", "a0 b1"),
        ("x in 2", "10 20"),
        ("(x, key, i) in user", "Ada0 361"),
        ("x in nothing", ""),
        ("x in []", ""),
    ],
)
def test_loops(loop: str, expected: str) -> None:
    state = {"items": ["a", "b"], "i": 0, "user": {"name": "Ada", "age": 36}}
    assert (
        shown(f'<p v-for="{loop}">{{{{ x }}}}{{{{ i }}}}</p>'.replace("</p>", " </p>"), **state).text
        == expected
    )


def test_loops_within_loops() -> None:
    text = '<ul v-for="row in rows"><li v-for="x in row">{{ x }} </li></ul>'
    assert shown(text, rows=[[1, 2], [3]]).text == "1 2 3"


def test_a_loop_that_nobody_can_tell() -> None:
    text = '<p v-for="x in items.filter(f)">{{ x }}</p><p v-for="{a} in items">{{ a }}</p>'
    assert [(p.text, p.certain) for p in shown(text, items=[1], x=2, a=3).find_all("p")] == [
        ("{{ x }}", False),
        ("{{ a }}", False),
    ]


def test_variables_of_slots_are_not_state_keys() -> None:
    text = '<VMenu><template v-slot:activator="{ props }"><p>{{ props }} {{ n }}</p></template></VMenu>'
    assert shown(text, props="no", n=1).find("p").text == "{{ props }} 1"
