"""Inside of a server's process: how long each turn of its loop holds it, in cpu time of the loop's thread.

An extension of jupyter-server, and `install` for programs. Whoever connects to the port that ``TURNS_PORT`` names gets
the turns since the last time as JSON, in seconds.
"""

import asyncio
import json
import os
import socket
import threading
import time
from typing import Any

__all__ = ["PORT", "install", "take_turns"]

PORT = "TURNS_PORT"
"""The environment variable with the port."""

_LEAST = 0.0005
"""Seconds; shorter turns are not kept."""


def install(loop: asyncio.AbstractEventLoop) -> None:
    """Measure `loop` from now on."""
    turns: list[float] = []
    selector: Any = loop._selector  # type: ignore[attr-defined] # the loop of asyncio, on Unix
    select, clock = selector.select, time.thread_time
    began = clock()

    def measured(timeout: float | None = None) -> Any:
        nonlocal began
        held = clock() - began
        if held > _LEAST:
            turns.append(held)
        try:
            return select(timeout)
        finally:
            began = clock()

    selector.select = measured
    listener = socket.create_server(("127.0.0.1", int(os.environ[PORT])))
    threading.Thread(target=_answer, args=(listener, turns), daemon=True).start()


def _answer(listener: socket.socket, turns: list[float]) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            found, turns[:] = list(turns), []
            connection.sendall(json.dumps(found).encode())


def take_turns(port: int) -> list[float]:
    """The turns since the last time, of the process that listens at `port`."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return [float(turn) for turn in json.loads(b"".join(iter(lambda: connection.recv(1 << 16), b"")))]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "benchmarks.probe"}]


def _load_jupyter_server_extension(app: Any) -> None:
    app.io_loop.add_callback(lambda: install(asyncio.get_running_loop()))
