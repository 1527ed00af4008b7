"""The app of a test: how it begins, what it holds, how it ends."""

import asyncio
import gc
import threading
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server, runtime_of
from jupyter_trame.testing.app_errors import AppFailedError, NotReachedError
from jupyter_trame.testing.app_session import AppSession
from tests.testing.support import TIMEOUT, Counter, run


def test_what_an_app_may_be() -> None:
    def function(server: Server) -> str:
        server.state.kind = "function"
        return "result"

    async def coroutine(server: Server) -> str:
        server.state.kind = "coroutine"
        return "awaited"

    ready = Server("ready")
    ready.state.kind = "server"

    async def main() -> None:
        cases: list[tuple[Any, str, str | None]] = [
            (function, "function", "result"),
            (coroutine, "coroutine", "awaited"),
            (ready, "server", None),
            (ready, "server", None),
        ]
        for app, kind, result in cases:
            async with AppSession(app, {}, TIMEOUT) as session:
                assert (await session.client()).state.kind == kind
                assert session.app == result
            assert not session.server.running
        async with AppSession(Counter, {}, TIMEOUT) as session:
            assert isinstance(session.app, Counter)

    run(main())


def test_options() -> None:
    async def main() -> None:
        async with AppSession(Counter, {"name": "other", "compat": "trame"}, TIMEOUT) as session:
            assert (session.server.name, session.server.compat) == ("other", "trame")
        with pytest.raises(ServerError, match="takes no options: compat"):
            async with AppSession(Server("ready"), {"compat": "trame"}, TIMEOUT):
                pass

    run(main())


def test_a_running_server_is_refused() -> None:
    async def main() -> None:
        async with AppSession(Counter, {}, TIMEOUT) as session:
            with pytest.raises(ServerError, match="runs already"):
                async with AppSession(session.server, {}, TIMEOUT):
                    pass

    run(main())


def test_nothing_is_left() -> None:
    async def main() -> None:
        before = set(asyncio.all_tasks())
        async with AppSession(Counter, {}, TIMEOUT) as session:
            await session.client()
        assert set(asyncio.all_tasks()) == before
        assert not any(server.name.startswith("Counter") for server in registry.process.servers.values())

    threads = set(threading.enumerate())
    run(main())
    gc.collect()
    assert not set(threading.enumerate()) - threads


def test_two_apps_side_by_side() -> None:
    async def main() -> None:
        async with AppSession(Counter, {}, TIMEOUT) as one, AppSession(Counter, {}, TIMEOUT) as two:
            first, second = await one.client(), await two.client()
            await first.set(n=2)
            assert (first.state.total, second.state.total) == (20, 10)
            assert (one.server.name, two.server.name) == ("Counter", "Counter 2")

    run(main())


def test_an_app_that_cannot_be_made() -> None:
    def broken(server: Server) -> None:
        raise LookupError("no data")

    async def main() -> None:
        with pytest.raises(LookupError, match="no data"):
            async with AppSession(broken, {}, TIMEOUT):
                pass
        assert "broken" not in registry.process.servers

    run(main())


def test_errors_fail_the_test() -> None:
    async def main() -> None:
        with pytest.raises(AppFailedError, match="ValueError: n is negative"):
            async with AppSession(Counter, {}, TIMEOUT) as session:
                await (await session.client()).set(n=-1)
        with pytest.raises(AppFailedError, match="n is negative"):
            async with AppSession(Counter, {}, TIMEOUT) as session:
                await session.set(n=-1)

    run(main())


def test_errors_of_the_end_and_of_listeners_of_a_client() -> None:
    def app(server: Server) -> None:
        @server.controller.add("on_server_exited")
        def leave(**_: Any) -> None:
            raise OSError("cannot save")

    async def main() -> None:
        with pytest.raises(AppFailedError, match="2 errors") as caught:
            async with AppSession(app, {}, TIMEOUT) as session:
                client = await session.client()
                client.peer.change("n")(lambda n, **_: 1 / n)
                await session.set(n=0)
        assert caught.match("cannot save")
        assert caught.match("ZeroDivisionError")

    run(main())


def test_errors_are_a_note_of_another_failure() -> None:
    async def main() -> None:
        with pytest.raises(KeyError) as caught:
            async with AppSession(Counter, {}, TIMEOUT) as session:
                await (await session.client()).set(n=-1)
                raise KeyError
        assert "n is negative" in caught.value.__notes__[0]

    run(main())


def test_two_clients_converge() -> None:
    async def main() -> None:
        async with AppSession(Counter, {}, TIMEOUT) as session:
            first, second = await session.client(), await session.client("second")
            for number in range(20):
                for client, value in ((first, number), (second, 100 + number)):
                    with client.state:
                        client.state.n = value
            await session.converge()
            assert first.state.n == second.state.n == session.state.n
            assert first.state.total == second.state.total == session.state.n * 10

    run(main())


def test_what_does_not_converge_is_named() -> None:
    async def main() -> None:
        async with AppSession(Counter, {}, 0.05) as session:
            client = await session.client()
            runtime_of(session.server).primary.commit = lambda *_: None  # type: ignore[method-assign]
            with session.state:
                session.state.n = 5
            with pytest.raises(NotReachedError, match="different:\n  client 1: n\n"):
                await session.converge("n")
            assert client.state.n == 1

    run(main())


def test_until_and_advance() -> None:
    async def main() -> None:
        async with AppSession(Counter, {}, TIMEOUT) as session:
            client = await session.client()
            client.delay(5)
            call = asyncio.ensure_future(client.peer.call_trigger("add", [4]))
            await session.advance(5)
            assert (session.state.n, call.done()) == (5, False)
            await session.advance(5)
            assert await call == 5
            await session.until(lambda: client.state.n == 5)
            with pytest.raises(NotReachedError, match="<Server 'Counter', running> holds:\n  big = ''"):
                await session.until(lambda: False, timeout=0.01)

    run(main())


def test_nothing_works_before_it_begins() -> None:
    session = AppSession(Counter, {}, TIMEOUT)
    for use in (lambda: session.server, lambda: session.waiting):
        with pytest.raises(ServerError, match="has not begun"):
            use()


def test_no_port_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a port is opened")

    monkeypatch.setattr("socket.socket.bind", refuse)
    monkeypatch.setattr("socket.socket.connect", refuse)

    async def main() -> None:
        async with AppSession(Counter, {}, TIMEOUT) as session:
            assert await (await session.client()).trigger("add", 1) == 2

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()
