"""What is around a server, whoever makes it."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from jupyter_trame import Server, kernel
from jupyter_trame.errors import ServerError
from jupyter_trame.runtime import registry, surroundings

PROGRAM = """
import sys
from {home} import {maker}
server = {maker}("quotes")
from trame_client.widgets import html
print(html.Div(title='a "b"', trame_server=server).html)
print([name for name in ("IPython", "jupyter_trame.kernel") if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("home", "maker"),
    [("jupyter_trame", "Server"), ("jupyter_trame.server", "Server"), ("jupyter_trame.server", "get_server")],
)
def test_elements_are_adapted_wherever_the_server_comes_from(home: str, maker: str) -> None:
    program = PROGRAM.format(home=home, maker=maker)
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.splitlines() == ['<div title="a &quot;b&quot;" />', "[]"]


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Calls of `kernel.install`."""
    calls: list[str] = []
    monkeypatch.setattr(kernel, "install", lambda: calls.append("install"))
    return calls


@pytest.mark.parametrize("there", ["IPython", "marimo", None])
def test_the_first_server_looks_for_what_carries_it(
    installs: list[str], monkeypatch: pytest.MonkeyPatch, there: str | None
) -> None:
    for host in ("IPython", "marimo"):
        monkeypatch.delitem(sys.modules, host, raising=False)
    if there is not None:
        monkeypatch.setitem(sys.modules, there, SimpleNamespace())
    monkeypatch.setattr(registry, "process", registry.Process())
    surroundings.prepare()
    surroundings.prepare()
    assert installs == (["install"] if there else [])


def test_after_unloading_nobody_looks(installs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "process", registry.Process())
    kernel.unload_ipython_extension(None)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace())
    surroundings.prepare()
    assert installs == []


def test_python_in_a_browser_is_told_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    with pytest.raises(ServerError, match="needs threads, which Python in a browser"):
        Server("nowhere")
