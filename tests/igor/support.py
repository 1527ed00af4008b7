"""Igor servers on free ports of loopback, and raw clients of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from jupyter_trame.igor import IgorServer

TIMEOUT = 20.0


def run(scenario: Callable[[], Awaitable[None]], patience: float = TIMEOUT) -> None:
    """Run `scenario`, within the time that a test may take, `patience` seconds."""

    async def main() -> None:
        async with asyncio.timeout(patience):
            await scenario()

    asyncio.run(main())


@contextmanager
def serving(api: dict[str, Any], **options: Any) -> Iterator[IgorServer]:
    """A server that runs during the block; it writes no file."""
    config = options.pop("config", {})
    config = {"logging": {"file_name": None}, **config}
    server = IgorServer(api, config, **{"port": 0, **options})
    server.start()
    try:
        yield server
    finally:
        server.stop()
        assert server.wait(TIMEOUT)


class Raw:
    """A client that speaks the wire by hand, as those of others do."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message: object) -> None:
        """Send JSON; text and bytes as they are."""
        await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def ask(self, stream_id: object, action: str, data: object = None) -> None:
        """Ask for `action`."""
        await self.send({"streamId": stream_id, "action": action, "data": data})

    async def next(self) -> Any:
        """The next message."""
        return json.loads(await self.connection.recv())

    async def until_close(self, stream_id: object) -> list[Any]:
        """What comes up to the end of a stream; nothing else may come."""
        found = [await self.next()]
        while "close" not in found[-1]:
            found.append(await self.next())
        assert found.pop() == {"streamId": stream_id, "close": True}
        return found

    async def call(self, action: str, data: object = None, stream_id: object = "call") -> list[Any]:
        """The values that an action sends, in order; its errors are ``{"error": text}``."""
        await self.ask(stream_id, action, data)
        found = await self.until_close(stream_id)
        assert {message["streamId"] for message in found} <= {stream_id}
        return [message["data"] if "data" in message else {"error": message["error"]} for message in found]

    async def introduce(self, client_id: object, token: str | None = None) -> Any:
        """What the server answers: the id and the token, or the refusal."""
        data = {"client_id": client_id} | ({} if token is None else {"resume_token": token})
        await self.ask("who", "introduce_self", data)
        answer = await self.next()
        if "code" in answer:
            return answer
        assert await self.next() == {"streamId": "who", "close": True}
        return answer["data"]


@asynccontextmanager
async def client(server: IgorServer, **options: Any) -> AsyncIterator[Raw]:
    """A client that is connected during the block."""
    async with connect(server.url, **{"max_size": None, "proxy": None, **options}) as connection:
        yield Raw(connection)


async def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread brings about."""
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)


class MemoryTransport:
    """A socket of a test: what was written, and as much room as the test says."""

    def __init__(self) -> None:
        self.written: list[list[str]] = []
        self.pings: list[str] = []
        self.waiting = 0
        """Bytes that the client has not read."""
        self.sent = 0
        self.stuck = False
        self.closed: tuple[int, str] | None = None
        self.aborted = False
        self._when_sent: list[Callable[[], object]] = []

    @property
    def messages(self) -> list[Any]:
        """What was sent, read."""
        return [json.loads(frame) for frames in self.written for frame in frames]

    def write(self, frames: list[str]) -> None:
        self.written.append(frames)
        size = sum(map(len, frames))
        self.sent += size
        if self.stuck:
            self.waiting += size

    def unsent(self) -> int:
        return self.waiting

    def taken(self) -> int:
        return self.sent - self.waiting

    def when_sent(self, call: Callable[[], object]) -> None:
        self._when_sent.append(call)

    def ping(self, data: str) -> None:
        self.pings.append(data)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def abort(self) -> None:
        self.aborted = True

    def read(self) -> None:
        """The client has read everything."""
        self.waiting, self.stuck = 0, False
        calls, self._when_sent = self._when_sent, []
        for call in calls:
            call()


async def turns(count: int = 3) -> None:
    """Let the loop turn."""
    for _ in range(count):
        await asyncio.sleep(0)
