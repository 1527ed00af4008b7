"""What both ends of a websocket have: messages, pings, closing."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from typing import Any, ClassVar, Self

import trio
import websockets.exceptions as library
from websockets.datastructures import Headers
from websockets.frames import Close, CloseCode
from websockets.protocol import OPEN, State

from jupyter_trame.trio.nurseries import wait_for_any
from jupyter_trame.trio.websockets.careful_connections import CarefulConnection
from jupyter_trame.trio.websockets.exceptions import (
    CLOSE_CODES,
    ConnectionClosed,
    InvalidState,
    PayloadTooBig,
    WebSocketProtocolError,
)

__all__ = ["CLOSE_CODES", "PongWaiter", "State", "WebSocketCommonProtocol", "check_close", "encode_data"]

_LONGEST_REASON = 123
_LONGEST_PING = 125
_HURRY = 1.0
"""Seconds for the word to a peer whose own is not waited for."""
_PEER_FAILED = (
    library.PayloadTooBig,
    library.ProtocolError,
    library.TooManyFragments,
    UnicodeDecodeError,
)
_FAILURES = frozenset({1002, 1007, 1009})
"""Codes with which we fail a connection for what the peer sent; it need not answer."""


def encode_data(data: str | bytes | bytearray | memoryview) -> bytes:
    """The payload of a ping or pong: `data`, of which text is encoded as UTF-8. Raises TypeError for anything else."""
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data)
    raise TypeError(f"data has to be str or bytes, not {type(data).__name__}")


class PongWaiter:
    """What `ping` returns: awaited, it returns when the pong is there.

    Raises `ConnectionClosed` where the connection ends before. Any number of tasks may wait; cancelling is safe.
    """

    def __init__(self, protocol: WebSocketCommonProtocol, pong: trio.Event, closed: trio.Event) -> None:
        self._protocol = protocol
        self._pong = pong
        self._closed = closed

    def __await__(self) -> Generator[Any, Any, None]:
        return self.wait().__await__()

    async def wait(self) -> None:
        """As awaiting the object."""
        await wait_for_any(self._pong, self._closed)
        if not self._pong.is_set():
            raise self._protocol._closed_error()

    def done(self) -> bool:
        """Whether the pong is there."""
        return self._pong.is_set()


class WebSocketCommonProtocol:
    """One end of a connection, on trio. All methods are for the thread of its trio run.

    Several tasks may use it at once: sends follow each other, and of tasks in `recv` each gets a message of its own.
    """

    is_client: ClassVar[bool]
    side: ClassVar[str]

    def __init__(
        self,
        *,
        host: str | None = None,
        port: int | None = None,
        secure: bool | None = None,
        timeout: float | None = 10,
        max_size: int | None = 2**20,
        max_queue: int | None = 2**5,
        read_limit: int = 2**16,
        write_limit: int = 2**16,
        legacy_recv: bool = False,
    ) -> None:
        """What `connect` and `serve` call; a class of yours passes on what it does not know.

        Args:
            host: of the server, as the program names it.
            port: of the server.
            secure: whether TLS is spoken.
            timeout: in seconds, for the opening and for the closing handshake each; None for no limit.
            max_size: of a message that comes in, in bytes after decompression; None for no limit.
            max_queue: frames that wait for `recv`; beyond it the peer is made to wait.
            read_limit: kept; trio's streams have no buffer of their own.
            write_limit: the same.
            legacy_recv: whether `recv` returns None where the connection has ended.
        """
        self.host = host
        self.port = port
        self.secure = secure
        self.timeout = timeout
        self.max_size = max_size
        self.max_queue = max_queue
        self.read_limit = read_limit
        self.write_limit = write_limit
        self.legacy_recv = legacy_recv
        self.path: str | None = None
        """Path and query of the request; None before."""
        self.request_headers: Headers | None = None
        """Looked up whatever the case of a name is."""
        self.response_headers: Headers | None = None
        self.extensions: list[Any] = []
        self.subprotocol: str | None = None
        self._connection: CarefulConnection | None = None
        self._addresses: tuple[Any, Any] = (None, None)
        self._receiving = trio.Lock()

    # -- what it is

    def __repr__(self) -> str:
        where = "" if self.remote_address in (None, "") else f" with {self.remote_address}"
        return f"<{type(self).__name__}{where}, {self.state.name}>"

    @property
    def raw_request_headers(self) -> list[tuple[str, str]] | None:
        """The headers as they were sent."""
        return None if self.request_headers is None else list(self.request_headers.raw_items())

    @property
    def raw_response_headers(self) -> list[tuple[str, str]] | None:
        """The headers as they were sent."""
        return None if self.response_headers is None else list(self.response_headers.raw_items())

    @property
    def local_address(self) -> Any:
        """As a socket has it: ``(host, port)``, or the path of a Unix socket. None before there is a connection.

        After its end it is what it was.
        """
        return self._addresses[0]

    @property
    def remote_address(self) -> Any:
        """As `local_address`, of the other end."""
        return self._addresses[1]

    @property
    def state(self) -> State:
        """CONNECTING, OPEN, CLOSING or CLOSED."""
        return State.CONNECTING if self._connection is None else self._connection.state

    @property
    def open(self) -> bool:
        """Whether messages can be sent; false while the connection opens and while it closes."""
        return self.state is State.OPEN

    @property
    def closed(self) -> bool:
        """Whether the connection has ended; false while it closes."""
        return self.state is State.CLOSED

    @property
    def close_code(self) -> int | None:
        """Why the connection has ended; None before.

        The code of the peer's close frame, or of ours where what the peer sent made us fail the connection; 1006 where
        no frame came.
        """
        if self._connection is None or self._connection.state is not State.CLOSED:
            return None
        return self._ending().code

    @property
    def close_reason(self) -> str | None:
        """The text beside `close_code`."""
        if self._connection is None or self._connection.state is not State.CLOSED:
            return None
        return self._ending().reason

    # -- messages

    async def recv(self) -> Any:
        """The next message: `str` for text, `bytes` for a binary one; a fragmented one when it is whole.

        Raises `ConnectionClosed` when what came before the end was given out. Cancelling is safe: no message is lost.
        """
        try:
            return await self._recv()
        except ConnectionClosed:
            if self.legacy_recv:
                return None
            raise

    async def _recv(self) -> str | bytes:
        connection = self._opened()
        try:
            self._receiving.acquire_nowait()
        except trio.WouldBlock:
            await self._receiving.acquire()
        try:
            return await connection.recv()
        except library.ConnectionClosed as error:
            closed = self._closed_error(error)
            raise closed from closed.__cause__
        finally:
            self._receiving.release()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str | bytes:
        """The next message; the loop ends with the codes 1000 and 1001, and raises `ConnectionClosed` with others."""
        try:
            return await self._recv()
        except ConnectionClosed as error:
            if error.code in {CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY}:
                raise StopAsyncIteration from None
            raise

    async def send(self, data: str | bytes) -> None:
        """Send one message, in one frame: text for `str`, binary for bytes.

        Waits while the peer takes nothing. Cancelled then, it ends the connection where a part of the message has left;
        cancelled before, it sends nothing or everything. Raises `ConnectionClosed`, and TypeError for other data.
        """
        connection = self._opened()
        if not isinstance(data, str | bytes | bytearray | memoryview):
            raise TypeError(f"a message has to be str or bytes, not {type(data).__name__}")
        await trio.lowlevel.checkpoint_if_cancelled()
        try:
            await connection.send_message(data)
        except library.ConnectionClosed as error:
            closed = self._closed_error(error)
            raise closed from closed.__cause__

    # -- pings

    async def ping(self, data: str | bytes | None = None) -> PongWaiter:
        """Send a ping; what is returned can be awaited for its pong. A pong answers all earlier pings, too.

        Args:
            data: at most 125 bytes; four random ones where it is None.

        Raises ValueError where a ping with this payload waits for its pong, TypeError, `ConnectionClosed`, and
        `WebSocketProtocolError` for a payload that is too long. Cancelling is as in `send`.
        """
        connection = self._opened()
        payload = None if data is None else _control_payload(data)
        try:
            pong = await connection.ping(payload)
        except library.ConcurrencyError as error:
            raise ValueError("a ping with the same data waits for its pong") from error
        except library.ConnectionClosed as error:
            closed = self._closed_error(error)
            raise closed from closed.__cause__
        return PongWaiter(self, pong, connection.stream_closed)

    async def pong(self, data: str | bytes = b"") -> None:
        """Send a pong that nobody asked for. Raises as `ping` does."""
        connection = self._opened()
        payload = _control_payload(data)
        try:
            await connection.pong(payload)
        except library.ConnectionClosed as error:
            closed = self._closed_error(error)
            raise closed from closed.__cause__

    # -- the end

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection: say so, wait for the peer to say so and for TCP. More than once is harmless.

        It takes `timeout` at most; a peer that says nothing until then makes the code 1006. Messages that came before
        can still be received, `max_queue` frames of those that come meanwhile, too. Raises `WebSocketProtocolError` and
        TypeError for a code or reason that no close frame can have. Cancelled, it ends the connection at once.
        """
        if self._connection is None:
            return
        check_close(code, reason)
        await self._connection.aclose(code, reason)

    aclose = close

    async def wait_closed(self) -> None:
        """Return when the connection has ended. Raises `InvalidState` before it was opened; cancelling is safe."""
        await self._opened().wait_closed()

    async def fail_connection(self, code: int = 1011, reason: str = "") -> None:
        """End the connection without waiting for the peer's word. It is told `code`, for which it has a second.

        Raises `WebSocketProtocolError` as `close` does. Cancelled, it ends the connection as well.
        """
        connection = self._opened()
        check_close(code, reason)
        try:
            if connection.state is OPEN:
                connection.protocol.fail(code, reason)
                with trio.move_on_after(_HURRY):
                    await connection.send_data()
        finally:
            await connection.close_stream()

    # -- for `connect` and `serve`

    def _attach(self, connection: CarefulConnection) -> None:
        self._connection = connection
        with suppress(OSError):  # the peer has gone already
            self._addresses = connection.local_address, None
            self._addresses = connection.local_address, connection.remote_address

    def _opened(self) -> CarefulConnection:
        if self._connection is None:
            raise InvalidState("the WebSocket connection isn't established yet")
        return self._connection

    def _ending(self) -> Close:
        """Code and reason of a connection that has ended."""
        protocol = self._opened().protocol
        sent = protocol.close_sent
        if sent is not None and sent.code in _FAILURES and isinstance(self._failure(), _PEER_FAILED):
            return sent
        return protocol.close_rcvd or Close(CloseCode.ABNORMAL_CLOSURE, "")

    def _failure(self) -> BaseException | None:
        """What the peer did that made us fail the connection, or what ended it below us."""
        connection = self._opened()
        return connection.protocol.parser_exc or connection.connection_exc

    def _closed_error(self, cause: library.ConnectionClosed | None = None) -> ConnectionClosed:
        ending = self._ending()
        error = ConnectionClosed(int(ending.code), ending.reason)
        error.__cause__ = cause
        failure = self._failure()
        if isinstance(failure, library.PayloadTooBig):
            too_big = PayloadTooBig(str(failure))
            error.__cause__, too_big.__cause__ = too_big, cause
        return error


def _control_payload(data: str | bytes) -> bytes:
    payload = encode_data(data)
    if len(payload) > _LONGEST_PING:
        raise WebSocketProtocolError(
            f"a ping or pong has at most {_LONGEST_PING} bytes of data, not {len(payload)}"
        )
    return payload


def check_close(code: int, reason: str) -> None:
    """Raises `WebSocketProtocolError` and TypeError for a code or reason that no close frame can have."""
    for given, kind in ((code, int), (reason, str)):
        if not isinstance(given, kind):
            raise TypeError(f"a close frame has an int and a str, not {code!r} and {reason!r}")
    try:
        Close(code, reason).check()
    except library.ProtocolError as error:
        raise WebSocketProtocolError(f"no close frame can have the code {code}") from error
    if len(reason.encode()) > _LONGEST_REASON:
        raise WebSocketProtocolError(f"the reason of a close frame has at most {_LONGEST_REASON} bytes")
