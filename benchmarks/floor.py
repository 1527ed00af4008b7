"""The least that any relay does: a bare tornado websocket before a Unix socket, no state, no sessions.

``python -m benchmarks.floor relay <socket>`` prints its port, ``python -m benchmarks.floor kernel <socket>``
prints ``ready``.
Both unpack and pack each envelope, since a relay that looks at nothing is no relay of ours. For each update the
kernel answers with the two frames that ours sends: the settlement and the state of ``y``.
"""

import asyncio
import itertools
import socket
import struct
import sys
import threading
from typing import Any

import msgpack
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

HEADER = struct.Struct("<III")
LENGTH = struct.Struct("<I")


async def read_message(reader: asyncio.StreamReader) -> bytes:
    (size,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    return await reader.readexactly(size)


def write_message(writer: asyncio.StreamWriter, message: bytes) -> None:
    writer.write(LENGTH.pack(len(message)) + message)


class Relay(WebSocketHandler):
    """One Unix connection a websocket."""

    def initialize(self, path: str) -> None:
        self.path = path

    async def open(self, *_: str) -> None:
        self.set_nodelay(True)
        reader, self.writer = await asyncio.open_unix_connection(self.path)
        self.pump = asyncio.create_task(self.forward(reader))

    async def forward(self, reader: asyncio.StreamReader) -> None:
        while True:
            envelope = msgpack.unpackb(await read_message(reader))
            payload = msgpack.packb(envelope)
            await self.write_message(HEADER.pack(1, 0, len(payload)) + payload, binary=True)

    def on_message(self, message: Any) -> None:
        envelope = msgpack.unpackb(memoryview(message)[HEADER.size :])
        write_message(self.writer, msgpack.packb(envelope))

    def on_close(self) -> None:
        self.pump.cancel()


def answer(sock: socket.socket, request: Any, seq: int) -> None:
    """On the main loop, as user code runs there: the two frames, sent from it at once."""
    mark = ["epoch", seq]
    settled = {"wslink": "1.0", "id": "publish:jupyter_trame.settled:0", "jt": mark, "result": request["jt"]}
    changes = {"y": request["args"][0][0]["value"]}
    state = {"wslink": "1.0", "id": "publish:trame.state.topic:0", "jt": mark, "result": changes}
    messages = [msgpack.packb(settled), msgpack.packb(state)]
    sock.sendall(b"".join(LENGTH.pack(len(message)) + message for message in messages))


def read_requests(listener: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
    """A kernel's link needs a thread of its own, or nothing would be read while a cell runs."""
    sock, _ = listener.accept()
    stream = sock.makefile("rb")
    for seq in itertools.count(1):
        head = stream.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return
        request = msgpack.unpackb(stream.read(*LENGTH.unpack(head)))
        loop.call_soon_threadsafe(answer, sock, request, seq)


async def main(role: str, path: str) -> None:
    if role == "kernel":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        loop = asyncio.get_running_loop()
        threading.Thread(target=read_requests, args=(listener, loop), daemon=True).start()
        print("ready", flush=True)
    else:
        sockets = bind_sockets(0, "127.0.0.1")
        HTTPServer(Application([(r"/ws", Relay, {"path": path})])).add_sockets(sockets)
        print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
