"""The time between two servers of one name: the new one has taken the place of the other, and is not up yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["BEING_STARTED", "NOT_RUNNING", "NextLife"]

BEING_STARTED = "the server is being started"
NOT_RUNNING = "the server does not run; run its cell again"

_UNSAID = 1.0
"""Seconds without a word: a cell that runs again has its server up by then, mostly."""

_QUIET_TIMEOUT = 3.0
"""Seconds without any cell at work, after which nobody is going to start it."""

_STEP = 0.5
"""Seconds between two looks at the kernel."""


class NextLife:
    """Waits for the server, and says what clients are to know meanwhile. Everything on the thread of `loop`.

    A cell may take its time before it starts its server, and so may those after it: while any is `at_work()`, the
    server is being started. `tell(reason)` is called for each thing to say, `gave_up()` before the last: a cell
    that failed, or a module that was loaded again, made a server and left it.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        at_work: Callable[[], bool],
        tell: Callable[[str], object],
        gave_up: Callable[[], object],
    ) -> None:
        self._loop = loop
        self._at_work = at_work
        self._tell = tell
        self._gave_up = gave_up
        self._quiet_since = loop.time()
        self._timer = loop.call_later(_UNSAID, self._say)

    def stop(self) -> None:
        """The server is up, or nobody waits for it any more."""
        self._timer.cancel()

    def _say(self) -> None:
        self._tell(BEING_STARTED)
        self._look()

    def _look(self) -> None:
        now = self._loop.time()
        if self._at_work():
            self._quiet_since = now
        if now - self._quiet_since < _QUIET_TIMEOUT:
            self._timer = self._loop.call_later(_STEP, self._look)
        else:
            self._gave_up()
            self._tell(NOT_RUNNING)
