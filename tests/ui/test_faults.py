"""What is wrong with values that no page would send."""

import datetime as dt
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jupyter_trame.ui.faults import fault_of

OPTIONS = [{"value": "a", "label": "A"}, {"value": 2, "label": "Two"}]
BOUNDS = {"min": 0, "max": 10}
DAYS = {"type": "date", "min": "2026-01-01", "max": "2026-12-31"}


@pytest.mark.parametrize(
    ("tag", "value", "props"),
    [
        ("JtText", "", {}),
        ("JtCheck", False, {"toggle": True}),
        ("JtColor", "#1769D2", {}),
        ("JtSlider", 10, BOUNDS),
        ("JtSlider", 1e300, {"min": ("low",), "max": ("high",)}),
        ("JtEntry", None, BOUNDS),
        ("JtEntry", 0.5, BOUNDS),
        ("JtRange", [0, 10], BOUNDS),
        ("JtEntry", None, DAYS),
        ("JtEntry", "2026-11-30", DAYS),
        ("JtSelect", 2, {"options": OPTIONS}),
        ("JtSelect", None, {"options": OPTIONS}),
        ("JtSelect", object(), {"options": ("names",)}),
        ("JtChoices", "a", {"options": OPTIONS}),
        ("JtChoices", [2, "a"], {"options": OPTIONS, "many": True}),
        ("JtUpload", None, {}),
        ("JtUpload", [], {"multiple": True}),
        ("JtPart", object(), {}),
        *(
            (tag, None, BOUNDS)
            for tag in ("JtText", "JtCheck", "JtColor", "JtSlider", "JtRange", "JtChoices")
        ),
        ("JtEntry", dt.date(2026, 11, 30), DAYS),
        ("JtEntry", Decimal("2.5"), BOUNDS),
    ],
)
def test_what_a_page_sends_is_right(tag: str, value: Any, props: dict[str, Any]) -> None:
    assert fault_of(tag, value, props) == ""


@pytest.mark.parametrize(
    ("tag", "value", "props", "words"),
    [
        ("JtText", 5, {}, "This is not a text."),
        ("JtCheck", 1, {}, "This is neither on nor off."),
        ("JtColor", "red; background: url(x)", {}, "This is not a colour."),
        ("JtSlider", "5", BOUNDS, "This is not a number."),
        ("JtSlider", True, BOUNDS, "This is not a number."),
        ("JtSlider", math.nan, BOUNDS, "This is not a number."),
        ("JtSlider", math.inf, {}, "This is not a number."),
        ("JtSlider", 11, BOUNDS, "Enter 10 or less."),
        ("JtEntry", -0.1, BOUNDS, "Enter 0 or more."),
        ("JtEntry", 10**400, BOUNDS, "Enter 10 or less."),
        ("JtRange", [1], BOUNDS, "These are not two numbers."),
        ("JtRange", "12", BOUNDS, "These are not two numbers."),
        ("JtRange", [5, 1], BOUNDS, "The lower number comes first."),
        ("JtRange", [5, math.nan], BOUNDS, "This is not a number."),
        ("JtEntry", "soon", DAYS, "This is not a day."),
        ("JtEntry", 20261130, DAYS, "This is not a day."),
        ("JtEntry", "2027-01-01", DAYS, "Enter 2026-12-31 or earlier."),
        ("JtSelect", "b", {"options": OPTIONS}, "This is not one of the options."),
        ("JtSelect", [2], {"options": OPTIONS}, "This is not one of the options."),
        ("JtSelect", np.array([2, 2]), {"options": OPTIONS}, "This is not one of the options."),
        ("JtEntry", Decimal("NaN"), BOUNDS, "This is not a number."),
        ("JtEntry", dt.date(2027, 1, 1), DAYS, "Enter 2026-12-31 or earlier."),
        ("JtChoices", "a", {"options": OPTIONS, "many": True}, "This is not a list."),
        ("JtChoices", ["a", "b"], {"options": OPTIONS, "many": True}, "This is not one of the options."),
        ("JtUpload", {"name": "../../etc/passwd", "content": b""}, {}, "This is not a file."),
        ("JtUpload", Path("/etc/passwd"), {}, "This is not a file."),
        ("JtUpload", ["x"], {"multiple": True}, "This is not a file."),
    ],
)
def test_what_a_page_does_not_send_is_told(tag: str, value: Any, props: dict[str, Any], words: str) -> None:
    assert fault_of(tag, value, props) == words
