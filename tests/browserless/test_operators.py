"""What Python does with JavaScript's values; the expected results are what V8 gives."""

from typing import Any

import pytest

from jupyter_trame.browserless import operators
from jupyter_trame.browserless.operators import UNDEFINED, UnsupportedError
from tests.testing.javascript import ask_node

NUMBERS = [0, 1, -1, 2.5, -2.5, 0.1 + 0.2, 1e15, 123456.789, 0.005, 1.005, -0.5, 7 / 3]


@pytest.mark.parametrize("value", [0, 0.0, "", None, UNDEFINED, False, float("nan")])
def test_what_counts_as_false(value: Any) -> None:
    assert not operators.truthy(value)


@pytest.mark.parametrize("value", [1, -0.5, "0", "false", True, [], {}, [0]])
def test_what_counts_as_true(value: Any) -> None:
    assert operators.truthy(value)


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
    assert operators.equal(operator, left, right) is expected


def test_a_list_is_itself() -> None:
    items = [1]
    assert operators.equal("===", items, items)


@pytest.mark.parametrize(
    "refused",
    [
        lambda: operators.equal("==", 1, "1"),
        lambda: operators.compare("<", 1, None),
        lambda: operators.compare("<", 1, "2"),
        lambda: operators.compare("<", True, 2),
        lambda: operators.arithmetic("+", 1, None),
        lambda: operators.arithmetic("-", "2", 1),
        lambda: operators.arithmetic("+", "a", [1]),
        lambda: operators.arithmetic("/", 1, 0),
        lambda: operators.member(None, "x"),
        lambda: operators.member(3, "x"),
        lambda: operators.member([1], "map"),
        lambda: operators.display(b"x"),
        lambda: operators.display(1e21),
        lambda: operators.display(1e-5),
        lambda: operators.display({"x": b"x"}),
        lambda: operators.to_fixed("1"),
        lambda: operators.includes(3, 1),
    ],
)
def test_what_would_be_converted_is_refused(refused: Any) -> None:
    with pytest.raises(UnsupportedError):
        refused()


def test_comparisons() -> None:
    assert [operators.compare(op, 1, 2) for op in ("<", "<=", ">", ">=")] == [True, True, False, False]
    assert [operators.compare(op, 2, 2) for op in ("<", "<=", ">", ">=")] == [False, True, False, True]
    assert operators.compare("<", "a", "b")


def test_members() -> None:
    assert operators.member({"a": 1}, "a") == 1
    assert operators.member({"1": 2}, 1) == 2
    assert operators.member({}, "a") is UNDEFINED
    assert operators.member([5, 6], 1) == 6
    assert operators.member([5, 6], -1) is UNDEFINED
    assert operators.member("abc", "length") == 3
    assert operators.member(None, "x", optional=True) is UNDEFINED


def test_whole_numbers_are_ints() -> None:
    assert repr(operators.arithmetic("/", 6, 2)) == "3"
    assert repr(operators.arithmetic("%", -7, 3)) == "-1"
    assert repr(operators.arithmetic("*", 1.5, 3)) == "4.5"


def test_includes() -> None:
    assert operators.includes([1, "a"], 1.0)
    assert not operators.includes([1], True)
    assert operators.includes("abc", "bc")


def test_undefined_travels_as_null() -> None:
    assert operators.plain({"a": [UNDEFINED, 1], "b": UNDEFINED}) == {"a": [None, 1], "b": None}
    assert repr(UNDEFINED) == "undefined"


def test_texts_are_those_of_javascript() -> None:
    shown = [*NUMBERS, "a", True, [1, "x", None], {"a": {"b": [1.5]}}]
    text = "(v) => typeof v === 'object' ? JSON.stringify(v, null, 2) : String(v)"
    each = "numbers.flatMap((n) => [0, 1, 2, 3].map((d) => n.toFixed(d)))"
    texts, fixed = ask_node(f"(shown, numbers) => [shown.map({text}), {each}]", shown, NUMBERS)
    assert [operators.display(value) for value in shown] == texts
    assert [operators.to_fixed(number, digits) for number in NUMBERS for digits in range(4)] == fixed


def test_nothing_is_shown_of_nothing() -> None:
    assert operators.display(None) == operators.display(UNDEFINED) == ""
