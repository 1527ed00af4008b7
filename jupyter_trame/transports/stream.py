"""The Link on a connected stream socket; `listener` makes the sockets.

A frame leaves in the thread that sends it whenever the socket takes it, so that pushes of a cell that blocks
its loop do not wait for anybody; only what the socket did not take is left to the loop.
"""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable

from jupyter_trame.errors import OversizeError, TrameError
from jupyter_trame.protocol.chunking import join_small
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import LinkOp
from jupyter_trame.protocol.link_decoder import LinkDecoder
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports.backlog import HIGH_WATER
from jupyter_trame.transports.outgoing import Outgoing
from jupyter_trame.transports.readiness import selector_of
from jupyter_trame.transports.turns import turns_of
from jupyter_trame.types import Packed

__all__ = ["FRAME_LIMIT", "HANDSHAKE_LIMIT", "StreamLink"]

_logger = logging.getLogger(__name__)
_DROPPED = "a link is dropped: %s"

_QUEUE_LIMIT = Limits().link_queue
_SOCKET_BUFFER = 1 << 20
FRAME_LIMIT = (1 << 32) - 1
"""Bytes of a frame that its header can say."""
HANDSHAKE_LIMIT = 4096
"""The same before both ends have proved the secret: memory is set aside for what a header says, whoever wrote it."""
_VECTOR = 64
"""Buffers of one system call; every system takes at least 1024, more than 64 gain nothing."""
_ROUNDS = 16
"""System calls in a row, so that a fast peer does not starve the others."""


