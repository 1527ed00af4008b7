"""What one client does wrong ends its own connection, with the code that is told, and nothing else."""

import logging
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio

from jupyter_trame.trio import (
    ConnectionClosed,
    InvalidStatusCode,
    WebSocketServerProtocol,
    connect,
    serve,
)
from tests.contract.test_trio_rfc6455 import BINARY, CLOSE, CONTINUATION, FIN, PING, REQUEST, TEXT, Peer
from tests.trio.support import address_of, ask, echo, on_trio, port_of


class Protocol(WebSocketServerProtocol):
    """With a hook that fails for one path."""

    async def process_request(self, path: str, request_headers: Any) -> None:
        if path == "/crash":
            raise RuntimeError("the hook fails")


async def handler(websocket: Any, path: str) -> None:
    if path == "/fail":
        raise RuntimeError("the handler fails")
    await echo(websocket, path)


@asynccontextmanager
async def place() -> AsyncIterator[tuple[int, str]]:
    """Port and address of a server, to which somebody else is connected as well: nothing may happen to them."""
    options: dict[str, Any] = {"max_size": 1024, "origins": ["", "https://good.example"], "timeout": 5}
    async with serve(handler, "127.0.0.1", 0, create_protocol=Protocol, **options) as server:
        address = address_of(server)
        async with connect(address) as other:
            yield port_of(server), address
            await other.send("still here")
            assert await other.recv() == "still here"
        async with connect(address) as later:
            await later.send("and new ones")
            assert await later.recv() == "and new ones"


@asynccontextmanager
async def peer_of(port: int, extra: str = "") -> AsyncIterator[Peer]:
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        peer = Peer(stream, masks=True)
        await peer.write((REQUEST.removesuffix("\n") + extra + "\n").replace("\n", "\r\n").encode())
        assert (await peer.head()).startswith("HTTP/1.1 101 ")
        yield peer


def bomb() -> bytes:
    """Ten megabytes of nothing, in some ten kilobytes."""
    compressor = zlib.compressobj(wbits=-15)
    return (compressor.compress(bytes(10 * 2**20)) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


FRAMES = {
    "row 3: too large": (FIN | BINARY, bytes(1025), 1009),
    "row 3: too large in UTF-8": (FIN | TEXT, "é".encode() * 513, 1009),
    "row 4: a close code that nobody may send": (FIN | CLOSE, (1006).to_bytes(2, "big"), 1002),
    "row 5: text that is none": (FIN | TEXT, b"\xff\xfe", 1007),
    "row 6: a ping that is too long": (FIN | PING, bytes(126), 1002),
    "row 7: the end of a message that never began": (FIN | CONTINUATION, b"x", 1002),
    "row 9: a bit of an extension that nobody agreed on": (FIN | 0x40 | TEXT, b"x", 1002),
}


@pytest.mark.parametrize(("first", "payload", "code"), FRAMES.values(), ids=FRAMES)
@on_trio
async def test_frames(first: int, payload: bytes, code: int) -> None:
    async with place() as (port, _), peer_of(port) as peer:
        await peer.send(first, payload)
        assert await peer.closed() == code


@on_trio
async def test_row_03_a_frame_of_100_megabytes_is_refused_by_its_header() -> None:
    async with place() as (port, _), peer_of(port) as peer:
        await peer.write(bytes([FIN | BINARY, 0x80 | 127]) + (100 * 2**20).to_bytes(8, "big") + bytes(4))
        assert await peer.closed() == 1009


@on_trio
async def test_row_03_fragments_that_are_too_large_together() -> None:
    async with place() as (port, _), peer_of(port) as peer:
        for first in (BINARY, CONTINUATION, CONTINUATION):
            await peer.send(first, bytes(500))
        assert await peer.closed() == 1009


@on_trio
async def test_row_09_compressed_data_that_is_too_large_or_none() -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate\n"
    async with place() as (port, _):
        async with peer_of(port, offer) as peer:
            await peer.send(FIN | 0x40 | BINARY, bomb())
            assert await peer.closed() == 1009
        async with peer_of(port, offer) as peer:
            await peer.send(FIN | 0x40 | BINARY, b"\xff\xff\xff\xff no deflate")
            assert await peer.closed() == 1002


@on_trio
async def test_row_04_a_client_that_goes_without_a_word() -> None:
    async with place() as (port, _), peer_of(port) as peer:
        await peer.send(TEXT, b"half a mess")


@on_trio
async def test_row_05_a_handler_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    async with place() as (_, address), connect(address + "fail") as websocket:
        with pytest.raises(ConnectionClosed) as caught:
            await websocket.recv()
        assert caught.value.code == 1011
    assert [record.levelname for record in caplog.records].count("ERROR") == 1


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (REQUEST.replace("Host: x", "Host: x\nOrigin: https://evil.example"), b"HTTP/1.1 403 "),
        (REQUEST.replace("GET / ", "GET /crash "), b"HTTP/1.1 500 "),
        ("GET / HTTP/1.1\nHost: x\n\n", b"HTTP/1.1 426 "),
        (REQUEST.replace("GET", "POST"), b"HTTP/1.1 405 "),
        (REQUEST.replace("Version: 13", "Version: 1"), b"HTTP/1.1 400 "),
        (REQUEST.replace("Host: x", "Host: x\n" + "A: b\n" * 200 + "B: c"), b"HTTP/1.1 431 "),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", b"HTTP/1.1 400 "),
    ],
    ids=["row 10: origin", "row 11: hook", "row 11: plain", "method", "version", "headers", "row 12: TLS"],
)
@on_trio
async def test_requests(request_text: str, status: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with place() as (_, address):
        answer = await ask(address, request_text)
    assert answer.startswith(status)
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert bool(errors) is (b" 500 " in status), errors


@on_trio
async def test_row_10_a_client_s_own_bad_origin_is_an_exception_with_the_status() -> None:
    async with place() as (_, address):
        with pytest.raises(InvalidStatusCode, match="403"):
            await connect(address, origin="https://evil.example")
