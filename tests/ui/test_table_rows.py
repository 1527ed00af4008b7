"""Rows of all kinds, as columns."""

import datetime as dt
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import PurePath
from types import FrameType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.ui.table_rows import Rows, rows_of


def table(rows: Rows) -> list[dict[str, Any]]:
    return [rows.row(position) for position in range(rows.length)]


def test_dicts_have_all_columns_that_any_has() -> None:
    rows = rows_of([{"a": 1}, {"b": "x", "a": 2}])
    assert rows.names == ("a", "b")
    assert table(rows) == [{"a": 1, "b": None}, {"a": 2, "b": "x"}]
    assert (rows_of([]).length, rows_of(None).length) == (0, 0)


def test_columns_may_be_lists_arrays_and_series() -> None:
    rows = rows_of({"a": [1, 2], "b": np.array([0.5, math.nan]), "c": pd.Series(["x", None])})
    assert table(rows) == [{"a": 1, "b": 0.5, "c": "x"}, {"a": 2, "b": None, "c": None}]
    structured = np.array([(1, b"x"), (2, b"y")], dtype=[("n", "i4"), ("s", "S1")])
    assert table(rows_of(structured)) == [{"n": 1, "s": b"x"}, {"n": 2, "s": b"y"}]


def test_data_frames_show_an_index_that_says_something() -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    assert rows_of(frame).names == ("a",)
    assert table(rows_of(frame.iloc[1:])) == [{"a": 2}]
    assert table(rows_of(frame.set_index([["x", "y"]]))) == [{"index": "x", "a": 1}, {"index": "y", "a": 2}]
    assert rows_of(frame.rename_axis("row")).names == ("row", "a")
    assert rows_of(frame.set_index(pd.MultiIndex.from_tuples([(1, 2), (3, 4)], names=["x", "y"]))).names == (
        "x",
        "y",
        "a",
    )
    assert rows_of(pd.Series([1, 2], name="s")).names == ("s",)


def test_types_of_pandas_become_python_s() -> None:
    day = pd.Timestamp("2024-05-01")
    frame = pd.DataFrame(
        {
            "moment": [day, pd.NaT],
            "zone": [day.tz_localize("UTC"), pd.NaT],
            "span": [pd.Timedelta("1h"), pd.NaT],
            "whole": pd.array([1, None], dtype="Int64"),
            "kind": pd.Categorical(["x", None]),
            "flag": [True, False],
        }
    )
    rows = rows_of(frame)
    first = rows.row(0)
    assert first["moment"] == dt.datetime(2024, 5, 1)  # noqa: DTZ001 - the frame has no zone
    assert first["zone"] == day.tz_localize("UTC")
    assert first["span"] == dt.timedelta(hours=1)
    assert (first["whole"], first["kind"], first["flag"]) == (1, "x", True)
    assert [value for name, value in rows.row(1).items() if name != "flag"] == [None] * 5
    assert [rows.has_numbers(name) for name in rows.names] == [False, False, False, True, False, False]
    assert [name for name in rows.names if rows.has_days(name)] == ["moment", "zone"]


