"""Processes: threads and coroutines, how they begin and end."""

import asyncio
import threading
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.mailbox import ClosedError
from jupyter_trame.igor import IgorProcess, IgorServer
from tests.igor.support import TIMEOUT, client, run, serving, until


class Endless(IgorProcess):
    """As the original's page has it: it looks at nothing, and sends until that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while True:
                self.output.send("tick")
        except ClosedError as error:
            self.error = error
            raise
        finally:
            self.ended.set()


def test_the_server_stops_and_so_do_they(caplog: pytest.LogCaptureFixture) -> None:
    endless = Endless()
    stopped = threading.Event()

    async def polite(output: Any, **kwargs: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            assert output.stopping.is_set()
            stopped.set()

    with serving({}) as server:
        server.add_process("endless", endless)
        server.add_process("polite", polite)
    assert endless.ended.wait(TIMEOUT)
    endless.join()
    assert stopped.wait(TIMEOUT)
    assert isinstance(endless.error, ClosedError)
    assert not caplog.records
    assert not server.processes


def test_one_that_fails_tells_clients_and_the_log(caplog: pytest.LogCaptureFixture) -> None:
    go = threading.Event()

    class Fails(IgorProcess):
        def run(self) -> None:
            assert go.wait(TIMEOUT)
            raise ValueError("broken")

    async def fails(output: Any, *, scope: Any, sessions: Any) -> None:
        raise KeyError

    async def leaves(output: Any, **kwargs: Any) -> None:
        raise SystemExit

    async def scenario() -> None:
        async with client(server) as raw:
            await until(lambda: server.clients)
            go.set()
            assert await raw.until_close("thread") == [{"streamId": "thread", "error": "broken"}]
            server.add_process("task", fails)
            assert await raw.until_close("task") == [{"streamId": "task", "error": "KeyError"}]
            server.add_process("exit", leaves)
            assert await raw.until_close("exit") == []
            assert not server.processes

    with serving({}) as server:
        server.add_process("thread", Fails())
        run(scenario)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ValueError, KeyError]


def test_a_function_that_is_no_coroutine_is_told(caplog: pytest.LogCaptureFixture) -> None:
    slip: Any = lambda output, **kwargs: None  # noqa: E731

    async def scenario() -> None:
        async with client(server) as raw:
            await until(lambda: server.clients)
            server.add_process("slip", slip)
            [told] = await raw.until_close("slip")
            assert "a process is a coroutine function, or a thread" in told["error"]

    with serving({}) as server:
        run(scenario)
    assert "process 'slip' failed" in caplog.text


def test_what_cannot_be_added() -> None:
    server = IgorServer({})
    server.add_process("a", IgorProcess())
    with pytest.raises(ServerError, match="a process 'a' already"):
        server.add_process("a", IgorProcess())
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    with pytest.raises(ServerError, match="started already"):
        server.add_process("b", thread)
    wrong: Any = 5
    with pytest.raises(TypeError, match="a thread or a coroutine function, not int"):
        server.add_process("b", wrong)
    assert server.processes["a"]["output"] is None


def test_a_coroutine_shares_scope_and_sessions() -> None:
    async def process(output: Any, *, scope: dict[str, Any], sessions: dict[Any, Any]) -> None:
        scope["sessions"] = sessions
        output.send("up")

    with serving({}) as server:
        server.add_process("p", process)
        run(lambda: until(lambda: not server.processes))
        assert server.scope["sessions"] is server.sessions
