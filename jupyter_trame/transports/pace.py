"""How often messages leave over a kernel's comms.

Each one passes through the Jupyter server's loop and every page, and what a kernel sends above 1000 iopub messages a
second is dropped there. A connection keeps a `Pace`, all of a process share one `MessageRate`; `PacedTransport` is what
all such connections have in common.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from jupyter_trame.transports.base import ClientTransport

__all__ = ["MessageRate", "Pace", "PacedTransport"]

_INTERVAL = 1 / 60
"""Seconds between two messages of one connection: screens show no more."""
_WHOLE = 1.0 - 1e-6
"""Of a message, for sums of fractions."""


class Pace:
    """When one connection may send: at once, and `interval` seconds after each message that left."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, on_due: Callable[[], object], *, interval: float = _INTERVAL
    ) -> None:
        """`on_due()` is called when a message may leave that had to wait for the one before."""
        self._loop = loop
        self._on_due = on_due
        self._interval = interval
        self._timer: asyncio.TimerHandle | None = None

    @property
    def due(self) -> bool:
        """Whether a message may leave now."""
        return self._timer is None

    def sent(self) -> None:
        """A message left, in its time or before."""
        self.stop()
        self._timer = self._loop.call_later(self._interval, self._ring)

    def stop(self) -> None:
        """Call nobody any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._on_due()


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
        if self._tokens >= _WHOLE and not self._waiting:
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
        while self._waiting and self._tokens >= _WHOLE:
            self._tokens -= 1.0
            self._waiting.popleft()()
        self._wait()


class PacedTransport(ClientTransport):
    """A connection over a comm. Everything runs on the thread of `loop`."""

    kind = "comm"

    def __init__(self, loop: asyncio.AbstractEventLoop, rate: MessageRate) -> None:
        self._loop = loop
        self._rate = rate
        self._pace = Pace(loop, self._ask)
        self._in_line = False
        """Whether a message waits for `rate`."""
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the connection ended."""
        return self._closed

    def gone(self) -> None:
        """The page closed the connection, or is gone itself."""
        if not self._closed:
            self._end()
            if self.port is not None:
                self.port.closed()

    @property
    def _is_due(self) -> bool:
        """Whether a message may leave: in its time, or since somebody waits for an answer in it."""
        return not self._closed and (self._pace.due or self._is_urgent)

    @property
    def _is_urgent(self) -> bool:
        return self.port is not None and self.port.urgent

    def _end(self) -> None:
        self._closed = True
        self._pace.stop()

    def _ask(self) -> None:
        """Have the pump hand over what there is room for."""
        if self.port is not None:
            self.port.writable()
