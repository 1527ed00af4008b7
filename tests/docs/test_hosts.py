"""Each row of docs/hosts.md names the test that shows it, and the test is there."""

import ast
import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, section
from tests.test_platforms import DECIDED

PAGE = ROOT / "docs" / "hosts.md"
TABLES = [
    "Notebooks of Jupyter",
    "Hubs, proxies and gateways",
    "Hosts without ipykernel",
    "Terminals and exports",
    "Browsers",
    "Versions",
]
COLUMNS = ["host", "what works", "path", "test"]
PATHS = {"", "none", "websocket", "comm", "page"}
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows(text: str) -> list[list[str]]:
    """The cells of each line of the tables in `text`, without the rules below the headings."""
    lines = (line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("|"))
    return [cells for line in lines if set((cells := [cell.strip() for cell in line])[0]) != {"-"}]


def functions_in(file: Path) -> set[str]:
    """The names of the functions at the top of a file of tests; none where there is no such file."""
    body = ast.parse(file.read_text("utf-8")).body if file.is_file() else []
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("title", TABLES)
def test_each_row_has_a_test_that_exists(title: str) -> None:
    heading, *hosts = rows(section(PAGE, title))
    assert heading == COLUMNS
    for host, works, path, test in hosts:
        assert host
        assert works, f"{host}: what works there?"
        assert set(path.split(", ")) <= PATHS, f"{host}: {path} is none of {PATHS}"
        named = _TEST.findall(test)
        assert named, f"{host} has no test"
        for file, name in named:
            assert name in functions_in(ROOT / file), f"{host}: {file} has no {name}"


def test_each_difference_of_systems_names_a_module_that_decides_it() -> None:
    heading, *differences = rows(section(PAGE, "Systems"))
    assert heading == ["what differs", "where it is decided", "test"]
    for what, module, test in differences:
        assert module.strip("`") in DECIDED, f"{what}: {module} decides nothing"
        named = _TEST.findall(test)
        assert named, f"{what} has no test"
        for file, name in named:
            assert name in functions_in(ROOT / file), f"{what}: {file} has no {name}"


def test_what_is_not_there_is_found(tmp_path: Path) -> None:
    assert functions_in(tmp_path / "nothing.py") == set()
    assert rows("| host |\n|---|\n| a lab |\n") == [["host"], ["a lab"]]