def test_what_is_no_table_is_refused_with_what_is() -> None:
    with pytest.raises(TypeError, match=r"a list of dicts, a dict of columns or a DataFrame, not int"):
        rows_of(3)
    with pytest.raises(TypeError, match=r"are dicts, not \('a', 1\)"):
        rows_of([("a", 1)])
    with pytest.raises(TypeError, match="a list or an array, not 'text'"):
        rows_of({"a": "text"})
    with pytest.raises(ValueError, match="one length"):
        rows_of({"a": [1], "b": [1, 2]})
    with pytest.raises(ValueError, match="one dimension"):
        rows_of({"a": np.zeros((2, 2))})
    with pytest.raises(ValueError, match="two columns of the table are called 'a'"):
        rows_of(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_rows_are_a_copy() -> None:
    array, records = np.array([1.0, 2.0]), [{"a": 1}]
    columns, dicts = rows_of({"a": array}), rows_of(records)
    array[0], records[0]["a"] = 9, 9
    assert (columns.value("a", 0), dicts.value("a", 0)) == (1, 1)


NUMBERS = st.lists(st.one_of(st.just(math.nan), st.integers(-3, 3).map(float)), max_size=12)


@given(NUMBERS, st.booleans())
def test_arrays_and_lists_have_one_order(values: list[float], descending: bool) -> None:
    of_array = rows_of({"a": np.array(values, dtype=float)}).order("a", descending)
    of_list = rows_of({"a": values}).order("a", descending)
    present = [at for at, value in enumerate(values) if not math.isnan(value)]
    expected = sorted(present, key=lambda at: -values[at] if descending else values[at])
    missing = [at for at, value in enumerate(values) if math.isnan(value)]
    assert list(of_array) == list(of_list) == [*expected, *missing]


def test_what_has_no_order_is_sorted_by_type_and_text() -> None:
    rows = rows_of([{"a": "x"}, {"a": 2}, {"a": None}, {"a": 10}])
    assert list(rows.order("a", False)) == [3, 1, 0, 2]
    with pytest.raises(KeyError):
        rows.order("b", False)


@given(NUMBERS, st.data())
def test_changes_are_those_values_that_are_others(values: list[float], data: st.DataObject) -> None:
    newer = [data.draw(st.sampled_from([value, 7.0, math.nan])) for value in values]
    expected = [
        (at, "a")
        for at, (old, new) in enumerate(zip(values, newer, strict=True))
        if old != new and not (math.isnan(old) and math.isnan(new))
    ]
    arrays = rows_of({"a": np.array(values)}).changes(rows_of({"a": np.array(newer)}), 99)
    lists = rows_of({"a": values}).changes(rows_of({"a": newer}), 99)
    assert arrays == lists == expected


def test_changes_that_are_too_many_or_of_the_columns_are_no_list() -> None:
    rows = rows_of({"a": [1, 2, 3]})
    assert rows.changes(rows_of({"a": [4, 5, 3]}), 1) is None
    assert rows.changes(rows_of({"a": [1, 2]}), 9) is None
    assert rows.changes(rows_of({"b": [1, 2, 3]}), 9) is None
    assert rows.changes(rows_of({"a": np.array([1, 2, 3])}), 9) == [(0, "a"), (1, "a"), (2, "a")]


@dataclass
class Place:
    name: str


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (["a"], lambda tags: tags.append("b")),
        ({"a": 1}, lambda found: found.update(a=2)),
        ((1, ["a"]), lambda pair: pair[1].append("b")),
        (np.array([1]), lambda array: array.fill(2)),
        (Place("here"), lambda place: setattr(place, "name", "there")),
    ],
)
def test_what_may_have_changed_in_place_counts_as_new(value: Any, change: Callable[[Any], object]) -> None:
    rows = [{"n": 1, "inner": "x"}, {"n": 2, "inner": value}]
    before = rows_of(rows)
    change(value)
    assert before.changes(rows_of(rows), 9) == [(1, "inner")]
    rows[0]["n"] = 0
    assert before.changes(rows_of(rows), 9) == [(0, "n"), (1, "inner")]


def test_objects_that_are_looked_into_by_nobody_are_the_same() -> None:
    rows = [{"path": PurePath("a"), "moment": pd.Timestamp("2024-05-01"), "pair": (1, "x"), "own": object()}]
    assert rows_of(rows).changes(rows_of(rows), 9) == []


def order_with(rows: Rows, name: str, step: int, meanwhile: Callable[[], object]) -> bool:
    """Ask for an order, and call `meanwhile` before one of the steps that it takes; False if it has less."""
    steps = count()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code is not Rows.order.__code__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and next(steps) == step:
            meanwhile()  # nothing is traced in here
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        assert list(rows.order(name, False)) == [1, 0]
    finally:
        sys.settrace(before)
    return next(steps) > step


def test_other_threads_may_ask_for_orders_at_any_step() -> None:
    names = [f"column {number}" for number in range(9)]
    for step in count():
        rows = rows_of({name: [2, 1] for name in names})
        for name in names[2:]:
            rows.order(name, False)
        asked: list[Sequence[int]] = []
        has_step = order_with(rows, names[0], step, lambda: asked.append(rows.order(names[1], False)))  # noqa: B023
        assert [list(order) for order in asked] == [[1, 0]] * has_step
        if not has_step:
            break
    assert step > 0


def test_values_that_cannot_be_compared_count_as_new() -> None:
    rows = rows_of([{"a": np.array([1, 2]), "n": Decimal(1)}])
    assert rows.changes(rows_of([{"a": np.array([1, 2]), "n": Decimal(1)}]), 9) == [(0, "a")]
    assert rows.has_numbers("n")
