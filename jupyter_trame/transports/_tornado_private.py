"""What is used of tornado that its documentation does not promise, and what stands in for it where it is not there."""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Coroutine
from inspect import iscoroutinefunction, signature
from types import CodeType, FunctionType
from typing import Any

import tornado
from tornado.iostream import BaseIOStream, IOStream
from tornado.websocket import WebSocketProtocol13

__all__ = ["FramedProtocol", "framed", "unread", "unwritten"]

_logger = logging.getLogger(__name__)


def unwritten(stream: IOStream) -> int:
    """Bytes that the stream has taken and not written."""
    return len(stream._write_buffer)


def unread(stream: IOStream) -> int:
    """Bytes that the stream has read ahead."""
    return stream._read_buffer_size


def _unwritten(stream: IOStream) -> int:
    return int(stream.writing())


def _unread(stream: IOStream) -> int:  # noqa: ARG001 - all bytes are then read through the stream, which is slower
    return 1


class FramedProtocol(WebSocketProtocol13):
    """tornado's protocol, whose frames are read and written by who derives it; only where `framed` is true."""

    @abstractmethod
    async def read_some(self) -> None:
        """Read something, and `handle` the frames that it completes; called again until the client has left."""

    @abstractmethod
    def write_control(self, opcode: int, payload: bytes) -> "asyncio.Future[None] | None":
        """Send a control frame; None to have tornado write it. The future is done when it was sent."""

    def count(self, size: int) -> None:
        """`size` bytes were read."""
        self._wire_bytes_in += size

    def handle(self, opcode: int, payload: bytes) -> "asyncio.Future[None] | None":
        """Take a frame, or a message of several, as tornado does; what it has to wait for."""
        return self._handle_message(opcode, payload)

    def _receive_frame(self) -> Coroutine[Any, Any, None]:
        return self.read_some()

    def _write_frame(self, fin: bool, opcode: int, data: bytes, flags: int = 0) -> "asyncio.Future[None]":
        """Of tornado itself these are control frames: what an app sends leaves through the transport."""
        sent = self.write_control(opcode, data)
        return super()._write_frame(fin, opcode, data, flags) if sent is None else sent


_PARAMETERS = {
    "_handle_message": ["self", "opcode", "data"],
    "_receive_frame": ["self"],
    "_write_frame": ["self", "fin", "opcode", "data", "flags"],
}
"""Of the methods of tornado's protocol that are called or replaced."""


def _missing(constructor: CodeType) -> list[str]:
    return sorted({"_write_buffer", "_read_buffer_size"} - set(constructor.co_names))


def _missing_of_protocol(protocol: type) -> list[str]:
    functions = {name: value for name, value in vars(protocol).items() if isinstance(value, FunctionType)}
    lacks = {
        name
        for name, parameters in _PARAMETERS.items()
        if name not in functions or list(signature(functions[name]).parameters) != parameters
    }
    if not iscoroutinefunction(functions.get("_receive_frame")):
        lacks.add("_receive_frame")
    # What is replaced, or counted, has an effect only if tornado uses it.
    used = {name for function in functions.values() for name in function.__code__.co_names}
    return sorted(lacks | ({"_receive_frame", "_wire_bytes_in", "_write_frame"} - used))


_lacks = _missing(BaseIOStream.__init__.__code__)
_protocol_lacks = _missing_of_protocol(WebSocketProtocol13)
framed = not _protocol_lacks
"""Whether a `FramedProtocol` works; otherwise tornado itself reads and writes the messages of clients."""
if "_write_buffer" in _lacks:
    unwritten = _unwritten
if "_read_buffer_size" in _lacks:
    unread = _unread
if _lacks or _protocol_lacks:
    _logger.warning(
        "tornado %s has no %s as they were: messages of clients take longer",
        tornado.version,
        ", ".join(_lacks + _protocol_lacks),
    )
