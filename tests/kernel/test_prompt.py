"""Servers beside the prompt of IPython."""

import asyncio
import os
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from urllib.request import urlopen

import IPython  # noqa: F401 - which a prompt has loaded
import pexpect
import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.kernel import environment, extension, prompt
from jupyter_trame.kernel.prompt import PromptHost
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server, runtime_of
from tests.compat.support import Wire

LIMIT = 60
START = {"port": 0, "host": "127.0.0.1", "open_browser": False, "show_connection_info": False, "timeout": 0}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mock]:
    """The shell of a prompt that is this test."""
    shell = Mock()
    monkeypatch.setattr(registry, "process", registry.Process())
    for module in (prompt, extension):
        monkeypatch.setattr(module, "find_prompt", lambda: shell)
    assert extension.install()
    assert extension.install()
    yield shell
    extension.unload_ipython_extension(shell)
    assert registry.process.host is None


def wait_for(condition: Any) -> None:
    event = threading.Event()
    for _ in range(LIMIT * 100):
        if condition():
            return
        event.wait(0.01)
    raise AssertionError("it did not come about")


def test_callbacks_run_beside_the_prompt_and_see_what_it_sets(shell: Mock) -> None:
    server, seen = Server("app"), list[tuple[int, int]]()
    server.state.n = 1

    @server.state.change("n")
    def on_n(n: int, **_: Any) -> None:
        seen.append((n, threading.get_ident()))

    server.start(**START)  # type: ignore[arg-type]
    assert server.running
    with Wire(server.port, runtime_of(server).secret) as wire:
        assert wire.state["n"] == 1
        server.state.n = 2
        (_, flush), _ = shell.events.register.call_args
        flush(Mock(error_in_exec=None))
        wire.expect(n=2)
        wire.write(n=3)
        wait_for(lambda: len(seen) == 3)
    assert [n for n, _ in seen] == [1, 2, 3]
    assert threading.get_ident() not in {thread for _, thread in seen}
    assert server.state.n == 3


def test_stop_can_be_awaited_at_the_prompt_and_a_start_follows(shell: Mock) -> None:
    server, exits, starts = Server("app"), list[int](), list[int]()
    server.controller.add("on_server_exited")(lambda **_: exits.append(1))
    server.controller.add("on_server_start")(lambda _: starts.append(threading.get_ident()))

    async def stop() -> None:
        await asyncio.wait_for(server.stop(), LIMIT)

    for life in (1, 2):
        server.start(**START)  # type: ignore[arg-type]
        asyncio.run(stop())
        assert len(exits) == life
        wait_for(lambda: runtime_of(server).owner.loop is None)
    assert starts == [threading.get_ident()] * 2
    assert shell.events.unregister.call_count == 2


def test_a_start_right_behind_a_stop_takes_the_owner_over(shell: Mock) -> None:
    server, seen = Server("app"), list[int]()
    server.state.change("n")(lambda n, **_: seen.append(n))
    for life in range(5):
        server.start(**START)  # type: ignore[arg-type]
        with Wire(server.port, runtime_of(server).secret) as wire:
            wire.write(n=life)
            wait_for(lambda life=life: life in seen)
        server.stop()
    assert not server.running


def test_what_keeps_it_from_starting_is_raised_at_the_prompt(shell: Mock) -> None:
    first, second = Server("first"), Server("second")
    first.start(**START)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="in use"):
        second.start(**{**START, "port": first.port})  # type: ignore[arg-type]
    assert not second.running
    with pytest.raises(ServerError, match="pigeon"):
        Server("third").start(backend="pigeon")


def test_the_same_name_again_takes_its_place(shell: Mock) -> None:
    first = Server("app")
    first.start(**START, backend="tornado")  # type: ignore[arg-type]
    second = Server("app")
    second.start(**{**START, "port": first.port})  # type: ignore[arg-type]
    assert (first.running, second.running) == (False, True)


