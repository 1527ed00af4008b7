"""Small functions of ``trame_server.utils``."""

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any, cast

import pytest

import jupyter_trame
from jupyter_trame.compat.trame_server.utils.argument_parser import ArgumentParser
from jupyter_trame.compat.utilities import (
    get_version,
    isascii,
    open_browser,
    print_informations,
    share,
    start_browser,
)
from jupyter_trame.errors import ServerError
from jupyter_trame.program import desktop


def test_a_version_is_that_of_the_distribution() -> None:
    assert get_version("jupyter-trame") == jupyter_trame.__version__
    assert get_version("no-such-distribution") is None


def test_the_parser_that_programs_import_is_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(jupyter_trame.Server("parsed").cli, ArgumentParser)
    monkeypatch.setattr("sys.argv", ["app.py", "--port", "5"])
    monkeypatch.setenv("TRAME_ARGS", "--port 7")
    parser = ArgumentParser()
    parser.add_argument("--port", type=int)
    assert parser.parse_args().port == 7  # of a launcher
    assert parser.parse_known_args(["--port", "3", "--more"])[1] == ["--more"]


def test_open_browser_opens_the_app() -> None:
    opened: list[object] = []
    open_browser(cast("Any", SimpleNamespace(open=lambda: opened.append(True))))
    assert opened == [True]


def test_nothing_opens_where_no_loop_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("no loop")

    monkeypatch.setattr("jupyter_trame.compat.utilities.get_event_loop", fail)
    open_browser(SimpleNamespace(port=1, server_options=SimpleNamespace(host="localhost")))


def test_a_server_that_has_not_started_has_no_address() -> None:
    with pytest.raises(ServerError, match="not started"):
        print_informations(jupyter_trame.Server("early"))


@pytest.mark.asyncio
async def test_where_the_app_is(capsys: pytest.CaptureFixture[str]) -> None:
    server = jupyter_trame.Server("app")
    server.start(port=0, exec_mode="task", show_connection_info=False)
    try:
        await server.ready
        print_informations(server)
        assert (
            f"App running at:\n - Local:   http://localhost:{server.port}/?secret=" in capsys.readouterr().out
        )
    finally:
        await server.stop()


@pytest.mark.asyncio
async def test_closing_the_window_stops_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []

    async def show(url: str, window: dict[str, Any], *, until: Coroutine[Any, Any, None], **_: Any) -> None:
        until.close()
        shown.append((url, window))

    monkeypatch.setattr(desktop, "check", lambda _: None)
    monkeypatch.setattr(desktop, "show", show)
    server = jupyter_trame.Server("window")
    with pytest.raises(ServerError, match="has to run"):
        start_browser(server)
    life = server.start(exec_mode="task", port=0, host="127.0.0.1", open_browser=False, timeout=0)
    await server.ready
    start_browser(server, width=300)
    assert life is not None
    async with asyncio.timeout(10):
        await life
    ((url, window),) = shown
    assert f":{server.port}/" in url
    assert window == {"title": "window", "width": 300}


def test_a_missing_toolkit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop.importlib.util, "find_spec", lambda _: None)  # type: ignore[attr-defined]
    with pytest.raises(ServerError, match="pywebview"):
        start_browser(jupyter_trame.Server("window"))


def test_isascii() -> None:
    assert isascii("a")
    assert not isascii("é")


def test_share() -> None:
    assert share(SimpleNamespace(x=1), "x", 2) == 1
    assert share(SimpleNamespace(), "x", 2) == 2
    assert share(None, "x", 2) == 2
