"""The least that any relay does: a bare tornado websocket before a Unix socket, no state, no sessions.

``python -m benchmarks.floor relay <socket>`` prints its port, ``python -m benchmarks.floor kernel <socket>``
prints ``ready``.
Both unpack and pack each envelope, since a relay that looks at nothing is no relay of ours. For each update the
kernel answers with the two frames that ours sends: the settlement and the state of ``y``.
"""

import asyncio
import struct
import sys
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

    def initialize(self, socket: str) -> None:
        self.socket = socket

    async def open(self, *_: str) -> None:
        self.set_nodelay(True)
        reader, self.writer = await asyncio.open_unix_connection(self.socket)
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


async def serve_kernel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    seq = 0
    while True:
        try:
            request = msgpack.unpackb(await read_message(reader))
        except asyncio.IncompleteReadError:
            return
        seq += 1
        mark = ["epoch", seq]
        settled = {
            "wslink": "1.0",
            "id": "publish:jupyter_trame.settled:0",
            "jt": mark,
            "result": request["jt"],
        }
        changes = {"y": request["args"][0][0]["value"]}
        state = {"wslink": "1.0", "id": "publish:trame.state.topic:0", "jt": mark, "result": changes}
        write_message(writer, msgpack.packb(settled))
        write_message(writer, msgpack.packb(state))


async def main(role: str, socket: str) -> None:
    if role == "kernel":
        await asyncio.start_unix_server(serve_kernel, socket)
        print("ready", flush=True)
    else:
        sockets = bind_sockets(0, "127.0.0.1")
        HTTPServer(Application([(r"/ws", Relay, {"socket": socket})])).add_sockets(sockets)
        print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
