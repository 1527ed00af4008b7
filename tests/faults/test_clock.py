"""The clock of the machine is set to another day: no session ends by it, and nothing waits for the old time."""

import ast
import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.servers import JupyterServer
from tests.faults.conftest import ANOTHER_DAY, MakePlace
from tests.faults.load import Viewer, until
from tests.faults.test_half_open import APP

PACKAGE = Path(__file__).parents[2] / "jupyter_trame"

DAY = 86400.0


@pytest.fixture
def moved(clock: Path) -> Iterator[Callable[[float], None]]:
    """Moves the clock by so many days."""

    def move(days: float) -> None:
        new = clock.with_suffix(".new")
        new.write_text(str(days * DAY))
        new.rename(clock)

    yield move
    move(0)


def test_another_day(
    steady_server: JupyterServer, make_place: MakePlace, clock: Path, moved: Callable[[float], None]
) -> None:
    found = make_place(steady_server, ANOTHER_DAY.format(file=str(clock)) + APP)

    async def main() -> None:
        one = Viewer(found.url)
        await one.start()
        session = one.client._exchange.session.client_id
        call = asyncio.create_task(one.client.call_trigger("wait"))
        await until(lambda: "call" in found.run("print(*heard)"), "the call")
        for number, days in enumerate([1, -1, 400], 1):
            moved(days)
            assert abs(float(found.run("print(time.time() - _time())")) - days * DAY) < 1
            found.cutter.cut_all()
            moved(days - 2)
            with one.client.state as state:
                state.n = number
            await until(
                lambda number=number: one.client.connected and not one.client._exchange.session.pending,
                "the client",
            )
        found.run("go.set()")
        assert await asyncio.wait_for(call, 10) == "done"
        assert one.client._exchange.session.client_id == session
        assert found.run("print(server.state.n, *heard)").split() == ["3", "in", "call"]
        await one.stop()

    asyncio.run(main())


READERS = {
    "execution/error_reports.py": "when an error happened",
    "extension/activity.py": "when somebody used an app last, which Jupyter tells as a time of day",
    "extension/viewers.py": "since when a view is there",
    "kernel/endpoint.py": "since when a page is connected over a comm",
    "runtime/lifecycle.py": "since when an app runs",
    "narvi/process_metrics.py": "how long a process has run, whose start the system tells as a time of day",
    "services/monitor_rounds.py": "when a sample was taken, which narvi's format tells as a time of day",
    "rpc/upload_folder.py": "how old a folder is that nobody has locked",
    "program/certificates.py": "for how long a certificate is valid",
}
"""Module -> what it needs the time of day for."""

READINGS = ("time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today")


def wall_clocks(source: str) -> list[int]:
    """Lines that ask for the time of day."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith(READINGS):
            found.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found += [node.lineno for alias in node.names if alias.name.startswith("time")]
    return found


def test_nothing_asks_for_the_time_of_day() -> None:
    """But for what `READERS` names."""
    readers = [path for path in PACKAGE.rglob("*.py") if wall_clocks(path.read_text("utf-8"))]
    assert {path.relative_to(PACKAGE).as_posix() for path in readers} == set(READERS)


def test_a_wall_clock_is_found() -> None:
    assert wall_clocks("import time\nx = time.time()") == [2]
    assert wall_clocks("from time import time") == [1]
    assert wall_clocks("import datetime as dt\nx = dt.datetime.now()") == [2]
    assert not wall_clocks("import time\nx = time.monotonic()")
