"""Servers of a notebook of marimo, without a browser."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from jupyter_trame import Server
from jupyter_trame.errors import ServerError
from jupyter_trame.kernel.marimo_session import detect_session
from jupyter_trame.runtime import registry
from tests.kernel.marimo_notebook import notebook, run_cell


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[registry.Process]:
    process = registry.Process()
    monkeypatch.setattr(registry, "process", process)
    yield process
    assert process.host is None, "the end of the notebook has ended it"


def test_outside_of_a_notebook_there_is_none() -> None:
    assert detect_session() is None
    with notebook():
        assert detect_session() is None, "no loop turns"


def test_what_is_known_of_a_notebook() -> None:
    async def cell() -> None:
        with notebook("cell-1") as context:
            found = detect_session()
            assert found is not None
            assert (found.loop, found.thread) == (asyncio.get_running_loop(), threading.get_ident())
            assert (found.cell(), found.view_owner(), found.at_work) == ("cell-1", "cell-1", True)
            run_cell(context, None)
            assert (found.cell(), found.view_owner(), found.at_work) == (None, None, False)
            assert (found.kernel_id, found.speaks_jupyter) == ("", False)

    asyncio.run(cell())


def test_a_server_runs_on_the_loop_and_ends_with_it() -> None:
    ended: list[str] = []

    async def cell() -> Server:
        with notebook():
            server = Server("one")
            server.controller.on_server_exited.add(lambda **_: ended.append("one"))
            assert server.start() is None
            assert server.running
            server.state.x = 1
            flushed = asyncio.get_running_loop().create_future()
            server.state.change("x")(lambda **_: flushed.set_result(None))
            server.state.x = 2
            await asyncio.wait_for(flushed, 10)
            return server

    server = asyncio.run(cell())
    assert not server.running
    assert ended == ["one"]


def test_a_cell_that_runs_again_ends_its_server_and_a_deleted_one_too() -> None:
    async def cells() -> None:
        with notebook("cell-1") as context:
            first = Server("one")
            first.start()
            context.cell_lifecycle_registry.dispose("cell-1", deletion=False)
            assert not first.running
            second = Server("one")
            second.start()
            context.cell_lifecycle_registry.dispose("cell-1", deletion=True)
            assert not second.running

    asyncio.run(cells())


def test_what_is_said_of_it_asks_for_nothing_of_jupyter() -> None:
    async def cell() -> str:
        with notebook():
            server = Server("one")
            server.start()
            return str(server.doctor())

    said = asyncio.run(cell())
    assert "one" in said
    assert "%load_ext" not in said


def test_there_are_no_tabs() -> None:
    async def cell() -> None:
        with (
            notebook(),
            pytest.raises(
                ServerError, match=r"show the server in a cell, as its last line or by server\.view"
            ),
        ):
            Server("one").open()

    asyncio.run(cell())


def test_visitors_on_threads_share_no_server(process: registry.Process) -> None:
    servers: list[Server] = []
    both = threading.Barrier(2, timeout=10)

    def visit() -> None:
        async def cell() -> None:
            with notebook():
                server = Server("one")
                server.start()
                servers.append(server)
                both.wait()
                assert server.running
                both.wait()

        asyncio.run(cell())

    run_together(visit, visit)
    assert len(servers) == 2
    assert not any(server.running for server in servers)
    assert not process.servers


def run_together(*calls: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