def test_a_callback_that_exits_ends_nothing(shell: Mock) -> None:
    server = Server("app")
    server.trigger("leave")(sys.exit)
    server.start(**START)  # type: ignore[arg-type]
    with Wire(server.port, runtime_of(server).secret) as wire:
        with pytest.raises(Exception, match="SystemExit"):
            wire.trigger("leave")
        assert wire.call("trame.state.get")


def test_a_callback_may_start_another_server(shell: Mock) -> None:
    first, second = Server("first"), Server("second")
    first.trigger("go")(lambda: second.start(**START))  # type: ignore[arg-type]
    first.start(**START)  # type: ignore[arg-type]
    with Wire(first.port, runtime_of(first).secret) as wire:
        assert wire.trigger("go") is None
        wait_for(lambda: second.running and second.port)
    with Wire(second.port, runtime_of(second).secret) as wire:
        assert wire.state["trame__title"]


@pytest.mark.parametrize("late", [False, True])
def test_an_interrupt_of_the_start_gives_the_server_up(
    shell: Mock, monkeypatch: pytest.MonkeyPatch, *, late: bool
) -> None:
    server = Server("app")

    def interrupted(future: Future[None]) -> None:
        if late:
            wait_for(future.done)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("concurrent.futures.Future.result", interrupted)
        with pytest.raises(KeyboardInterrupt):
            server.start(**START)  # type: ignore[arg-type]
    wait_for(lambda: runtime_of(server).owner.loop is None)
    assert not server.running
    server.start(**START)  # type: ignore[arg-type]
    assert server.running


def test_a_server_that_ends_at_once_leaves_nothing_at_the_prompt(shell: Mock) -> None:
    server = Server("app")
    shell.events.register.reset_mock()  # that of the host stays
    server.controller.add("on_server_ready")(lambda **_: server.stop() and None)  # type: ignore[truthy-bool]
    server.start(**START)  # type: ignore[arg-type]
    assert not server.running
    assert shell.events.register.call_count == shell.events.unregister.call_count


