"""The hooks of a server, and what it answers where they refuse."""

from collections.abc import Sequence
from typing import Any

import pytest
import trio

from jupyter_trame.trio import (
    AbortHandshake,
    InvalidOrigin,
    InvalidStatusCode,
    NegotiationError,
    WebSocketServerProtocol,
    connect,
)
from jupyter_trame.trio.websockets.server_protocol import refusal
from tests.trio.support import ask, echo, hold, on_trio, serving

UPGRADE = (
    "Host: x\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"
    "Sec-WebSocket-Version: 13\n"
)


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (f"POST / HTTP/1.1\n{UPGRADE}\n", b"HTTP/1.1 405 "),
        ("GET / HTTP/1.1\nHost: x\n\n", b"HTTP/1.1 426 "),
        (f"GET / HTTP/1.1\n{UPGRADE.replace('13', '8')}\n", b"HTTP/1.1 400 "),
        (f"GET / HTTP/1.1\n{UPGRADE.replace('dGhlIHNhbXBsZSBub25jZQ==', 'short')}\n", b"HTTP/1.1 400 "),
        (f"GET / HTTP/1.1\n{UPGRADE}Origin: a\nOrigin: b\n\n", b"HTTP/1.1 400 "),
        ("GET / HTTP/1.1\n" + "A: b\n" * 300 + "\n", b"HTTP/1.1 431 "),
        ("GET / HTTP/1.1\nA: " + "b" * 10000 + "\n\n", b"HTTP/1.1 431 "),
        ("GET /" + "a" * 10000 + " HTTP/1.1\n\n", b"HTTP/1.1 414 "),
        ("nonsense\n\n", b"HTTP/1.1 400 "),
        ("GET / HTTP/1.1\nA b\n\n", b"HTTP/1.1 400 "),
        (f"GET / HTTP/1.1\n{UPGRADE}Content-Length: 5\n\nhello", b"HTTP/1.1 400 "),
        (f"GET / HTTP/1.1\n{UPGRADE}Transfer-Encoding: chunked\n\n", b"HTTP/1.1 400 "),
        ("GET / HTTP/1.1 2\n\n", b"HTTP/1.1 400 "),
    ],
)
@on_trio
async def test_bad_requests_are_answered_and_others_served(request_text: str, status: bytes) -> None:
    async with serving(echo) as address, connect(address) as other:
        answer = await ask(address, request_text)
        assert answer.startswith(status)
        assert answer.count(b"\r\nDate: ") == 1
        await other.send("still here")
        assert await other.recv() == "still here"


@on_trio
async def test_hooks_refuse() -> None:
    class Protocol(WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: Any) -> None:
            if path == "/teapot":
                raise AbortHandshake(418, {"X-Tea": "none"}, b"short and stout")

        def process_origin(self, headers: Any, origins: Any = None) -> str | None:
            if headers.get("Origin") == "https://evil.example":
                raise InvalidOrigin("https://evil.example")
            return "decided"

        def process_subprotocol(self, headers: Any, available_subprotocols: Any) -> str | None:
            if "bad" in headers.get("Sec-WebSocket-Protocol", ""):
                raise NegotiationError("no such subprotocol")
            return None

    seen: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        seen.append(websocket.origin)

    async with serving(handler, create_protocol=Protocol) as address:
        answer = await ask(address, "GET /teapot HTTP/1.1\n\n")
        assert answer.startswith(b"HTTP/1.1 418 ")
        assert b"X-Tea: none\r\n" in answer
        with pytest.raises(InvalidStatusCode, match="403"):
            await connect(address, origin="https://evil.example")
        with pytest.raises(InvalidStatusCode, match="400"):
            await connect(address, subprotocols=["bad"])
        async with connect(address) as websocket:
            await websocket.wait_closed()
    assert seen == ["decided"]


