"""A client over the custom messages of an anywidget model (PROTOCOL.md, section 4).

jupyter_server drops what a kernel sends above 1000 iopub messages a second, so all connections of a process share one
`MessageRate`, and everything that one turn of the loop brings travels in one message.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame.transports.base import ClientTransport
from jupyter_trame.types import Packed

__all__ = ["CommTransport", "MessageRate"]

_logger = logging.getLogger(__name__)
_ROOM = 4 << 20


class MessageRate:
    """At most `burst` messages at once and `rate` a second in the long run; who comes too early waits in line."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, rate: float = 300.0, burst: int = 60) -> None:
        self._loop = loop
        self._rate = rate
        self._burst = float(burst)
        self._tokens = float(burst)
        self._at = loop.time()
        self._waiting: deque[Callable[[], None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def take(self, resume: Callable[[], None]) -> bool:
        """Whether a message may go now; otherwise `resume` is called when one may."""
        self._refill()
        if self._tokens >= 1.0 and not self._waiting:
            self._tokens -= 1.0
            return True
        self._waiting.append(resume)
        self._wait()
        return False

    def close(self) -> None:
        """Call nobody any more."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refill(self) -> None:
        now = self._loop.time()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now

    def _wait(self) -> None:
        if self._timer is None and self._waiting:
            delay = max((1.0 - self._tokens) / self._rate, 0.0)
            self._timer = self._loop.call_later(delay, self._resume)

    def _resume(self) -> None:
        self._timer = None
        self._refill()
        while self._waiting and self._tokens >= 1.0:
            self._tokens -= 1.0
            self._waiting.popleft()()
        self._wait()


class CommTransport(ClientTransport):
    """One view of one page. Everything runs on the thread of the pump's loop.

    `post(content, buffers)` sends a custom message of the model, which reaches every page; `view` says whom it is for.
    """

    kind = "comm"

    def __init__(
        self,
        view: str,
        post: Callable[[Mapping[str, Any], Sequence[Packed]], None],
        loop: asyncio.AbstractEventLoop,
        rate: MessageRate,
    ) -> None:
        self.view = view
        self._post = post
        self._loop = loop
        self._rate = rate
        self._frames: list[Packed] = []
        self._size = 0
        self._sent = 0
        self._received = 0
        self._scheduled = False
        self._stalled = False
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the connection ended."""
        return self._closed

    def room(self) -> int:
        """Nothing while a message waits for its turn: values conflate in the replica meanwhile."""
        return 0 if self._closed or self._stalled else _ROOM - self._size

    def send(self, frame: Packed) -> None:
        """Take one frame; all of one turn of the loop leave together."""
        if self._closed:
            return
        self._frames.append(frame)
        self._size += len(frame)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    def close(self, code: int, reason: str) -> None:
        """End the connection; the page is told."""
        if self._closed:
            return
        self._send_now()
        self._closed = True
        self._send_message({"jt": "close", "view": self.view, "code": code, "reason": reason}, ())

    def receive(self, number: object, frames: Sequence[Packed]) -> None:
        """A message of the page with its number. A gap ends the connection: the client resumes."""
        port = self.port
        if self._closed or port is None:
            return
        if number != self._received:
            port.closed()
            self.close(1002, f"message {self._received} was expected and {number} came")
            return
        self._received += 1
        for frame in frames:
            port.receive(frame)

    def gone(self, code: int | None) -> None:
        """The page closed the connection, or is gone itself."""
        if not self._closed:
            self._closed = True
            if self.port is not None:
                self.port.closed(code)

    def _flush(self) -> None:
        if self._closed:
            return
        if self._rate.take(self._flush_granted):
            self._flush_granted()
        else:
            self._stalled = True

    def _flush_granted(self) -> None:
        was_full = self._stalled or self._size >= _ROOM
        self._scheduled = self._stalled = False
        self._send_now()
        if was_full and self.port is not None:
            self.port.writable()

    def _send_now(self) -> None:
        if not self._frames or self._closed:
            return
        frames, self._frames, self._size = self._frames, [], 0
        number, self._sent = self._sent, self._sent + 1
        self._send_message({"jt": "frames", "view": self.view, "n": number}, frames)

    def _send_message(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        try:
            self._post(content, buffers)
        except Exception:  # the comm was closed under us, or the kernel is on its way out
            _logger.debug("a message of a view was not sent", exc_info=True)
