"""A server over every backend and a raw client of it, which knows the wire and nothing of ours: `test_backends`."""

import asyncio
import itertools
import struct
from abc import ABC, abstractmethod
from types import SimpleNamespace
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from jupyter_trame.server import Server

HEADER = struct.Struct("<III")


class Wire(ABC):
    """One connection: frames in, frames out."""

    @abstractmethod
    async def send(self, frame: bytes | str) -> None:
        """A frame of the client; a str is a text frame."""

    @abstractmethod
    async def receive(self) -> bytes | None:
        """The next frame of the server, None at the end of the connection."""

    @abstractmethod
    async def close(self) -> None:
        """The client leaves."""

    @property
    @abstractmethod
    def close_code(self) -> int | None:
        """What the server closed with, where the backend can say it."""


class SocketWire(Wire):
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, frame: bytes | str) -> None:
        try:
            await self._socket.send(frame)
        except ConnectionClosed:
            return

    async def receive(self) -> bytes | None:
        try:
            frame = await self._socket.recv()
        except ConnectionClosed:
            return None
        assert isinstance(frame, bytes)
        return frame

    async def close(self) -> None:
        await self._socket.close()

    @property
    def close_code(self) -> int | None:
        return self._socket.close_code


class InProcessWire(Wire):
    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._frames: asyncio.Queue[bytes] = asyncio.Queue()
        connection.on_message(self._take)

    async def _take(self, is_binary: bool, content: bytes) -> None:
        assert is_binary
        self._frames.put_nowait(content)

    async def send(self, frame: bytes | str) -> None:
        await self._connection.send(isinstance(frame, bytes), SimpleNamespace(data=frame))

    async def receive(self) -> bytes | None:
        while self._frames.empty():
            if self._connection.closed:
                return None
            await asyncio.sleep(0)
        return self._frames.get_nowait()

    async def close(self) -> None:
        await self._connection.close()

    @property
    def close_code(self) -> int | None:
        return None


class Carrier(ABC):
    """Starts a server in the running loop and connects to it. A new backend adds a subclass to `CARRIERS`."""

    asks = True
    """Whether a client needs the secret."""
    sockets = True
    """Whether there are websockets, with close codes and frame limits."""

    def __init__(self, server: Server) -> None:
        self.server = server

    @abstractmethod
    async def start(self) -> None: ...

    @abstractmethod
    async def connect(self) -> Wire: ...

    async def stop(self) -> None:
        await self.server.stop()


class SocketCarrier(Carrier):
    backend: str

    async def start(self) -> None:
        self._life = self.server.start(exec_mode="task", port=0, timeout=0, backend=self.backend)
        assert await self.server.ready

    async def connect(self) -> Wire:
        return SocketWire(
            await connect(f"ws://127.0.0.1:{self.server.port}/ws", max_size=None, compression=None)
        )

    async def stop(self) -> None:
        await self.server.stop()
        assert self._life is not None
        await self._life


class TornadoCarrier(SocketCarrier):
    backend = "tornado"


class AiohttpCarrier(SocketCarrier):
    backend = "aiohttp"


class GenericCarrier(SocketCarrier):
    backend = "generic"
    asks = sockets = False

    async def connect(self) -> Wire:
        return InProcessWire(await self.server._server.ws.connect())


CARRIERS: dict[str, type[Carrier]] = {
    "tornado": TornadoCarrier,
    "aiohttp": AiohttpCarrier,
    "generic": GenericCarrier,
}


class Peer:
    """A client made of nothing but the wire's description."""

    numbers = itertools.count(1)

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.largest = 0
        self.inbox: list[dict[str, Any]] = []
        self._partial: dict[int, tuple[bytearray, list[int]]] = {}

    async def request(self, id: str, method: str, *args: Any, **kwargs: Any) -> None:  # noqa: A002
        await self.send({"wslink": "1.0", "id": id, "method": method, "args": list(args), "kwargs": kwargs})

    async def send(self, message: Any, chunk: int = 1 << 20) -> None:
        for frame in self.chunks(message, chunk):
            await self.wire.send(frame)

    def chunks(self, message: Any, chunk: int) -> list[bytes]:
        data = message if isinstance(message, bytes) else msgpack.packb(message)
        number = next(self.numbers)
        return [
            HEADER.pack(number, at, len(data)) + data[at : at + chunk] for at in range(0, len(data), chunk)
        ]

    async def receive(self) -> dict[str, Any] | None:
        """The next message, None at the end of the connection."""
        while (frame := await self.wire.receive()) is not None:
            self.largest = max(self.largest, len(frame))
            number, offset, total = HEADER.unpack_from(frame)
            data, left = self._partial.setdefault(number, (bytearray(total), [total]))
            data[offset : offset + len(frame) - HEADER.size] = frame[HEADER.size :]
            left[0] -= len(frame) - HEADER.size
            if left[0] <= 0:
                del self._partial[number]
                message: dict[str, Any] = msgpack.unpackb(data, strict_map_key=False)
                return message
        return None

    async def answer(self, id: str) -> dict[str, Any]:  # noqa: A002
        """The response to the request `id`; publications before it go to the inbox."""
        while (message := await self.receive()) is not None:
            if message["id"] == id:
                return message
            self.inbox.append(message)
        raise AssertionError(f"the connection ended before the answer to {id}")

    async def call(self, method: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        name = f"rpc:peer:{next(self.numbers)}"
        await self.request(name, method, *args, **kwargs)
        return await self.answer(name)

    async def hello(self, secret: str) -> dict[str, Any]:
        await self.request("system:c0:0", "wslink.hello", {"secret": secret})
        return await self.answer("system:c0:0")

    async def update(self, **values: Any) -> dict[str, Any]:
        return await self.call("trame.state.update", [{"key": k, "value": v} for k, v in values.items()])

    async def published(self, topic: str) -> list[Any]:
        """What came under `topic` so far: everything sent before an answer that is asked for now."""
        assert (await self.call("trame.lifecycle.update", "nothing"))["result"] is None
        found = [m for m in self.inbox if m["id"].startswith(f"publish:{topic}:")]
        self.inbox = [m for m in self.inbox if m not in found]
        return [message["result"] for message in found]

    async def states(self) -> list[dict[str, Any]]:
        return await self.published("trame.state.topic")