@pytest.mark.parametrize("hook", ["process_origin", "process_extensions", "select_subprotocol", "crash"])
@on_trio
async def test_hooks_that_fail_are_a_500(hook: str, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*args: Any) -> Any:
        raise RuntimeError("the hook fails")

    protocol = type("Protocol", (WebSocketServerProtocol,), {hook: staticmethod(fail)})
    headers = fail if hook == "crash" else None
    async with serving(hold, subprotocols=["a"], create_protocol=protocol, extra_headers=headers) as address:
        with pytest.raises(InvalidStatusCode, match="500"):
            await connect(address, subprotocols=["a"])
    assert any(record.exc_info and record.exc_info[0] is RuntimeError for record in caplog.records)


@on_trio
async def test_a_plain_function_as_process_request() -> None:
    class Protocol(WebSocketServerProtocol):
        def process_request(self, path: str, request_headers: Any) -> Any:
            return 204, [], b""

    async with serving(hold, create_protocol=Protocol) as address:
        assert (await ask(address, "GET / HTTP/1.1\n\n")).startswith(b"HTTP/1.1 204 ")


@on_trio
async def test_the_steps_of_the_handshake_can_be_overridden() -> None:
    class Protocol(WebSocketServerProtocol):
        async def read_http_request(self) -> tuple[str, Any]:
            path, headers = await super().read_http_request()
            self.path = "/seen" + path
            return self.path, headers

        async def write_http_response(self, status: int, headers: Any, body: bytes | None = None) -> None:
            headers["X-Written"] = str(status)
            await super().write_http_response(status, headers, body)

        async def handshake(self, *args: Any, **kwds: Any) -> str:
            return await super().handshake(*args, **kwds)

    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(path)

    async with serving(handler, create_protocol=Protocol) as address, connect(address) as websocket:
        assert await websocket.recv() == "/seen/"
        assert websocket.response_headers is not None
        assert websocket.response_headers["X-Written"] == "101"


@pytest.mark.parametrize(
    ("client", "server", "chosen"),
    [(["a"], ["b"], None), (["a", "b"], ["b", "a"], "b"), (["a", "b", "c"], ["c", "a"], "a")],
)
def test_selecting_a_subprotocol(client: Sequence[str], server: Sequence[str], chosen: str | None) -> None:
    assert WebSocketServerProtocol.select_subprotocol(client, server) == chosen


def test_a_refusal_is_a_whole_response() -> None:
    answer = refusal(AbortHandshake(200, {"content-length": "99", "Server": "Mine"}, b"OK"))
    headers = {name.lower(): value for name, value in answer.headers}
    assert (headers["content-length"], headers["connection"], headers["server"]) == ("2", "close", "Mine")
    assert b"hook" not in refusal(RuntimeError("hook")).body


def answering(response: Any) -> type[WebSocketServerProtocol]:
    """A class that answers every request with `response`."""

    class Protocol(WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: Any) -> Any:
            return response

    return Protocol


@on_trio
async def test_a_status_without_a_name() -> None:
    async with serving(hold, create_protocol=answering((299, [], b"fine"))) as address:
        answer = await ask(address, "GET / HTTP/1.1\n\n")
        assert answer.startswith(b"HTTP/1.1 299 \r\n")
        assert answer.endswith(b"\r\n\r\nfine")
        with pytest.raises(InvalidStatusCode, match="299"):
            await connect(address)


@pytest.mark.parametrize(
    ("response", "why"),
    [
        ((101, [], b""), "status 101"),
        ((600, [], b""), "status 600"),
        ((200, {"X-A": "1\r\nX-B: 2"}, b""), "X-A"),
        ((200, [], "text"), "bytes, not str"),
        ((200, []), "unpack"),
        ("no response", "unpack"),
    ],
)
@on_trio
async def test_what_is_no_response(response: Any, why: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(hold, create_protocol=answering(response)) as address:
        answer = await ask(address, "GET / HTTP/1.1\n\n")
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"X-B" not in answer
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.exc_info is not None
    assert why in str(record.exc_info[1])


@on_trio
async def test_who_goes_within_a_request_gets_no_answer() -> None:
    host = "127.0.0.1"
    async with serving(hold) as address:
        stream = await trio.open_tcp_stream(host, int(address.rpartition(":")[2].rstrip("/")))
        async with stream:
            await stream.send_all(b"GET / HTTP/1.1\r\n")
            await stream.send_eof()
            assert await stream.receive_some() == b""