class StreamLink:
    """One connected socket. It lives on `loop`, whose thread constructs it and calls it back.

    * `on_ops(ops)`: operations came, all that one read brought; raising `TrameError` ends the link with that reason.
    * `on_closed(reason)`: once, whoever ended it; nothing is called after it.
    * `on_drained()`: `send` had returned False and takes operations again, or all that had to wait was sent.
    """

    def __init__(
        self,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        *,
        on_ops: Callable[[list[LinkOp]], object],
        on_closed: Callable[[str], object],
        on_drained: Callable[[], object] = lambda: None,
        frame_limit: int = FRAME_LIMIT,
        high_water: int = HIGH_WATER,
        queue_limit: int = _QUEUE_LIMIT,
        complaints: Complaints | None = None,
    ) -> None:
        """All limits in bytes. `complaints` are those of all links that strangers may make.

        `frame_limit`: the largest frame accepted. `high_water`: with that much queued `send` returns False, with
        a quarter of it `on_drained` follows. `queue_limit`: who sends although more waits loses the link.
        """
        self._sock = sock
        self._loop = loop
        self._on_ops = on_ops
        self._on_closed = on_closed
        self._on_drained = on_drained
        self._queue_limit = queue_limit
        self._decoder = LinkDecoder(frame_limit)
        self._complaints = complaints or Complaints(_logger)
        self._lock = threading.Lock()
        self._outgoing = Outgoing(high_water)
        self._reason: str | None = None
        self._ended = False
        self._turns = turns_of(loop)
        self._reads_on = False
        _prepare(sock)
        self._selector = selector_of(loop)
        self._number = sock.fileno()
        self._selector.add_reader(self._number, self._on_readable)

    def accept_frames_of(self, limit: int) -> None:
        """Accept frames of up to `limit` bytes from now on. The thread of the loop."""
        self._decoder.limit = limit

    @property
    def closed(self) -> bool:
        """Whether the link has ended; `on_closed` may still be on its way. Any thread."""
        return self._reason is not None

    @property
    def waiting(self) -> int:
        """Buffers that it has not taken: two for a large operation, one for a run of small ones. Any thread."""
        return self._outgoing.buffers

    def send(self, *ops: LinkOp) -> bool:
        """Take `ops`, in the order of the calls, with one system call. Any thread, never blocks.

        False: hold the next ones back until `on_drained`. After the end of the link operations are dropped.
        """
        try:
            buffers = [buffer for op in ops for buffer in encode_op(op)]
        except OversizeError as error:
            self._complaints.warn(_DROPPED, error)
            self.close(str(error))
            return True
        with self._lock:
            if self.closed:
                return True
            outgoing = self._outgoing
            if outgoing.size > self._queue_limit:
                self._close_locked(f"over {self._queue_limit} bytes wait: the other side does not read")
                return True
            waited = bool(outgoing)
            outgoing.add(join_small(buffers))  # a system call takes few of them
            try:
                if not waited:
                    self._write()
            except OSError as error:
                self._close_locked(f"the link broke: {error}")
                return True
            if outgoing and not waited:
                self._call_loop(self._watch_writable)
            return not outgoing.is_full()

    def close(self, reason: str = "closed") -> None:
        """End the link; what is still queued is dropped. Any thread; more than once is harmless."""
        with self._lock:
            self._close_locked(reason)

    # -- writing; all with the lock held

    def _write(self, rounds: int = _ROUNDS) -> None:
        """Hand the socket what it takes. Raises `OSError` when the connection is broken."""
        outgoing = self._outgoing
        for _ in range(rounds):
            if not outgoing:
                return
            try:
                outgoing.advance(_send_vector(self._sock, outgoing.peek(outgoing.size, _VECTOR)))
            except (BlockingIOError, InterruptedError):
                return

    def _close_locked(self, reason: str) -> None:
        if self._reason is None:
            self._reason = reason
            self._outgoing.clear()
            if not self._call_loop(self._end):
                self._sock.close()

    def _call_loop(self, call: Callable[[], None]) -> bool:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop is closed: the process ends
            return False
        return True

    # -- on the loop

    def _watch_writable(self) -> None:
        if not self.closed:
            self._selector.add_writer(self._number, self._on_writable)

    def _on_writable(self) -> None:
        with self._lock:
            if self.closed:
                return
            outgoing = self._outgoing
            queued = outgoing.size
            try:
                self._write(rounds=_ROUNDS // 4)
            except OSError as error:
                self._close_locked(f"the link broke: {error}")
                return
            self._turns.charge(queued - outgoing.size)
            drained = outgoing.relieved() or not outgoing
            if not outgoing:
                self._selector.remove_writer(self._number)
        if drained:
            self._on_drained()

    def _on_readable(self) -> None:
        """Read and handle something; more of it as long as there is time in this turn of the loop."""
        turns = self._turns
        try:
            for _ in range(_ROUNDS):
                if not turns.measure(self._read):
                    return
                if not turns.free:
                    break
            if self._decoder.ready and not self._reads_on:
                self._reads_on = True
                self._loop.call_soon(self._read_on)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self.close(f"the link broke: {error}")
        except TrameError as error:
            self._complaints.warn(_DROPPED, error)
            self.close(str(error))
        except Exception as error:  # noqa: BLE001 - a defect of ours must cost one link
            self._complaints.warn(_DROPPED, "an operation was not handled", level=logging.ERROR, error=error)
            self.close(f"an operation was not handled: {error!r}")

    def _read_on(self) -> None:
        """The socket may have nothing more, so that nobody else would call."""
        self._reads_on = False
        self._on_readable()

    def _read(self) -> bool:
        """Read once, or take what was read before; whether there may be more."""
        if self.closed:
            return False
        decoder = self._decoder
        if decoder.ready:
            size, more, ops = 0, True, decoder.take()
        else:
            buffer = decoder.get_buffer()
            size = self._sock.recv_into(buffer)
            if size == 0:
                self.close("the other side closed the link")
                return False
            filled = size == len(buffer)
            del buffer  # the decoder may not move what is exported
            ops = decoder.buffer_updated(size)
            more = filled or decoder.ready
        self._turns.charge(size, len(ops))
        if ops:
            self._on_ops(ops)
        return more

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._selector.remove_reader(self._number)
        self._selector.remove_writer(self._number)
        self._sock.close()
        self._decoder.close()
        on_closed = self._on_closed
        # Whoever is called back mostly holds the link: such a circle would stay until the collector comes to it.
        self._on_ops = self._on_closed = self._on_drained = _ignore
        on_closed(self._reason or "")


def _ignore(*_: object) -> None:
    """Called back by a link that has ended."""


def _prepare(sock: socket.socket) -> None:
    """Non-blocking, large buffers, and no waiting for acknowledgements on TCP."""
    sock.setblocking(False)
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER)
    if sock.family != getattr(socket, "AF_UNIX", None):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _send_vector(sock: socket.socket, buffers: list[Packed]) -> int:
    """Send from the front of `buffers`; the number of bytes taken."""
    if hasattr(sock, "sendmsg"):
        return sock.sendmsg(buffers)
    return sock.send(buffers[0])
