"""The short form of ``make soak``."""

from pathlib import Path

import pytest

from tests.faults.soak import judge, soak

SECONDS = 60
RESIDENT = 0.15
"""A minute is too short for what a long run has: allocators have not come to rest."""


@pytest.mark.long
@pytest.mark.timeout(600)
def test_everything_is_as_it_was(tmp_path: Path) -> None:
    figures = soak(tmp_path, SECONDS)
    print(figures)
    judge(figures, resident=RESIDENT)
