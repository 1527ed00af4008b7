"""What a client sends while a cell runs takes little memory in the Jupyter server and in the kernel, real processes."""

import itertools
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from jupyter_trame.errors import BusyError
from jupyter_trame.protocol.chunking import Assembler, split
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.packing import unpack
from tests.e2e.servers import TOKEN, JupyterServer, jupyter_server, wait_until

pytestmark = pytest.mark.timeout(300)

ROOM = 64 << 20
"""Bytes by which a process may grow."""

APP = """
import asyncio
from jupyter_trame import Server
server = Server("floods")
seen = []
counts = {"calls": 0, "rings": 0}

@server.state.change("big", "small", "a", "b")
def note(**_):
    seen.append(1)

@server.trigger("count")
def count(*_):
    counts["calls"] += 1

@server.trigger("never")
async def never():
    counts["calls"] += 1
    await asyncio.Event().wait()

@server.trigger("ring", concurrent=True)
def ring(*_):
    counts["rings"] += 1
    server.state.rung = counts["rings"]
    server.state.flush()

server.state.update({"big": None, "small": 0, "a": 0, "b": 0, "rung": 0})
server.start()
"""

BUSY = """
import time
from pathlib import Path
Path({gate!r} + "-reached").touch()
while not Path({gate!r}).exists():
    time.sleep(0.01)
"""


class App:
    """A kernel of a real Jupyter server in which `APP` runs."""

    def __init__(self, server: JupyterServer, folder: Path) -> None:
        self.server = server
        self.connections = ExitStack()
        self.gate = folder / "gate"
        self.id = str(server.api("kernels", "POST")["id"])
        self._channel = self.open(f"api/kernels/{self.id}/channels")
        self.run(APP)
        self.pids = [int(self.run("import os; print(os.getppid())")), int(self.run("print(os.getpid())"))]
        self._before = [0, 0]

    def open(self, path: str) -> ClientConnection:
        url = f"ws{self.server.url[4:]}{path}"
        opened = connect(url, additional_headers={"Authorization": f"token {TOKEN}"}, max_size=None)
        return self.connections.enter_context(opened)

    def start(self, code: str) -> str:
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": "s"}
        header |= {"username": "", "version": "5.3", "date": "2020-01-01T00:00:00Z"}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self._channel.send(json.dumps({**message, "channel": "shell", "buffers": []}))
        return header["msg_id"]

    def finish(self, cell: str) -> str:
        """What `cell` prints, until its end."""
        printed = ""
        while True:
            reply = self._channel.recv(60)
            answer = json.loads(reply) if isinstance(reply, str) else {"parent_header": {}}
            if answer["parent_header"].get("msg_id") != cell:
                continue
            if answer["msg_type"] == "stream":
                printed += answer["content"]["text"]
            assert answer["msg_type"] != "error", "\n".join(answer["content"]["traceback"])
            if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
                return printed

    def run(self, code: str) -> str:
        return self.finish(self.start(code))

    def block(self) -> str:
        """Start a cell that runs until `release`; from here on the processes may grow."""
        self.gate.unlink(missing_ok=True)
        self._before = [memory(pid, "VmRSS") for pid in self.pids]
        for pid in self.pids:
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak starts anew
        cell = self.start(BUSY.format(gate=str(self.gate)))
        wait_until(Path(f"{self.gate}-reached").exists, "the start of the cell")
        return cell

    def release(self, cell: str) -> None:
        self.gate.touch()
        self.finish(cell)

    def growth(self) -> list[int]:
        """By how many bytes the Jupyter server and the kernel grew at most since `block`."""
        return [memory(pid, "VmHWM") - before for pid, before in zip(self.pids, self._before, strict=True)]


class Viewer:
    """A client of ours without a memory: what it sent, it does not keep."""

    def __init__(self, app: App) -> None:
        self.socket = app.open(f"trame/{app.id}/floods/ws")
        self.state: dict[str, Any] = {}
        self.replies: dict[str, dict[str, Any]] = {}
        self.settled = self.number = 0
        self.closed: tuple[int | None, str] | None = None
        self._ids = itertools.count(1)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.request("wslink.hello", {"secret": "", "jt": {"v": 1}}, request_id="system:c0:0")
        self.request("trame.state.get")
        wait_until(lambda: self.state, "the state")

    def request(self, method: str, *args: Any, request_id: str | None = None, jt: Any = None) -> str:
        number = next(self._ids)
        request_id = request_id or f"rpc:x:{number}"
        for frame in split([pack_request(request_id, method, args, jt=jt)], number, 4 << 20):
            self.socket.send(frame)
        return request_id

    def write(self, **values: Any) -> None:
        self.number += 1
        entries = [{"key": key, "value": value} for key, value in values.items()]
        self.request("trame.state.update", entries, jt=self.number)

    def trigger(self, name: str, *args: Any) -> str:
        return self.request("trame.trigger", name, list(args))

    def through(self) -> None:
        """Wait until the Jupyter server has read all that was sent."""
        request = self.request("trame.state.get")
        wait_until(lambda: self.closed or request in self.replies, "an answer of the replica")

    def leave(self) -> None:
        self.socket.close()
        self._reader.join()

    def _read(self) -> None:
        assembler = Assembler(1 << 30, 64)
        try:
            while True:
                payload = assembler.feed(self.socket.recv())  # type: ignore[arg-type]
                if payload is not None:
                    self._take(unpack(payload))
        except ConnectionClosed as error:
            self.closed = (error.rcvd.code, error.rcvd.reason) if error.rcvd else (None, "")

    def _take(self, message: dict[str, Any]) -> None:
        if message["id"] == "publish:jupyter_trame.settled:0":
            self.settled = message["result"]
        elif message["id"] == "publish:trame.state.topic:0":
            self.settled = max([self.settled, *message["jt"][2:]])
            self.state.update(message["result"])
        elif not message["id"].startswith("publish:"):
            self.replies[message["id"]] = message
            if isinstance(message.get("result"), dict) and "state" in message["result"]:
                self.state = dict.fromkeys(message["result"]["state"])


