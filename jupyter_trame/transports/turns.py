"""Who sends next on a loop that several apps share, and for how long.

Sending goes in steps, each of which is little work: the frames of one client are made, or a slice of them is written.
What fits into one turn of the loop is sent at once. The rest waits in line and leaves in the turns that follow, a
step of each app in turn, and within an app of each client in turn: neither a large value nor a crowd holds the loop for
long, which is everybody's.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary, ref

__all__ = ["BUDGET", "SLICE", "Lane", "Sender", "Turns", "turns_of"]

T = TypeVar("T")

BUDGET = 0.005
"""Seconds of a thread's cpu that sending may take in one turn of its loop. Windows counts them in steps of 16 ms."""

SLICE = 1 << 20
"""Bytes of a step at most."""

_STEP = 20e-6
_BYTE = 0.4e-9
"""What a small step takes, about, and each byte of it: to ask the clock takes a good part of that on some machines."""
_SMALL = 1 << 15
"""Bytes of a small step."""

_SHARE = 0.5
"""Of the time that a turn takes, how much may go into sending. A callback that blocks the loop may change much."""


class Sender(Protocol):
    """Somebody who has something to send. Whoever implements it begins with `queued` False, and leaves it alone."""

    queued: bool
    """Whether it waits in line, or is at work."""

    def step(self) -> bool:
        """Do a little; whether there is more that could be done at once."""


class Turns:
    """The senders of one loop, in its thread."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, clock: Callable[[], float] = time.thread_time
    ) -> None:
        """`clock` gives the cpu time of the thread, in seconds."""
        self._loop = ref(loop)  # or the loop, which is the key of this one, would stay for ever
        self._clock = clock
        self._lanes: deque[Lane] = deque()
        self._left = BUDGET
        self._since = loop.time()
        self._at_work = False
        self._large = False
        """Whether the last step was not small; the next one is measured then."""
        self._next: asyncio.Handle | None = None

    @property
    def waiting(self) -> bool:
        """Whether anybody waits in line."""
        return bool(self._lanes)

    @property
    def free(self) -> bool:
        """Whether there is time left for another step in this turn of the loop."""
        if self._left > 0:
            return True
        now = self._now()
        self._left = min(max(self._left, -BUDGET) + (now - self._since) * _SHARE, BUDGET)
        self._since = now
        return self._left > 0

    def charge(self, size: int, steps: int = 1) -> None:
        """So many `steps` were done, and `size` bytes sent or received."""
        self._left -= steps * _STEP + size * _BYTE
        self._large = size > _SMALL

    def measure(self, work: Callable[[], T]) -> T:
        """Do `work`, and charge what it takes of the thread's cpu once steps are not small."""
        if not self._large:
            return work()
        left, began = self._left, self._clock()
        try:
            return work()
        finally:
            self._left = left - (self._clock() - began)
            self._since = self._now()  # a thread that has to wait for a processor gains nothing by it

    def _join(self, lane: Lane) -> None:
        self._lanes.append(lane)
        if self._next is None:
            self._call_soon()

    def _now(self) -> float:
        loop = self._loop()
        return 0.0 if loop is None else loop.time()

    def _call_soon(self) -> None:
        loop = self._loop()
        if loop is not None:
            self._next = loop.call_soon(self._turn)

    def _turn(self) -> None:
        """Once in a turn of the loop, while anybody waits."""
        self._next = None
        clock = self._clock
        end = clock() + BUDGET
        try:
            while self._lanes:
                self._take_one()
                if clock() >= end:
                    break
        finally:
            self._left, self._since = end - clock(), self._now()
            if self._lanes and self._next is None:
                self._call_soon()

    def _take_one(self) -> None:
        """A step of who is first in line."""
        lane = self._lanes.popleft()
        sender = lane.waiting.popleft()
        more = False
        self._at_work = True
        try:
            more = sender.step()
        finally:
            self._at_work = False
            sender.queued = more
            if more:
                lane.waiting.append(sender)
            lane.in_line = bool(lane.waiting)
            if lane.in_line:
                self._join(lane)

    def _catch_up(self) -> None:
        """A callback that blocks the loop goes on changing things: who waits in line need not wait for its end."""
        if self._lanes and not self._at_work and self.free:
            self.measure(self._take_one)


class Lane:
    """The senders of one app."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.waiting: deque[Sender] = deque()
        self.in_line = False

    def run(self, sender: Sender, *, at_once: bool = False) -> None:
        """Let `sender` do what it has to do: now if there is time, else when it is its turn.

        `at_once`: unless others of the app wait, one step is now in any case.
        """
        turns = self.turns
        if sender.queued:
            turns._catch_up()
            return
        if (at_once and not self.waiting) or turns.free:
            sender.queued = True
            more = False
            try:
                more = turns.measure(sender.step)
            finally:
                sender.queued = more
            if not more:
                return
        sender.queued = True
        self.waiting.append(sender)
        if not self.in_line:
            self.in_line = True
            turns._join(self)


def turns_of(loop: asyncio.AbstractEventLoop) -> Turns:
    """The one of `loop`, in whose thread this is called: all apps on a loop share its time."""
    turns = _turns.get(loop)
    if turns is None:
        turns = _turns[loop] = Turns(loop)
    return turns


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()
