"""What pages are given of a table."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_trame.protocol.packing import pack
from jupyter_trame.ui.table_model import FIRST, TableLook, TableModel
from jupyter_trame.ui.table_rows import Rows


def shown(value: Any, **look: Any) -> TableModel:
    model = TableModel(TableLook(**look))
    model.show(value)
    return model


def ask(model: TableModel, start: int, count: int, column: str | None = None, **more: Any) -> dict[str, Any]:
    sorting = None if column is None else {"column": column, "descending": more.pop("descending", False)}
    return model.answer({"start": start, "count": count, "sorting": sorting, **more})


def numbers(length: int) -> dict[str, Any]:
    return {
        "n": np.arange(length),
        "half": np.arange(length) / 2,
        "name": [f"row {at}" for at in range(length)],
    }


def test_the_head_has_columns_and_first_rows() -> None:
    model = shown(
        numbers(200),
        columns=["name", "half"],
        headings={"half": "Half"},
        formats={"half": "{:.2f} kg"},
        widths={"name": "20rem"},
    )
    assert model.head["columns"] == [
        {"name": "name", "heading": "name", "number": False, "length": 7, "width": "20rem"},
        {"name": "half", "heading": "Half", "number": True, "length": 8, "width": ""},
    ]
    assert (model.head["total"], len(model.head["rows"]), model.head["ids"]) == (200, FIRST, None)
    assert model.head["rows"][3] == ["row 3", "1.50 kg"]


def test_pages_ask_for_rows_in_an_order() -> None:
    model = shown(numbers(200))
    assert ask(model, 150, 2)["rows"] == [["150", "75", "row 150"], ["151", "75.5", "row 151"]]
    answer = ask(model, 0, 2, "n", descending=True)
    assert (answer["positions"], answer["rows"][0]) == ([199, 198], ["199", "99.5", "row 199"])
    assert ask(model, 199, 50)["positions"] == [199]
    assert ask(model, 500, 50)["rows"] == []
    # The column is gone meanwhile: the page hears of that by itself.
    assert ask(model, 0, 1, "gone")["positions"] == [0]


def test_a_page_gets_places_of_all_rows_and_cells_of_some() -> None:
    model = shown(numbers(5000))
    assert len(ask(model, 0, 5000)["rows"]) == 1000
    places = ask(model, 0, 5000, cells=False)
    assert (len(places["positions"]), places["rows"]) == (5000, [])


def test_rows_may_have_ids() -> None:
    model = shown([{"id": "x", "n": 1}, {"id": None, "n": 2}], columns=["n"], row_id="id")
    assert model.head["ids"] == ["x", None]
    assert ask(model, 0, 9, "n", descending=True)["ids"] == [None, "x"]
    assert model.row("x") == {"id": "x", "n": 1}
    assert model.row("gone") is None
    places = shown(numbers(3))
    assert (places.row(2), places.row(3), places.row("2")) == (
        {"n": 2, "half": 1.0, "name": "row 2"},
        None,
        None,
    )


def test_selecting_all_rows_looks_at_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    length, read = 500, list[int]()
    model = shown(numbers(length), row_id="name")
    value = Rows.value
    monkeypatch.setattr(Rows, "value", lambda self, name, at: read.append(at) or value(self, name, at))
    ids = [f"row {at}" for at in reversed(range(length))]
    assert [row["n"] for row in model.chosen(ids)] == list(reversed(range(length)))
    assert len(read) <= length * 4  # once for its id, and its three columns


def test_no_more_rows_are_chosen_than_there_are() -> None:
    model = shown([{"id": "x"}, {"id": "x"}, {"id": "y"}], row_id="id")
    assert model.chosen(["gone", ["y"], "y", *["x"] * 9]) == [{"id": "y"}, {"id": "x"}, {"id": "x"}]


def test_one_changed_cell_is_sent_by_itself() -> None:
    frame = pd.DataFrame(numbers(1000))
    model = shown(frame)
    head = model.head
    for step in range(40):
        frame.loc[500 + step, "half"] = -1.0
        model.show(frame)
        assert model.changes[-1] == {"version": 2 + step, "cells": [[500 + step, 1, "-1"]]}
        assert len(pack(model.changes)) < 1000
    assert model.head is head
    assert ask(model, 500, 1)["version"] == 41


def test_what_is_the_same_is_no_new_version() -> None:
    model = shown(numbers(100))
    model.show(numbers(100))
    assert (model.changes, ask(model, 0, 1)["version"]) == ([], 1)


def test_a_change_of_a_column_that_is_not_shown_is_a_version_without_cells() -> None:
    model = shown([{"a": 1, "b": 1}], columns=["a"])
    model.show([{"a": 1, "b": 2}])
    assert model.changes == [{"version": 2, "cells": []}]


def test_many_changes_are_a_new_table() -> None:
    model = shown(numbers(100))
    model.show({**numbers(100), "half": np.zeros(100)})
    assert (model.head["version"], model.changes) == (2, [])
    model.show(numbers(101))
    assert model.head["total"] == 101


def test_a_table_that_is_wrong_changes_nothing() -> None:
    model = shown([{"a": 1}], columns=["a"])
    with pytest.raises(ValueError, match="have no column 'a'; they have b"):
        model.show([{"b": 1}])
    with pytest.raises(ValueError, match="have no column 'id'"):
        shown([{"a": 1}], row_id="id")
    assert (model.head["rows"], model.head["version"]) == ([["1"]], 1)


def test_columns_stay_where_there_are_no_rows() -> None:
    assert [column["name"] for column in shown([], columns=["a", "b"]).head["columns"]] == ["a", "b"]


@pytest.mark.parametrize(
    "question",
    [
        None,
        {"start": 0},
        {"start": -1, "count": 1, "sorting": None},
        {"start": "0", "count": 1, "sorting": None},
        {"start": 0, "count": 1, "sorting": "a"},
        {"start": 0, "count": 1, "sorting": {"column": 1, "descending": True}},
    ],
)
def test_odd_questions_are_refused(question: Any) -> None:
    with pytest.raises(ValueError, match="a table is"):
        shown(numbers(3)).answer(question)
