"""Finds out that a page on the comm is gone although nothing says so: its browser crashed, or its machine sleeps.

Messages of pages wait on their way while a cell runs, and while anything else holds the main thread. That time is not
their silence: only a tick counts at whose begin and end no cell was at work, and within which the main thread answered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from jupyter_trame.protocol.limits import Limits
from jupyter_trame.transports.comm import CommTransport

__all__ = ["Attendance"]

_logger = logging.getLogger(__name__)
_TICK = 5.0


class Attendance:
    """All pages of a kernel that give signs of life. On the thread of `loop`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
        *,
        ask: Callable[[Callable[[], object]], object],
        at_work: Callable[[], bool],
    ) -> None:
        """`ask(answer)` has the main thread call `answer`, soon; `at_work()` says whether a cell runs."""
        self._loop = loop
        self._patience = limits.comm_silence
        self._tick = min(_TICK, limits.comm_silence / 4)
        self._ask = ask
        self._at_work = at_work
        self._silence: dict[CommTransport, float] = {}
        """Seconds without a message, of each page."""
        self._asked = self._answered = False
        self._fresh = False
        """Whether the main thread was asked at the begin of this tick, and no cell was at work."""
        self._timer: asyncio.TimerHandle | None = None

    def heard(self, page: CommTransport) -> None:
        """A message of `page` came: it is watched from now on, until its connection ends."""
        self._silence[page] = 0.0
        if self._timer is None:
            self._wind()

    def close(self) -> None:
        """Watch nobody any more."""
        self._silence.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wind(self) -> None:
        self._fresh = not self._asked and not self._at_work()
        if self._fresh:
            self._asked, self._answered = True, False
            self._ask(self._answer)
        self._timer = self._loop.call_later(self._tick, self._on_tick)

    def _answer(self) -> None:
        """The main thread is there."""
        self._answered = True

    def _on_tick(self) -> None:
        self._timer = None
        if self._asked and self._answered:
            self._asked = False
            if self._fresh and not self._at_work():
                self._count()
        self._silence = {page: seconds for page, seconds in self._silence.items() if not page.closed}
        if self._silence:
            self._wind()

    def _count(self) -> None:
        for page, seconds in list(self._silence.items()):
            if page.beats:
                self._silence[page] = seconds + self._tick
                if seconds + self._tick >= self._patience:
                    _logger.info(
                        "a page on the comm was silent for %g s: its connection is lost", self._patience
                    )
                    page.lost(f"nothing was heard of this page for {self._patience:g} s")
