"""Tables as the state sends them."""

from types import SimpleNamespace

import pandas as pd

from jupyter_trame.showing import tables


def test_rows_of_pandas_are_maps_by_text() -> None:
    frame = pd.DataFrame({"a": [1, 2], 3: [0.5, 1.5]}, index=["x", "y"])
    assert tables.records(frame) == [{"a": 1, "3": 0.5}, {"a": 2, "3": 1.5}]
    assert list(frame.columns) == ["a", 3], "the table itself is left alone"
    levels = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))
    assert tables.records(levels) == [{"('a', 'b')": 1}]


def test_a_column_is_a_list() -> None:
    series = pd.Series([1, 2], name="n")
    assert tables.members(series) == [1, 2]
    assert list(tables.as_frame(series).columns) == ["n"]


def test_polars_has_methods_of_its_own() -> None:
    assert tables.polars_records(SimpleNamespace(to_dicts=lambda: [{"a": 1}])) == [{"a": 1}]
    assert tables.polars_members(SimpleNamespace(to_list=lambda: [1])) == [1]
