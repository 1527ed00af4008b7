"""Servers with trame's manners behind each web server, trame-server itself, and a client that knows only bytes."""

import asyncio
import itertools
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import msgpack
import pytest

from tests.contract.peers import OURS, TIMEOUT, TRAME

__all__ = ["SECRET", "STATE", "Raw", "Wire", "chunks", "everywhere", "hello", "ours", "request", "serving"]

SECRET = "wslink-secret"
STATE = "publish:trame.state.topic:0"
HEADER = struct.Struct("<III")

everywhere = pytest.mark.parametrize("kind", ["tornado", "aiohttp", "trame"])
"""The test shows what ours does behind each web server, and that trame-server does the same."""

ours = pytest.mark.parametrize("kind", ["tornado", "aiohttp"])
"""The test shows what only ours does."""


def chunks(payload: bytes, message_id: int = 1, step: int = 0) -> list[bytes]:
    """`payload` under `message_id`, in slices of `step` bytes; in one by default."""
    step = step or len(payload)
    return [
        HEADER.pack(message_id, offset, len(payload)) + payload[offset : offset + step]
        for offset in range(0, len(payload), step)
    ]


def request(request_id: Any, method: str, *args: Any, **kwargs: Any) -> bytes:
    """The document of a request."""
    envelope = {"wslink": "1.0", "id": request_id, "method": method, "args": args, "kwargs": kwargs}
    return bytes(msgpack.packb(envelope))


def hello(secret: Any = SECRET) -> bytes:
    """The document of a hello."""
    return request("system:c0:0", "wslink.hello", {"secret": secret})


