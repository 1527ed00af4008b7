"""A client over a real websocket."""

from tornado.httpclient import HTTPRequest
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_trame.server import Server
from jupyter_trame.types import Packed
from jupyter_trame.web.cookie import make_cookie
from tests.support.servers import Client


def file_cookie(server: Server) -> dict[str, str]:
    """The header with which a page of `server` asks for its files."""
    cookie = make_cookie(server._runtime.secret, server._runtime.port, secure=False)
    return {"Cookie": cookie.partition(";")[0]}


class SocketClient(Client):
    """`Client`, connected to the port of a stand-alone server."""

    connection: WebSocketClientConnection | None = None

    async def open(self, server: Server, ca_certs: str | None = None, **headers: str) -> "SocketClient":
        scheme = "ws" if ca_certs is None else "wss"
        request = HTTPRequest(f"{scheme}://127.0.0.1:{server.port}/ws", headers=headers, ca_certs=ca_certs)
        self.connection = await websocket_connect(request, on_message_callback=self._on_message)
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
            self.send(message)

    def _send(self) -> None:
        assert self.connection is not None
        for frame in self.session.take_output():
            IOLoop.current().add_future(self.connection.write_message(frame, binary=True), lambda _: None)
