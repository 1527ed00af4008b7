"""Igor and clients that break things, or are somebody else's: what is seen, and that all others go on."""

import asyncio
import json
import socket
import threading
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from jupyter_trame.execution.mailbox import ClosedError
from jupyter_trame.igor import IgorServer
from tests.igor.support import TIMEOUT, client, run, serving, until


def echo(output: Any, data: Any, **kwargs: Any) -> None:
    output.send(data)


@pytest.mark.parametrize("size", [10 * 2**20 + 1, 100 * 2**20])
def test_a_frame_over_the_limit_closes_its_connection(size: int) -> None:
    async def scenario() -> None:
        async with client(server) as other, client(server) as raw:
            with pytest.raises(ConnectionClosed) as closed:
                await raw.send("x" * size)
                await raw.next()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009
            assert await other.call("echo", 1) == [1]

    with serving({"echo": echo}) as server:
        run(scenario)


def test_fragments_count_together() -> None:
    async def fragments() -> Any:
        for _ in range(100):
            yield "x" * 1000

    async def scenario() -> None:
        async with client(server) as raw:
            with pytest.raises(ConnectionClosed) as closed:
                await raw.connection.send(fragments())
                await raw.next()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009

    with serving({"echo": echo}, max_message_size=50_000) as server:
        run(scenario)


def test_a_large_message_within_the_limit() -> None:
    async def scenario() -> None:
        async with client(server) as raw:
            text = "é\n" * (2**20)
            assert await raw.call("echo", text) == [text]

    with serving({"echo": echo}) as server:
        run(scenario)


def test_a_value_without_json_is_the_handlers_mistake() -> None:
    tried: list[str] = []

    def odd(output: Any, data: Any, **kwargs: Any) -> None:
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        for value in (float("nan"), {1, 2}, object(), deep):
            try:
                output.send(value)
            except ValueError as error:
                tried.append(str(error))
        output.send("fine")
        output.send(b"bytes")

    async def scenario() -> None:
        async with client(server) as raw:
            fine, error = await raw.call("odd")
            assert fine == "fine"
            assert "bytes" in error["error"]

    with serving({"odd": odd}) as server:
        run(scenario)
    assert len(tried) == 4


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:4200", None),
        ("http://127.0.0.1:1", None),
        ("https://good.example", None),
        ("http://evil.example", 403),
        ("null", 403),
        ("file://", 403),
        ("http://localhost.evil.example", 403),
        ("garbage", 403),
    ],
)
def test_pages_of_other_origins(origin: str, status: int | None) -> None:
    async def scenario() -> None:
        if status is None:
            async with client(server, origin=origin) as raw:
                assert await raw.call("echo", 1) == [1]
            return
        with pytest.raises(InvalidStatus) as refused:
            async with client(server, origin=origin):
                pass
        assert refused.value.response.status_code == status

    with serving({"echo": echo}, config={"origins": ["https://good.example"]}) as server:
        run(scenario)


def test_a_name_that_was_made_to_lead_here() -> None:
    async def scenario() -> None:
        url = server.url.replace("localhost", "evil.example")
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as sock:
            sock.setblocking(False)
            with pytest.raises(InvalidStatus) as refused:
                async with connect(url, sock=sock, origin=Origin("http://evil.example"), proxy=None):
                    pass
            assert refused.value.response.status_code == 403

    with serving({"echo": echo}) as server:
        run(scenario)


def test_a_slow_client_holds_up_its_handler_and_nobody_else() -> None:
    sent: list[int] = []
    ended = threading.Event()

    def flood(output: Any, data: Any, **kwargs: Any) -> None:
        try:
            for number in range(200):
                output.send("x" * 2**20)
                sent.append(number)
        except ClosedError:
            ended.set()

    async def scenario() -> None:
        async with client(server) as other:
            async with client(server, max_queue=1) as slow:
                await slow.ask(1, "flood")
                await slow.next()
                for number in range(20):
                    assert await other.call("echo", number) == [number]
                assert len(sent) < 50
                slow.connection.transport.abort()
            assert await asyncio.to_thread(ended.wait, TIMEOUT)
            assert await other.call("echo", 1) == [1]

    with serving({"flood": flood, "echo": echo}) as server:
        run(scenario)
    assert len(sent) < 50


def test_a_client_that_reads_nothing_is_closed_and_a_broadcast_goes_on() -> None:
    async def scenario() -> None:
        async with client(server) as reads, client(server, max_queue=1) as stuck:
            stuck.connection.transport.pause_reading()
            output = server.processes["news"]["output"]
            for _ in range(60):
                output.send("news", "x" * 2**20)
                assert (await reads.next())["action"] == "news"
                if len(server.clients) == 1:
                    break
            else:
                raise AssertionError("after 60 MB nobody was closed")
            output.send("news", "last")
            assert (await reads.next())["data"] == "last"
            stuck.connection.transport.abort()

    async def news(output: Any, **kwargs: Any) -> None:
        await asyncio.Event().wait()

    with serving({"echo": echo}) as server:
        server.add_process("news", news)
        run(scenario)


