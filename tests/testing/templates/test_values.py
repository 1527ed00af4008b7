"""What Python does with JavaScript's values; the expected results are what V8 gives."""

from typing import Any

import pytest

from jupyter_trame.testing.templates import values
from jupyter_trame.testing.templates.values import UNDEFINED, UnsupportedError
from tests.testing.javascript import ask_node

NUMBERS = [0, 1, -1, 2.5, -2.5, 0.1 + 0.2, 1e15, 123456.789, 0.005, 1.005, -0.5, 7 / 3]


@pytest.mark.parametrize("value", [0, 0.0, "", None, UNDEFINED, False, float("nan")])
def test_what_counts_as_false(value: Any) -> None:
    assert not values.truthy(value)


@pytest.mark.parametrize("value", [1, -0.5, "0", "false", True, [], {}, [0]])
def test_what_counts_as_true(value: Any) -> None:
    assert values.truthy(value)


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [
        ("===", 1, 1.0, True),
        ("===", 1, True, False),
        ("===", None, UNDEFINED, False),
        ("===", "a", "a", True),
        ("===", [1], [1], False),
        ("!==", 1, "1", True),
        ("==", None, UNDEFINED, True),
        ("==", 0, None, False),
        ("!=", "a", "b", True),
    ],
)
def test_equality(operator: str, left: Any, right: Any, expected: bool) -> None:
    assert values.equal(operator, left, right) is expected


def test_a_list_is_itself() -> None:
    items = [1]
    assert values.equal("===", items, items)


@pytest.mark.parametrize(
    "refused",
    [
        lambda: values.equal("==", 1, "1"),
        lambda: values.compare("<", 1, None),
        lambda: values.compare("<", 1, "2"),
        lambda: values.compare("<", True, 2),
        lambda: values.arithmetic("+", 1, None),
        lambda: values.arithmetic("-", "2", 1),
        lambda: values.arithmetic("+", "a", [1]),
        lambda: values.arithmetic("/", 1, 0),
        lambda: values.member(None, "x"),
        lambda: values.member(3, "x"),
        lambda: values.member([1], "map"),
        lambda: values.display(b"x"),
        lambda: values.display(1e21),
        lambda: values.display(1e-5),
        lambda: values.display({"x": b"x"}),
        lambda: values.to_fixed("1"),
        lambda: values.includes(3, 1),
    ],
)
def test_what_would_be_converted_is_refused(refused: Any) -> None:
    with pytest.raises(UnsupportedError):
        refused()


def test_comparisons() -> None:
    assert [values.compare(op, 1, 2) for op in ("<", "<=", ">", ">=")] == [True, True, False, False]
    assert [values.compare(op, 2, 2) for op in ("<", "<=", ">", ">=")] == [False, True, False, True]
    assert values.compare("<", "a", "b")


def test_members() -> None:
    assert values.member({"a": 1}, "a") == 1
    assert values.member({"1": 2}, 1) == 2
    assert values.member({}, "a") is UNDEFINED
    assert values.member([5, 6], 1) == 6
    assert values.member([5, 6], -1) is UNDEFINED
    assert values.member("abc", "length") == 3
    assert values.member(None, "x", optional=True) is UNDEFINED


def test_whole_numbers_are_ints() -> None:
    assert repr(values.arithmetic("/", 6, 2)) == "3"
    assert repr(values.arithmetic("%", -7, 3)) == "-1"
    assert repr(values.arithmetic("*", 1.5, 3)) == "4.5"


def test_includes() -> None:
    assert values.includes([1, "a"], 1.0)
    assert not values.includes([1], True)
    assert values.includes("abc", "bc")


def test_undefined_travels_as_null() -> None:
    assert values.plain({"a": [UNDEFINED, 1], "b": UNDEFINED}) == {"a": [None, 1], "b": None}
    assert repr(UNDEFINED) == "undefined"


def test_texts_are_those_of_javascript() -> None:
    shown = [*NUMBERS, "a", True, [1, "x", None], {"a": {"b": [1.5]}}]
    text = "(v) => typeof v === 'object' ? JSON.stringify(v, null, 2) : String(v)"
    each = "numbers.flatMap((n) => [0, 1, 2, 3].map((d) => n.toFixed(d)))"
    texts, fixed = ask_node(f"(shown, numbers) => [shown.map({text}), {each}]", shown, NUMBERS)
    assert [values.display(value) for value in shown] == texts
    assert [values.to_fixed(number, digits) for number in NUMBERS for digits in range(4)] == fixed


def test_nothing_is_shown_of_nothing() -> None:
    assert values.display(None) == values.display(UNDEFINED) == ""
