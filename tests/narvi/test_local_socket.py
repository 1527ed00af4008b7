"""What sockets do that pages seldom see; the rest is in tests/contract/test_narvi_sessions.py."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from jupyter_trame.narvi import local_life, local_socket
from jupyter_trame.narvi.local_socket import OpenSockets
from tests.contract import narvi_services
from tests.contract.narvi_hosts import LocalHostOfTests, Site, fetch, fetch_now, page, until
from tests.narvi.support import run


@pytest.fixture
def site() -> Iterator[Site]:
    """A server with a `Probe`."""
    with LocalHostOfTests().running(narvi_services.probe) as found:
        yield found


def test_an_address_for_websockets_says_so(site: Site) -> None:
    answer = fetch_now(site, "GET", "w/probe/x/connect")
    assert (answer.status, answer.text) == (426, "426: this address is for websockets")
    bad = fetch_now(
        site, "GET", "w/probe/x/connect", headers={"Upgrade": "websocket", "Connection": "Upgrade"}
    )
    assert bad.status == 426
    assert bad.headers["sec-websocket-version"] == "13"


def test_a_page_that_answers_no_ping_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Quick(local_life.LocalSettings):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, ping=0.1)

    monkeypatch.setattr("jupyter_trame.narvi.narvi_server.LocalSettings", Quick)

    async def scenario() -> None:
        async with page(quick) as alive:
            reader, writer = await asyncio.open_connection(*quick.host.split(":"))
            head = (
                f"GET {quick.base}/w/probe/x/connect HTTP/1.1\r\nHost: {quick.host}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
            )
            writer.write(head.encode())
            while await reader.read(4096):  # it reads and answers nothing
                pass
            writer.close()

            async def alone() -> bool:
                return bool((await fetch(quick, "GET", "w/probe/x/status")).json["session_count"] == 1)

            await until(alone)
            assert await alive.do("echo", value=1) == 1

    with LocalHostOfTests().running(narvi_services.probe) as quick:
        run(scenario)


def test_who_hangs_up_before_the_upgrade_leaves_nothing(site: Site) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await one.tell("sleep", seconds=0.1)
            for _ in range(5):
                raw = socket.create_connection(tuple(site.host.split(":")))  # type: ignore[arg-type]
                raw.sendall(
                    f"GET {site.base}/w/probe/x/connect HTTP/1.1\r\nHost: {site.host}\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n".encode()
                )
                raw.close()

            async def alone() -> bool:
                return bool((await fetch(site, "GET", "w/probe/x/status")).json["session_count"] == 1)

            await until(alone)

    run(scenario)


def test_one_page_that_stalls_gets_all_when_it_reads_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_socket, "_LOOK", 0.01)

    async def scenario() -> None:
        async with page(site, max_queue=1) as one:
            await one.tell("flood", size=1 << 20, times=30)
            await asyncio.sleep(0.3)  # the service waits for it meanwhile, and is not cut off
            for _ in range(30):
                assert len(await one.next()) == 1 << 20
            assert await one.do("echo", value=1) == 1

    run(scenario)


def test_a_page_that_reads_nothing_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_socket, "_LOOK", 0.01)
    monkeypatch.setattr(local_socket, "_PATIENCE", 0.1)

    async def scenario() -> None:
        async with page(site, max_queue=1) as one:
            await one.tell("flood", size=1 << 20, times=10)
            one.connection.transport.pause_reading()

            async def gone() -> bool:
                return bool((await fetch(site, "GET", "w/probe/x/status")).json["session_count"] == 0)

            await until(gone)
            one.connection.transport.abort()

    run(scenario)


def test_sockets_have_a_moment_to_say_goodbye() -> None:
    class Socket:
        aborted = False

        def abort(self) -> None:
            self.aborted = True

    async def scenario() -> None:
        sockets, good, bad = OpenSockets(), Socket(), Socket()
        await sockets.end(10)
        sockets.add(good)  # type: ignore[arg-type]
        sockets.add(bad)  # type: ignore[arg-type]
        asyncio.get_running_loop().call_soon(lambda: sockets.discard(good))  # type: ignore[arg-type]
        await sockets.end(0.05)
        assert (good.aborted, bad.aborted) == (False, True)

    run(scenario)


def test_the_end_of_the_server_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(call: Callable[[], object], host: str, base: str) -> None:
        async with connect(f"ws://{host}{base}/w/probe/x/connect", proxy=None) as one:
            await one.recv()
            await one.recv()
            closing = asyncio.create_task(asyncio.to_thread(call))
            with pytest.raises(ConnectionClosed) as closed:
                await one.recv()
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "the server has ended")
            await closing

    with contextlib.ExitStack() as stack:
        site = stack.enter_context(LocalHostOfTests().running(narvi_services.probe))
        run(lambda: scenario(lambda: site.call("close"), site.host, site.base))
