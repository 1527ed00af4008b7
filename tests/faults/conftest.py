"""Two Jupyter servers for all tests of the folder, and apps in kernels of them behind a proxy that cuts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.servers import JupyterServer
from tests.faults.place import Place, place, serving

BEAT, GRACE = 0.3, 1.5
"""Seconds, of the impatient server."""

ANOTHER_DAY = """
import time
from pathlib import Path
_time = time.time
def jumped():
    found = Path({file!r})
    return _time() + (float(found.read_text()) if found.exists() else 0.0)
time.time = jumped
"""
"""Python after which the clock of the process is ahead by the seconds in a file, if there is that file."""

MakePlace = Callable[..., Place]


@pytest.fixture(scope="session")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that moves the clock of `steady_server`."""
    return tmp_path_factory.mktemp("clock") / "ahead"


@pytest.fixture(scope="session")
def steady_server(tmp_path_factory: pytest.TempPathFactory, clock: Path) -> Iterator[JupyterServer]:
    """As it is installed."""
    with serving(tmp_path_factory.mktemp("steady"), ANOTHER_DAY.format(file=str(clock))) as server:
        yield server


@pytest.fixture(scope="session")
def impatient_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Who does not answer is given up within seconds."""
    config = f"c.TrameExtension.ping_interval = {BEAT}\nc.TrameExtension.grace = {GRACE}"
    with serving(tmp_path_factory.mktemp("impatient"), config) as server:
        yield server


@pytest.fixture
def make_place() -> Iterator[MakePlace]:
    """Makes places; see `place`."""
    with ExitStack() as stack:
        yield lambda server, code, seed=0: stack.enter_context(place(server, code, seed))
