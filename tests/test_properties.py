"""A deep run is deeper: each property test tries what the profile asks for, or a share of it."""

import re
from pathlib import Path

from hypothesis import settings

from tests.support.properties import examples

TESTS = Path(__file__).parent


def test_a_deep_run_tries_ten_times_as_many() -> None:
    assert settings.get_profile("local").max_examples == settings.get_profile("ci").max_examples == 200
    assert settings.get_profile("deep").max_examples == 2000


def test_a_share_follows_the_profile() -> None:
    assert examples(0.75).max_examples == 0.75 * settings().max_examples


def test_no_test_has_a_number_of_its_own() -> None:
    found = [
        f"tests/{path.relative_to(TESTS)}: {setting}; tests.support.properties.examples gives a share"
        for path in sorted(TESTS.rglob("*.py"))
        for setting in re.findall(r"max_examples=[\d_]+", path.read_text("utf-8"))
        if path != TESTS / "conftest.py"
    ]
    assert not found, "\n".join(found)
