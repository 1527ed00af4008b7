"""Trame's own Jupyter bridge, played by hand, with a real kernel."""

import itertools
import uuid
from typing import Any

import pytest

from jupyter_trame.protocol import unpack
from jupyter_trame.protocol.chunking import Assembler, split
from jupyter_trame.protocol.envelope import pack_request
from tests.kernel.support import Kernel

APP = """
server = Server({name!r})
server.state.n = 1
@server.change("n")
def on_n(n, **_):
    server.state.twice = 2 * n
server.start()
"""


class Bridge:
    """One page: a comm for all servers of the kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.comm_id = uuid.uuid4().hex
        self.messages: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.chunks: list[int] = []
        self._assemblers: dict[tuple[str, str], Assembler] = {}
        self._ids = itertools.count(1)
        self._read = len(kernel.comm_messages)
        self._send("comm_open", {"target_name": "wslink_comm", "data": {}})

    def close(self) -> None:
        self._send("comm_close", {"data": {}})

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        session = self.kernel.client.session
        message = session.msg(kind, {"comm_id": self.comm_id, **content})
        session.send(self.kernel.client.shell_channel.socket, message)

    def request(
        self,
        server: str,
        client: str,
        method: str,
        *args: Any,
        request_id: str = "rpc:x:1",
        limit: int = 1 << 20,
    ) -> None:
        payload = pack_request(request_id, method, args)
        for frame in split([payload], next(self._ids), limit):
            self.kernel.send_comm(self.comm_id, {"server": server, "client": client}, [frame])

    def answer(self, server: str, client: str, request_id: str) -> Any:
        """The result of a request."""

        def find() -> Any:
            self.take()
            return [m for m in self.messages.get((server, client), []) if m["id"] == request_id]

        return self.kernel.until(find)[0]

    def hello(self, server: str, client: str = "0") -> Any:
        self.request(server, client, "wslink.hello", {"secret": "wslink-secret"}, request_id="system:c0:0")
        return self.answer(server, client, "system:c0:0")

    def pushed(self, server: str, client: str = "0") -> dict[str, Any]:
        self.take()
        state: dict[str, Any] = {}
        for message in self.messages.get((server, client), []):
            if message["id"] == "publish:trame.state.topic:0":
                state |= message["result"]
        return state

    def take(self) -> None:
        new = self.kernel.comm_messages[self._read :]
        self._read += len(new)
        for message in new:
            content = message["content"]
            if content["comm_id"] != self.comm_id or message["msg_type"] != "comm_msg":
                continue
            key = (content["data"]["server"], content["data"]["client"])
            self.chunks.append(len(message["buffers"]))
            assembler = self._assemblers.setdefault(key, Assembler(1 << 30, 4))
            for buffer in message["buffers"]:
                payload = assembler.feed(bytes(buffer))
                if payload is not None:
                    self.messages.setdefault(key, []).append(unpack(payload))


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
    assert kernel.value("len(server._runtime.primary.clients)") == 1
    new = Bridge(kernel)
    first = new.hello(app)["result"]["clientID"]
    assert kernel.value("server._runtime.primary.clients") == [first]
    new.close()
    kernel.until(lambda: kernel.value("len(server._runtime.primary.clients)") == 0)


def test_the_next_life_of_a_server_is_found_by_its_name(kernel: Kernel, app: str) -> None:
    bridge = Bridge(kernel)
    first = bridge.hello(app)["result"]["clientID"]
    kernel.run(APP.format(name=app))
    assert bridge.hello(app, "1")["result"]["clientID"] != first
