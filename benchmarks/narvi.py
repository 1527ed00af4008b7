"""Messages of a page to a service of Narvi's local host and back, and of a bare tornado websocket that echoes them."""

import asyncio
import gc
import os
import queue
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import Any

import psutil
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from benchmarks.measure import Sample, interleave, ratio, warm
from jupyter_trame.narvi import NarviServer
from jupyter_trame.transports.outgoing import frame_header

__all__ = ["GOAL", "INSTANCES", "MEMORY_GOAL", "SIZES", "memory", "round_trips"]

SIZES = {"100 bytes": 100, "100 kB": 100_000}
GOAL = 1.5
"""Most times that a round trip may take as long as tornado's."""
INSTANCES, MEMORY_GOAL = 50, 2.0
"""Instances of a service that does nothing, and MB that each may take."""
ROUNDS = 21
_TRIPS = 500
"""Round trips of a round."""


class Echo:
    """What a page says comes back."""

    def __init__(self, services: Any) -> None:
        services.add_message_listener(services.send)


class _Bare(WebSocketHandler):
    def open(self, *_: str) -> None:
        self.set_nodelay(True)

    def on_message(self, message: str | bytes) -> None:
        self.write_message(message, binary=isinstance(message, bytes))


class _Hop(_Bare):
    """The same by way of a thread, which is the least that a service with a thread of its own takes."""

    def open(self, *_: str) -> None:
        super().open()
        assert self.ws_connection is not None
        self._socket: socket.socket = self.ws_connection.stream.socket  # type: ignore[attr-defined]
        self._messages: queue.SimpleQueue[str | bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._echo, daemon=True).start()

    def on_message(self, message: str | bytes) -> None:
        self._messages.put(message)

    def on_close(self) -> None:
        self._messages.put(None)

    def _echo(self) -> None:
        while (message := self._messages.get()) is not None:
            assert isinstance(message, bytes)
            left = memoryview(frame_header(len(message)) + message)
            while left:
                with suppress(BlockingIOError):
                    left = left[self._socket.send(left) :]


async def _run_bare(handler: type[_Bare]) -> None:
    server = HTTPServer(Application([(r"/.*", handler)]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


def _run_narvi() -> None:
    server = NarviServer(port=0)
    service = server.register_service("w", "echo", "benchmarks.narvi.Echo")
    server.register_app("echo", service)

    def ready() -> None:
        print(server.port, flush=True)
        for line in sys.stdin:  # how many instances are wanted
            for number in range(int(line)):
                server.start_service("w", "echo", f"id{number}")
            gc.collect()
            print("started", flush=True)

    server.run(ready)


@contextmanager
def _server(side: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """The port of a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.narvi", side]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process
        finally:
            process.terminate()


class _Page:
    """A websocket with as little around it as can be, so that the servers' time is what is seen."""

    def __init__(self, port: int, *, greeted: bool) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = f"GET /narvi/w/echo/x/connect HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\n"
        head += "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        head += "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        self.socket.sendall(head.encode())
        answer = b""
        while b"\r\n\r\n" not in answer or (greeted and not answer.endswith(b"}}")):
            answer += self.socket.recv(4096)
        assert b" 101 " in answer.partition(b"\r\n")[0]

    def frame(self, size: int) -> bytes:
        """A frame with `size` bytes; a mask of zeros, on which the client spends no time."""
        head = bytes([0x80 | size]) if size < 126 else b"\xff" + size.to_bytes(8)
        return b"\x82" + head + bytes(4) + bytes(size)

    def trip(self, frame: bytes) -> None:
        """Send `frame`, and read until its payload is back behind a header of its own."""
        self.socket.sendall(frame)
        size = len(frame) - (6 if len(frame) < 132 else 14)
        left = size + len(frame_header(size))
        while left:
            left -= len(self.socket.recv(left))


def _round(page: _Page, frame: bytes, trips: int) -> list[float]:
    """Seconds of each round trip."""
    found = []
    for _ in range(trips):
        began = time.perf_counter()
        page.trip(frame)
        found.append(time.perf_counter() - began)
    return found


def round_trips() -> dict[tuple[str, str], Sample]:
    """Size and side -> seconds of a round trip; both sides of a size run in turn."""
    found = {}
    with ExitStack() as stack:
        pages = {}
        for side in ("narvi", "bare", "hop"):
            port, _ = stack.enter_context(_server(side))
            pages[side] = _Page(port, greeted=side == "narvi")
            stack.enter_context(closing(pages[side].socket))
        for name, size in SIZES.items():
            trips = _TRIPS if size < 1000 else _TRIPS // 5
            cases: dict[str, Callable[[], list[float]]] = {
                side: partial(_round, page, page.frame(size), trips) for side, page in pages.items()
            }
            for case in cases.values():
                warm(case)
            found.update({(name, side): sample for side, sample in interleave(cases, ROUNDS).items()})
    return found


def memory() -> float:
    """MB of the process's own that each of `INSTANCES` instances takes."""
    with _server("narvi") as (port, process):
        assert process.stdin is not None
        assert process.stdout is not None
        own = psutil.Process(process.pid)
        _ask(process, 1)
        before = own.memory_full_info().uss
        _ask(process, INSTANCES + 1)
        after = own.memory_full_info().uss
        urllib.request.urlopen(f"http://127.0.0.1:{port}/narvi/w/echo/id{INSTANCES}/status").close()
        return float((after - before) / INSTANCES / 1e6)


def _ask(process: "subprocess.Popen[str]", instances: int) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{instances}\n")
    process.stdin.flush()
    assert process.stdout.readline() == "started\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["narvi"]:
        _run_narvi()
    elif sys.argv[1:] == ["bare"]:
        asyncio.run(_run_bare(_Bare))
    elif sys.argv[1:] == ["hop"]:
        asyncio.run(_run_bare(_Hop))
    else:
        print("cpus", os.cpu_count())
        result = round_trips()
        for name in SIZES:
            narvi = result[name, "narvi"]
            for side in ("bare", "hop"):
                other = result[name, side]
                times = "{:.2f} ({:.2f} .. {:.2f})".format(*ratio(narvi, other))
                print(f"{name}: {narvi.p50 * 1e6:.0f} us, {side} {other.p50 * 1e6:.0f} us: {times}")
        print(f"{memory():.3f} MB an instance")
