"""A stock client over the comm of trame's own Jupyter bridge: one chunk a message, and no word for the end."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.transports.pace import MessageRate, PacedTransport
from jupyter_trame.types import Packed

__all__ = ["StockCommTransport"]

_logger = logging.getLogger(__name__)
_ROOM = 1
"""Bytes: the pump hands over one message, however large it is, so that values conflate behind it."""


class StockCommTransport(PacedTransport):
    """One connection; `post(frame)` sends one comm message."""

    def __init__(
        self, post: Callable[[Packed], object], loop: asyncio.AbstractEventLoop, rate: MessageRate
    ) -> None:
        super().__init__(loop, rate)
        self._post = post
        self._frames: deque[Packed] = deque()

    def room(self) -> int:
        """One message when one may leave, or when an answer waits, which has its place behind others."""
        return 0 if self._frames or not self._is_due else _ROOM

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

    def _end(self) -> None:
        super()._end()
        self._frames.clear()

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
