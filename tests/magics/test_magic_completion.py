"""What Tab offers, asked as a front end asks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel.support import Kernel

Complete = Callable[[str], list[str]]
COMMANDS = ["list", "open", "stop", "restart", "status", "doctor", "run"]


@pytest.fixture(autouse=True)
def apps(kernel: Kernel) -> None:
    kernel.run("for name in ('alpha', 'beta'):\n    Server(name).start()")


def test_commands(complete: Complete) -> None:
    assert complete("%trame ") == COMMANDS
    assert complete("%trame st") == ["stop", "status"]
    assert complete("x = 1\n%trame re") == ["restart"]


@pytest.mark.parametrize("command", ["open", "stop", "restart", "doctor"])
def test_apps(complete: Complete, command: str) -> None:
    assert {"alpha", "beta"} <= set(complete(f"%trame {command} "))
    assert complete(f"%trame {command} al") == ["alpha"]


def test_places(complete: Complete) -> None:
    assert complete("%trame open alpha ") == ["tab", "right", "split", "window"]
    assert complete("%trame open alpha ri") == ["right"]


def test_files(complete: Complete, folder: Path) -> None:
    for name in ("one.py", "notes.txt", "inner/two.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    assert complete("%trame run ") == ["inner/", "one.py"]
    assert complete("%trame run inner/t") == ["inner/two.py"]
    assert not [name for name in complete("%trame run nowhere/") if name.endswith(".py")]


def test_servers_and_options_of_cells(complete: Complete) -> None:
    assert complete("%%trame be") == ["beta"]
    assert complete("%%trame beta --ti") == ["--title"]


def test_it_is_silent_when_the_extension_was_unloaded(fresh_kernel: Kernel) -> None:
    fresh_kernel.run("%load_ext jupyter_trame\n%unload_ext jupyter_trame")
    reply = fresh_kernel.client.complete("%trame li", 9, reply=True, timeout=30)
    assert "list" not in reply["content"]["matches"]
    assert "not found" in fresh_kernel.run("%trame list").stream
