"""Tests as trio programs, and servers for them."""

import functools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from jupyter_trame.program.certificates import make_certificate
from jupyter_trame.trio import WebSocketServer, serve

TIMEOUT = 30


def on_trio(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test on trio, within the time that a test may take; its arguments stay fixtures."""

    async def bounded(kwargs: dict[str, Any]) -> None:
        with trio.fail_after(TIMEOUT):
            await test(**kwargs)

    @functools.wraps(test)
    def run(**kwargs: Any) -> None:
        trio.run(bounded, kwargs)

    return run


async def echo(websocket: Any, path: str) -> None:
    """The handler of the original's first page."""
    async for message in websocket:
        await websocket.send(message)


async def hold(websocket: Any, path: str) -> None:
    """A handler that waits for the end of its connection."""
    await websocket.wait_closed()


def port_of(server: WebSocketServer) -> int:
    """Where `server` listens."""
    return int(server.sockets[0].getsockname()[1])


def address_of(server: WebSocketServer, path: str = "/") -> str:
    """The address of `server` on this machine."""
    return f"ws://127.0.0.1:{port_of(server)}{path}"


@asynccontextmanager
async def serving(handler: Callable[..., Awaitable[object]], **options: Any) -> AsyncIterator[str]:
    """The address of a server with `handler`."""
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        yield address_of(server)


async def ask(address: str, request: str) -> bytes:
    """What a server answers to the bytes of `request`, up to the end of the connection."""
    host, _, port = address.removeprefix("ws://").partition("/")[0].partition(":")
    async with await trio.open_tcp_stream(host, int(port)) as stream:
        await stream.send_all(request.replace("\n", "\r\n").encode())
        return b"".join([part async for part in stream])


async def opened(address: str) -> trio.SocketStream:
    """TCP to a server, on which a websocket was opened by hand; the system keeps little that nobody reads."""
    host, _, port = address.removeprefix("ws://").partition("/")[0].partition(":")
    sock = trio.socket.socket()
    sock.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, 2**16)
    await sock.connect((host, int(port)))
    stream = trio.SocketStream(sock)
    request = (
        "GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await stream.send_all(request.encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += await stream.receive_some(1)
    return stream


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for a server at localhost, and for a client that trusts it alone."""
    path = folder / "certificate.pem"
    path.write_bytes(make_certificate("localhost"))
    of_server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    of_server.load_cert_chain(path)
    return of_server, ssl.create_default_context(cafile=path)
