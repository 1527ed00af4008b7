"""Text of clients in logs."""

import pytest

from jupyter_trame.log_text import foreign, shortened


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ä 中", "plain ä 中"),
        ("a\nERROR b", "a\\nERROR b"),
        ("\x1b[2J\r", "\\x1b[2J\\r"),
        ("\u202eevil\u2028\x85", "\\u202eevil\\u2028\\x85"),
        ("\ud800", "\\ud800"),
        (5, "5"),
    ],
)
def test_one_line_without_escapes(text: object, shown: str) -> None:
    assert foreign(text) == shown


def test_what_is_long_is_cut() -> None:
    assert foreign("x" * 2_000_000) == "x" * 200 + "… (1999800 characters more)"


def test_lines_that_may_stay_are_told_from_others() -> None:
    assert foreign("a\nb\x1b", lines=True) == "a\n    b\\x1b"


def test_what_is_only_short_keeps_its_lines() -> None:
    assert shortened("a\nb", 3) == "a\nb"
    assert shortened("a\nbc", 3) == "a\nb… (1 characters more)"
