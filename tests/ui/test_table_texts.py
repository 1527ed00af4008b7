"""How values are written."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from jupyter_trame.ui.table_texts import Format, writer

MOMENT = dt.datetime(2024, 5, 1, 12, 30)  # noqa: DTZ001 - as in a DataFrame without zones


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (3, "3"),
        (0.1 + 0.2, "0.3"),
        (12345.678, "12345.7"),
        (12345678.9, "12345679"),
        (1e-9, "1e-09"),
        (float("inf"), "inf"),
        (True, "True"),
        (Decimal("1.50"), "1.50"),
        (MOMENT, "2024-05-01 12:30:00"),
        (dt.date(2024, 5, 1), "2024-05-01"),
        ("x", "x"),
    ],
)
def test_values_have_a_text_without_a_format(value: Any, text: str) -> None:
    assert writer(None)(value) == text


@pytest.mark.parametrize(
    ("form", "text"),
    [(".1f", "2.5"), ("{:.2f} kg", "2.50 kg"), (lambda value: value * 2, "5.0"), (str, "2.5")],
)
def test_formats_are_specifications_texts_and_functions(form: Format, text: str) -> None:
    assert writer(form)(2.5) == text
    assert writer(form)(None) == ""


def test_a_format_that_does_not_fit_leaves_the_value_its_text() -> None:
    assert writer(".1f")("high") == "high"


def test_moments_that_are_days_have_no_time() -> None:
    assert writer(None, days=True)(MOMENT) == "2024-05-01"
