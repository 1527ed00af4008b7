"""Servers beside the prompt of Python itself."""

import os
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from jupyter_trame.kernel.cells import CellFlush
from jupyter_trame.kernel.python_prompt import PythonPrompt, find_python_prompt
from tests.compat.support import Wire

LIMIT = 60


@pytest.fixture
def prompt(monkeypatch: pytest.MonkeyPatch) -> PythonPrompt:
    monkeypatch.setattr(sys, "ps1", "? ", raising=False)
    found = find_python_prompt()
    assert found is not None
    return found


def test_a_program_has_no_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys, "ps1", raising=False)
    assert find_python_prompt() is None


def test_it_flushes_before_each_line_and_shows_its_text(prompt: PythonPrompt) -> None:
    flushes = list[str]()
    first, second = CellFlush(lambda: flushes.append("first")), CellFlush(lambda: flushes.append("second"))
    first.follow(prompt)  # type: ignore[arg-type]
    assert sys.ps1 is prompt
    assert find_python_prompt() is prompt
    second.follow(prompt)  # type: ignore[arg-type]
    assert str(sys.ps1) == "? "
    assert flushes == ["first", "second"]
    first.stop()
    assert str(sys.ps1) == "? "
    assert flushes == ["first", "second", "second"]
    second.stop()
    assert sys.ps1 == "? "


def test_an_interrupted_line_is_not_flushed(prompt: PythonPrompt, monkeypatch: pytest.MonkeyPatch) -> None:
    flushes = list[int]()
    cells = CellFlush(lambda: flushes.append(1))
    cells.follow(prompt)  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "last_value", KeyboardInterrupt(), raising=False)
    str(prompt)
    assert flushes == []
    str(prompt)
    assert flushes == [1]
    cells.stop()


def test_other_events_are_never_told_of(prompt: PythonPrompt) -> None:
    told = list[Any]()
    prompt.register("pre_execute", told.append)
    str(prompt)
    prompt.unregister("pre_execute", told.append)
    assert told == []
    assert sys.ps1 == "? "


class Terminal:
    """Python on a terminal, whose browser is a script that notes what it is to open."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.opened = folder / "opened"
        browser = folder / "browser"
        browser.write_text(
            f'#!/bin/sh\necho "$1" > {self.opened}.part && mv {self.opened}.part {self.opened}\n'
        )
        browser.chmod(0o755)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRAME", "WSLINK"))}
        environment = {**kept, "TERM": "dumb", "BROWSER": f"{browser} %s", "PYTHON_BASIC_REPL": "1"}
        self.process = pexpect.spawn(
            sys.executable,
            list(options),
            env=environment,
            encoding="utf-8",
            timeout=LIMIT,
            dimensions=(40, 200),
            cwd=str(folder),
        )

    def run(self, line: str) -> None:
        self.process.expect_exact(">>> ")
        self.process.sendline(line)


@pytest.mark.parametrize("way", ["python", "python -i app.py", "code.interact"])
def test_python_shows_the_address_and_its_prompt_comes_back(way: str, tmp_path: Path) -> None:
    app = "from jupyter_trame import Server\nserver = Server('hello')\nserver.state.n = 1\n"
    start = "server.start(port=0, open_browser=False, timeout=0)"
    (tmp_path / "app.py").write_text(app + start + "\n")
    (tmp_path / "around.py").write_text("import code\ncode.interact()\n")
    options = {"python": ["-q"], "python -i app.py": ["-i", "app.py"], "code.interact": ["around.py"]}[way]
    terminal = Terminal(tmp_path, *options)
    process = terminal.process
    try:
        if "app.py" not in way:
            for line in app.splitlines():
                terminal.run(line)
            terminal.run(start)
        process.expect(r"Local: +http://localhost:(\d+)/\?secret=(\w+)")
        port, secret = int(process.match[1]), process.match[2]
        terminal.run("server")
        process.expect_exact(f"<Server 'hello', running at http://localhost:{port}/>")
        with Wire(port, secret) as wire:
            assert wire.state["n"] == 1
            terminal.run("server.state.n = 5")
            wire.expect(n=5)
            wire.write(n=6)
            terminal.run("server.state.n, server.open()")
            process.expect_exact("(6, None)")
            terminal.run("exit()")
            assert wire.wait_closed()[0] == 1001
        process.expect(pexpect.EOF)
        process.close()
        assert process.exitstatus == 0
        assert terminal.opened.read_text().startswith("file://")  # which leads to the address with its secret
    finally:
        process.close(force=True)