def test_its_loop_is_that_of_a_program_which_may_start_a_window(
    shell: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, make = list[asyncio.AbstractEventLoop](), asyncio.new_event_loop

    def new_event_loop() -> asyncio.AbstractEventLoop:
        made.append(make())
        return made[-1]

    monkeypatch.setattr(asyncio, "new_event_loop", new_event_loop)
    server = Server("app")
    server.start(**START)  # type: ignore[arg-type]
    assert made == [runtime_of(server).owner.loop]


def test_a_host_without_servers_has_no_thread() -> None:
    before = set(threading.enumerate())
    PromptHost().close()
    assert not set(threading.enumerate()) - before


@pytest.mark.parametrize(
    ("shell", "found"),
    [
        (None, False),  # nor does a test run have the prompt of Python
        (SimpleNamespace(kernel=object(), parent=None), False),
        (SimpleNamespace(parent=SimpleNamespace(interact=False)), False),
        (SimpleNamespace(parent=SimpleNamespace(interact=True)), True),
        (SimpleNamespace(parent=None), True),
    ],
)
def test_a_prompt_is_a_shell_that_somebody_types_at(
    shell: Any, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    monkeypatch.delattr(sys, "ps1", raising=False)  # IPython sets it in this process
    assert (environment.find_prompt() is not None) is found


class Prompt:
    """IPython on a terminal."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = ["-m", "IPython", "--no-banner", "--colors=NoColor", "--no-confirm-exit", *options]
        environment = {**prompt_environment(), "IPYTHONDIR": str(folder)}
        self.process = pexpect.spawn(
            sys.executable, command, env=environment, encoding="utf-8", timeout=LIMIT, dimensions=(40, 200)
        )
        self._number = 0

    def run(self, line: str) -> str:
        """Type `line` at the next prompt; what was printed before it."""
        self._number += 1
        self.process.expect(rf"In \[[^\d]*{self._number}[^\d]*\]:")
        self.process.sendline(line)
        return str(self.process.before)


def prompt_environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRAME", "WSLINK"))}
    return {**kept, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}


@pytest.mark.parametrize(
    ("options", "first"),
    [
        (["--simple-prompt"], "%load_ext jupyter_trame"),
        (["--simple-prompt"], "x = 1"),
        ([], "%load_ext jupyter_trame"),
    ],
    ids=["simple", "without the magic", "terminal"],
)
def test_ipython_shows_the_address_and_its_prompt_comes_back(
    options: list[str], first: str, tmp_path: Path
) -> None:
    shell = Prompt(tmp_path, *options)
    try:
        shell.run(first)
        assert "Traceback" not in shell.run("from jupyter_trame import Server; server = Server('hello')")
        shell.run("server.controller.add('on_server_exited')(lambda **_: print('good' + 'bye'))")
        shell.run("server.state.n = 1; server.start(port=0, open_browser=False, timeout=0)")
        shell.process.expect(r"Local: +http://localhost:(\d+)/\?secret=(\w+)")
        port, secret = int(shell.process.match[1]), shell.process.match[2]
        shell.run("server.state.n = 5")
        shell.run("'value ' + str(server.state.n)")
        shell.process.expect("value 5")
        shell.run("server")
        shell.process.expect(
            rf"App 'hello' at http://localhost:{port}/\?secret={secret}\s+server\.open\(\) shows it"
        )
        with urlopen(f"http://127.0.0.1:{port}/index.html?secret={secret}", timeout=LIMIT) as page:
            assert page.status == 200
        with Wire(port, secret) as wire:
            assert wire.state["n"] == 5
            wire.write(n=6)
            shell.run("'value ' + str(server.state.n)")
            shell.process.expect("value 6")
            shell.run("exit")
            shell.process.expect("goodbye")
            assert wire.wait_closed()[0] == 1001
        shell.process.expect(pexpect.EOF)
        shell.process.close()
        assert shell.process.exitstatus == 0
    finally:
        shell.process.close(force=True)


def test_a_script_of_ipython_is_a_program(tmp_path: Path) -> None:
    script = tmp_path / "app.ipy"
    script.write_text(
        "%load_ext jupyter_trame\n"
        "from jupyter_trame import Server\n"
        "server = Server('app')\n"
        "server.controller.add('on_server_ready')(lambda **_: server.stop())\n"
        "server.start(port=0, open_browser=False)\n"
        "print('ended', server.running)\n"
    )
    output, status = pexpect.run(
        f"{sys.executable} -m IPython --colors=NoColor {script}",
        env={**prompt_environment(), "IPYTHONDIR": str(tmp_path / "ipython")},
        encoding="utf-8",
        timeout=LIMIT,
        withexitstatus=True,
    )
    assert re.search(r"Local: .*ended False", output, re.DOTALL), output
    assert status == 0


def test_display_starts_it_and_opens_no_browser(shell: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = list[str]()
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    monkeypatch.setenv("TRAME_ARGS", "--port 0 --host 127.0.0.1 --timeout 0")
    server = Server("shown")
    assert repr(server) == "<Server 'shown', stopped>"
    data, _ = server._repr_mimebundle_()
    assert server.running
    address = f"http://127.0.0.1:{server.port}/"
    assert data == {
        "text/plain": f"App 'shown' at {address}?secret={runtime_of(server).secret}\n"
        "server.open() shows it in the browser of this machine."
    }
    assert repr(server) == f"<Server 'shown', running at {address}>"
    assert not opened
    server.open()
    assert len(opened) == 1
    server.stop()
    assert repr(server) == "<Server 'shown', stopped>"


def test_a_prompt_has_no_widgets_and_says_what_it_has(shell: Mock) -> None:
    server = Server("app")
    server.start(**START)  # type: ignore[arg-type]
    with pytest.raises(ServerError, match=re.escape("server.open() shows the app in the browser")):
        server.view()
