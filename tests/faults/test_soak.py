"""The short form of ``make soak``."""

from pathlib import Path

import pytest

from tests.faults.soak import judge, soak

SECONDS = 60
BOUND = 0.25
"""A minute is too short for the 5 % of a long run: allocators have not come to rest."""


@pytest.mark.long
@pytest.mark.timeout(600)
def test_everything_is_as_it_was(tmp_path: Path) -> None:
    figures = soak(tmp_path, SECONDS)
    print(figures)
    judge(figures, BOUND)
