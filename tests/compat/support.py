"""Programs written for trame as processes, and a client that speaks trame's wire and knows nothing else of ours."""

import itertools
import json
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgpack
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

APPS = Path(__file__).parent / "apps"
TIMEOUT = 30.0
OURS = ["-m", "jupyter_trame", "run"]
"""Runs a program on this package."""
TRAME: list[str] = []
"""Runs it on trame's own server: what holds for both is what trame users rely on."""
_HEADER = struct.Struct("<III")


class Program:
    """A running app; `lines` grows with what it prints."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    @property
    def port(self) -> int:
        return int(self.search(r"Local: +http://[^:/]+:(\d+)/")[1])

    @property
    def address(self) -> str:
        """Of the page."""
        return self.search(r"Local: +(http://\S+)")[1]

    @property
    def life(self) -> list[str]:
        """Lines that begin with ``LIFE:``."""
        return [line.removeprefix("LIFE:").strip() for line in self.lines if line.startswith("LIFE:")]

    def search(self, pattern: str) -> re.Match[str]:
        """The first match in the output, which may be still to come."""
        found = self.until(lambda: re.search(pattern, self.output) if self.lines else None, pattern)
        assert isinstance(found, re.Match)
        return found

    def until(self, condition: Callable[[], Any], what: str = "") -> Any:
        """Wait for `condition` to hold after something was printed."""
        with self._news:
            found = self._news.wait_for(lambda: condition() or self._ended(), TIMEOUT)
        found = condition()
        assert found, f"waited for {what}; the program printed:\n{self.output}"
        return found

    def fetch(self, path: str, data: bytes | None = None) -> tuple[int, str, bytes]:
        """Status, content type and body of what is served at `path`."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{path}", data=data)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            return response.status, response.headers.get_content_type(), response.read()

    def interrupt(self) -> int:
        """As Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        status = self.process.wait(TIMEOUT)
        self._reader.join(TIMEOUT)
        return status

    def _ended(self) -> bool:
        return not self._reader.is_alive()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


def environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRAME", "WSLINK"))}
    return {**kept, "PYTHONUNBUFFERED": "1"}


@contextmanager
def started(runner: list[str], program: Path, *args: str) -> Iterator[Program]:
    """`program`, run by `runner`, to the end of the block."""
    command = [sys.executable, *runner, str(program), *args]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
    )
    running = Program(process)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            running.wait()
        except subprocess.TimeoutExpired:
            process.kill()
            running.wait()
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def served(runner: list[str], name: str) -> Iterator[Program]:
    """The app `name`, as a test harness starts it, from when it can be used."""
    with started(runner, APPS / f"{name}.py", "--server", "--port", "0", "--host", "127.0.0.1") as program:
        program.search("App running at:")
        yield program


class RpcError(Exception):
    """The ``error`` of a reply."""


class Wire:
    """A client with the state as it was sent, and everything published."""

    def __init__(self, port: int, secret: str = "wslink-secret") -> None:
        self._connection = connect(f"ws://127.0.0.1:{port}/ws", max_size=None, compression=None)
        self._socket = self._connection.__enter__()
        self._numbers = itertools.count()
        self.state: dict[str, Any] = {}
        self.published: list[tuple[str, Any]] = []
        self._replies: dict[str, dict[str, Any]] = {}
        hello = self._request("system:c0:0", "wslink.hello", [{"secret": secret}], {})
        self.client_id = hello["clientID"]
        self.state.update(self.call("trame.state.get")["state"])
        self.call("trame.lifecycle.update", "client_connected")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.__exit__(None, None, None)

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """What the method returns. Raises `RpcError`."""
        return self._request(f"rpc:{self.client_id}:{next(self._numbers)}", method, list(args), kwargs)

    def trigger(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self.call("trame.trigger", name, list(args), kwargs)

    def write(self, **values: Any) -> None:
        """Change the state, and return when the server has dealt with it."""
        self.state.update(values)
        self.call("trame.state.update", [{"key": key, "value": value} for key, value in values.items()])

    def expect(self, **values: Any) -> None:
        """Wait until the state holds `values`."""
        self.until(lambda: all(self.state.get(key) == value for key, value in values.items()), values)

    def expect_published(self, topic: str, count: int = 1) -> list[Any]:
        """Wait for `count` publications on `topic`."""
        self.until(lambda: len(self.topic(topic)) >= count, topic)
        return self.topic(topic)

    def topic(self, topic: str) -> list[Any]:
        return [data for name, data in self.published if name == topic]

    def until(self, condition: Callable[[], Any], what: object = "") -> None:
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            assert time.monotonic() < deadline, f"waited for {what}; the state is {self.state}"
            self._receive(deadline)

    def clicked(self, css_class: str, template: str = "main") -> str:
        """The trigger that the element with `css_class` calls on a click."""
        text = self.state[f"trame__template_{template}"]
        element = next(tag for tag in re.findall(r"<[^<>]*?>", text) if f'class="{css_class}"' in tag)
        found = re.search(r"trigger\('([^']+)'", element)
        assert found is not None, element
        return found[1]

    def tell(self, method: str, *args: Any) -> None:
        """Call a method that may not live to answer."""
        self._send(f"rpc:{self.client_id}:{next(self._numbers)}", method, list(args), {})

    def wait_closed(self) -> tuple[int, str]:
        """Code and reason with which the server closed the connection."""
        try:
            while True:
                self._receive(time.monotonic() + TIMEOUT)
        except ConnectionClosed:
            return self._socket.close_code or 0, self._socket.close_reason or ""

    def _request(self, request_id: str, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        self._send(request_id, method, args, kwargs)
        self.until(lambda: request_id in self._replies, method)
        reply = self._replies.pop(request_id)
        if "error" in reply:
            raise RpcError(reply["error"])
        return reply["result"]

    def _send(self, request_id: str, method: str, args: list[Any], kwargs: dict[str, Any]) -> None:
        message = {"wslink": "1.0", "id": request_id, "method": method, "args": args, "kwargs": kwargs}
        payload = msgpack.packb(message)
        self._socket.send(_HEADER.pack(next(self._numbers), 0, len(payload)) + payload)

    def _receive(self, deadline: float) -> None:
        frame = self._socket.recv(max(0.0, deadline - time.monotonic()))
        assert isinstance(frame, bytes)
        _, offset, total = _HEADER.unpack_from(frame)
        assert (offset, total) == (0, len(frame) - _HEADER.size), (
            "these tests send nothing that comes in pieces"
        )
        message = msgpack.unpackb(frame[_HEADER.size :], strict_map_key=False)
        kind, topic, *_ = message["id"].split(":")
        if kind != "publish":
            self._replies[message["id"]] = message
        elif topic == "trame.state.topic":
            self.state.update(message["result"])
        else:
            self.published.append((topic, message.get("result")))


def post(program: Program, path: str, data: Any) -> Any:
    """The JSON answer to JSON."""
    return json.loads(program.fetch(path, json.dumps(data).encode())[2])
