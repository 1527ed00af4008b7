"""Stock clients, as lean as can be: what is measured is the server."""

import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

from benchmarks.viewer import WebSocket
from jupyter_trame.protocol.chunking import HEADER, split
from jupyter_trame.protocol.packing import pack, unpack

__all__ = ["Crowd", "StockClient"]

_SMALL = 4096
_DEFLATE = {"Sec-WebSocket-Extensions": "permessage-deflate"}
_PATIENCE = 20.0


def frames(request_id: str, method: str, args: list[Any]) -> Iterator[bytes]:
    """The chunks of a request."""
    request = {"wslink": "1.0", "id": request_id, "method": method, "args": args, "kwargs": {}}
    return (bytes(frame) for frame in split([pack(request)], 1, 1 << 22))


class StockClient:
    """A blocking client that the peer's server takes for one of its own.

    Where it offers deflate it does not inflate: nothing but its connection is of use then.
    """

    def __init__(self, port: int, secret: str, *, deflate: bool = False) -> None:
        self.socket = WebSocket(f"ws://127.0.0.1:{port}/ws", _DEFLATE if deflate else {})
        self._number = 0
        self.send("wslink.hello", [{"secret": secret}], request_id="system:c0:0")
        answer = self.socket.receive()
        if not deflate and "error" in unpack(memoryview(answer)[HEADER.size :]):
            raise ConnectionError("the server refused the secret")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, method: str, args: list[Any], request_id: str = "") -> str:
        """Send a request and give its id."""
        self._number += 1
        request_id = request_id or f"rpc:c:{self._number}"
        for frame in frames(request_id, method, args):
            self.socket.send(frame)
        return request_id

    def receive(self) -> dict[str, Any]:
        """The next envelope; messages here fit into one chunk."""
        envelope: dict[str, Any] = unpack(memoryview(self.socket.receive())[HEADER.size :])
        return envelope

    def call(self, method: str, args: list[Any]) -> Any:
        """The result of a request; what comes before it is dropped."""
        request_id = self.send(method, args)
        while (envelope := self.receive())["id"] != request_id:
            pass
        if "error" in envelope:
            raise RuntimeError(envelope["error"])
        return envelope["result"]

    def trigger(self, name: str, *args: Any) -> Any:
        """What a trigger of the app returns."""
        return self.call("trame.trigger", [name, list(args), {}])

    def write(self, key: str, value: Any) -> None:
        """Write one key; nobody waits for the answer."""
        self.send("trame.state.update", [[{"key": key, "value": value}]])

    def wait(self, key: str, value: Any) -> None:
        """Read until `key` has come as `value`."""
        while True:
            envelope = self.receive()
            if envelope["id"] == "publish:trame.state.topic:0" and envelope["result"].get(key) == value:
                return


class _Reader:
    """Counts the frames of one connection and keeps nothing but the last small one."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.frames = 0
        self.large = 0
        self.seen = b""
        """The payloads of the small frames since `Crowd.forget`."""
        self._head = b""
        self._left = 0
        self._small: bytearray | None = None

    def read(self, buffer: bytearray) -> None:
        """Take what is there. Raises `ConnectionError` at the end of the stream."""
        size = self.socket.recv_into(buffer)
        if not size:
            raise ConnectionError("the server hung up")
        view, at = memoryview(buffer)[:size], 0
        while at < size:
            if self._left:
                taken = min(self._left, size - at)
                if self._small is not None:
                    self._small += view[at : at + taken]
                at, self._left = at + taken, self._left - taken
                if not self._left:
                    self._end()
            else:
                at = self._begin(view, at)

    def _begin(self, view: memoryview, at: int) -> int:
        self._head += view[at : at + 1]
        head = self._head
        needed = 2 if len(head) < 2 or head[1] < 126 else 4 if head[1] == 126 else 10
        if len(head) == needed:
            short = {2: ">xB", 4: ">xxH", 10: ">xxQ"}[needed]
            (self._left,) = struct.unpack(short, head)
            self._small = bytearray() if self._left < _SMALL else None
            self.large += self._small is None
            self._head = b""
        return at + 1

    def _end(self) -> None:
        self.frames += 1
        if self._small is not None:
            self.seen += self._small


class Crowd:
    """Many authenticated viewers on one thread."""

    def __init__(self, port: int, secret: str, count: int, *, deflate: bool = False) -> None:
        self._selector = selectors.DefaultSelector()
        self._buffer = bytearray(1 << 20)
        self.readers: list[_Reader] = []
        self._clients = [StockClient(port, secret, deflate=deflate) for _ in range(count)]
        for client in self._clients:
            client.socket.raw.setblocking(False)
            reader = _Reader(client.socket.raw)
            self.readers.append(reader)
            self._selector.register(reader.socket, selectors.EVENT_READ, reader)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for client in self._clients:
            client.socket.close()

    def forget(self) -> None:
        """Forget the small frames so far."""
        for reader in self.readers:
            reader.seen = b""

    def read_until(self, done: Callable[[_Reader], bool], patience: float = _PATIENCE) -> bool:
        """Read until `done` holds for each; False when nothing came for `patience` seconds."""
        waiting = [reader for reader in self.readers if not done(reader)]
        while waiting:
            ready = self._selector.select(patience)
            if not ready:
                return False
            for key, _ in ready:
                key.data.read(self._buffer)
            waiting = [reader for reader in waiting if not done(reader)]
        return True

    def read(self, seconds: float) -> None:
        """Take what comes within `seconds`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                key.data.read(self._buffer)

    def trigger(self, name: str, *args: Any) -> None:
        """Have the first of them call a trigger; the answer counts as a small frame."""
        self._clients[0].send("trame.trigger", [name, list(args), {}])
