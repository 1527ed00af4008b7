"""Finds out that a page on the comm is gone although nothing says so: its browser crashed, or its machine sleeps.

Messages of pages wait on their way while a cell runs, and while anything else holds the main thread. That time is not
their silence: only a tick counts at whose begin and end no cell was at work, and within which the main thread answered.
Nor does the time count in which nothing is said to a page for long: signs of life would keep an idle kernel busy.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from jupyter_trame.protocol.limits import Limits
from jupyter_trame.transports.comm import CommTransport

__all__ = ["Attendance"]

_logger = logging.getLogger(__name__)
_TICK = 5.0


@dataclass(slots=True)
class _Watch:
    """Counts the silence of one page."""

    silence: float = 0.0
    """Seconds without a message of it, as they count."""
    quiet: float = 0.0
    """Seconds without frames for it."""
    sent: int = 0
    """Messages with frames for it, at the last tick."""


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
        self._limits = limits
        self._tick = min(_TICK, limits.comm_silence / 4)
        self._ask = ask
        self._at_work = at_work
        self._pages: dict[CommTransport, _Watch] = {}
        self._asked = self._answered = False
        self._fresh = False
        """Whether the main thread was asked at the begin of this tick, and no cell was at work."""
        self._timer: asyncio.TimerHandle | None = None

    def heard(self, page: CommTransport) -> None:
        """A message of `page` came: it is watched from now on, until its connection ends."""
        self._pages.setdefault(page, _Watch()).silence = 0.0
        if self._timer is None:
            self._wind()

    def close(self) -> None:
        """Watch nobody any more."""
        self._pages.clear()
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
        heard = self._asked and self._answered and self._fresh and not self._at_work()
        if self._answered:
            self._asked = False
        for page, watch in list(self._pages.items()):
            if not page.closed:
                self._look(page, watch, heard=heard)
            if page.closed:
                self._pages.pop(page, None)
        if self._pages:
            self._wind()

    def _look(self, page: CommTransport, watch: _Watch, *, heard: bool) -> None:
        """A tick is over, in which a message of `page` would have been `heard`."""
        limits = self._limits
        if page.sent > watch.sent:
            if watch.quiet >= limits.comm_watch:
                watch.silence = 0.0
            watch.sent, watch.quiet = page.sent, 0.0
        else:
            watch.quiet += self._tick
        if not (heard and page.beats and watch.quiet < limits.comm_watch):
            return
        watch.silence += self._tick
        if watch.silence >= limits.comm_silence:
            _logger.info(
                "a page on the comm was silent for %g s: its connection is lost", limits.comm_silence
            )
            page.lost(f"nothing was heard of this page for {limits.comm_silence:g} s")
