"""Which files of the package somebody has to read to follow one write of the state, or one start of a server.

``python -m benchmarks.files_entered`` prints both lists as CONTRIBUTING.md has them.
"""

import asyncio
import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import jupyter_trame
from jupyter_trame import Client, Server

__all__ = ["as_text", "files_of_a_start", "files_of_a_write"]

_PACKAGE = f"{Path(jupyter_trame.__file__).parent}{os.sep}"
_STAYS = {"port": 0, "exec_mode": "task", "open_browser": False, "show_connection_info": False, "timeout": 0}


@contextmanager
def _entered(files: list[str]) -> Iterator[None]:
    """Adds to `files`, in order, each file of the package of which a function is called on this thread meanwhile."""

    def note(frame: FrameType, event: str, _: object) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(_PACKAGE) and not _runs_an_import(frame):
            name = Path(path).relative_to(_PACKAGE).as_posix()
            if name not in files:
                files.append(name)

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def _runs_an_import(frame: FrameType | None) -> bool:
    """Whether the interpreter loads a module: what that runs is no step on the way."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


async def _write() -> list[str]:
    files: list[str] = []
    server = Server("entered")
    server.state.x = 0
    server.start(**_STAYS)  # type: ignore[arg-type]
    await server.ready
    async with Client(f"http://localhost:{server.port}/?secret={server.protocol.secret}") as client:  # type: ignore[union-attr]
        assert client.state.x == 0
        state = server.state
        with _entered(files):
            state.x = 1
            state.flush()
    await server.stop()
    return files


async def _start() -> list[str]:
    files: list[str] = []
    server = Server("entered")
    with _entered(files):
        server.start(**_STAYS)  # type: ignore[arg-type]
    await server.ready
    await server.stop()
    return files


def files_of_a_write() -> list[str]:
    """Of ``state.x = 1; state.flush()``, to the bytes in the socket of a client of a program."""
    return asyncio.run(_write())


def files_of_a_start() -> list[str]:
    """Of ``server.start()`` in a program, to its life, which the loop then runs."""
    return asyncio.run(_start())


def as_text(files: list[str]) -> str:
    """`files` as CONTRIBUTING.md lists them."""
    return textwrap.fill(", ".join(f"`{name}`" for name in files), 120, break_on_hyphens=False)


def _main() -> None:
    lists: dict[str, Callable[[], list[str]]] = {"a write": files_of_a_write, "a start": files_of_a_start}
    for what, find in lists.items():
        found = find()
        print(f"{what}: {len(found)} files\n\n{as_text(found)}\n")


if __name__ == "__main__":
    _main()
