"""What apps and packages written for trame rely on, each fact beside the test that shows it.

A test names its fact with `fact`; ``python -m tests.contract.facts`` writes them all to ``docs/compatibility.md``.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

__all__ = ["PAGE", "SECTIONS", "Fact", "collect", "fact", "render"]

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "compatibility.md"

SECTIONS = {
    "api 1": "Server",
    "api 1.1": "Modules",
    "api 2": "Start and stop",
    "api 2.1": "Command line",
    "api 2.2": "Environment",
    "api 3": "Life cycle",
    "api 4": "State",
    "api 4.1": "Flush",
    "api 4.2": "Listeners",
    "api 4.3": "Suppressed listeners",
    "api 5": "Controller",
    "api 6": "Names and child servers",
    "api 7": "Templates by name",
    "api 8": "HTTP headers",
    "api 9": "Python client",
    "api 10": "Utilities",
    "api 11": "Typed state",
    "api 12": "Protocol object",
    "api 13": "get_server and get_client",
    "wire 1": "Address",
    "wire 2": "Chunks",
    "wire 3": "Values",
    "wire 4": "Envelopes",
    "wire 5": "Hello",
    "wire 6": "Calls and errors",
    "wire 7": "Publications",
    "wire 8": "Methods",
    "wire 9": "State synchronisation",
    "wire 10": "Attachments",
    "wire 11": "Life of a connection",
    "wire 12": "HTTP",
    "wire 13": "Launchers",
    "wire 14": "Generic backend",
    "wire 15": "Jupyter comm",
    "wire 16": "MessagePort",
    "wire 17": "A session byte by byte",
    "wire 18": "Stock clients",
}
"""Number of a section -> its title on the page."""

_HEAD = """# Compatibility

What apps and widget packages written for trame rely on, and the test that shows it here. The page is written by
`python -m tests.contract.facts`. Where the behaviour differs from trame's, the last column says what trame does; the
reasons are in [differences.md](differences.md).
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact and its test."""

    section: str
    text: str
    trame: str
    """What trame does instead; empty where it does the same."""
    test: str


def fact(section: str, text: str, trame: str = "") -> Any:
    """Decorate a test: it shows that `text` holds; `trame` says what trame does where that differs."""
    assert section in SECTIONS, f"{section!r} is none of {', '.join(SECTIONS)}"
    return pytest.mark.fact(section, text, trame)


def collect() -> Iterator[Fact]:
    """The facts of all test files beside this one, in the order of the files."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from (_read(call, f"{path.stem}::{node.name}") for call in _facts_of(node))


def render() -> str:
    """The page."""
    facts = list(collect())
    parts = [_HEAD]
    for section, title in SECTIONS.items():
        rows = [found for found in facts if found.section == section]
        if rows:
            lines = [f"| {found.text} | `{found.test}` | {found.trame} |" for found in rows]
            table = ["| fact | test | trame |", "| --- | --- | --- |", *lines]
            parts.append("\n".join((f"## {title} ({section})\n", *table, "")))
    return "\n".join(parts)


def _facts_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Call]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "fact":
            yield decorator


def _read(call: ast.Call, test: str) -> Fact:
    given = {"trame": "", **{str(word.arg): ast.literal_eval(word.value) for word in call.keywords}}
    given |= zip(("section", "text", "trame"), map(ast.literal_eval, call.args), strict=False)
    return Fact(**given, test=test)


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
