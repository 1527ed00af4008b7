"""Which files of the package somebody has to read to follow one write of the state, or one start of a server.

``python -m benchmarks.files_entered`` prints both lists as CONTRIBUTING.md has them.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import jupyter_trame
from jupyter_trame import Client, Server

__all__ = ["as_text", "files_of_a_start", "files_of_a_write"]

_PACKAGE = Path(jupyter_trame.__file__).parent
_STAYS = {"port": 0, "exec_mode": "task", "open_browser": False, "show_connection_info": False, "timeout": 0}


@contextmanager
def _entered(files: set[str]) -> Iterator[None]:
    """Adds to `files` each file of the package of which a function is called on this thread meanwhile."""

    def note(frame: FrameType, event: str, _: object) -> None:
        # What an import runs is no step on the way.
        if event == "call" and frame.f_code.co_name != "<module>":
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(_PACKAGE) and not _runs_an_import(frame):
                files.add(path.relative_to(_PACKAGE).as_posix())

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def _runs_an_import(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name == "<module>" and Path(frame.f_code.co_filename).is_relative_to(_PACKAGE):
            return True
        frame = frame.f_back
    return False


async def _write() -> set[str]:
    files: set[str] = set()
    server = Server("entered")
    server.state.x = 0
    server.start(**_STAYS)  # type: ignore[arg-type]
    await server.ready
    async with Client(f"http://localhost:{server.port}/?secret={server.protocol.secret}") as client:  # type: ignore[union-attr]
        assert client.state.x == 0
        with _entered(files):
            server.state.x = 1
            server.state.flush()
    await server.stop()
    return files


async def _start() -> set[str]:
    files: set[str] = set()
    server = Server("entered")
    with _entered(files):
        server.start(**_STAYS)  # type: ignore[arg-type]
        await server.ready
    await server.stop()
    return files


def files_of_a_write() -> list[str]:
    """From ``state.x = 1`` to the bytes in the socket of a client, in a program."""
    return sorted(asyncio.run(_write()))


def files_of_a_start() -> list[str]:
    """From ``server.start()`` to a server that clients can use, in a program."""
    return sorted(asyncio.run(_start()))


def as_text(files: list[str]) -> str:
    """`files` as CONTRIBUTING.md lists them."""
    return "\n".join(f"- `{name}`" for name in files)


def _main() -> None:
    lists: dict[str, Callable[[], list[str]]] = {"a write": files_of_a_write, "a start": files_of_a_start}
    for what, find in lists.items():
        found = find()
        print(f"{what}: {len(found)} files\n\n{as_text(found)}\n")


if __name__ == "__main__":
    _main()
