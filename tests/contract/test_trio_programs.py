"""Programs as they stand on the original's first page: run by ``python -m jupyter_trame run``, and in a cell."""

import contextlib
import fcntl
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compat.support import OURS, environment, started
from tests.kernel.support import TIMEOUT, running_kernel

HELLO = """
#!/usr/bin/env python

import trio
import trio_websockets

async def hello(uri):
    async with trio_websockets.connect(uri) as websocket:
        await websocket.send("Hello world!")

trio.run(hello, 'ws://localhost:8765')
"""
ECHO = """
#!/usr/bin/env python

import trio
import trio_websockets

async def echo(websocket, path):
    async for message in websocket:
        await websocket.send(message)

trio.run(trio_websockets.serve, echo, 'localhost', 8765)
"""
ASK = """
import trio
import trio_websockets

async def ask(uri):
    async with trio_websockets.connect(uri) as websocket:
        await websocket.send("Hello world!")
        print(await websocket.recv())

trio.run(ask, 'ws://localhost:8765')
"""
"""What `HELLO` leaves out: the answer."""


@pytest.fixture
def port() -> Iterator[None]:
    """The port that the programs name is free, and theirs."""
    with (Path(tempfile.gettempdir()) / "jupyter-trame-8765.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"hello": HELLO, "echo": ECHO, "ask": ASK}.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def until_it_listens() -> None:
    deadline = time.monotonic() + TIMEOUT
    while True:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("localhost", 8765)):
            return
        assert time.monotonic() < deadline
        time.sleep(0.01)


def run(program: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *OURS, str(program)],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        timeout=60,
    )


def test_they_run_unmodified(port: None, folder: Path) -> None:
    with started(OURS, folder / "echo.py") as server:
        until_it_listens()
        hello = run(folder / "hello.py")
        assert (hello.returncode, hello.stdout, hello.stderr) == (0, "", "")
        assert run(folder / "ask.py").stdout == "Hello world!\n"
        assert server.interrupt() != 0
        assert "KeyboardInterrupt" in server.output
        assert "ExceptionGroup" not in server.output


def test_they_run_in_a_cell(port: None, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        kernel.run("%load_ext jupyter_trame")
        cell = kernel.start(ECHO)
        until_it_listens()
        assert run(folder / "hello.py").returncode == 0
        assert run(folder / "ask.py").stdout == "Hello world!\n"
        kernel.manager.interrupt_kernel()
        assert "KeyboardInterrupt" in str(kernel.finish(cell).error)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("localhost", 8765))
        with started(OURS, folder / "echo.py"):
            until_it_listens()
            assert kernel.run(HELLO).stream == ""
            assert kernel.run(ASK).stream == "Hello world!\n"
