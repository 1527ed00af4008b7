"""Blocking clients for measurements: as little as possible between a frame and the clock."""

import base64
import os
import socket
import struct
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

from jupyter_trame.protocol.chunking import HEADER, split
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.types import Packed

__all__ = ["Viewer", "WebSocket"]

_BINARY, _PING, _PONG = 2, 9, 10


class WebSocket:
    """RFC 6455 on a blocking socket, for servers that send unfragmented frames."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        """Connects. Raises `ConnectionError` when the upgrade is refused."""
        parts = urlsplit(url)
        self.raw = socket.create_connection((parts.hostname, parts.port))
        """The connection below; who reads from it reads no more from here."""
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self.raw.makefile("rb", buffering=1 << 16)
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {"Host": parts.netloc, "Upgrade": "websocket", "Connection": "Upgrade", **headers}
        fields |= {"Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"}
        lines = [
            f"GET {parts.path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in fields.items()),
            "",
            "",
        ]
        self.raw.sendall("\r\n".join(lines).encode())
        status = self._stream.readline()
        if b" 101 " not in status:
            raise ConnectionError(status.decode())
        while self._stream.readline() != b"\r\n":
            pass

    def send(self, data: bytes, opcode: int = _BINARY) -> None:
        """One frame; the mask is zero, which leaves the data as it is."""
        size = len(data)
        if size < 126:
            head = struct.pack(">BBI", 0x80 | opcode, 0x80 | size, 0)
        else:
            head = struct.pack(">BBQI", 0x80 | opcode, 0x80 | 127, size, 0)
        self.raw.sendall(head + data)

    def send_parts(self, parts: list[bytes]) -> None:
        """One large frame, whose data lie in several places."""
        head = struct.pack(">BBQI", 0x80 | _BINARY, 0x80 | 127, sum(map(len, parts)), 0)
        sent = self.raw.sendmsg([head, *parts])
        rest = b"".join((head, *parts[:-1]))
        if sent < len(rest):
            self.raw.sendall(rest[sent:])
            sent = len(rest)
        self.raw.sendall(memoryview(parts[-1])[sent - len(rest) :])

    def receive(self) -> bytes:
        """The next binary frame; pings are answered."""
        while True:
            first, size = self._stream.read(2)
            if size >= 126:
                (size,) = struct.unpack(
                    ">H" if size == 126 else ">Q", self._stream.read(2 if size == 126 else 8)
                )
            data: bytes = self._stream.read(size)
            if first & 0x0F == _PING:
                self.send(data, _PONG)
            elif first & 0x0F == _BINARY:
                return data

    def close(self) -> None:
        """End the connection without a word."""
        self._stream.close()
        self.raw.close()


class Viewer:
    """A client of ours without a session: it writes with numbers, and keeps nothing."""

    def __init__(
        self, url: str, headers: Mapping[str, str] | None = None, *, greet: bool = True, secret: str = ""
    ) -> None:
        """Connects and, if it is to `greet`, says hello and fetches the state."""
        self._socket = WebSocket(url, headers or {})
        self._number = 0
        if greet:
            self._request("system:c0:0", "wslink.hello", [{"jt": {"v": 1}, "secret": secret}])
            self._receive()
            self._request("rpc:c0:0", "trame.state.get", [])
            self._receive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def raw(self) -> socket.socket:
        """See `WebSocket`."""
        return self._socket.raw

    def write(self, key: str, value: Any) -> None:
        """Write one key."""
        self._number += 1
        self._request("rpc:c0:1", "trame.state.update", [[{"key": key, "value": value}]], jt=self._number)

    def wait(self, key: str, value: Any) -> None:
        """Read until `key` has come as `value`."""
        while True:
            envelope = self._receive()
            if envelope["id"] == "publish:trame.state.topic:0" and envelope["result"].get(key) == value:
                return

    def _request(self, request_id: str, method: str, args: list[Any], **extra: Any) -> None:
        request = {"wslink": "1.0", "id": request_id, "method": method, "args": args, "kwargs": {}, **extra}
        for frame in split([pack(request)], 1, 1 << 22):
            self._socket.send(frame)

    def _receive(self) -> dict[str, Any]:
        frame = self._socket.receive()
        _, _, total = HEADER.unpack_from(frame)
        payload: Packed = memoryview(frame)[HEADER.size :]
        while len(payload) < total:
            payload = b"".join((payload, memoryview(self._socket.receive())[HEADER.size :]))
        envelope: dict[str, Any] = unpack(payload)
        return envelope
