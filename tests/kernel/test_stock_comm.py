"""Trame's own Jupyter bridge, played by hand, with a real kernel."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.kernel.stock_comm import StockComm
from jupyter_trame.transports.pace import MessageRate
from tests.kernel.bridge import Bridge
from tests.kernel.page import FLOOD
from tests.kernel.support import Kernel
from tests.support import RUNTIME

APP = """
server = Server({name!r})
server.state.n = 1
@server.change("n")
def on_n(n, **_):
    server.state.twice = 2 * n
server.start()
"""


@pytest.fixture
def app(kernel: Kernel) -> str:
    kernel.run(APP.format(name="stocked"))
    return "stocked"


def test_a_stock_page_talks_to_a_server(kernel: Kernel, app: str) -> None:
    bridge = Bridge(kernel)
    assert bridge.hello(app)["result"]["clientID"].startswith("c")
    bridge.request(app, "0", "trame.state.get", request_id="rpc:x:1")
    assert bridge.answer(app, "0", "rpc:x:1")["result"]["state"]["twice"] == 2
    bridge.request(app, "0", "trame.state.update", [{"key": "n", "value": 4}], request_id="rpc:x:2")
    assert bridge.answer(app, "0", "rpc:x:2")["result"] is None
    kernel.until(lambda: bridge.pushed(app).get("twice") == 8)
    kernel.run("server.state.n = 5\nserver.state.flush()")
    kernel.until(lambda: bridge.pushed(app).get("twice") == 10)
    assert set(bridge.chunks) == {1}, "one chunk a message"


def test_a_flood_of_writes_is_sixty_messages_a_second(kernel: Kernel, app: str) -> None:
    bridge = Bridge(kernel)
    bridge.hello(app)
    before = kernel.published
    took = float(kernel.run(FLOOD).stream)
    kernel.until(lambda: bridge.pushed(app).get("step") == 20_000)
    assert kernel.published - before <= 60 * took + 20


def test_chunks_are_joined(kernel: Kernel, app: str) -> None:
    bridge = Bridge(kernel)
    bridge.hello(app)
    entry = {"key": "text", "value": "x" * 10_000}
    bridge.request(app, "0", "trame.state.update", [entry], request_id="rpc:x:2", limit=1000)
    bridge.answer(app, "0", "rpc:x:2")
    assert kernel.value("len(server.state.text)") == 10_000


def test_messages_go_to_the_server_and_the_client_that_they_name(kernel: Kernel, app: str) -> None:
    kernel.run(APP.format(name="other stocked"))
    bridge = Bridge(kernel)
    names = [(app, "0"), (app, "1"), ("other stocked", "0")]
    ids = [bridge.hello(*name)["result"]["clientID"] for name in names]
    assert len(set(ids)) == 3
    bridge.request("nobody", "0", "wslink.hello", {"secret": "x"}, request_id="system:c0:0")
    bridge.request("other stocked", "0", "trame.state.get")
    assert bridge.answer("other stocked", "0", "rpc:x:1")["result"]["name"] == "other stocked"
    assert {key for key, _ in bridge.messages.items()} == set(names)


def test_who_has_not_said_hello_gets_nothing(kernel: Kernel, app: str) -> None:
    bridge = Bridge(kernel)
    bridge.request(app, "0", "trame.state.get")
    assert bridge.answer(app, "0", "rpc:x:1")["error"]["code"] == -32000


def test_a_page_that_opens_takes_the_place_of_the_one_before(kernel: Kernel, app: str) -> None:
    kernel.run(APP.format(name=app))
    old = Bridge(kernel)
    old.hello(app)
    assert kernel.value(f"len({RUNTIME}.primary.clients)") == 1
    new = Bridge(kernel)
    first = new.hello(app)["result"]["clientID"]
    assert kernel.value(f"{RUNTIME}.primary.clients") == [first]
    new.close()
    kernel.until(lambda: kernel.value(f"len({RUNTIME}.primary.clients)") == 0)


def test_the_next_life_of_a_server_is_found_by_its_name(kernel: Kernel, app: str) -> None:
    bridge = Bridge(kernel)
    first = bridge.hello(app)["result"]["clientID"]
    kernel.run(APP.format(name=app))
    assert bridge.hello(app, "1")["result"]["clientID"] != first


def test_a_page_that_outlives_the_extension_is_not_heard() -> None:
    class Channel:
        def on_msg(self, callback: Callable[[Any], object]) -> None:
            self.message = callback

        def on_close(self, callback: Callable[[Any], object]) -> None:
            self.close = callback

    loop = asyncio.new_event_loop()
    channel = Channel()
    StockComm(loop, MessageRate(loop), lambda *_: None)._on_open(channel, {})
    loop.close()
    channel.message({"content": {"data": {"server": "app", "client": 0}}, "buffers": [b"chunk"]})
    channel.close({})
