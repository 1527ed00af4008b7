"""A stock client over the comm of trame's own Jupyter bridge: one chunk a message, and no word for the end."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.protocol.foreign_text import foreign
from jupyter_trame.transports.base import ClientTransport
from jupyter_trame.transports.pace import MessageRate, Pace
from jupyter_trame.types import Packed

__all__ = ["StockCommTransport"]

_logger = logging.getLogger(__name__)
_ROOM = 1
"""Bytes: the pump hands over one message, however large it is, so that values conflate behind it."""


class StockCommTransport(ClientTransport):
    """One connection. Everything runs on the thread of `loop`; `post(frame)` sends one comm message."""

    kind = "comm"

    def __init__(
        self, post: Callable[[Packed], object], loop: asyncio.AbstractEventLoop, rate: MessageRate
    ) -> None:
        self._post = post
        self._loop = loop
        self._rate = rate
        self._pace = Pace(loop, self._ask)
        self._frames: deque[Packed] = deque()
        self._in_line = False
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the connection ended."""
        return self._closed

    def room(self) -> int:
        """One message when one may leave, or when an answer waits, which has its place behind others."""
        if self._closed or self._frames or not (self._pace.due or self._is_urgent):
            return 0
        return _ROOM

    def send(self, frame: Frame) -> None:
        """Take one frame; it leaves when the rate of messages allows it."""
        if self._closed:
            return
        self._frames.append(bytes(frame))
        self._flush()

    def close(self, code: int, reason: str) -> None:
        """End the connection. The page is not told, since the bridge has no message for it."""
        _logger.debug("a connection of a stock page ends with %d: %s", code, foreign(reason))
        self._end()

    def gone(self) -> None:
        """The page is not there any more."""
        if not self._closed:
            self._end()
            if self.port is not None:
                self.port.closed()

    @property
    def _is_urgent(self) -> bool:
        return self.port is not None and self.port.urgent

    def _end(self) -> None:
        self._closed = True
        self._frames.clear()
        self._pace.stop()

    def _ask(self) -> None:
        """Have the pump hand over what there is room for."""
        if self.port is not None:
            self.port.writable()

    def _flush(self) -> None:
        while self._frames and not self._in_line:
            if not self._rate.take(self._granted):
                self._in_line = True
                return
            self._send_one()

    def _granted(self) -> None:
        self._in_line = False
        if self._closed or not self._frames:
            return
        self._send_one()
        self._flush()
        if not self._frames:
            self._ask()

    def _send_one(self) -> None:
        self._pace.sent()
        frame = self._frames.popleft()
        try:
            self._post(frame)
        except Exception:  # the comm was closed under us, or the kernel is on its way out
            _logger.debug("a frame of a stock page was not sent", exc_info=True)
