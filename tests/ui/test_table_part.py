"""A table between its app and its pages."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_trame import Server, ui
from jupyter_trame.testing.blocking import BlockingClient

Launch = Callable[..., Any]
HEAD, CHANGES, ASK = "trame__table__rows_head", "trame__table__rows_changes", "trame__table__rows"
STATUS = "trame__table__rows_status"


def frame(length: int) -> pd.DataFrame:
    return pd.DataFrame({"n": np.arange(length), "name": [f"row {at}" for at in range(length)]})


def table(*args: Any, **kwargs: Any) -> Callable[[Server], None]:
    def app(server: Server) -> None:
        with ui.app(server):
            ui.table(*args, **kwargs)

    return app


def rows(client: BlockingClient, start: int, count: int, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.trigger(ASK, {"start": start, "count": count, "sorting": None, **more})
    return answer


def test_pages_have_the_first_rows_and_ask_for_others(trame: Launch) -> None:
    with trame(table("rows", frame(1000))) as session:
        client = session.client()
        head = client.state[HEAD]
        assert (head["total"], len(head["rows"]), head["rows"][1]) == (1000, 50, ["1", "row 1"])
        assert client.state["rows"] is None
        assert rows(client, 999, 50)["rows"] == [["999", "row 999"]]
        by_n = {"column": "n", "descending": True}
        assert rows(client, 0, 1, sorting=by_n)["positions"] == [999]


def test_the_rows_are_a_key_as_any_other(trame: Launch) -> None:
    with trame(table("rows", label="Cars")) as session:
        client = session.client()
        assert client.state[HEAD]["total"] == 0
        session.set(rows=[{"a": 1}, {"a": 2}])
        session.converge()
        assert client.state[HEAD]["rows"] == [["1"], ["2"]]
        with session.state as state:
            state.rows[1]["a"] = 3
        session.converge()
        assert client.state[CHANGES] == [{"version": 3, "cells": [[1, 0, "3"]]}]
        assert client.state[HEAD]["rows"] == [["1"], ["2"]]


def test_what_is_changed_within_a_row_is_shown(trame: Launch) -> None:
    with trame(table("rows", [{"tags": ["a"], "n": 1}])) as session:
        client = session.client()
        with session.state as state:
            state.rows[0]["tags"].append("x")
        session.converge()
        assert client.state[CHANGES][-1]["cells"] == [[0, 0, "['a', 'x']"]]


def test_a_frame_that_was_changed_in_place_is_told_of(trame: Launch) -> None:
    cars = frame(1000)
    with trame(table("rows", cars)) as session:
        client = session.client()
        cars.loc[700, "name"] = "new"
        with session.state as state:
            state.dirty("rows")
        session.converge()
        assert client.state[CHANGES] == [{"version": 2, "cells": [[700, 1, "new"]]}]


def test_rows_may_come_of_a_function_of_keys(trame: Launch) -> None:
    cars = frame(100)

    def app(server: Server) -> None:
        with ui.app(server):
            ui.table("rows", lambda least: cars[cars.n >= least])
            ui.slider("least", 0, 100, value=90)

    with trame(app) as session:
        client = session.client()
        session.until(lambda: session.state.rows is not None)
        assert client.state[HEAD]["total"] == 10
        client.set(least=98)
        session.until(lambda: client.state[HEAD]["total"] == 2)
        assert list(session.state.rows.n) == [98, 99]


def limited(level: int) -> pd.DataFrame:
    if level > 5:
        raise ValueError("the level is too high")
    return frame(level)


def test_what_a_function_of_rows_raises_is_shown_in_its_place(trame: Launch) -> None:
    def app(server: Server) -> None:
        server.state.level = 3
        with ui.app(server):
            ui.table("rows", limited)

    with trame(app) as session:
        client = session.client()
        with session.errors.expect("ValueError: the level is too high") as told:
            client.set(level=8)
            client.until(lambda state: state[STATUS]["error"])
        assert client.state[STATUS]["error"]["message"] == "ValueError: the level is too high"
        assert [(error.where, error.in_place) for error in told] == [("table rows", True)]
        assert client.state[HEAD]["total"] == 3, "as it was"
        client.set(level=3)  # the same rows as before
        client.until(lambda state: state[STATUS]["error"] is None)


def test_rows_that_are_none_are_told_in_the_place_of_the_table(trame: Launch) -> None:
    with trame(table("rows", frame(3))) as session:
        client = session.client()
        with session.errors.expect("TypeError: the rows of a table are"):
            session.set(rows=5)
            client.until(lambda state: state[STATUS]["error"])
        session.set(rows=frame(4))
        client.until(lambda state: state[HEAD]["total"] == 4)
        assert client.state[STATUS]["error"] is None


def test_outputs_wait_for_the_rows_of_a_table_that_has_failed(trame: Launch) -> None:
    def app(server: Server) -> None:
        server.state.level = 8
        with ui.app(server):
            ui.table("rows", limited)
            ui.output(lambda rows: f"{len(rows)} rows")

    with trame(table("others")) as session:
        client = session.client()
        with session.errors.expect("the level is too high"):
            app(session.server)
            client.until(lambda state: state["trame__output__output__status"] and state[STATUS]["error"])
        assert client.state[STATUS]["error"]["message"] == "ValueError: the level is too high"
        assert client.state["trame__output__output__status"]["error"] is None
        client.set(level=2)
        client.until(lambda state: state["trame__output__output"] == "2 rows")


def test_who_selects_and_opens_is_given_the_rows(trame: Launch) -> None:
    heard: list[Any] = []

    def app(server: Server) -> None:
        with ui.app(server):
            ui.table(
                "rows", frame(9), selected="picked", many=True, on_select=heard.append, on_open=heard.append
            )

    with trame(app) as session:
        assert session.state.picked == []
        grid = session.client().find("JtTable")
        grid.fire("update:selected", [2, 4, 99])
        grid.fire("select", [2, 4, 99])
        assert session.state.picked == [2, 4, 99]
        grid.fire("open", 1)
        assert heard == [[{"n": 2, "name": "row 2"}, {"n": 4, "name": "row 4"}], {"n": 1, "name": "row 1"}]


def test_who_selects_one_row_is_given_it_or_none(trame: Launch) -> None:
    heard: list[Any] = []
    with trame(table("rows", frame(9), row_id="name", on_select=heard.append)) as session:
        grid = session.client().find("JtTable")
        grid.fire("select", "row 3")
        grid.fire("select", None)
        assert heard == [{"n": 3, "name": "row 3"}, None]


def test_who_takes_no_row_hears_that_there_is_one(trame: Launch) -> None:
    heard: list[str] = []

    def app(server: Server) -> None:
        with ui.app(server):
            ui.table(
                "rows",
                frame(9),
                many=True,
                on_select=lambda: heard.append("select"),
                on_open=lambda: heard.append("open"),
            )

    with trame(app) as session:
        grid = session.client().find("JtTable")
        grid.fire("select", [1])
        grid.fire("open", 1)
        assert heard == ["select", "open"]


def test_rows_come_while_the_app_is_busy(trame: Launch) -> None:
    with trame(table("rows", frame(100))) as session:
        assert session.server.controller.trigger_is_concurrent(ASK)
        found: list[Any] = []
        answer = session.server.controller.trigger_fn(ASK)
        question = {"start": 99, "count": 1, "sorting": None}
        thread = threading.Thread(target=lambda: found.append(answer(question)))
        thread.start()
        thread.join()
        assert found[0]["rows"] == [["99", "row 99"]]


def test_a_table_that_is_gone_leaves_its_key_as_it_was(trame: Launch) -> None:
    def app(server: Server) -> None:
        with ui.app(server):
            ui.table("rows", [{"n": 1}])

    with trame(app) as session:
        client = session.client()
        assert client.state["rows"] is None
        with session.server.state, ui.app(session.server):
            pass
        client.until(lambda state: state["rows"] == [{"n": 1}])
        assert not any(session.server.state._change_callbacks["rows"])


def test_each_table_of_a_server_has_its_own_rows(trame: Launch) -> None:
    def app(server: Server) -> None:
        with ui.app(server):
            ui.table("rows", frame(9), columns=["n"])
            ui.table("rows", columns=["name"])

    with trame(app) as session:
        state = session.client().state
        assert [state[f"trame__table__rows{more}_head"]["rows"][0] for more in ("", "_2")] == [
            ["0"],
            ["row 0"],
        ]


def test_mistakes_are_told_where_the_table_is_made() -> None:
    with ui.app("table"):
        with pytest.raises(
            TypeError, match="the name of a key of the state first, as in 'power', not DataFrame"
        ):
            ui.table(frame(3))
        with pytest.raises(ValueError, match=r"^the rows of the table 'rows' have no column 'nam'"):
            ui.table("rows", frame(3), columns=["nam"])
        with pytest.raises(TypeError, match="are a list of dicts"):
            ui.table("others", 3)


def test_errors_of_a_choice_name_the_function_and_the_table() -> None:
    def pick(row: object) -> None: ...

    with ui.app("table") as app:
        ui.table("rows", frame(3), on_select=pick)
    name = app.state.trame__template_main.partition("@select=\"trigger('")[2].partition("'")[0]
    assert app.controller.trigger_fn(name).__qualname__ == "pick of table rows"


def test_sizes_are_pixels_or_css() -> None:
    with ui.app("table") as app:
        ui.table("rows", frame(3), height=100, widths={"n": 60, "name": "5rem"})
        with pytest.raises(TypeError, match=r"^height= of ui\.table is a number of pixels, or .*, not \[1\]"):
            ui.table("others", frame(3), height=[1])  # type: ignore[arg-type]
    assert 'height="100px"' in app.state.trame__template_main
    assert [column["width"] for column in app.state[HEAD]["columns"]] == ["60px", "5rem"]


def test_a_child_server_names_its_own_keys(trame: Launch) -> None:
    def app(server: Server) -> None:
        with ui.app(server.create_child_server(prefix="left_")):
            ui.table("rows", frame(9), selected="picked")

    with trame(app) as session:
        assert session.client().state["trame__left_table__rows_head"]["total"] == 9
        assert session.state.left_rows is not None
        assert session.state.has("left_picked")


def test_an_interface_that_is_built_again_ends_what_it_had(trame: Launch) -> None:
    calls: list[int] = []

    def source(least: int = 0) -> pd.DataFrame:
        calls.append(least)
        return frame(9)

    app = table("rows", source)
    with trame(app) as session:
        app(session.server)
        client = session.client()
        client.until(lambda state: state[HEAD]["total"] == 9)
        before = len(calls)
        session.set(least=3)
        client.until(lambda _: len(calls) > before)
        assert calls[before:] == [3]
        assert rows(client, 8, 1)["rows"] == [["8", "row 8"]]


@pytest.mark.parametrize("is_above", [True, False])
def test_a_function_of_rows_runs_once_at_the_start(trame: Launch, is_above: bool) -> None:
    calls: list[int] = []

    def source(least: int) -> pd.DataFrame:
        calls.append(least)
        return frame(least)

    def app(server: Server) -> None:
        with ui.app(server):
            if is_above:
                ui.slider("least", 3, 9)
            ui.table("rows", source)
            if not is_above:
                ui.slider("least", 3, 9)

    with trame(app) as session:
        client = session.client()
        client.until(lambda state: state[HEAD]["total"] == 3)
        client.set(least=5)
        client.until(lambda state: state[HEAD]["total"] == 5)
        assert calls == [3, 5]
