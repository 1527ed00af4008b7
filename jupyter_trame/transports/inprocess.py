"""The link between a server and a replica of the same process: operations are handed over as objects.

Where both live on one thread an operation of the server arrives before `InProcessLink.send` returns, so what a blocking
loop changes leaves at once. From another thread it hops to the replica's loop, a burst with one wake-up.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable

from jupyter_trame.protocol import LinkEnd, LinkOp, Primary
from jupyter_trame.protocol.link import Commit, Message, Snapshot
from jupyter_trame.transports.backlog import Backlog
from jupyter_trame.transports.pump import ReplicaPump

__all__ = ["InProcessLink"]

_SMALL = 64


class InProcessLink:
    """Connects one `ReplicaPump` to one `Primary` after the other.

    `send` and `close` are the primary's and come on any thread; the other methods run on the thread of the pump's loop.
    """

    def __init__(self, pump: ReplicaPump, loop: asyncio.AbstractEventLoop) -> None:
        self._pump = pump
        self._loop = loop
        self._thread = threading.get_ident()
        self._primary: Primary | None = None
        self._end: LinkEnd | None = None
        self._queue: deque[LinkOp] = deque()
        self._up: deque[LinkOp] = deque()
        self._backlog = Backlog()
        self._lock = threading.Lock()
        self._awake = False
        self._delivering = False
        self._sending = False
        """Whether the primary is in the middle of a `send` on this thread: it holds its lock."""
        self._rising = False
        """Whether what goes up is being handed over."""

    @property
    def waiting(self) -> int:
        """Operations that wait for the replica's loop. Any thread."""
        return len(self._queue)

    def attach(self, primary: Primary) -> None:
        """Link the replica to `primary`, in place of the one before: its clients get the new state in place."""
        self.detach()
        self._primary = primary
        # The replica answers the snapshot with what it holds of its clients, so it waits until the way up is there.
        self._delivering = True
        try:
            self._end = primary.attach(self)
            self._pump.on_received = self._deliver_up
            self._pump.link_attached(self._send_up, decode=True)
        finally:
            self._delivering = False
        self._deliver()

    def detach(self) -> None:
        """Leave the primary; the replica's clients keep the last picture and are told nothing."""
        primary, end = self._primary, self._end
        self._primary = self._end = None
        if primary is not None and end is not None:
            primary.detach(end)
        self._deliver()

    def end(self) -> None:
        """Leave the primary for good: the replica's clients have left."""
        primary, end = self._primary, self._end
        self.detach()
        if primary is not None and end is not None:
            primary.abandon(end)

    def lost(self, reason: str) -> None:
        """Leave the primary and tell the clients why."""
        self.detach()
        self._pump.link_lost(reason)

    def send(self, *ops: LinkOp) -> bool:
        """Take `ops`; False once too much waits for the replica's loop."""
        if threading.get_ident() != self._thread:
            return self._send_from_elsewhere(*ops)
        sending, self._sending = self._sending, True
        try:
            return self._send_here(*ops)
        finally:
            self._sending = sending

    def _send_here(self, *ops: LinkOp) -> bool:
        if not self._queue and not self._delivering:
            self._delivering = True
            try:
                self._pump.receive_link(*ops)
            finally:
                self._delivering = False
            if self._queue:  # a client answered at once, or another thread came in between
                self._deliver()
            return True
        with self._lock:
            self._add(ops)
        self._deliver()
        # What was delivered before this returns holds nobody back.
        with self._lock:
            return not self._backlog.is_full()

    def _send_from_elsewhere(self, *ops: LinkOp) -> bool:
        with self._lock:
            self._add(ops)
            full = self._backlog.is_full()
            wake, self._awake = not self._awake, True
        if wake:
            _wake(self._loop, self._deliver)
        return not full

    def _add(self, ops: tuple[LinkOp, ...]) -> None:
        """Queue `ops`, with the lock held."""
        self._queue.extend(ops)
        self._backlog.size += sum(map(_size_of, ops))

    def close(self, reason: str) -> None:
        """The primary gave the link up; the replica starts over with a snapshot."""
        _wake(self._loop, lambda: self._start_over(reason))

    def _start_over(self, reason: str) -> None:
        primary = self._primary
        self.lost(reason)
        if primary is not None:
            self.attach(primary)

    def _send_up(self, op: LinkOp) -> None:
        # The server may answer at once, in the middle of what the replica does with the frame of a client.
        self._up.append(op)
        if self._sending:
            # User code must not run under the primary's lock: another thread may have the state's, and wait for it.
            _wake(self._loop, self._deliver_up)
        elif not self._pump.receiving:
            self._deliver_up()

    def _deliver_up(self) -> None:
        if self._rising:
            return  # the call that is at it takes all, in their order
        self._rising = True
        try:
            while self._up:
                op = self._up.popleft()
                if self._primary is not None and self._end is not None:
                    self._primary.receive(self._end, op)
        finally:
            self._rising = False

    def _deliver(self) -> None:
        # A client that is told something may answer before this returns, and that may send more: the outer
        # call takes it, in order.
        if self._delivering:
            return
        self._delivering = True
        try:
            while True:
                with self._lock:
                    self._awake = False
                    ops = list(self._queue)
                    self._queue.clear()
                    self._backlog.size = 0
                    drained = self._backlog.relieved()
                if ops:
                    self._pump.receive_link(*ops)
                if drained and self._primary is not None and self._end is not None:
                    self._primary.drained(self._end)
                if not ops:
                    break
        finally:
            self._delivering = False
        self._pump.on_idle()


def _wake(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:  # the loop is closed: the process ends
        return


def _size_of(op: LinkOp) -> int:
    match op:
        case Commit():
            return _SMALL + sum(len(packed) for _, packed in op.values if packed is not None)
        case Snapshot():
            return _SMALL  # the values are the primary's own table; nothing is copied and it comes once
        case Message():
            return _SMALL + len(op.envelope)
        case _:
            return _SMALL
