"""A loop whose time the test makes."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from typing import Any, cast

__all__ = ["Clock"]


class _Handle:
    def __init__(self, when: float, call: Callable[[], object]) -> None:
        self.when = when
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """What transports, pumps and timers use of a loop. Nothing runs but in `turn` and `advance`."""

    def __init__(self) -> None:
        self.now = 100.0
        self._ready: deque[_Handle] = deque()
        self._timers: list[tuple[float, int, _Handle]] = []
        self._order = itertools.count()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The same, for those who want a loop."""
        return cast("asyncio.AbstractEventLoop", self)

    @property
    def waits(self) -> bool:
        """Whether anybody wants to be called later."""
        return any(not handle.cancelled for _, _, handle in self._timers)

    def time(self) -> float:
        return self.now

    def call_soon(self, call: Callable[..., object], *args: Any) -> _Handle:
        handle = _Handle(self.now, lambda: call(*args))
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_at(self, when: float, call: Callable[..., object], *args: Any) -> _Handle:
        handle = _Handle(when, lambda: call(*args))
        self._timers.append((when, next(self._order), handle))
        return handle

    def call_later(self, delay: float, call: Callable[..., object], *args: Any) -> _Handle:
        return self.call_at(self.now + delay, call, *args)

    def turn(self) -> None:
        """Run what is due now, and what that makes due."""
        while self._ready:
            handle = self._ready.popleft()
            if not handle.cancelled:
                handle.call()

    def advance(self, seconds: float) -> None:
        """Let time pass, and everything run at its own."""
        end = self.now + seconds
        self.turn()
        while due := [timer for timer in self._timers if timer[0] <= end]:
            timer = min(due, key=lambda timer: timer[:2])
            self._timers.remove(timer)
            when, _, handle = timer
            if not handle.cancelled:
                self.now = when
                handle.call()
                self.turn()
        self.now = end