class Raw:
    """A client that hides nothing; it keeps all that it receives."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames: list[bytes] = []
        self.messages: list[dict[str, Any]] = []
        self.pings = 0
        self.end: tuple[int | None, str] | None = None
        """Close code and reason, once the connection has ended."""
        self._numbers = itertools.count(1)
        self._partial: dict[int, dict[int, bytes]] = {}
        self._news = asyncio.Event()
        self.reader = asyncio.ensure_future(self._read())

    # -- out

    async def send(self, payload: bytes, step: int = 0) -> None:
        """One message."""
        for frame in chunks(payload, 1000 + next(self._numbers), step):
            await self.socket.send_bytes(frame)

    async def request(self, method: str, *args: Any, **kwargs: Any) -> str:
        """Ask without waiting; the id of the answer."""
        request_id = f"rpc:raw:{next(self._numbers)}"
        await self.send(request(request_id, method, *args, **kwargs))
        return request_id

    async def ask(self, method: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The whole answer."""
        return await self.answer(await self.request(method, *args, **kwargs))

    async def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """The result of a call that succeeds."""
        answer = await self.ask(method, *args, **kwargs)
        assert "error" not in answer, answer
        return answer["result"]

    async def error(self, method: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The error of a call that fails."""
        answer = await self.ask(method, *args, **kwargs)
        assert "result" not in answer
        return dict(answer["error"])

    async def trigger(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return await self.call("trame.trigger", name, list(args), kwargs)

    async def write(self, **values: Any) -> None:
        """An update of the state, answered."""
        entries = [{"key": key, "value": value} for key, value in values.items()]
        assert await self.call("trame.state.update", entries) is None

    async def hello(self, secret: Any = SECRET) -> dict[str, Any]:
        """The answer to a hello; further ones need another number of messages."""
        known = len(self.answers("system:c0:0"))
        await self.send(hello(secret))
        await self.until(lambda: len(self.answers("system:c0:0")) > known)
        return self.answers("system:c0:0")[-1]

    # -- in

    async def answer(self, request_id: str) -> dict[str, Any]:
        await self.until(lambda: self.answers(request_id))
        return self.answers(request_id)[0]

    def answers(self, message_id: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["id"] == message_id]

    def published(self, topic: str) -> list[Any]:
        """The results under `topic`."""
        return [message["result"] for message in self.answers(f"publish:{topic}:0")]

    @property
    def pushes(self) -> list[dict[str, Any]]:
        """Changes of the state, one map a publication."""
        return self.published("trame.state.topic")

    def seen(self, key: str) -> list[Any]:
        """The values of `key` in the order they came."""
        return [push[key] for push in self.pushes if key in push]

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Wait for `condition`, asked after each thing that comes. Fails when the connection ends before."""
        async with asyncio.timeout(TIMEOUT):
            while not (found := condition()):
                assert self.end is None, f"the connection has ended: {self.end}"
                self._news.clear()
                await self._news.wait()
        return found

    async def ended(self) -> tuple[int | None, str]:
        """Close code and reason."""
        async with asyncio.timeout(TIMEOUT):
            await asyncio.wait([self.reader])
        assert self.end is not None
        return self.end

    async def close(self) -> None:
        await self.socket.close()
        await asyncio.wait([self.reader])

    async def _read(self) -> None:
        reason = ""
        while True:
            message = await self.socket.receive()
            match message.type:
                case aiohttp.WSMsgType.BINARY:
                    self._take(message.data)
                case aiohttp.WSMsgType.PING:
                    self.pings += 1
                case aiohttp.WSMsgType.PONG:
                    pass
                case _:
                    reason = str(message.extra or "") if message.type is aiohttp.WSMsgType.CLOSE else ""
                    break
            self._news.set()
        self.end = (self.socket.close_code, reason)
        self._news.set()

    def _take(self, frame: bytes) -> None:
        self.frames.append(frame)
        message_id, offset, total = HEADER.unpack_from(frame)
        parts = self._partial.setdefault(message_id, {})
        parts[offset] = frame[HEADER.size :]
        if sum(map(len, parts.values())) == total:
            payload = b"".join(parts[at] for at in sorted(parts))
            del self._partial[message_id]
            self.messages.append(msgpack.unpackb(payload, strict_map_key=False))


class Wire:
    """A running server and the way to it."""

    def __init__(self, server: Any, http: aiohttp.ClientSession, stack: AsyncExitStack) -> None:
        self.server = server
        self.http = http
        self.url = f"http://127.0.0.1:{server.port}"
        self._stack = stack
        self._marks = itertools.count(1)

    async def connect(self, path: str = "/ws", **options: Any) -> Raw:
        """A connection that has said nothing."""
        socket = await self.http.ws_connect(f"{self.url}{path}", max_msg_size=0, **options)
        raw = Raw(socket)
        self._stack.push_async_callback(raw.close)
        return raw

    async def client(self, **options: Any) -> Raw:
        """A connection whose hello was accepted."""
        raw = await self.connect(**options)
        assert "result" in await raw.hello()
        return raw

    def set(self, **values: Any) -> None:
        """Change the state as the server's own code does."""
        with self.server.state as state:
            state.update(values)

    async def settle(self, *clients: Raw) -> None:
        """Wait until `clients` have all that was published before; publications keep their order."""
        mark = next(self._marks)
        self.set(the_mark=mark)
        await self.at_mark(mark, clients)

    async def at_mark(self, mark: int, clients: Iterable[Raw]) -> None:
        for client in clients:
            await client.until(lambda seen=client.seen: mark in seen("the_mark"))


@asynccontextmanager
async def serving(
    kind: str,
    build: Callable[[Any], object] | None = None,
    *,
    name: str = "wire",
    options: dict[str, Any] | None = None,
    **start: Any,
) -> AsyncIterator[Wire]:
    """A server on a port of its own; `build` makes it an app, `options` are its constructor's, `start` `start`'s."""
    server = (TRAME if kind == "trame" else OURS).server(name, **(options or {}))
    if build is not None:
        build(server)
    arguments = {"port": 0, "host": "127.0.0.1", "open_browser": False, "timeout": 0, **start}
    if kind != "trame":
        arguments["backend"] = kind
    task = server.start(exec_mode="task", show_connection_info=False, **arguments)
    async with asyncio.timeout(TIMEOUT):
        await server.ready
    try:
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(aiohttp.ClientSession())
            yield Wire(server, http, stack)
    finally:
        await server.stop()
        await asyncio.wait([task])
