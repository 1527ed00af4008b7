"""The window of an app, with a stand-in for the toolkit in its process."""

import asyncio
import json
from pathlib import Path

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.program import desktop
from jupyter_trame.server import Server

STAND_IN = """
import json, os, pathlib, sys, urllib.request
def create_window(**arguments):
    pathlib.Path(os.environ["WINDOW_LOG"]).write_text(json.dumps(arguments | {"argv": sys.orig_argv}))
    create_window.url = arguments["url"]
def start(debug=False):
    if os.environ["WINDOW"] == "fail":
        sys.exit("no display here")
    page = urllib.request.urlopen(create_window.url).read().decode()
    pathlib.Path(os.environ["WINDOW_LOG"] + ".page").write_text(page)
    while os.environ["WINDOW"] == "stay":
        pass
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the stand-in notes what it was asked for."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "webview.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("WINDOW_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("WINDOW", "close")
    return tmp_path / "log"


def test_closing_the_window_ends_the_server(log: Path, static: Path) -> None:
    server = Server("app")
    server.state.trame__title = "My app"
    server.start(exec_mode="desktop", port=1, timeout=0, width=300, show_connection_info=False)
    assert not server.running
    asked = json.loads(log.read_text())
    assert asked["title"] == "My app"
    assert asked["width"] == 300
    assert str(server.port) in asked["url"]
    assert not [word for word in asked["argv"] if "secret" in word or str(server.port) in word]
    assert log.with_suffix(".page").read_text() == (static / "index.html").read_text()


def test_the_command_line_asks_for_a_window(log: Path) -> None:
    Server("app").start(args=["--app"], timeout=0, show_connection_info=False)
    assert log.exists()


def test_the_end_of_the_server_closes_the_window(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINDOW", "stay")

    async def main() -> None:
        ended = asyncio.Event()

        async def until() -> None:
            while not log.exists():  # noqa: ASYNC110, ASYNC240 - another process writes it
                await asyncio.sleep(0.01)
            ended.set()

        await desktop.show("data:,", {"title": "x"}, debug=False, until=until())
        assert ended.is_set()

    asyncio.run(main())


def test_what_the_window_dies_of_is_the_callers_error(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINDOW", "fail")
    server = Server("app")
    with pytest.raises(ServerError, match="no display here"):
        server.start(exec_mode="desktop", timeout=0, show_connection_info=False)
    assert not server.running
    assert log.exists()


def test_arguments_that_cannot_travel_are_refused(log: Path) -> None:
    with pytest.raises(ServerError, match="another process"):
        Server("app").start(exec_mode="desktop", timeout=0, show_connection_info=False, menu=[object()])
    assert not log.exists()


def test_a_missing_toolkit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop.importlib.util, "find_spec", lambda _: None)  # type: ignore[attr-defined]
    with pytest.raises(ServerError, match=r"pip install jupyter-trame\[desktop\]"):
        Server("app").start(exec_mode="desktop")
