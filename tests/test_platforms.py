"""Where systems differ: the modules that decide it are listed, and no other module names what some systems lack.

tests/docs/test_hosts.py compares the list with docs/hosts.md, which has the tests that simulate the other systems.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "jupyter_trame"

NAMES = frozenset(
    {
        "asyncio.ProactorEventLoop",
        "asyncio.SelectorEventLoop",
        "msvcrt",
        "multiprocessing",
        "os.chmod",
        "os.fork",
        "os.geteuid",
        "os.getuid",
        "os.kill",
        "os.killpg",
        "os.name",
        "os.setsid",
        "platform.system",
        "pty",
        "pwd",
        "resource",
        "signal",
        "socket.AF_UNIX",
        "sys.platform",
        "termios",
        "fcntl",
        "webbrowser",
        "winreg",
    }
)
"""Modules and attributes that some systems lack, or that mean something else there."""
METHODS = frozenset({"add_signal_handler", "chmod"})
"""Of objects of any kind."""

DECIDED = {
    "command_line/commands.py": {"webbrowser"},
    "compat/utilities.py": {"webbrowser"},
    "execution/endings.py": {"asyncio.SelectorEventLoop"},
    "files/file_names.py": {"os.name"},
    "igor/file_server.py": {"asyncio.SelectorEventLoop"},
    "igor/igor_server.py": {"sys.platform"},
    "igor/shelf.py": {"chmod"},
    "kernel/interrupts.py": {"signal"},
    "kernel/io_thread.py": {"asyncio.SelectorEventLoop"},
    "program/signals.py": {"add_signal_handler", "signal"},
    "program/sockets.py": {"webbrowser"},
    "protocol/link_decoder.py": {"sys.platform"},
    "rpc/upload_folder.py": {"fcntl", "sys.platform"},
    "runtime/surroundings.py": {"sys.platform"},
    "system/ownership.py": {"os.geteuid", "socket.AF_UNIX", "sys.platform"},
    "system/private_files.py": {"os.name"},
    "transports/listener.py": {"chmod", "socket.AF_UNIX"},
    "transports/places.py": {"socket.AF_UNIX"},
    "transports/send_queue.py": {"fcntl", "termios"},
    "transports/stream.py": {"socket.AF_UNIX"},
    "trio/websockets/listening.py": {"chmod", "os.geteuid", "socket.AF_UNIX"},
    "web/door.py": {"resource"},
}
"""What each module decides."""


def names_in(text: str) -> Iterator[str]:
    """Which of the names a module uses: imported, as an attribute, or asked for with `getattr` and `hasattr`."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=aliases):
                yield from (alias.name for alias in aliases)
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                yield module
                yield from (f"{module}.{alias.name}" for alias in aliases)
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                yield from (f"{module}.{name}", name)
            case ast.Attribute(attr=name):
                yield name
            case ast.Call(func=ast.Name(), args=[ast.Name(id=module), ast.Constant(value=str(name)), *_]):
                yield f"{module}.{name}"
            case _:
                pass


def test_modules_decide_what_is_listed_and_nothing_else() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): used
        for path in sorted(PACKAGE.rglob("*.py"))
        if (used := set(names_in(path.read_text("utf-8"))) & (NAMES | METHODS))
    }
    assert found == DECIDED


def test_each_way_to_name_one_is_found() -> None:
    for text in (
        "import os; os.name",
        "from os import name",
        "import os; getattr(os, 'name', '')",
        "import os\ndef f():\n    return os.name == 'nt'",
    ):
        assert "os.name" in set(names_in(text))
    assert "signal" in set(names_in("from signal import SIGTERM"))
    assert "chmod" in set(names_in("path.parent.chmod(1)"))
    assert "signal" not in set(names_in("from .signal import x"))
