"""Tells the kernel how far its clients are behind, so that apps that stream can leave pictures out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jupyter_trame.protocol.link import Pressure

__all__ = ["Gauge"]


class Gauge:
    """Reports what `pending()` gives whenever it passes a power of two or is 0 again. On the thread of `loop`."""

    def __init__(
        self,
        pending: Callable[[], int],
        report: Callable[[Pressure], object],
        loop: asyncio.AbstractEventLoop,
        *,
        look_again: float = 0.5,
    ) -> None:
        """`look_again`: seconds; a client that takes nothing ceases to count without any event."""
        self._interval = look_again
        self._pending = pending
        self._report = report
        self._loop = loop
        self._level = 0
        self._timer: asyncio.TimerHandle | None = None

    def look(self) -> None:
        """More or less may wait than before."""
        waiting = self._pending()
        if waiting.bit_length() != self._level:
            self._level = waiting.bit_length()
            self._report(Pressure(waiting))
        if waiting and self._timer is None:
            self._timer = self._loop.call_later(self._interval, self._look_again)

    def reset(self) -> None:
        """Nobody has been told anything: the link is gone."""
        self._level = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_again(self) -> None:
        self._timer = None
        self.look()
