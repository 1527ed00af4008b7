"""Values that an input cannot begin with are refused where they are written."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import ui

Make = Callable[[], Any]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: ui.slider("a", 0, 10, value=50),
            "give a value= up to 10: ui.slider begins with 50, which is above its max",
        ),
        (
            lambda: ui.slider("a", 0, ("b",), value=-1),
            "give a value= from 0 on: ui.slider begins with -1, which is below its min",
        ),
        (
            lambda: ui.slider("a", 10, 0),
            "ui.slider is given bounds of which the lower one comes first, not 10 and 0",
        ),
        (
            lambda: ui.range_slider("a", 0, 10, value=(5, 11)),
            "give a value= up to 10: ui.range_slider begins with 11, which is above its max",
        ),
        (
            lambda: ui.number("a", 0, value=-1),
            "give a value= from 0 on: ui.number begins with -1, which is below",
        ),
        (
            lambda: ui.date("a", max=dt.date(2026, 1, 1), value="2026-01-02"),
            "give a value= up to '2026-01-01': ui.date begins with '2026-01-02', which is above its max",
        ),
        (
            lambda: ui.select("a", ["b", "c"], value="d"),
            "give a value= out of 'b', 'c': ui.select begins with 'd', which is none of its options",
        ),
        (
            lambda: ui.radio("a", {n: str(n) for n in range(9)}, value="1"),
            "give a value= out of 0, 1, 2, 3, 4, 5, ...: ui.radio begins with '1', which is none",
        ),
        (
            lambda: ui.multi_select("a", ["b"], value=["b", "c"]),
            "give a value= out of 'b': ui.multi_select begins with 'c', which",
        ),
        (
            lambda: ui.select("a", [], value="b"),
            "give options, or no value=: ui.select begins with 'b', which is none of its options",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_that_cannot_be(make: Make, words: str) -> None:
    with ui.app("defaults") as app, pytest.raises(ValueError, match=r"^(give |ui\.\w+ is given )") as refused:
        make()
    assert str(refused.value).startswith(words)
    assert not app.state.has("a")


def test_values_that_can_be() -> None:
    with ui.app("defaults") as app:
        ui.slider("a", 0, 10, value=10)
        ui.slider("b", ("a",), ("c",), value=50)
        ui.number("c", 0, 1)
        ui.date("d", "2026-01-01", value=dt.date(2026, 1, 1))
        ui.select("e", [1, 2], value=None)
        ui.select("f", ("c",), value="any")
        ui.multi_select("g", [("x", "X"), ("y", "Y")], value=["y"])
        ui.select("h", [])
        ui.select("i", [([1, 2], "both"), ([1], "one")], value=[1])
    assert [app.state[key] for key in "abcdefgh"] == [10, 50, None, "2026-01-01", None, "any", ["y"], None]
    assert app.state.i == [1]
