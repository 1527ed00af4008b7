"""What is around a server decides where it listens; real kernels are in `tests/contract/test_igor_kernel.py`."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.igor import IgorServer
from jupyter_trame.igor import around as module
from jupyter_trame.igor.around import KernelAround, ProgramAround, look_around, returns_at_once
from jupyter_trame.igor.configuration import read_options, whole_config
from jupyter_trame.igor.kernel_place import CellLog, KernelPlace
from jupyter_trame.igor.program import ProgramPlace

LOGGER = logging.getLogger(__name__)


def options(**rest: Any) -> Any:
    given = {"name": None, "grace": 10.0, "max_message_size": 1, "allow_reclaim": "token"}
    return read_options(whole_config({}), **{**given, **rest})


def test_a_program() -> None:
    here = look_around()
    assert type(here) is ProgramAround
    assert [type(place) for place in here.places(options(), LOGGER)] == [ProgramPlace]
    assert not returns_at_once()


def test_a_loop_on_this_thread() -> None:
    async def scenario() -> None:
        assert returns_at_once()

    asyncio.run(scenario())


def test_a_kernel(tmp_path: Path) -> None:
    around = KernelAround(tmp_path / "kernel-1234.json")
    (place,) = around.places(options(name="robot"), LOGGER)
    assert type(place) is KernelPlace
    assert place.url == "trame/igor/1234/robot/ws"
    assert place.file_url is None
    assert type(around.log(options())) is CellLog
    with pytest.raises(ValueError, match="is for programs"):
        around.check(options(allow_reclaim="open"))


def test_the_next_server_of_a_name_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    around = KernelAround(tmp_path / "kernel-1234.json")
    one, two = (IgorServer({}, name="robot") for _ in range(2))
    one._start(around)
    two._start(around)
    assert (one.running, two.running) == (False, True)
    assert len(list(tmp_path.glob("*.json"))) == 1
    two.stop()
    assert two.wait(10)
    assert not list(tmp_path.iterdir())


def test_a_kernel_that_no_jupyter_server_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a notebook is executed: servers run there, one after the other, and are reached by nobody."""
    ends: list[Any] = []
    monkeypatch.setattr("atexit.register", lambda call, *args, **options: ends.append((call, args, options)))
    module._somewhere.cache_clear()
    file = module._somewhere()
    for _ in range(2):
        server = IgorServer({}, name="robot")
        server._start(KernelAround(file))
        assert server.running
        server.stop()
        assert server.wait(10)
    assert list(file.parent.iterdir()) == []
    for call, args, options in ends:
        call(*args, **options)
    module._somewhere.cache_clear()
    assert not file.parent.parent.exists()
