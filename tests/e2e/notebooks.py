"""Notebook files and the cells that tests put into them."""

import json
from pathlib import Path

LOAD = """\
%load_ext jupyter_trame
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
"""

BUILD = """\
server = Server("counter")
state, ctrl = server.state, server.controller
state.update({"n": 1, "double": 2, "word": "", "choice": "a", "echo": "", "progress": 0})

@state.change("n")
def on_n(n, **_):
    state.double = int(n) * 2

@state.change("word", "choice")
def on_word(word, choice, **_):
    state.echo = f"{word}/{choice}"

def press():
    state.n = int(state.n) + 1

with DivLayout(server):
    html.Input(type="range", min=0, max=100, v_model_number=("n",), classes="slider")
    html.Input(type="text", v_model=("word",), classes="text")
    with html.Select(v_model=("choice",), classes="select"):
        html.Option("a", value="a")
        html.Option("b", value="b")
    html.Button("more", click=press, classes="button")
    html.Span("{{ n }}", classes="n")
    html.Span("{{ double }}", classes="double")
    html.Span("{{ echo }}", classes="echo")
    html.Progress(value=("progress",), max=20, classes="progress")
    html.Span("{{ progress }}", classes="progress-text")
"""
"""One of each control; Python computes ``double`` and ``echo``."""

APP = f"{BUILD}server.start()\ndisplay(server)\n"

BLOCKING_LOOP = """\
import time
from pathlib import Path
for step in range(1, 6):
    with state:
        state.progress = step
    while not Path(f"go-{step}").exists():
        time.sleep(0.005)
"""
"""Holds the kernel's main thread; each step waits until the test has seen it and makes its file."""


REPOSITORY = Path(__file__).parents[2]


def package_cell(name: str, server: str | None = None, show: str = "display(server)") -> str:
    """A cell that shows the app of a module in `tests.e2e.packages`, in a server of that name by default."""
    return "\n".join(
        [
            f"import sys; sys.path.insert(0, {json.dumps(str(REPOSITORY))})",
            "from jupyter_trame import Server",
            f"from tests.e2e.packages import {name} as package",
            f'server = Server("{server or name}")',
            "package.app(server)",
            "server.start()",
            show,
        ]
    )


def write_notebook(path: Path, cells: list[str]) -> Path:
    """A notebook of code cells that have not run."""
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {
                "id": f"cell-{index}",
                "cell_type": "code",
                "source": source,
                "metadata": {},
                "outputs": [],
                "execution_count": None,
            }
            for index, source in enumerate(cells)
        ],
    }
    path.write_text(json.dumps(document))
    return path
