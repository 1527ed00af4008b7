"""The client that every app has; in a real page it is in `tests/e2e/test_narvi.py`."""

import re

import pytest

from jupyter_trame.services.resources import Resources

LARGEST = 8000
"""Bytes."""


@pytest.mark.parametrize("name", ["narvi.js", "narvi.mjs"])
def test_it_is_small_and_needs_nothing_else(name: str) -> None:
    file = Resources().find(f"narvi/{name}")
    assert file is not None
    text = file.read_text("utf-8")
    assert len(text) < LARGEST
    assert not re.search(r"\bimport\b|https?://", text)


def test_one_is_a_script_and_one_a_module() -> None:
    script, module = (Resources().find(f"narvi/{name}") for name in ("narvi.js", "narvi.mjs"))
    assert script is not None
    assert module is not None
    assert "export" not in script.read_text("utf-8")
    assert re.search(r"export\{[^}]*\bas start_narvi\b", module.read_text("utf-8"))
