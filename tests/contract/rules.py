"""Where our manners and trame's part: each rule of `Manners`, and the test that shows both sides of it.

A test names its rule with `rule`; ``python -m tests.contract.rules`` writes them all into ``docs/differences.md``.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.runtime.manners import OURS, TRAMES, Manners

__all__ = ["PAGE", "RULES", "docstrings", "render", "rule", "shown_by"]

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "differences.md"
RULES = tuple(field.name for field in fields(Manners))

_THIS = "tests.contract.rules"
_LABEL = re.compile(r"^\s*(True|False|Value|Why): ", re.MULTILINE)
_BEGIN, _END = f"<!-- rules: python -m {_THIS} -->\n", "<!-- end of rules -->\n"


def rule(name: str) -> Any:
    """Decorate a test: it shows what the rule `name` means on both sides."""
    assert name in RULES, f"{name!r} is none of {', '.join(RULES)}"
    return pytest.mark.rule(name)


def docstrings() -> dict[str, dict[str, str]]:
    """Name of a rule -> what stands below it, by the labels of its lines."""
    (node,) = ast.parse(inspect.getsource(Manners)).body
    assert isinstance(node, ast.ClassDef)
    found = {}
    for field, text in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            parts = _LABEL.split(ast.literal_eval(text.value))[1:]
            found[ast.unparse(field.target)] = {
                label: " ".join(part.split()) for label, part in zip(parts[::2], parts[1::2], strict=True)
            }
    return found


def shown_by() -> Iterator[tuple[str, str]]:
    """Each rule that a test names, and the test as pages name it."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text("utf-8")
        if f"from {_THIS} import rule" in text:
            test = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield from ((name, f"{test}::{node.name}") for name in _rules_of(node))


def render(page: str) -> str:
    """`page` with the table of the rules between its marks."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    assert begin, f"{PAGE.name} has lost its first mark"
    assert end, f"{PAGE.name} has lost its second mark"
    texts, tests = docstrings(), dict(shown_by())
    rows = [_row(name, texts[name], tests[name]) for name in RULES]
    head = [
        "",
        '| rule | here | `compat="trame"` | where it holds | where it does not | why | test |',
        f"|{' --- |' * 7}",
    ]
    return "\n".join((f"{before}{begin.rstrip()}", *head, *rows, "", f"{end}{after}"))


def _row(name: str, texts: dict[str, str], test: str) -> str:
    values = [_value(getattr(manners, name)) for manners in (OURS, TRAMES)]
    told = {label: text.removesuffix(".") for label, text in texts.items()}
    holds, elsewhere = told.get("True", told.get("Value", "")), told.get("False", "")
    return f"| {' | '.join((f'`{name}`', *values, holds, elsewhere, told['Why'], f'`{test}`'))} |"


def _value(value: bool | str) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else f"`{value}`"


def _rules_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "rule":
            yield ast.literal_eval(decorator.args[0])


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text("utf-8")), "utf-8")