def test_a_coroutine_that_sends_without_end_fails_and_nothing_else_does() -> None:
    async def flood(output: Any, data: Any, **kwargs: Any) -> None:
        while True:
            output.send("x" * 2**20)

    async def scenario() -> None:
        async with client(server) as raw, client(server) as other:
            values = await raw.call("flood")
            assert "without an await" in values.pop()["error"]
            assert len(values) in range(16, 20)
            assert await raw.call("echo", 1) == [1]
            assert await other.call("echo", 2) == [2]

    with serving({"flood": flood, "echo": echo}) as server:
        run(scenario)


def test_a_coroutine_that_only_drains_is_held_up_by_its_client() -> None:
    """It never awaits anything else, and others are answered while it waits."""
    sent: list[int] = []

    async def many(output: Any, data: Any, **kwargs: Any) -> None:
        for number in range(100):
            output.send("x" * 2**20)
            sent.append(number)
            await output.drain()

    async def scenario() -> None:
        async with client(server, max_queue=1) as slow, client(server) as other:
            await slow.ask(1, "many")
            await slow.next()
            for number in range(20):
                assert await other.call("echo", number) == [number]
            assert len(sent) < 50
            assert len(await slow.until_close(1)) == 99

    with serving({"many": many, "echo": echo}) as server:
        run(scenario)


def test_a_process_that_sends_without_end_fails_alone() -> None:
    async def flood(output: Any, **kwargs: Any) -> None:
        while True:
            output.send("flood", "x" * 2**20)

    async def scenario() -> None:
        async with client(server) as raw:
            server.add_process("flood", flood)
            found = [await raw.next()]
            while "close" not in found[-1]:
                found.append(await raw.next())
            assert "without an await" in found[-2]["error"]
            assert await raw.call("echo", 1) == [1]

    with serving({"echo": echo}) as server:
        run(scenario)


def test_large_calls_that_wait_are_not_read() -> None:
    """A function is called for one after the other: what it has not come to stays with its client."""
    go_on = threading.Event()
    data = "x" * (9 << 20)

    def hold(output: Any, data: Any, **kwargs: Any) -> None:
        assert go_on.wait(TIMEOUT)
        output.send(len(data))

    async def scenario() -> None:
        async with client(server) as raw, client(server) as other:
            asking = asyncio.create_task(_ask_all(raw, data))
            await until(lambda: len(server.streams) == 3)
            assert await other.call("echo", 1) == [1]
            # The stream of `other` is taken away after its last message was sent.
            await until(lambda: len(server.streams) == 3)
            assert not asking.done()
            go_on.set()
            for number in range(12):
                assert (await raw.until_close(number))[0]["data"] == len(data)
            await asking

    async def _ask_all(raw: Any, data: str) -> None:
        for number in range(12):
            await raw.ask(number, "hold", data)

    with serving({"hold": hold, "echo": echo}) as server:
        run(scenario)


def test_many_requests_at_once_are_all_answered() -> None:
    """More than may be open: the server reads no more until some are over."""

    async def scenario() -> None:
        async with client(server) as raw:
            for number in range(2000):
                await raw.ask(number, "echo", number)
            for number in range(2000):
                assert await raw.until_close(number) == [{"streamId": number, "data": number}]

    with serving({"echo": echo}) as server:
        run(scenario)


def test_clients_that_leave_in_the_middle() -> None:
    """The handler finds it out when it sends; nothing is logged as its mistake."""
    begun, go_on = threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def endless(output: Any, data: Any, **kwargs: Any) -> None:
        begun.set()
        assert go_on.wait(TIMEOUT)
        assert output.closed
        try:
            output.send(1)
        except ClosedError as error:
            raised.append(error)
            raise

    async def scenario() -> None:
        async with client(server) as raw:
            await raw.ask(1, "endless")
            assert await asyncio.to_thread(begun.wait, TIMEOUT)
        await until(lambda: not server.clients)
        go_on.set()
        await until(lambda: raised)
        await until(lambda: not server.streams)

    with serving({"endless": endless}) as server:
        run(scenario)


def test_a_client_of_aiohttp() -> None:
    async def scenario() -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(server.url) as ws:
            await ws.send_json({"streamId": "a", "action": "echo", "data": [1]})
            assert await ws.receive_json() == {"streamId": "a", "data": [1]}
            assert await ws.receive_json() == {"streamId": "a", "close": True}
            await ws.send_bytes(b"{}")
            assert (await ws.receive_json())["code"] == 400
            await ws.ping()

    with serving({"echo": echo}) as server:
        run(scenario)


def test_a_taken_port_is_told() -> None:
    with serving({"echo": echo}) as server:
        port = int(server.url.rpartition(":")[2])
        second = IgorServer({"echo": echo}, {"logging": {"file_name": None}}, port=port)
        with pytest.raises(OSError, match="address already in use"):
            second.start()
        assert not second.running
        server.stop()
        assert server.wait(TIMEOUT)
        second.start()
        second.stop()
        assert second.wait(TIMEOUT)


def test_what_is_not_http_goes() -> None:
    with (
        serving({"echo": echo}) as server,
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as sock,
    ):
        sock.settimeout(TIMEOUT)
        sock.sendall(b"\x16\x03\x01garbage\r\n\r\n")
        received = b"".join(iter(lambda: sock.recv(4096), b""))
        assert received == b"" or received.startswith(b"HTTP/1.1 400")
        assert json.dumps(server.connection_info())
