"""What numpy has where Python has numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from jupyter_trame import Server, ui
from jupyter_trame.ui.numpy_values import plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (np.array([1, 2]), [1, 2]),
        ([np.int64(1), {"a": (np.str_("b"),)}], [1, {"a": ("b",)}]),
        ("text", "text"),
    ],
)
def test_plain(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert repr(found) == repr(expected)


untyped: Any = np
"""The signatures say numbers of Python, which some of numpy are not to a checker."""


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: ui.select("k", untyped.array([3, 1])), 3),
        (lambda: ui.radio("k", [untyped.int64(3), untyped.int64(1)]), 3),
        (lambda: ui.select("k", {untyped.int64(3): "three"}), 3),
        (lambda: ui.multi_select("k", untyped.array([1, 2]), value=untyped.array([2])), [2]),
        (lambda: ui.slider("k", untyped.float64(0), untyped.float64(1), value=untyped.float32(0.5)), 0.5),
        (
            lambda: ui.range_slider("k", untyped.int64(0), untyped.int64(9), value=untyped.array([2, 3])),
            [2, 3],
        ),
        (
            lambda: ui.number(
                "k", untyped.int64(0), untyped.int64(9), value=untyped.int64(2), step=untyped.int64(1)
            ),
            2,
        ),
        (lambda: ui.check("k", value=untyped.bool_(True)), True),
    ],
)
def test_inputs_take_what_numpy_has(
    make: Callable[[], object], expected: Any, template: Callable[[Server], str]
) -> None:
    with ui.app("numpy") as app:
        make()
    assert repr(app.state.k) == repr(expected)
    assert "np." not in template(app)
    assert "array" not in template(app)
