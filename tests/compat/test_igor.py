"""Programs of the original's page, as they stand there: imports are added, and who begins what others only show."""

import asyncio
import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

import jupyter_trame.igor
from jupyter_trame.compat import dropin
from tests.contract.test_igor_kernel import client as kernel_client
from tests.igor.support import Raw, run
from tests.kernel.support import running_kernel

PROGRAMS = Path(__file__).parent / "igor_programs"


async def says_hello(raw: Raw) -> None:
    assert await raw.call("hello", {"name": "Ada"}) == ["Hello Ada"]


async def counts(raw: Raw) -> None:
    message = await raw.next()
    counter = message["data"]["counter"]
    assert message == {
        "streamId": "counter_process",
        "action": "counter_increment",
        "data": {"counter": counter},
    }
    assert (await raw.next())["data"]["counter"] == counter + 1


async def hears_alone(raw: Raw) -> None:
    await raw.ask("s", "begin")
    messages = [await raw.next() for _ in range(3)]
    assert {"streamId": "s", "close": True} in messages
    special = {"streamId": "special", "action": "special_for_you", "data": "only_for_client_1"}
    assert [message for message in messages if message["streamId"] == "special"] == [
        special,
        {"streamId": "special", "close": True},
    ]


async def is_remembered(raw: Raw) -> None:
    await says_hello(raw)
    assert await raw.call("bye") == ["Bye Oskar"]


async def reads_the_scope(raw: Raw) -> None:
    await raw.ask("s", "begin", [1, 2])
    messages = [await raw.next() for _ in range(3)]
    assert {"streamId": "scope_process", "action": "scope_data", "data": [1, 2]} in messages


async def fails_as_it_says(raw: Raw) -> None:
    """It puts a text in the place of a session and looks something up in it: Python's own error."""
    await raw.ask("s", "begin")
    messages = [await raw.next() for _ in range(3)]
    assert [message["error"] for message in messages if "error" in message] == [
        "string indices must be integers, not 'str'"
    ]


CASES: dict[str, tuple[int, Any]] = {
    "first": (5678, says_hello),
    "configured": (5000, says_hello),
    "process": (5678, counts),
    "one_client": (5678, hears_alone),
    "session": (5678, is_remembered),
    "scope": (5678, reads_the_scope),
    "sessions": (5678, fails_as_it_says),
}


@pytest.fixture
def ports() -> Iterator[None]:
    """The programs' own ports: one test of this machine at a time has them."""
    with (Path(tempfile.gettempdir()) / "jupyter-trame-igor-ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def program(name: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "jupyter_trame", "run", str(PROGRAMS / f"{name}.py")]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


async def arrive(port: int, process: subprocess.Popen[str]) -> ClientConnection:
    while True:
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            return await connect(f"ws://localhost:{port}", proxy=None)
        except OSError:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", CASES)
def test_a_program(name: str, ports: None, tmp_path: Path) -> None:
    port, check = CASES[name]

    async def scenario() -> None:
        connection = await arrive(port, process)
        try:
            await check(Raw(connection))
        finally:
            await connection.close()

    with program(name, tmp_path) as process:
        run(scenario)


def test_all_of_them_in_a_cell(tmp_path: Path) -> None:
    with running_kernel(tmp_path) as kernel:
        kernel.run("%load_ext jupyter_trame")
        for name, (port, check) in CASES.items():
            if name == "process":
                continue  # its server runs beside all others of this port
            kernel.run("from igor.server import CONFIG; CONFIG['port'] = 5678")  # one of them changes it
            kernel.run((PROGRAMS / f"{name}.py").read_text())

            async def scenario(port: int = port, check: Any = check) -> None:
                async with kernel_client(kernel, str(port)) as raw:
                    await check(raw)

            run(scenario)
        kernel.run("CONFIG['port'] = 5678")
        kernel.run((PROGRAMS / "process.py").read_text())

        async def last() -> None:
            async with kernel_client(kernel, "5678") as raw:
                await counts(raw)

        run(last)


def test_names_are_those_of_the_package(drop_in: None) -> None:
    import igor
    from igor.core import flatten
    from igor.file_server import run_file_server
    from igor.server import CONFIG, IgorServer

    assert igor.__file__ == str(dropin.COMPANIONS["igor"] / "__init__.py")
    ours = jupyter_trame.igor
    assert IgorServer is igor.IgorServer is ours.IgorServer
    assert (CONFIG, flatten, run_file_server) == (ours.CONFIG, ours.flatten, ours.run_file_server)
    assert igor.run_forever is ours.run_forever
    dropin.uninstall()
    assert "igor" not in sys.modules


INSTALLED = """
import logging, sys
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
from jupyter_trame import compat
compat.install()
compat.install()
import igor
print(igor.WHO)
"""


def test_a_package_of_that_name_is_never_shadowed(tmp_path: Path) -> None:
    (tmp_path / "igor.py").write_text("WHO = 'somebody else'")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"}
    done = subprocess.run(
        [sys.executable, "-c", INSTALLED], env=environment, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert lines[-1] == "somebody else"
    assert [line for line in lines if "igor" in line] == [
        "import igor gives the package that is installed, and not the one of jupyter_trame"
    ]
