"""A client over a real websocket."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self

from tornado.httpclient import HTTPRequest
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_trame.server import Server, runtime_of
from jupyter_trame.types import Packed
from jupyter_trame.web.cookie import make_cookie
from tests.support.servers import TIMEOUT, Client


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run `scenario`, within the time that a test may take."""

    async def main() -> None:
        async with asyncio.timeout(TIMEOUT):
            await scenario()

    asyncio.run(main())


async def started(server: Server, **options: Any) -> asyncio.Task[None]:
    """The life of `server`, which clients can use on any free port."""
    task = server.start(exec_mode="task", port=0, timeout=0, **options)
    assert isinstance(task, asyncio.Task)
    assert server._running_stage == 1
    assert server.start(exec_mode="task") is None
    assert await server.ready is True
    return task


def file_cookie(server: Server) -> dict[str, str]:
    """The header with which a page of `server` asks for its files."""
    cookie = make_cookie(runtime_of(server).secret, runtime_of(server).port, secure=False)
    return {"Cookie": cookie.partition(";")[0]}


class SocketClient(Client):
    """`Client`, connected to the port of a stand-alone server."""

    connection: WebSocketClientConnection | None = None

    async def open(self, server: Server, ca_certs: str | None = None, **headers: str) -> Self:
        scheme = "ws" if ca_certs is None else "wss"
        request = HTTPRequest(f"{scheme}://127.0.0.1:{server.port}/ws", headers=headers, ca_certs=ca_certs)
        self.connection = await websocket_connect(request, on_message_callback=self._on_message)  # type: ignore[arg-type]
        self.session.connected()
        self._send()
        return self

    async def shut(self) -> None:
        """Close the connection and wait until it is closed."""
        assert self.connection is not None
        self.connection.close()
        await self.until(lambda: self.closed)

    def _on_message(self, message: Packed | None) -> None:
        if message is None:
            assert self.connection is not None
            self.close(self.connection.close_code or 1006, self.connection.close_reason or "")
            self.connection.close()  # tornado wants to hear it even of a connection that is closed
        else:
            self.send(message)  # type: ignore[arg-type]

    def _send(self) -> None:
        assert self.connection is not None
        for frame in self.session.take_output():
            IOLoop.current().add_future(self.connection.write_message(frame, binary=True), lambda _: None)
