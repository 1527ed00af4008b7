"""Calls of Igor's actions, and of a bare tornado websocket that parses and answers the same JSON."""

import asyncio
import gc
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any

import psutil
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from benchmarks.measure import Sample, interleave, ratio, warm
from jupyter_trame.igor import IgorServer

__all__ = ["CLIENTS", "GOAL", "IDLE", "IDLE_GOAL", "KINDS", "idle", "measure"]

KINDS = {"async": "a coroutine function", "sync": "a function on a thread"}
CLIENTS = (1, 50)
GOAL = 0.8
"""Least ratio of our rate to tornado's."""
IDLE, IDLE_GOAL = 500, 8.0
"""Clients that do nothing, and kB that each may cost beyond a connection of tornado."""
ROUNDS = 21
CALLS = 2_000
"""Calls of a round, by all clients together."""
_DATA = {"name": "Ada", "numbers": list(range(10))}


class _Bare(WebSocketHandler):
    def initialize(self, kind: str) -> None:
        self._kind = kind

    def open(self, *_: str) -> None:
        self.set_nodelay(True)

    async def on_message(self, message: str | bytes) -> None:
        request = json.loads(message)
        data = request["data"]
        if self._kind == "sync":
            data = await asyncio.get_running_loop().run_in_executor(None, _hand, data)
        else:
            data = await _hand_later(data)
        stream = request["streamId"]
        self.write_message(json.dumps({"streamId": stream, "data": data}))
        self.write_message(json.dumps({"streamId": stream, "close": True}))


def _hand(data: Any) -> Any:
    return data


async def _hand_later(data: Any) -> Any:
    return data


def _echo(output: Any, data: Any, **_: Any) -> None:
    output.send(data)


async def _echo_later(output: Any, data: Any, **_: Any) -> None:
    output.send(data)


async def _run_bare(kind: str) -> None:
    server = HTTPServer(Application([(r"/", _Bare, {"kind": kind})]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


def _run_igor(kind: str) -> None:
    handler = _echo if kind == "sync" else _echo_later
    server = IgorServer({"echo": handler}, {"logging": {"file_name": None}}, port=0)
    server.start()
    print(server.url.rpartition(":")[2], flush=True)
    server.run_forever()


@contextmanager
def _server(side: str, kind: str) -> Iterator[tuple[int, psutil.Process]]:
    """The port of a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.igor_calls", side, kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), psutil.Process(process.pid)
        finally:
            process.terminate()


class _Client:
    """A websocket with as little around it as can be, so that the servers' time is what is seen."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        self.socket.sendall(head.encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self.socket.recv(4096)
        assert b" 101 " in answer.partition(b"\r\n")[0]
        text = json.dumps({"streamId": "stream", "action": "echo", "data": _DATA}).encode()
        # A mask of zeros: the bytes are the same, and the client spends no time.
        size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
        self._frame = b"\x81" + size + bytes(4) + text
        self._received = b""

    def ask(self) -> None:
        self._received = b""
        self.socket.sendall(self._frame)

    def is_answered(self) -> bool:
        """Read once; whether the stream was closed."""
        self._received += self.socket.recv(65536)
        return b'"close"' in self._received


def _round(port: int, clients: int) -> list[float]:
    """Seconds that a call takes, over all calls of a round: each client asks when it has its answer."""
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        for _ in range(clients):
            client = _Client(port)
            stack.enter_context(closing(client.socket))
            selector.register(client.socket, selectors.EVENT_READ, client)
        began = time.perf_counter()
        for key in selector.get_map().values():
            key.data.ask()
        left, to_ask = CALLS, CALLS - clients
        while left:
            for key, _ in selector.select():
                if key.data.is_answered():
                    left -= 1
                    if to_ask:
                        to_ask -= 1
                        key.data.ask()
        return [(time.perf_counter() - began) / CALLS]


def measure() -> dict[tuple[str, int, str], Sample]:
    """Kind, clients and side -> seconds of a call; both sides of a case run in turn."""
    found = {}
    for kind in KINDS:
        with ExitStack() as stack:
            ports = {side: stack.enter_context(_server(side, kind))[0] for side in ("igor", "bare")}
            for clients in CLIENTS:
                cases = {side: partial(_round, port, clients) for side, port in ports.items()}
                for case in cases.values():
                    warm(case)
                samples = interleave(cases, ROUNDS)
                found.update({(kind, clients, side): sample for side, sample in samples.items()})
    return found


def idle() -> dict[str, float]:
    """Side -> kB of memory that are the process's alone, for each of `IDLE` clients that do nothing."""
    return {side: _idle(side) for side in ("igor", "bare")}


def _idle(side: str) -> float:
    with _server(side, "async") as (port, process), ExitStack() as stack:
        stack.enter_context(closing(_Client(port).socket))
        gc.collect()
        before = process.memory_full_info().uss
        for _ in range(IDLE):
            stack.enter_context(closing(_Client(port).socket))
        return float((process.memory_full_info().uss - before) / IDLE / 1e3)


if __name__ == "__main__":
    if sys.argv[1:]:
        side, kind = sys.argv[1:]
        if side == "igor":
            _run_igor(kind)
        else:
            asyncio.run(_run_bare(kind))
    else:
        print("cpus", os.cpu_count())
        result = measure()
        for kind in KINDS:
            for clients in CLIENTS:
                igor, bare = (result[kind, clients, side] for side in ("igor", "bare"))
                rates = "{:.2f} ({:.2f} .. {:.2f})".format(*ratio(bare, igor))
                print(f"{kind}, {clients}: {1 / igor.p50:,.0f}, bare {1 / bare.p50:,.0f} a second: {rates}")
        print(idle())
