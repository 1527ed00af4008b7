"""What sockets do that pages seldom see; the rest is in tests/contract/test_narvi_sessions.py."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from jupyter_trame.narvi import local_life, local_socket
from jupyter_trame.narvi.local_shared import LocalShared
from jupyter_trame.narvi.local_socket import OpenSockets
from jupyter_trame.narvi.slow_sessions import SlowSessions
from jupyter_trame.narvi.total_backlog import TotalBacklog
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


def test_pages_that_read_nothing_are_bounded_together(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """None of them is too far behind alone."""
    monkeypatch.setattr(local_socket, "_LOOK", 0.01)
    monkeypatch.setattr(local_socket, "_STALLED", 0.05)
    shared = LocalShared
    monkeypatch.setattr(local_life, "LocalShared", lambda: shared(unsent=TotalBacklog("is last", 20 << 20)))

    async def scenario() -> None:
        async with AsyncExitStack() as stack:
            paths = [f"w/probe/{number}" for number in range(6)]
            for path in paths:
                one = await stack.enter_async_context(page(small, f"{path}/connect", max_queue=1))
                one.connection.transport.pause_reading()
                stack.callback(one.connection.transport.abort)
                await one.tell("flood", size=1 << 20, times=12)

            async def sessions() -> list[int]:
                found = [(await fetch(small, "GET", f"{path}/status")).json for path in paths]
                return [one["session_count"] for one in found]

            async def fewer() -> bool:
                return sum(await sessions()) <= 3

            await until(fewer)
            assert sum(await sessions()) >= 1

    with LocalHostOfTests().running(narvi_services.probe) as small:
        run(scenario)
    assert "is cut off: its page is last" in caplog.text


def test_messages_that_are_never_complete_are_bounded_together(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shared = LocalShared
    monkeypatch.setattr(
        local_life, "LocalShared", lambda: shared(unread=TotalBacklog("is never done", 5_000_000))
    )

    async def scenario() -> None:
        async with AsyncExitStack() as stack, page(small) as good:
            for _ in range(4):
                one = await stack.enter_async_context(page(small))
                stack.callback(one.connection.transport.abort)
                one.connection.transport.write(
                    b"\x82\xff" + (9_000_000).to_bytes(8) + bytes(4) + bytes(2_000_000)
                )

            async def some_left() -> bool:
                status = await fetch(small, "GET", "w/probe/x/status")
                return bool(1 < status.json["session_count"] <= 3)

            await until(some_left)
            assert await good.do("echo", value="x" * 1_000_000) == "x" * 1_000_000

    with LocalHostOfTests().running(narvi_services.probe) as small:
        run(scenario)
    assert "is cut off: its page is never done" in caplog.text


def test_a_service_that_waits_for_a_page_holds_the_end_up_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    fell_behind = threading.Event()

    class Noticed(SlowSessions):
        def put(self, *args: Any, **options: Any) -> None:
            super().put(*args, **options)
            fell_behind.set()

    shared = LocalShared
    monkeypatch.setattr(local_life, "LocalShared", lambda: shared(slow=Noticed()))

    async def scenario() -> None:
        async with page(served, max_queue=1) as one:
            one.connection.transport.pause_reading()
            await one.tell("flood_self", size=1 << 20, times=20)
            assert await asyncio.to_thread(fell_behind.wait, 20)
            began = time.monotonic()
            await asyncio.to_thread(served.call, "close")
            assert time.monotonic() - began < 4  # its thread would wait until the socket is cut, after 5 s
            one.connection.transport.abort()

    with LocalHostOfTests().running(narvi_services.probe) as served:
        run(scenario)


def test_who_is_refused_is_told_when_to_come_again() -> None:
    async def scenario() -> None:
        async with page(full):
            for target in ("w/probe/y/connect", "w/probe/x/connect"):
                with pytest.raises(InvalidStatus) as refused:
                    async with page(full, target):
                        pass
                response = refused.value.response
                assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
                asked = await fetch(full, "GET", target)
                assert (asked.status, asked.headers["retry-after"]) == (503, "10")
                assert asked.text == "503: too many sessions are open"

    async def scenario_of_instances() -> None:
        async with page(small), page(small):
            asked = await fetch(small, "GET", "w/probe/y/connect")
            assert (asked.status, asked.text) == (503, "503: too many services run here")
            with pytest.raises(InvalidStatus, match="503"):
                async with page(small, "w/probe/y/connect"):
                    pass

    with LocalHostOfTests().running(narvi_services.probe, max_sessions=1) as full:
        run(scenario)
    with LocalHostOfTests().running(narvi_services.probe, max_instances=1) as small:
        run(scenario_of_instances)


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
