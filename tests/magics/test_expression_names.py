"""Names in expressions."""

import pytest

from jupyter_trame.magics.expression_names import declared_names, names_of


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("a + b.c.d", ["a", "b"]),
        ("a?.b ?? c", ["a", "c"]),
        ("{a: b, c}", ["b", "c"]),
        ("x ? y : z", ["x", "y", "z"]),
        ("f ? {k: v} : w", ["f", "v", "w"]),
        ("{ x: 1, [dyn]: v }", ["dyn", "v"]),
        ("[...rest, 1e5, 0x1f]", ["rest"]),
        ("'it''s' + \"text\\\" more\" + real", ["real"]),
        ("`hi ${name} and ${{a: b}.a}`", ["name", "b"]),
        ("items.map((x, i) => x.v * i + off)", ["items", "off"]),
        ("x => x + y", ["y"]),
        ("({a, b: c}) => a + c + d", ["d"]),
        ("trigger('go', [n])", ["n"]),
        ("helper(n)", ["n"]),
        ("n = n + 1; $event.target; _own", ["n"]),
        ("if (a) { let q = a; b = q }", ["a", "b"]),
        ("a /* c */ + // d\n e", ["a", "e"]),
        ("Math.max(a, 3) + window.x + undefined + true", ["a"]),
        ("größe", ["größe"]),
        ("", []),
    ],
)
def test_names_that_may_be_keys(expression: str, names: list[str]) -> None:
    assert names_of(expression) == names


@pytest.mark.parametrize(
    ("pattern", "names"),
    [("item", ["item"]), ("(item, index)", ["item", "index"]), ("{ item, key: other }", ["item", "other"])],
)
def test_variables_of_loops_and_slots(pattern: str, names: list[str]) -> None:
    assert declared_names(pattern) == names
