"""An app of a kernel in the browser of its machine: for front ends without widgets."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pexpect
import pytest

from tests.compat.support import Wire
from tests.kernel.support import Kernel

LIMIT = 60
APP = "from jupyter_trame import Server; server = Server('hello'); server.state.n = 1"


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    """Where the browser, a script, notes what it is to open."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    browser.chmod(0o755)
    return tmp_path / "opened"


def test_a_front_end_without_widgets_shows_how_and_gets_the_page(kernel: Kernel, opened: Path) -> None:
    """The requests are those of qtconsole: jupyter_client's, with input and without a cell."""
    kernel.run(f"import os; os.environ['BROWSER'] = '{opened.parent}/browser %s'")
    cell = kernel.run("server = Server('hello'); server.state.n = 1; server")
    assert cell.data[0]["text/plain"] == (
        "<Server 'hello', running>\nserver.open(\"browser\") shows it in the browser of this machine."
    )
    cell = kernel.run("server.open('browser')")
    match = re.search(r"http://localhost:(\d+)/\?secret=(\w+)", cell.stream)
    assert match is not None
    port, secret = int(match[1]), match[2]
    kernel.until(opened.exists)
    assert f"running at http://localhost:{port}/>" in kernel.value("repr(server)")
    with Wire(port, secret) as wire:
        assert wire.state["n"] == 1
        kernel.run("server.state.n = 5")
        wire.expect(n=5)
        wire.write(n=6)
        kernel.until(lambda: kernel.value("server.state.n") == 6)
        kernel.run("server.open('browser')")
        kernel.until(lambda: opened.read_text().count("\n") == 2)
        kernel.run("server.stop()")
        assert wire.wait_closed()[0] == 1001
    kernel.until(lambda: kernel.value("server.port") == 0)
    with pytest.raises(URLError):
        urlopen(f"http://127.0.0.1:{port}/", timeout=LIMIT)


def test_a_kernel_has_no_port_before(kernel: Kernel) -> None:
    kernel.run("server = Server('quiet'); server.start()")
    assert kernel.value("server.port") == 0


def test_jupyter_console_shows_how_and_opens_it(opened: Path, tmp_path: Path, monkeypatch: Any) -> None:
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("TRAME", "WSLINK", "JPY_"))
    }
    folders = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    environment = {**kept, "BROWSER": f"{tmp_path}/browser %s", "TERM": "dumb", "PROMPT_TOOLKIT_NO_CPR": "1"}
    environment |= {name: str(tmp_path / name.lower()) for name in folders}
    spec = tmp_path / "jupyter_data_dir" / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "Python", "language": "python"})
    )
    process = pexpect.spawn(
        sys.executable,
        ["-m", "jupyter_console", "--simple-prompt"],
        env=environment,
        encoding="utf-8",
        timeout=LIMIT,
        dimensions=(40, 200),
    )
    try:
        process.expect(r"In \[1\]: ")
        process.sendline(APP)
        process.expect(r"In \[2\]: ")
        process.sendline("server")
        process.expect_exact('server.open("browser") shows it in the browser of this machine.')
        process.expect(r"In \[3\]: ")
        process.sendline("server.open('browser')")
        process.expect(r"Local: +http://localhost:(\d+)/\?secret=(\w+)")
        port, secret = int(process.match[1]), process.match[2]
        process.expect(r"In \[4\]: ")
        process.sendline("server.state.n = 5")
        process.expect(r"In \[5\]: ")
        with Wire(port, secret) as wire:
            assert wire.state["n"] == 5
        assert opened.read_text().startswith("file://")
        process.sendline("exit")
        process.expect(pexpect.EOF)
    finally:
        process.close(force=True)
