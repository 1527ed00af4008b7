"""Each type of the table in docs/client.md, through a real page: `v_model`, an argument of a trigger, its result."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from jupyter_trame.errors import SerializationError
from jupyter_trame.protocol.packing import pack
from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.servers import isolated_environment, running, wait_until
from tests.e2e.types.rows import REFUSED, SENT
from tests.e2e.types.table import PAGE, between, table
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]

DESCRIBE = """(value, several) => {
    const kind = (v) => {
        if (v === null) return "null";
        if (typeof v === "bigint") return "BigInt";
        if (typeof v !== "object") return typeof v;
        if (Array.isArray(v)) return "array";
        if (v.dtype) return `{dtype, shape, data: ${v.data.constructor.name}}`;
        const name = v.constructor.name;
        return name === "Object" ? "object" : name;
    };
    return several ? [...new Set(value.map(kind))].join() : kind(value);
}"""
"""What the table calls a value; `several`: what it calls each of its items."""


CELL = f"""\
%load_ext jupyter_trame
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.e2e.types.app import build, server
build()
server
"""


def exchange(view: View) -> None:
    """Each value has arrived, comes back by `v_model`, and goes to and fro with a call."""
    view.find(".give").click()
    app = view.find(".give").element_handle()

    def ask(expression: str, *args: Any) -> Any:
        return app.evaluate(f"async ({{app}}, args) => {expression}", list(args))

    for index, row in enumerate(SENT):
        several = isinstance(row.value, list)
        described = f"({DESCRIBE})(app.state.state['value{index}'], args[0])"
        assert ask(described, several) == row.page, row.what
        view.find(f".select{index}").select_option(index=0)

        def told(index: int = index) -> str:
            return str(ask("await app.trigger('back', args)", index))

        wait_until(lambda told=told: told() == "" or None, f"{row.what}: {told()}")
        echo = f"await app.trigger('echo', [args[1], app.state.state['value{index}']])"
        assert ask(f"({DESCRIBE})({echo}, args[0])", several, index) == row.page, row.what
    big = next(index for index, row in enumerate(SENT) if row.page == "BigInt")
    expect(view.find(f".text{big}")).to_contain_text("18446744073709551615")
    assert view.find(".jt-error-message").count() == 0


def test_each_type_goes_through_a_page_and_back(make_page: MakePage, tmp_path: Path) -> None:
    log, port = tmp_path / "app.log", free_port()
    command = [sys.executable, "-m", "tests.e2e.types.app", str(port)]
    with running(command, f"http://localhost:{port}/", log, isolated_environment(tmp_path), ROOT):
        address = wait_until(
            lambda: re.search(r"http://localhost:\S+", log.read_text()), "the address"
        ).group()
        page, _watch = make_page(None)
        page.goto(address)
        view = View(page.locator(HOST))
        view.expect_live("websocket")
        exchange(view)


@pytest.mark.parametrize(
    ("fixture", "way"), [("lab", "websocket"), pytest.param("bare_lab", "comm", marks=pytest.mark.long)]
)
def test_each_type_goes_through_a_cell_and_back(
    fixture: str, way: str, request: pytest.FixtureRequest
) -> None:
    lab: Lab = request.getfixturevalue(fixture)
    lab.open_cells([CELL])
    lab.run_all()
    view = lab.inline_view()
    view.expect_live(way)
    exchange(view)


@pytest.mark.parametrize(("what", "values", "advice"), REFUSED, ids=[what for what, _, _ in REFUSED])
def test_what_is_refused_says_what_to_send_instead(what: str, values: Any, advice: str) -> None:
    words = {"another name": "rename it", "its fields, one by one": "send its fields one by one"}.get(
        advice, advice
    )
    for value in values if isinstance(values, list) else [values]:
        with pytest.raises(SerializationError) as caught:
            pack([value], "key")
        assert words in str(caught.value), what


def test_the_page_has_the_table() -> None:
    written = between(PAGE.read_text("utf-8"))[1]
    assert written == table(), "run python -m tests.e2e.types.table"
