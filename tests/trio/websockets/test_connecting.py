"""`connect`, beyond the rows of the contract: what it raises, what it waits for, awaited and in a block."""

import socket
from typing import Any

import pytest
import trio

from jupyter_trame.trio import (
    ConnectionClosed,
    InvalidMessage,
    InvalidStatusCode,
    InvalidURI,
    NegotiationError,
    WebSocketClientProtocol,
    WebSocketServerProtocol,
    connect,
    serve,
)
from tests.trio.support import address_of, echo, hold, on_trio, serving  # noqa: F401


def test_a_bad_address_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(InvalidURI):
        connect("http://localhost")


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0},
        {"ping_timeout": "20"},
        {"max_size": -1},
        {"compression": "xz"},
        {"port": 2**16 + 80},
        {"ssl": "certificate.pem"},
        {"ssl_context": "certificate.pem"},
    ],
)
def test_what_cannot_be_meant(options: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError), match=next(iter(options))):
        connect("wss://localhost", **options)


def test_a_header_with_a_line_break_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="X-A"):
        connect("ws://localhost", extra_headers={"X-A": "1\r\nX-B: 2"})


@on_trio
async def test_nobody_answers() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        with pytest.raises(ConnectionError) as caught:
            async with connect(f"ws://127.0.0.1:{port}"):
                pass
        assert isinstance(caught.value.__cause__, OSError)


@on_trio
async def test_who_says_nothing_is_given_up() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        with pytest.raises(TimeoutError, match=r"0\.1 s"):
            await connect(f"ws://127.0.0.1:{sock.getsockname()[1]}", timeout=0.1)


async def answering(answer: bytes, task_status: Any) -> None:
    async def handle(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        await stream.send_all(answer)
        await stream.send_eof()

    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    task_status.started(f"ws://127.0.0.1:{listener.socket.getsockname()[1]}")
    await trio.serve_listeners(handle, [listener])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"SSH-2.0\r\n", InvalidMessage),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", InvalidStatusCode),
        (b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", InvalidStatusCode),
        (b"HTTP/1.1 101 X\r\n" + b"A: b\r\n" * 300 + b"\r\n", InvalidMessage),
    ],
)  # fmt: skip
@on_trio
async def test_what_is_no_websocket(answer: bytes, kind: type[Exception]) -> None:
    async with trio.open_nursery() as nursery:
        address = await nursery.start(lambda task_status: answering(answer, task_status))
        with pytest.raises(kind):
            await connect(address)
        nursery.cancel_scope.cancel()


@on_trio
async def test_an_extension_that_was_not_offered() -> None:
    class Protocol(WebSocketServerProtocol):
        @staticmethod
        def process_extensions(headers: Any, available_extensions: Any) -> tuple[str | None, list[Any]]:
            return "permessage-deflate", []

    async with serving(hold, create_protocol=Protocol) as address:
        with pytest.raises(NegotiationError):
            await connect(address, compression=None)


@on_trio
async def test_awaited_the_program_closes_it() -> None:
    async with serving(echo) as address:
        websocket = await connect(address)
        await websocket.send("x")
        assert await websocket.recv() == "x"
        await websocket.close()
        assert websocket.closed
        async with trio.open_nursery() as nursery:
            websocket = await connect(address, nursery=nursery)
            await websocket.close()


@on_trio
async def test_an_awaited_connect_can_be_cancelled() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:

                async def cancel() -> None:
                    await trio.testing.wait_all_tasks_blocked()
                    scope.cancel()

                nursery.start_soon(cancel)
                await connect(f"ws://127.0.0.1:{sock.getsockname()[1]}")
        assert scope.cancelled_caught
        peer, _ = sock.accept()
        async with trio.SocketStream(trio.socket.from_stdlib_socket(peer)) as stream:
            while await stream.receive_some():
                pass  # up to the end, which a connection that is kept would not have


@on_trio
async def test_the_block_s_exception_comes_out_and_the_connection_ends() -> None:
    async with serving(echo) as address:
        with pytest.raises(KeyError):
            async with connect(address) as websocket:
                raise KeyError("x")
        assert (websocket.closed, websocket.close_code) == (True, 1000)