def memory(pid: int, what: str) -> int:
    found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) << 10


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with jupyter_server(tmp_path_factory.mktemp("floods")) as running:
        yield running
        running.shut_kernels_down()


@pytest.fixture
def app(server: JupyterServer, tmp_path: Path) -> Iterator[App]:
    app = App(server, tmp_path)
    with app.connections:
        yield app


@pytest.fixture
def viewer(app: App) -> Iterator[Viewer]:
    viewer = Viewer(app)
    yield viewer
    viewer.leave()


def flood(app: App, viewer: Viewer, send: Callable[[], object]) -> list[int]:
    """Growth of the two processes while a cell runs and `send` sends, and until all of it is settled."""
    cell = app.block()
    send()
    viewer.through()
    held = app.growth()
    app.release(cell)
    wait_until(lambda: viewer.closed or viewer.settled == viewer.number, "the settlement")
    print("growth in MB, while the cell ran and after it:", *(size >> 20 for size in held + app.growth()))
    return app.growth()


def test_large_writes_of_one_key(app: App, viewer: Viewer) -> None:
    def send() -> None:
        for number in range(300):
            viewer.write(big=bytes([number % 256]) * 2_000_000)

    assert max(flood(app, viewer, send)) < ROOM
    assert viewer.closed is None
    assert app.run("print(server.state.big == bytes([299 % 256]) * 2_000_000)") == "True\n"


def test_writes_of_the_size_of_a_frame(app: App, viewer: Viewer) -> None:
    def send() -> None:
        for number in range(100):
            viewer.write(big=bytes([number]) * ((4 << 20) - 200))

    assert max(flood(app, viewer, send)) < ROOM
    assert viewer.closed is None


def test_triggers_beyond_the_bound_are_told_that_the_server_is_busy(app: App, viewer: Viewer) -> None:
    sent: list[str] = []

    def send() -> None:
        sent.extend(viewer.trigger("count", b"x" * 100_000) for _ in range(5800))

    assert max(flood(app, viewer, send)) < ROOM
    assert viewer.closed is None
    wait_until(lambda: all(request in viewer.replies for request in sent), "an answer to each")
    errors = [viewer.replies[request].get("error") for request in sent]
    busy = [error for error in errors if error]
    assert {error["code"] for error in busy} == {BusyError.code}
    assert all("busy" in error["message"] for error in busy)
    assert errors == sorted(errors, key=bool), "those that came first are done"
    assert int(app.run("print(counts['calls'])")) == len(sent) - len(busy) > 50


def test_calls_that_are_never_answered_take_little(app: App, viewer: Viewer) -> None:
    app.release(app.block())
    for _ in range(6000):
        viewer.trigger("never")
    wait_until(lambda: app.run("print(counts['calls'])") == "6000\n", "all calls")
    print("growth in MB:", *(size >> 20 for size in app.growth()))
    assert max(app.growth()) < ROOM
    assert viewer.closed is None


def test_a_long_id_of_a_call_ends_the_connection(app: App, viewer: Viewer) -> None:
    app.release(app.block())
    with suppress(ConnectionClosed):
        for number in range(6000):
            viewer.request("trame.trigger", "never", [], request_id=f"{number:030000}")
    wait_until(lambda: viewer.closed, "the end of the connection")
    assert viewer.closed == (1007, "the id of a request has at most 128 characters, this one has 30000")
    assert max(app.growth()) < ROOM


def test_many_small_writes_in_a_long_cell_close_nothing(app: App, viewer: Viewer) -> None:
    other = Viewer(app)

    def send() -> None:
        for number in range(1, 12_001):
            viewer.write(small=number, **{"ab"[number % 2]: number})

    try:
        assert max(flood(app, viewer, send)) < ROOM
        assert viewer.closed is None is other.closed
        wait_until(lambda: other.state["small"] == 12_000, "the last value at the other viewer")
        assert app.run("print(server.state.small, server.state.a, server.state.b)") == "12000 12000 11999\n"
    finally:
        other.leave()


def test_large_writes_and_calls_in_turn(app: App, viewer: Viewer) -> None:
    def send() -> None:
        for number in range(200):
            viewer.write(big=bytes([number]) * 1_000_000)
            viewer.trigger("count", number)

    assert max(flood(app, viewer, send)) < ROOM
    assert viewer.closed is None


def test_a_concurrent_trigger_is_heard_behind_many_writes(app: App, viewer: Viewer) -> None:
    cell = app.block()
    for number in range(1, 12_001):
        viewer.write(small=number)
    viewer.trigger("ring")
    wait_until(lambda: viewer.state["rung"] == 1, "the concurrent trigger")
    app.release(cell)
    wait_until(lambda: viewer.settled == viewer.number, "the settlement")


def test_writes_that_cannot_join_end_the_connection_and_nothing_else(app: App, viewer: Viewer) -> None:
    other = Viewer(app)

    def send() -> None:
        try:
            for number in range(100):
                viewer.write(big={"content": b"x" * 1_000_000, "n": number, "_filter": ["content"]})
        except ConnectionClosed:
            pass

    try:
        cell = app.block()
        send()
        wait_until(lambda: viewer.closed, "the end of the connection")
        assert viewer.closed == (1013, "busy: too much waits for the server")
        other.write(small=5)
        app.release(cell)
        wait_until(lambda: other.settled == 1, "the settlement")
        assert max(app.growth()) < ROOM
        assert other.closed is None
    finally:
        other.leave()
