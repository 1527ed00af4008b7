"""Calls for many changes together."""

import time
from collections.abc import Callable

__all__ = ["Debounce"]


class Debounce:
    """Calls `action` once changes have paused for `quiet` seconds, and every `longest` seconds while they do not pause.

    Everything on one thread; ``call_later(delay, fn)`` is its timer.
    """

    def __init__(
        self,
        action: Callable[[], object],
        call_later: Callable[[float, Callable[[], object]], object],
        *,
        quiet: float = 1.0,
        longest: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._action = action
        self._call_later = call_later
        self._quiet = quiet
        self._longest = longest
        self._clock = clock
        self._first: float | None = None
        self._last = 0.0

    def touch(self) -> None:
        """Something changed."""
        self._last = self._clock()
        if self._first is None:
            self._first = self._last
            self._call_later(self._quiet, self._check)

    def _check(self) -> None:
        if self._first is None:
            return
        now = self._clock()
        due = min(self._last + self._quiet, self._first + self._longest)
        if now < due:
            self._call_later(due - now, self._check)
            return
        self._first = None
        self._action()
