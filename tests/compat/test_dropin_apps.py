"""Ten programs written for trame, unchanged, driven over the wire: on trame's own server and on this one."""

import re
from collections.abc import Iterator

import pytest

from tests.compat.support import APPS, OURS, TRAME, Program, RpcError, Wire, post, served, started


@pytest.fixture(params=[pytest.param(TRAME, id="trame"), pytest.param(OURS, id="ours")])
def runner(request: pytest.FixtureRequest) -> list[str]:
    found: list[str] = request.param
    return found


@pytest.fixture
def program(request: pytest.FixtureRequest, runner: list[str]) -> Iterator[Program]:
    """The app that the test is named after."""
    with served(runner, request.node.originalname.removeprefix("test_")) as program:
        yield program


@pytest.fixture
def wire(program: Program) -> Iterator[Wire]:
    with Wire(program.port) as wire:
        yield wire


def test_counter(program: Program, wire: Wire) -> None:
    assert wire.state["trame__title"] == "Counter"
    assert (wire.state["count"], wire.state["double"]) == (5, 10)
    with Wire(program.port) as other:
        wire.write(count=7)
        wire.expect(double=14)
        other.expect(count=7, double=14)
        other.trigger(other.clicked("plus"))
        wire.expect(count=8, double=16)
    assert wire.trigger("reset_to", 10, step=2) == {"was_set_to": 20}
    wire.expect(count=20, double=40)
    assert wire.trigger("nobody") is None
    assert b"<html" in program.fetch("index.html")[2]


def test_vuetify(program: Program, wire: Wire) -> None:
    assert wire.state["summary"] == "40 x green"
    assert wire.state["main_drawer"] is True
    assert len(wire.state["trame__vue_use"]) == 1
    for script in wire.state["trame__scripts"]:
        status, kind, body = program.fetch(script)
        assert status == 200
        assert kind in {"application/javascript", "text/javascript"}
        assert len(body) > 1000
    for style in wire.state["trame__styles"]:
        assert program.fetch(style)[:2] == (200, "text/css")
    wire.write(amount=55, bold=True)
    wire.expect(summary="55 x green!")
    wire.trigger(wire.clicked("reset"))
    wire.expect(amount=20, color="red", bold=False, summary="20 x red")


def test_routes(wire: Wire) -> None:
    assert [route["path"] for route in wire.state["trame__routes"]] == ["/", "/foo", "/bar/:id"]
    assert wire.state["trame__route_mode"] == "hash"
    assert "$route.params.id" in wire.state["trame__template__bar__id___default"]
    name = re.search(r"trigger\('([^']+)'\)", wire.state["trame__template__foo___default"])
    assert name is not None
    wire.trigger(name[1])
    wire.expect(visits=1)


def test_notes(program: Program, wire: Wire) -> None:
    assert wire.state["words"] == 9
    wire.write(text="just three words")
    wire.expect(words=3)
    assert all(program.fetch(script)[0] == 200 for script in wire.state["trame__scripts"])


def test_plot(wire: Wire) -> None:
    (key,) = [key for key in wire.state if key.startswith("trame__plotly")]
    assert wire.state[key]["layout"]["title"]["text"] == "4 squares"
    wire.write(n=8)
    wire.until(lambda: wire.state[key]["layout"]["title"]["text"] == "8 squares")
    found = re.search(r"@Click=\"trigger\('([^']+)'", wire.state["trame__template_main"])
    assert found is not None
    wire.trigger(found[1], {"points": [{"x": 2}]})
    wire.expect(clicked={"points": [{"x": 2}]})


def test_upload(program: Program, wire: Wire) -> None:
    file = {"name": "a.txt", "size": 5, "type": "text/plain", "lastModified": 1, "error": None}
    with Wire(program.port) as other:
        wire.write(file={**file, "content": b"banana", "_filter": ["content"]})
        wire.expect(report="a.txt: 5 bytes, 3 a, text/plain")
        other.expect(file={**file, "_filter": ["content"]})
    assert wire.trigger("download") == b"\x00\x01binary\xff"


def test_life_cycle(program: Program) -> None:
    wire = Wire(program.port)
    program.until(lambda: "client connected" in program.life, "client connected")
    with pytest.raises(RpcError, match="as it should"):
        wire.trigger(wire.clicked("fail"))
    wire.call("trame.error.client", "from the page")
    wire.call("trame.lifecycle.update", "client_exited")
    wire.write(count=3)
    wire.tell("trame.trigger", wire.clicked("stop"), [], {})
    assert wire.wait_closed() == (1001, "Server shutdown")
    wire.close()
    assert program.wait() == 0
    assert program.life == [
        "main ['--server', '--port', '0', '--host', '127.0.0.1']",
        "start life 0 False",
        "bind True",
        "ready 0 True True",
        "ready task",
        "client connected",
        "exception ValueError as it should",
        "error from the page",
        "client exited",
        "server exited 3",
        "after",
    ]
    assert program.search(r"SERVER_PORT: (\d+)")[1] == str(program.port)


def test_children(wire: Wire) -> None:
    wire.expect(left_value=1, right_value=1, left_square=1, right_square=1, left_unit="m")
    assert "right_unit" not in wire.state
    assert "left_value" in wire.state["left_ready_with"], "life-cycle callbacks get the root's names"
    wire.write(left_value=4)
    wire.expect(left_square=16, right_square=1)
    assert wire.trigger("grow_both") == [14, 21]
    wire.expect(left_square=196, right_square=441)
    template = wire.state["trame__template_main"]
    assert "{{ left_value }}{{ left_unit }}, squared {{ left_square }}" in template
    assert "{{ right_value }}{{ left_unit }}, squared {{ right_square }}" in template


def test_measurements(program: Program, wire: Wire) -> None:
    assert wire.call("lab.add", 1, b=2) == 3
    assert wire.call("lab.add.later", 1, 2) == 3
    assert wire.call("lab.bytes", b"\x01\x02\x03") == {"reversed": b"\x03\x02\x01", "size": 3}
    assert wire.call("lab.shared") == {"symbol": "µm"}
    assert wire.trigger("in_process") == [3, 7, None]
    with Wire(program.port) as other:
        assert other.call("lab.clients") == 2
        wire.call("lab.start", 3)
        assert wire.expect_published("lab.tick", 3) == [[3], [2], [1]]
        assert other.expect_published("lab.started") == [{"count": 3, "raw": b"\x01\x02"}]
    with pytest.raises(RpcError, match="no such measurement") as raised:
        wire.call("lab.fail")
    error = raised.value.args[0]
    assert (error["code"], error["message"]) == (-32001, "Exception raised")
    assert "in fail" in error["data"]["trace"]
    with pytest.raises(RpcError, match=r"lab\.tick"):
        wire.call("lab.tick", 1)


def test_web_routes(program: Program, wire: Wire) -> None:
    assert post(program, "api/add", {"amount": 5}) == {"received": 5}
    wire.expect(received=5)
    assert program.fetch("api/hello/you")[2] == b"hello you"
    assert b"add_routes" in program.fetch("sources/web_routes.py")[2]
    assert program.fetch("")[0] == 200


def test_two_servers_of_one_loop(runner: list[str]) -> None:
    with started(runner, APPS / "two_servers.py") as program:
        ports = {int(program.search(rf"{name} at (\d+)")[1]) for name in ("first", "second")}
        assert len(ports) == 2
        for port in ports:
            with Wire(port) as wire:
                wire.trigger("leave")
        assert program.wait() == 0, program.output
        assert "both have ended" in program.output
