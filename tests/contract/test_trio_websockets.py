"""What the original promises of websockets on trio, row by row, over real sockets; tests/trio has those in a kernel."""

import http
import logging
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import zlib
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from websockets.extensions.permessage_deflate import PerMessageDeflate

from jupyter_trame.trio import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidState,
    InvalidStatusCode,
    PayloadTooBig,
    WebSocketServerProtocol,
    connect,
    serve,
    unix_serve,
)
from tests.trio.support import (
    TIMEOUT,
    address_of,
    ask,
    certificate,
    echo,
    hold,
    on_trio,
    port_of,
    serving,
)

SIZES = [0, 1, 125, 126, 65535, 65536]

UPGRADE = (
    "GET / HTTP/1.1\nHost: localhost\nUpgrade: websocket\nConnection: Upgrade\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n"
)


async def open_raw(address: str, extra: str = "") -> trio.SocketStream:
    """A connection whose frames the test writes itself, after the opening handshake."""
    host, _, port = address.removeprefix("ws://").rstrip("/").partition(":")
    stream = await trio.open_tcp_stream(host, int(port))
    await stream.send_all((UPGRADE + extra + "\n").replace("\n", "\r\n").encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += await stream.receive_some(1)
    assert answer.startswith(b"HTTP/1.1 101 ")
    return stream


def masked(first: int, payload: bytes = b"") -> bytes:
    """A client's frame of at most 65535 bytes, with a mask of zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2, "big")
    return bytes([first]) + length + bytes(4) + payload


# -- row 1


@on_trio
async def test_row_01_hello_client_and_echo_server() -> None:
    async with serving(echo) as address, connect(address) as websocket:
        await websocket.send("Hello world!")
        assert await websocket.recv() == "Hello world!"


def test_row_01_a_cancelled_run_leaves_no_socket_and_no_task() -> None:
    listening: list[Any] = []
    tasks: list[int] = []

    async def main() -> None:
        before = trio.lowlevel.current_statistics().tasks_living
        async with trio.open_nursery() as nursery:
            server = await nursery.start(serve, echo, "127.0.0.1", 0)
            listening.extend(server.sockets)
            async with connect(address_of(server)) as websocket:
                await websocket.send("x")
                await websocket.recv()
                nursery.cancel_scope.cancel()
        tasks.append(trio.lowlevel.current_statistics().tasks_living - before)

    trio.run(main)
    assert [sock.fileno() for sock in listening] == [-1]
    assert tasks == [0]


def test_row_01_trio_run_takes_serve_itself() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]

    async def stop(websocket: Any, path: str) -> None:
        assert await websocket.recv() == "stop"
        raise KeyboardInterrupt

    async def client() -> None:
        with trio.fail_after(TIMEOUT):
            while True:
                try:
                    async with connect(f"ws://127.0.0.1:{port}") as websocket:
                        await websocket.send("stop")
                        await websocket.wait_closed()
                        return
                except ConnectionError:
                    await trio.sleep(0.01)  # it does not listen yet

    thread = threading.Thread(target=trio.run, args=(client,))
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        trio.run(serve, stop, "127.0.0.1", port)
    thread.join()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


# -- row 2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("compression", ["deflate", None])
@on_trio
async def test_row_02_messages_come_back_unchanged(size: int, compression: str | None) -> None:
    async with serving(echo, compression=compression) as address, connect(address) as websocket:
        for message in ("é" * (size // 2) + "x" * (size % 2), os.urandom(size)):
            await websocket.send(message)
            assert await websocket.recv() == message


@on_trio
async def test_row_02_fragments_are_one_message() -> None:
    async with serving(echo) as address, await open_raw(address) as stream:
        for frame in (masked(0x01, b"a"), masked(0x00, b""), masked(0x00, b"b"), masked(0x80, b"c")):
            await stream.send_all(frame)
        assert await stream.receive_some(100) == b"\x81\x03abc"


# -- row 3


@pytest.mark.parametrize("compression", ["deflate", None])
@pytest.mark.parametrize("message", [b"x" * 1025, "é" * 513])
@on_trio
async def test_row_03_a_larger_message_ends_with_1009(compression: str | None, message: str | bytes) -> None:
    ends: list[ConnectionClosed] = []

    async def handler(websocket: Any, path: str) -> None:
        try:
            await websocket.recv()
        except ConnectionClosed as error:
            ends.append(error)
            raise

    async with (
        serving(handler, max_size=1024, compression=compression) as address,
        connect(address, compression=compression) as websocket,
    ):
        await websocket.send(message)
        with pytest.raises(ConnectionClosed) as caught:
            await websocket.recv()
        assert caught.value.code == websocket.close_code == 1009
    assert [error.code for error in ends] == [1009]
    assert isinstance(ends[0].__cause__, PayloadTooBig)


@on_trio
async def test_row_03_a_client_has_the_same_limit_and_none_lifts_it() -> None:
    async with serving(echo) as address, connect(address, max_size=1024) as websocket:
        await websocket.send("é" * 512)
        assert await websocket.recv() == "é" * 512
        await websocket.send(b"x" * 1025)
        with pytest.raises(ConnectionClosed) as caught:
            await websocket.recv()
        assert caught.value.code == 1009
    async with serving(echo, max_size=None) as address, connect(address, max_size=None) as websocket:
        await websocket.send(bytes(3 * 2**20))
        assert len(await websocket.recv()) == 3 * 2**20


@on_trio
async def test_row_03_a_small_frame_that_inflates_is_not_inflated_beyond_the_limit() -> None:
    compressor = zlib.compressobj(wbits=-15)
    bomb = compressor.compress(bytes(10 * 2**20)) + compressor.flush(zlib.Z_SYNC_FLUSH)
    async with (
        serving(hold, max_size=1024) as address,
        await open_raw(address, "Sec-WebSocket-Extensions: permessage-deflate\n") as stream,
    ):
        await stream.send_all(masked(0xC2, bomb[:-4]))
        assert (await stream.receive_some(4))[2:4] == (1009).to_bytes(2, "big")


# -- row 4


@on_trio
async def test_row_04_a_client_closes_with_its_code_and_reason() -> None:
    ends: list[tuple[int, str]] = []

    async def handler(websocket: Any, path: str) -> None:
        with pytest.raises(ConnectionClosed) as caught:
            await websocket.recv()
        ends.append((caught.value.code, caught.value.reason))

    async with serving(handler) as address, connect(address) as websocket:
        await websocket.close(4001, "x")
        await websocket.close(4002, "y")
        assert (websocket.close_code, websocket.close_reason) == (4001, "x")
    assert ends == [(4001, "x")]


@on_trio
async def test_row_04_a_server_closes_with_its_code_and_reason() -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.close(4001, "x")
        await websocket.close()

    async with serving(handler) as address, connect(address) as websocket:
        with pytest.raises(ConnectionClosed) as caught:
            await websocket.recv()
        assert (caught.value.code, caught.value.reason) == (4001, "x")


@on_trio
async def test_row_04_a_peer_that_never_answers_is_left_with_1006() -> None:
    ends: list[tuple[int | None, float]] = []

    async def handler(websocket: Any, path: str) -> None:
        began = trio.current_time()
        await websocket.close()
        ends.append((websocket.close_code, trio.current_time() - began))

    async with serving(handler, timeout=0.2) as address, await open_raw(address) as stream:
        while await stream.receive_some():
            pass  # the close frame is read and not answered
    (code, seconds), *_ = ends
    assert code == 1006
    assert 0.2 <= seconds < 4 * 0.2 + 1


# -- row 5


@on_trio
async def test_row_05_iteration_ends_quietly_or_raises() -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(path)
        if path == "/crash":
            raise RuntimeError("the handler fails")
        await websocket.close(int(path[1:]))

    async with serving(handler) as address:
        for path in ("1000", "1001"):
            async with connect(address + path) as websocket:
                assert [message async for message in websocket] == ["/" + path]
        async with connect(address + "crash") as websocket:
            assert await anext(websocket) == "/crash"
            with pytest.raises(InvalidState) as caught:
                await anext(websocket)
            error = caught.value
            assert isinstance(error, ConnectionClosed)
            assert error.code == 1011
            assert str(error) == "WebSocket connection is closed: code = 1011 (unexpected error), no reason"
    assert "reason = why" in str(ConnectionClosed(4000, "why"))


@on_trio
async def test_row_05_a_crash_is_logged_and_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(websocket: Any, path: str) -> None:
        if path == "/crash":
            raise RuntimeError("the handler fails")
        await echo(websocket, path)

    async with serving(handler) as address, connect(address) as other:
        async with connect(address + "crash") as websocket:
            await websocket.wait_closed()
        await other.send("still here")
        assert await other.recv() == "still here"
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert errors[0].name.startswith("websockets")
    assert errors[0].exc_info is not None
    assert errors[0].exc_info[0] is RuntimeError


# -- row 6


@on_trio
async def test_row_06_pongs() -> None:
    async with serving(echo) as address, connect(address) as websocket:
        await (await websocket.ping())
        await (await websocket.ping("é"))


@on_trio
async def test_row_06_a_pong_answers_earlier_pings_and_a_payload_is_used_once() -> None:
    waiters: list[Any] = []
    pinged = trio.Event()

    async def handler(websocket: Any, path: str) -> None:
        waiters.extend([await websocket.ping(b"1"), await websocket.ping(b"2"), await websocket.ping(b"3")])
        with pytest.raises(ValueError, match="same data"):
            await websocket.ping(b"1")
        with pytest.raises(TypeError):
            await websocket.ping(1)
        pinged.set()
        await waiters[1]
        assert [waiter.done() for waiter in waiters] == [True, True, False]
        await websocket.ping(b"1")
        with pytest.raises(ConnectionClosed):
            await waiters[2]

    async with serving(handler) as address, await open_raw(address) as stream:
        await pinged.wait()
        await stream.send_all(masked(0x8A, b"2") + masked(0x8A, b"nobody asked"))
        while await stream.receive_some() != b"\x89\x011":
            pass
    assert len(waiters) == 3


@on_trio
async def test_row_06_who_only_receives_answers_pings() -> None:
    pongs: list[bytes] = []
    enough = trio.Event()

    async def handler(websocket: Any, path: str) -> None:
        acknowledge = websocket._connection.acknowledge_pings

        def acknowledged(data: bytes) -> None:
            acknowledge(data)
            pongs.append(data)
            if len(pongs) == 3:
                enough.set()

        websocket._connection.acknowledge_pings = acknowledged
        await enough.wait()
        await websocket.send("kept")

    async with (
        serving(handler, ping_interval=0.05, ping_timeout=5) as address,
        connect(address, ping_interval=None) as websocket,
    ):
        assert await websocket.recv() == "kept"
    assert len(set(pongs)) >= 3


# -- row 7


@on_trio
async def test_row_07_a_cancelled_recv_loses_nothing() -> None:
    got: list[str] = []
    cancelled, done = trio.Event(), trio.Event()

    async def handler(websocket: Any, path: str) -> None:
        with trio.CancelScope() as scope:

            async def cancel() -> None:
                await trio.testing.wait_all_tasks_blocked()
                scope.cancel()

            async with trio.open_nursery() as nursery:
                nursery.start_soon(cancel)
                await websocket.recv()
        assert scope.cancelled_caught
        cancelled.set()
        got.append(await websocket.recv())
        done.set()

    async with serving(handler) as address, await open_raw(address) as stream:
        await stream.send_all(masked(0x01, b"half "))
        await cancelled.wait()
        await stream.send_all(masked(0x80, b"and half"))
        await done.wait()
    assert got == ["half and half"]


@on_trio
async def test_row_07_each_of_two_receivers_gets_a_message() -> None:
    async with serving(echo) as address, connect(address) as websocket:
        got: list[str] = []

        async def receive() -> None:
            got.append(await websocket.recv())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(receive)
            nursery.start_soon(receive)
            await trio.testing.wait_all_tasks_blocked()
            await websocket.send("1")
            await websocket.send("2")
        assert sorted(got) == ["1", "2"]


# -- row 8


@pytest.mark.parametrize(
    ("offered", "available", "chosen"),
    [
        (["a", "b", "c"], ["x", "b", "c"], "b"),
        (["a", "b", "c"], ["c", "b"], "c"),
        (["a", "b"], ["b", "a"], "b"),
        (["b", "a"], ["a", "b"], "a"),
        (["x"], ["a"], None),
        (None, ["a"], None),
        (["a"], None, None),
    ],
)
@on_trio
async def test_row_08_subprotocols(
    offered: list[str] | None, available: list[str] | None, chosen: str | None
) -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(str(websocket.subprotocol))

    async with (
        serving(handler, subprotocols=available) as address,
        connect(address, subprotocols=offered) as websocket,
    ):
        assert websocket.subprotocol == chosen
        assert await websocket.recv() == str(chosen)


@on_trio
async def test_row_08_a_program_selects() -> None:
    class Protocol(WebSocketServerProtocol):
        @staticmethod
        def select_subprotocol(
            client_subprotocols: Sequence[str], server_subprotocols: Sequence[str]
        ) -> str | None:
            return client_subprotocols[-1]

    async with (
        serving(hold, subprotocols=["a", "b"], create_protocol=Protocol) as address,
        connect(address, subprotocols=["a", "b"]) as websocket,
    ):
        assert websocket.subprotocol == "b"


# -- row 9


@on_trio
async def test_row_09_deflate_makes_fewer_bytes_and_can_be_left_out() -> None:
    text = "all work and no play " * 1000

    async def relay(target: int, source: trio.SocketStream, counted: list[int]) -> None:
        sink = await trio.open_tcp_stream("127.0.0.1", target)

        async def pass_on(one: trio.SocketStream, other: trio.SocketStream) -> None:
            async for part in one:
                counted.append(len(part))
                await other.send_all(part)
            await other.send_eof()

        async with sink, source, trio.open_nursery() as nursery:
            nursery.start_soon(pass_on, source, sink)
            nursery.start_soon(pass_on, sink, source)

    for compression in ("deflate", None):
        counted: list[int] = []
        async with serve(echo, "127.0.0.1", 0) as server, trio.open_nursery() as nursery:
            target = port_of(server)
            [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")

            async def handle(stream: trio.SocketStream, target: int = target, counted: Any = counted) -> None:
                await relay(target, stream, counted)

            nursery.start_soon(trio.serve_listeners, handle, [listener])
            port = listener.socket.getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}", compression=compression) as websocket:
                kinds = [type(extension) for extension in websocket.extensions]
                assert kinds == ([PerMessageDeflate] if compression else [])
                await websocket.send(text)
                assert await websocket.recv() == text
            nursery.cancel_scope.cancel()
        assert (sum(counted) < len(text) / 4) is bool(compression)


def test_row_09_another_compression_is_refused() -> None:
    with pytest.raises(ValueError, match="xz"):
        connect("ws://localhost", compression="xz")
    with pytest.raises(ValueError, match="xz"):
        serve(echo, "localhost", 0, compression="xz")


@on_trio
async def test_row_09_200_connections_have_a_codec_each() -> None:
    async with serving(echo) as address:
        connected = trio.Event()
        count = 0

        async def talk(number: int) -> None:
            nonlocal count
            async with connect(address) as websocket:
                count += 1
                if count == 200:
                    connected.set()
                await connected.wait()
                for turn in range(5):
                    text = f"{number} {turn} " * 50
                    await websocket.send(text)
                    assert await websocket.recv() == text

        async with trio.open_nursery() as nursery:
            for number in range(200):
                nursery.start_soon(talk, number)


# -- row 10


@on_trio
async def test_row_10_origins() -> None:
    async with serving(hold, origins=["https://good.example"]) as address:
        async with connect(address, origin="https://good.example") as websocket:
            assert websocket.open
        for origin in ("https://evil.example", None):
            with pytest.raises(InvalidStatusCode) as caught:
                await connect(address, origin=origin)
            assert caught.value.status_code == 403
    async with serving(hold, origins=["https://good.example", ""]) as address:
        async with connect(address) as websocket:
            assert websocket.open
        with pytest.raises(InvalidStatusCode):
            await connect(address, origin="https://evil.example")


@on_trio
async def test_row_10_headers_reach_the_other_side() -> None:
    seen: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        seen.append((websocket.origin, websocket.request_headers, websocket.raw_request_headers))

    async with serving(
        handler, extra_headers=lambda path, headers: {"X-Path": path, "Server": "Mine"}
    ) as address:
        target = address.replace("//", "//user:p%40ss@") + "there?x=1"
        headers = [("X-Mine", "1"), ("X-Mine", "2"), ("User-Agent", "Me")]
        async with connect(target, origin="https://page.example", extra_headers=headers) as websocket:
            await websocket.wait_closed()
            assert websocket.response_headers is not None
            assert websocket.response_headers["x-path"] == "/there?x=1"
            assert websocket.response_headers.get_all("Server") == ["Mine"]
    [(origin, request, raw)] = seen
    assert origin == "https://page.example"
    assert request.get_all("x-mine") == ["1", "2"]
    assert request.get_all("user-agent") == ["Me"]
    assert request["authorization"] == "Basic " + b64encode(b"user:p@ss").decode()
    assert ("X-Mine", "2") in raw


# -- row 11


@on_trio
async def test_row_11_process_request() -> None:
    class Protocol(WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: Any) -> Any:
            match path:
                case "/health/":
                    return http.HTTPStatus.OK, [("X-Health", "good")], b"OK\n"
                case "/401":
                    return 401, {"WWW-Authenticate": "Basic"}, b""
                case "/403":
                    return http.HTTPStatus.FORBIDDEN, [], b"no\n"
                case "/crash":
                    raise RuntimeError("the hook fails")
            return None

    async with serving(hold, create_protocol=Protocol) as address:
        answer = await ask(address, "GET /health/ HTTP/1.1\nHost: x\n\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"X-Health: good\r\n" in answer
        assert answer.endswith(b"\r\n\r\nOK\n")
        for path, status in (("health/", 200), ("401", 401), ("403", 403), ("crash", 500)):
            with pytest.raises(InvalidStatusCode, match=str(status)):
                await connect(address + path)
        answer = await ask(address, "GET / HTTP/1.1\nHost: x\n\n")
        assert answer.startswith(b"HTTP/1.1 426 Upgrade Required\r\n")
        assert b"\r\nUpgrade: websocket\r\n" in answer
        async with connect(address) as websocket:
            assert websocket.open


# -- row 12


@on_trio
async def test_row_12_tls(tmp_path: Path) -> None:
    of_server, trusting = certificate(tmp_path)
    async with serve(echo, "127.0.0.1", 0, ssl=of_server) as server:
        address = f"wss://localhost:{port_of(server)}"
        for client in (connect(address, ssl=trusting), connect(address, ssl_context=trusting)):
            async with client as websocket:
                assert websocket.secure
                await websocket.send("secret")
                assert await websocket.recv() == "secret"
        with pytest.raises(ssl.SSLError):
            await connect(address)
        with pytest.raises((InvalidHandshake, ConnectionError)):
            await connect(address.replace("wss", "ws"))


def test_row_12_tls_without_wss_is_refused() -> None:
    for context in (ssl.create_default_context(), True):
        with pytest.raises(ValueError, match="wss://"):
            connect("ws://localhost", ssl=context)


# -- row 13


@on_trio
async def test_row_13_unix_sockets(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    async with unix_serve(echo, str(path)) as server:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert server.sockets[0].getsockname() == str(path)
        async with connect("ws://localhost/", path=str(path)) as websocket:
            await websocket.send("over a file")
            assert await websocket.recv() == "over a file"
        with pytest.raises(OSError, match="in use"):
            await unix_serve(echo, str(path))
        assert path.exists()
    assert not path.exists()


@on_trio
async def test_row_13_a_server_that_ends() -> None:
    reason = ""
    async with serve(hold, "127.0.0.1", 0) as server:
        address = address_of(server)
        websocket = await connect(address)
        half = await trio.open_tcp_stream("127.0.0.1", port_of(server))
        await half.send_all(b"GET / HTTP/1.1\r\n")
        await trio.testing.wait_all_tasks_blocked()
        server.close()
        await server.wait_closed()
        assert server.sockets == []
        answer = b""
        with suppress(trio.BrokenResourceError):
            async for part in half:
                answer += part
        assert answer.startswith(b"HTTP/1.1 503 ")
        await half.aclose()
        with pytest.raises(ConnectionClosed) as caught:
            await websocket.recv()
        reason = caught.value.reason
        assert caught.value.code == 1001
        with pytest.raises(ConnectionError):
            await connect(address)
    assert reason == ""


SIGTERM = """
import signal, sys
import trio
from jupyter_trame.trio import serve

async def echo(websocket, path):
    async for message in websocket:
        await websocket.send(message)

async def main():
    with trio.open_signal_receiver(signal.SIGTERM) as signals:
        async with serve(echo, "127.0.0.1", 0) as server:
            print(server.sockets[0].getsockname()[1], flush=True)
            async for _ in signals:
                break

trio.run(main)
"""


@on_trio
async def test_row_13_sigterm_ends_a_program_with_0() -> None:
    async with trio.open_nursery() as nursery:
        process = await nursery.start(
            partial(trio.run_process, [sys.executable, "-c", SIGTERM], stdout=subprocess.PIPE)
        )
        port = int(await process.stdout.receive_some())
        async with connect(f"ws://127.0.0.1:{port}") as websocket:
            await websocket.send("x")
            assert await websocket.recv() == "x"
            process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as caught:
                await websocket.recv()
            assert caught.value.code == 1001
        assert await process.wait() == 0
