"""The recipes are as short as the same apps elsewhere: one formatter lays all of them out, and lines are counted."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks_of, titles

RECIPES = ROOT / "docs" / "recipes.md"
PEERS = [ROOT / "docs" / "coming-from" / f"{name}.md" for name in ("panel", "solara", "streamlit")]
"""Those whose apps have the same shape: a script, controls, and functions that follow them."""
_NUMBERED = re.compile(r"\d\. ")
APPS = [title for title in titles(RECIPES) if _NUMBERED.match(title)]
ROOM = 2
"""Lines that a recipe may have more than the shortest of the others."""


@cache
def lines(code: str) -> int:
    """How many lines of code the formatter makes of it, with blank ones and comments left out."""
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "110", "-"]
    formatted = subprocess.run(ruff, input=code, capture_output=True, text=True, check=True).stdout
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in formatted.splitlines())


def app_of(page: Path, title: str) -> str | None:
    """The first block below a heading; None where the page has only words for it."""
    found = blocks_of(page, title)
    return found[0].text if found else None


def test_all_pages_have_all_apps() -> None:
    assert len(APPS) == 9
    for page in PEERS:
        assert [title for title in titles(page) if _NUMBERED.match(title)] == APPS


@pytest.mark.parametrize("title", APPS)
def test_a_recipe_is_hardly_longer_than_the_shortest_peer(title: str) -> None:
    ours = app_of(RECIPES, title)
    assert ours is not None
    peers = {page.stem: lines(code) for page in PEERS if (code := app_of(page, title)) is not None}
    assert lines(ours) <= min(peers.values()) + ROOM, peers


@pytest.mark.parametrize("page", PEERS, ids=lambda page: page.stem)
def test_the_apps_of_a_peer_are_programs_of_it(page: Path) -> None:
    for title in APPS:
        code = app_of(page, title)
        if code is not None:
            imported = {
                name.split(".")[0]
                for node in ast.walk(ast.parse(code))
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in (
                    [node.module or ""] if isinstance(node, ast.ImportFrom) else [n.name for n in node.names]
                )
            }
            assert page.stem in imported
            assert "jupyter_trame" not in imported
