"""Notebooks of marimo, and the programs that show them."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent

from tests.e2e.servers import isolated_environment, running
from tests.support.ports import free_port

REPOSITORY = Path(__file__).parents[2]


def write_notebook(path: Path, cells: Sequence[str]) -> Path:
    """A notebook of these cells; marimo finds out by itself which names they use of each other."""
    functions = "\n\n".join(f"@app.cell\ndef _():\n{indent(cell, '    ')}\n    return\n" for cell in cells)
    path.write_text(f"import marimo\n\napp = marimo.App()\n\n\n{functions}\n")
    return path


@contextmanager
def marimo(folder: Path, mode: str, cells: Sequence[str], *, session_ttl: int = 120) -> Iterator[str]:
    """The address where ``marimo run`` or ``marimo edit`` shows a notebook of `cells`.

    A visitor who is away for `session_ttl` seconds has left ``marimo run``.
    """
    notebook, port = write_notebook(folder / "notebook.py", cells), free_port()
    env = isolated_environment(folder) | {"PYTHONPATH": str(REPOSITORY)}
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "marimo", "-q", mode, str(notebook), "--headless", "--no-token"]
    command += ["--host=127.0.0.1", f"--port={port}"]
    if mode == "run":
        command += [f"--session-ttl={session_ttl}", "--no-check"]
    with running(command, url, folder / "marimo.log", env, folder):
        yield url
