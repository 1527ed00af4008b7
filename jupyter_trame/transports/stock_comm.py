"""A stock client over the comm of trame's own Jupyter bridge: one chunk a message, and no word for the end."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from jupyter_trame.protocol.foreign_text import foreign
from jupyter_trame.transports.base import ClientTransport
from jupyter_trame.transports.comm import MessageRate
from jupyter_trame.types import Packed

__all__ = ["StockCommTransport"]

_logger = logging.getLogger(__name__)
_ROOM = 4 << 20


class StockCommTransport(ClientTransport):
    """One connection. Everything runs on the thread of `loop`; `post(frame)` sends one comm message."""

    kind = "comm"

    def __init__(
        self, post: Callable[[Packed], object], loop: asyncio.AbstractEventLoop, rate: MessageRate
    ) -> None:
        self._post = post
        self._loop = loop
        self._rate = rate
        self._frames: deque[Packed] = deque()
        self._size = 0
        self._waits = False
        self._full = False
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the connection ended."""
        return self._closed

    def room(self) -> int:
        """What may wait for its turn beside what does."""
        room = 0 if self._closed else _ROOM - self._size
        self._full = self._full or room <= 0
        return room

    def send(self, frame: Packed) -> None:
        """Take one frame; it leaves when the rate of messages allows it."""
        if self._closed:
            return
        self._frames.append(frame)
        self._size += len(frame)
        self._flush()

    def close(self, code: int, reason: str) -> None:
        """End the connection. The page is not told, since the bridge has no message for it."""
        _logger.debug("a connection of a stock page ends with %d: %s", code, foreign(reason))
        self._closed = True
        self._frames.clear()

    def gone(self) -> None:
        """The page is not there any more."""
        if not self._closed:
            self._closed = True
            self._frames.clear()
            if self.port is not None:
                self.port.closed()

    def _flush(self) -> None:
        while self._frames and not self._waits:
            if not self._rate.take(self._granted):
                self._waits = True
                return
            self._send_one()

    def _granted(self) -> None:
        self._waits = False
        if self._closed or not self._frames:
            return
        self._send_one()
        self._flush()
        if self._full and not self._frames and self.port is not None:
            self._full = False
            self.port.writable()

    def _send_one(self) -> None:
        frame = self._frames.popleft()
        self._size -= len(frame)
        try:
            self._post(frame)
        except Exception:  # the comm was closed under us, or the kernel is on its way out
            _logger.debug("a frame of a stock page was not sent", exc_info=True)
