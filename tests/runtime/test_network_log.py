"""The network log."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.runtime.network_log import NetworkLog
from jupyter_trame.server import Server
from tests.support.servers import App


def sections(path: Path) -> list[tuple[str, Any]]:
    """Title and content of each."""
    found = []
    for part in path.read_text().split("-" * 60 + "\n"):
        title, _, content = part.partition("\n")
        if title:
            found.append((title.strip("- "), json.loads(content)))
    return found


def test_the_format_is_that_of_trame(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("old")
    log = NetworkLog(path)
    log.state_to_clients({"a": 1, "b": b"x"})
    assert path.read_text() == (
        '----------- STATE: Server => Client -----------\n{\n  "a": 1,\n  "b": "<class \'bytes\'>"\n}\n'
        + "-" * 60
        + "\n"
    )


def test_values_that_no_json_holds_are_their_type(tmp_path: Path) -> None:
    path = tmp_path / "log"
    endless: list[Any] = []
    endless.append(endless)
    NetworkLog(path).event_from_client("x", [(1, {2: object()}), memoryview(b"")], {"y": None})
    NetworkLog(path).event_to_clients(endless)
    assert "<class 'list'>" in path.read_text()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="no/log"):
        NetworkLog(tmp_path / "no" / "log")


def test_everything_that_passes_is_logged(start: Callable[..., App], tmp_path: Path) -> None:
    async def scenario() -> None:
        server = Server("logged", log_network=str(tmp_path / "log"))
        server.state.a = 1
        server.trigger("t")(lambda *_: None)
        client = await start(server).client()
        client.write(a=2)
        await client.settled()
        await client.trigger("t", 3)
        await client.call("trame.lifecycle.update", "client_unmounted")
        server.js_call("ref", "method", 1)

    asyncio.run(scenario())
    found = sections(tmp_path / "log")
    titles = [title for title, _ in found]
    assert titles == [
        "STATE: Server => Client",
        "INITIAL STATE",
        "STATE: Client => Server",
        "STATE: Server => Client",
        "EVENT: Client => Server",
        "EVENT: Client => Server",
        "EVENT: Server => Client",
    ]
    assert found[1][1]["name"] == "logged"
    assert found[1][1]["state"]["a"] == 1
    assert found[2][1] == [{"key": "a", "value": 2}]
    assert found[3][1] == {"a": 2}
    assert found[4][1] == {"name": "t", "args": [3], "kwargs": {}}
    assert found[5][1] == {"name": "trame.lifecycle.update", "args": ["client_unmounted"], "kwargs": {}}
    assert found[6][1] == [{"type": "method", "ref": "ref", "method": "method", "args": [1]}]


def test_what_cannot_be_written_is_told_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    log = NetworkLog(folder / "log")
    log.state_to_clients({"half": "a surrogate: \ud800"})
    assert "a surrogate: \\ud800" in (folder / "log").read_text("utf-8")
    (folder / "log").unlink()
    folder.rmdir()
    log.state_to_clients({"x": 1})
    assert "cannot be written" in caplog.text