@on_trio
async def test_a_cancelled_block_ends_the_connection() -> None:
    async with serving(echo) as address:
        with trio.CancelScope() as scope:
            async with connect(address) as websocket:
                scope.cancel()
                await trio.sleep_forever()
        assert websocket.closed


@on_trio
async def test_a_class_of_the_program() -> None:
    class Protocol(WebSocketClientProtocol):
        def __init__(self, **kwds: Any) -> None:
            super().__init__(**kwds)
            self.mine = kwds["host"]

    class Other(WebSocketClientProtocol):
        pass

    async with serving(echo) as address:
        async with connect(address, klass=Other, create_protocol=Protocol) as websocket:
            assert isinstance(websocket, Protocol)
            assert websocket.mine == "127.0.0.1"
        async with connect(address, klass=Other) as websocket:
            assert isinstance(websocket, Other)


@on_trio
async def test_a_socket_of_the_program_and_another_host() -> None:
    async with serving(echo) as address:
        port = int(address.rpartition(":")[2].rstrip("/"))
        sock = socket.create_connection(("127.0.0.1", port))
        async with connect("ws://elsewhere.example/", sock=sock) as websocket:
            assert websocket.request_headers is not None
            assert websocket.request_headers["Host"] == "elsewhere.example"
        async with connect("ws://elsewhere.example/", host="127.0.0.1", port=port) as websocket:
            assert websocket.port == port


@on_trio
async def test_a_program_s_authorization_counts() -> None:
    seen: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        seen.append(websocket.request_headers.get_all("Authorization"))

    async with serving(handler) as address:
        target = address.replace("//", "//user:pass@")
        async with connect(target, extra_headers={"authorization": "token abc"}) as websocket:
            await websocket.wait_closed()
    assert seen == [["token abc"]]


@on_trio
async def test_what_is_offered_is_not_changed() -> None:
    extensions: list[Any] = []
    async with serving(echo, extensions=extensions) as address:
        async with connect(address, extensions=extensions) as websocket:
            assert len(websocket.extensions) == 1
        assert extensions == []


@on_trio
async def test_legacy_recv_returns_none() -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.close(1011)

    async with serving(handler) as address, connect(address, legacy_recv=True) as websocket:
        assert await websocket.recv() is None
        with pytest.raises(ConnectionClosed):
            await anext(websocket)


@on_trio
async def test_one_block_after_the_other_and_none_within_another() -> None:
    async with serving(echo) as address:
        connecting = connect(address, extra_headers=iter([("X-A", "1")]))
        seen = []
        for _ in range(2):
            async with connecting as websocket:
                seen.append(websocket)
                with pytest.raises(RuntimeError, match="is in a block already"):
                    async with connecting:
                        pytest.fail("it has a block")
                await websocket.send("x")
                assert await websocket.recv() == "x"
                assert websocket.request_headers is not None
                assert websocket.request_headers["X-A"] == "1"
        assert seen[0].closed
        first, second = await connecting, await connecting
        await first.close()
        assert second.open
        await second.close()


@on_trio
async def test_a_block_that_could_not_begin_may_begin_later() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        connecting = connect(f"ws://127.0.0.1:{port}")
        with pytest.raises(ConnectionError):
            await connecting.__aenter__()
    async with serve(echo, "127.0.0.1", port), connecting as websocket:
        assert websocket.open


@on_trio
async def test_a_socket_serves_one_connection() -> None:
    async with serving(hold) as address:
        port = int(address.rpartition(":")[2].rstrip("/"))
        connecting = connect(address, sock=socket.create_connection(("127.0.0.1", port)))
        websocket = await connecting
        with pytest.raises(RuntimeError, match="given to a connection before"):
            await connecting
        assert websocket.open
        await websocket.close()


@on_trio
async def test_a_class_of_the_program_has_the_last_word() -> None:
    class Protocol(WebSocketClientProtocol):
        def __init__(self, **kwds: Any) -> None:
            super().__init__(**{**kwds, "max_size": 3})
            self.extra_headers = {"User-Agent": "mine"}

    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(websocket.request_headers["User-Agent"])

    async with serving(handler) as address, connect(address, create_protocol=Protocol) as websocket:
        with pytest.raises(ConnectionClosed, match="1009"):
            await websocket.recv()
