"""The lists of CONTRIBUTING.md are what a write and a start enter."""

from collections.abc import Callable

import pytest

from benchmarks.files_entered import as_text, files_of_a_start, files_of_a_write
from tests.docs.pages import ROOT


@pytest.mark.parametrize("find", [files_of_a_write, files_of_a_start])
def test_contributing_lists_what_is_entered(find: Callable[[], list[str]]) -> None:
    found = as_text(find())
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert found in page, (
        f"CONTRIBUTING.md has another list than python -m benchmarks.files_entered:\n{found}"
    )
