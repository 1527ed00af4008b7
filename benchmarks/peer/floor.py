"""The least that speaks trame's wire: ``python -m benchmarks.peer.floor <floor> <tornado|aiohttp>``.

One dict is the state, one function its listener: there are no namespaces, no order, no sessions and no bounds, and a
message is packed once for whoever gets it. What a server adds to this is its own price.

It prints what `benchmarks.peer.app` prints.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from jupyter_trame.protocol.chunking import HEADER
from jupyter_trame.protocol.packing import pack, unpack

SECRET = "floor"
_STATE = "publish:trame.state.topic:0"
Send = Callable[[bytes], object]


class Floor:
    """The app of the benchmarks, as far as one client writes and calls."""

    def __init__(self) -> None:
        self._state: dict[str, Any] = {"x": 0, "y": ""}
        self._sent = 0

    def receive(self, frame: bytes, send: Send) -> None:
        """A request in one chunk, and what it is answered with."""
        request = unpack(memoryview(frame)[HEADER.size :])
        method, args = request["method"], request["args"]
        if method == "trame.state.update":
            for change in args[0]:
                self._state[change["key"]] = change["value"]
            self._state["y"] = f"<{self._state['x']}>"
            self._send(send, _STATE, {"y": self._state["y"]})
            return
        result = args[1][0] if method == "trame.trigger" else {"clientID": "c0"}
        self._send(send, request["id"], result)

    def _send(self, send: Send, name: str, result: Any) -> None:
        self._sent += 1
        message = pack({"wslink": "1.0", "id": name, "result": result})
        send(HEADER.pack(self._sent, 0, len(message)) + message)


def _announce(port: int) -> None:
    print(port, SECRET, flush=True)


async def serve_tornado(floor: Floor) -> None:
    """On tornado, whose sockets have no delay."""
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets
    from tornado.web import Application
    from tornado.websocket import WebSocketHandler

    class Handler(WebSocketHandler):
        def open(self) -> None:
            self.set_nodelay(True)

        def on_message(self, message: str | bytes) -> None:
            assert isinstance(message, bytes)
            floor.receive(message, lambda frame: self.write_message(frame, binary=True))

    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(Application([("/ws", Handler)])).add_sockets(sockets)
    _announce(sockets[0].getsockname()[1])
    await asyncio.Event().wait()


async def serve_aiohttp(floor: Floor) -> None:
    """On aiohttp."""
    from aiohttp import WSMsgType, web

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False, max_msg_size=0)
        await socket.prepare(request)
        outgoing: list[bytes] = []
        async for message in socket:
            if message.type == WSMsgType.BINARY:
                floor.receive(message.data, outgoing.append)
                for frame in outgoing:
                    await socket.send_bytes(frame)
                outgoing.clear()
        return socket

    app = web.Application()
    app.router.add_get("/ws", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    _announce(runner.addresses[0][1])
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run({"tornado": serve_tornado, "aiohttp": serve_aiohttp}[sys.argv[2]](Floor()))
