"""The apps of ``docs/recipes.md``, served by one program."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.docs.pages import ROOT, blocks, blocks_of, titles
from tests.e2e.servers import isolated_environment, running, wait_until
from tests.support.ports import free_port

PAGE = ROOT / "docs" / "recipes.md"
PARTS = next(block.text for block in blocks(PAGE) if block.file == "parts.py")

_SERVE = """
import asyncio, runpy, sys
from jupyter_trame import Server
from jupyter_trame.program.sockets import page_address
from jupyter_trame.server import runtime_of

async def serve():
    for port, path in zip(sys.argv[1::2], sys.argv[2::2]):
        found = runpy.run_path(path)
        server = found["squares"]() if "squares" in found else next(
            value for value in found.values() if isinstance(value, Server))
        server.start(port=int(port), open_browser=False, exec_mode="task")
        await server.ready
        print(page_address(runtime_of(server)), flush=True)
    await asyncio.Event().wait()

asyncio.run(serve())
"""


def recipe(number: int, kind: int = 0) -> str:
    """The code of an app; `kind` 1 is the one with elements of HTML."""
    title = next(title for title in titles(PAGE) if title.startswith(f"{number}. "))
    return blocks_of(PAGE, title)[kind].text


@contextmanager
def served(folder: Path, codes: dict[int, str]) -> Iterator[dict[int, str]]:
    """The addresses of the apps with this code, by their numbers, while they are served."""
    (folder / "parts.py").write_text(PARTS)
    (folder / "serve.py").write_text(_SERVE)
    command, ports = [sys.executable, str(folder / "serve.py")], {}
    for number, code in codes.items():
        path, ports[number] = folder / f"app_{number}.py", free_port()
        path.write_text(code)
        command += [str(ports[number]), str(path)]
    log = folder / "apps.log"
    last = f"http://localhost:{[*ports.values()][-1]}/"
    with running(command, last, log, isolated_environment(folder), folder):
        yield {number: _address(log, port) for number, port in ports.items()}


def _address(log: Path, port: int) -> str:
    pattern = rf"http://localhost:{port}\S+"
    return str(wait_until(lambda: re.search(pattern, log.read_text()), "the address").group())
