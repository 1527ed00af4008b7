"""The calls of a test that is no coroutine."""

import asyncio
import inspect
import threading

import pytest

from jupyter_trame.server import Server
from jupyter_trame.testing.app_client import AppClient, ClientElement
from jupyter_trame.testing.app_errors import AppFailedError
from jupyter_trame.testing.app_launcher import AppLauncher
from jupyter_trame.testing.app_session import AppSession
from jupyter_trame.testing.blocking import BlockingClient, BlockingElement, BlockingSession
from tests.testing.support import TIMEOUT, Counter

trame = AppLauncher(TIMEOUT)


def test_a_story() -> None:
    with trame(Counter) as session:
        client, other = session.client(), session.client("other")
        client.set(n=2)
        assert (client.state.total, session.state.total) == (20, 20)
        assert client.trigger("add", 1, times=2) == 4
        other.wait_for("n", 4)
        other.until(lambda state: other.actions and state.total == 40)
        assert [publication.topic for publication in other.publications] == ["trame.actions.topic"]
        client.find("button", text="Add").click()
        client.find("input").set(9)
        assert session.app.server.state.n == 9
        assert [item.text for item in client.find_all("li")] == ["a", "b"]
        client.template().find(ref="add").fire("click")
        assert session.state.n == 11
        assert (client.name, other.name, client.connected) == ("client 1", "other", True)
        assert repr(other) == "<BlockingClient 'other', connected>"


def test_the_network() -> None:
    with trame(Counter) as session:
        client, other = session.client(), session.client()
        client.delay(1)
        session.set(n=5)
        client.delay(0)
        client.stall()
        client.resume()
        client.cut()
        client.set(n=6)
        assert session.state.n == 5
        client.resume()
        session.converge()
        session.until(lambda: other.state.total == 60)
        session.advance(1)
        other.disconnect()
        assert not other.connected
        other.connect()
        assert other.peer.state.n == 6


def test_user_code_runs_on_the_thread_of_the_test() -> None:
    threads: list[int] = []

    def app(server: Server) -> None:
        server.trigger("where")(lambda: threads.append(threading.get_ident()))

        @server.trigger("task")
        async def task() -> None:
            asyncio.get_running_loop()
            threads.append(threading.get_ident())

    with trame(app) as session:
        client = session.client()
        client.trigger("where")
        client.trigger("task")
        assert session.run(asyncio.sleep(0, "result")) == "result"
    assert set(threads) == {threading.get_ident()}


def test_listeners_run_where_the_test_writes() -> None:
    with trame(Counter) as session:
        client = session.client()
        with session.server.state as state:
            state.n = 3
        assert session.state.total == 30
        client.wait_for("total", 30)


def test_errors() -> None:
    with trame(Counter) as session:
        client = session.client()
        with session.errors.expect("negative"):
            client.set(n=-1)
        with session.errors.expect("bad"):
            client.trigger("bad")
    with pytest.raises(AppFailedError), trame(Counter) as session:
        session.set(n=-1)


def test_an_app_that_cannot_be_made_leaves_no_loop() -> None:
    def broken(server: Server) -> None:
        raise LookupError

    session = BlockingSession(AppSession(broken, {}, TIMEOUT))
    with pytest.raises(LookupError):
        session.begin()
    assert session._loop.is_closed()


def test_tasks_of_the_app_end_with_it() -> None:
    ended: list[str] = []

    def app(server: Server) -> None:
        @server.trigger("start")
        def start() -> None:
            session_tasks.append(asyncio.ensure_future(forever()))

        async def forever() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("ended")

    session_tasks: list[asyncio.Future[None]] = []
    with trame(app) as session:
        session.client().trigger("start")
        session.run(asyncio.sleep(0))
    assert ended == ["ended"]


@pytest.mark.parametrize(
    ("blocking", "plain", "missing"),
    [
        (BlockingSession, AppSession, {"waiting", "clients"}),
        (BlockingClient, AppClient, {"click", "enter", "fire", "show"}),
        (BlockingElement, ClientElement, set[str]()),
    ],
)
def test_nothing_is_missing(blocking: type, plain: type, missing: set[str]) -> None:
    def members(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert members(plain) - members(blocking) == missing - {"clients"}
    for name in members(plain) & members(blocking):
        function = getattr(plain, name)
        if inspect.isfunction(function):
            expected = list(inspect.signature(function).parameters)
            assert list(inspect.signature(getattr(blocking, name)).parameters) == expected, name
