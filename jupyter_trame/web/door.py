"""Accepts connections for a web server, and gives up those that keep a place and do nothing with it.

Web servers wait for hours for a request that was begun, and a process that has no file descriptor left serves nobody.
Here the oldest connection that says nothing makes room. Seconds are the loop's turns, see `transports.patience`.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import logging
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable

from jupyter_trame.protocol.limits import Limits

__all__ = ["Door", "Guest", "max_strangers"]

_logger = logging.getLogger("jupyter_trame.http")

_TICK = 1.0
_FULL = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Guest(ABC):
    """One connection of a web server, until it is the websocket of a client."""

    quiet = 0.0
    """Seconds for which the client was to do something and did not."""
    since = 0
    """Counts up with each connection and each request that was answered."""
    last = (False, 0)
    """What was seen at the last tick."""

    @property
    @abstractmethod
    def gone(self) -> bool:
        """Whether the connection has ended, or became somebody else's to watch."""

    @property
    @abstractmethod
    def idle(self) -> bool:
        """Whether no request of it is being answered: the next one, or the rest of its head, is to come."""

    @property
    @abstractmethod
    def owes(self) -> bool:
        """Whether bytes are to come from the client, or to be taken by it."""

    @property
    @abstractmethod
    def moved(self) -> int:
        """A number that changes whenever bytes came or went."""

    @abstractmethod
    def abort(self) -> None:
        """Cut the connection."""


class Door:
    """One listening socket. Everything on the loop that runs when it is made."""

    def __init__(
        self,
        sock: socket.socket,
        admit: Callable[[socket.socket], Guest],
        limits: Limits,
        *,
        pause: float = 0.2,
    ) -> None:
        """`sock` listens, and is closed by `close`; `admit` takes a socket over.

        `pause`: seconds until the next try where no connection can be accepted, and none is to be given up.
        """
        self._pause = pause
        self._sock = sock
        self._admit = admit
        self._max_strangers = max_strangers(limits)
        self._silence = limits.silence
        self._tick = min(_TICK, limits.silence / 4)
        self._loop = asyncio.get_running_loop()
        self._guests: set[Guest] = set()
        self._numbers = itertools.count(1)
        self._warned = False
        self._timer: asyncio.TimerHandle | None = None
        self._accepting = self._loop.create_task(self._accept())

    def __len__(self) -> int:
        """Connections that are watched."""
        return len(self._guests)

    def close(self) -> None:
        """Listen no more. Connections are left to the web server; those that do nothing are still given up."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        # Its number must not be somebody else's while the loop still knows it.
        self._accepting.add_done_callback(lambda _: self._sock.close())
        self._accepting.cancel()

    async def _accept(self) -> None:
        while True:
            try:
                sock, _ = await self._loop.sock_accept(self._sock)
            except OSError as error:
                if error.errno not in _FULL:
                    await asyncio.sleep(0)  # it hung up before it was accepted
                elif self._give_up_one():
                    # asyncio's transports give the descriptor back at the loop's next turn only. Asking before that
                    # would cost all the others their place as well.
                    await asyncio.sleep(0)
                else:
                    self._warn(error)
                    await asyncio.sleep(self._pause)
                continue
            self._take(sock)
            # While others wait, `sock_accept` never does: who comes in has to be read before the next one comes.
            await asyncio.sleep(0)

    def _take(self, sock: socket.socket) -> None:
        try:
            guest = self._admit(sock)
        except OSError:  # it hung up, or there is no descriptor left
            sock.close()
            return
        guest.since = next(self._numbers)
        self._guests.add(guest)
        if len(self._guests) > self._max_strangers:
            self._guests = {guest for guest in self._guests if not guest.gone}
            if len(self._guests) > self._max_strangers:
                self._give_up_one()
        if self._timer is None:
            self._timer = self._loop.call_later(self._tick, self._on_tick)

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            _logger.error("connections wait, since none can be accepted: %s", error)

    def _give_up_one(self) -> bool:
        """Cut one connection, and say whether there was one.

        The first that there is of: the one that is idle longest; the one that has taken nothing of its answer for
        longest; the oldest that is sending its request or taking its answer; the oldest. The newest connection had no
        time to say anything, and is cut where it is idle and there is no other.
        """
        guests = sorted((guest for guest in self._guests if not guest.gone), key=lambda guest: guest.since)
        newest = guests[-1:]
        idle = [guest for guest in guests[:-1] if guest.idle]
        stuck = sorted((guest for guest in guests if guest.quiet > 0), key=lambda guest: -guest.quiet)
        slow = [guest for guest in guests if guest.owes and not guest.idle]
        # It may be one of many that always ask for something.
        busy = guests[:-1]
        candidates = [*idle[:1], *stuck[:1], *slow[:1], *busy[:1], *(guest for guest in newest if guest.idle)]
        if not candidates:
            return False
        chosen = candidates[0]
        self._guests.discard(chosen)
        chosen.abort()
        return True

    def _on_tick(self) -> None:
        self._timer = None
        self._guests = {guest for guest in self._guests if not guest.gone}
        for guest in list(self._guests):
            self._look_at(guest)
            if guest.quiet >= self._silence:
                self._guests.discard(guest)
                guest.abort()
        if self._guests:
            self._timer = self._loop.call_later(self._tick, self._on_tick)

    def _look_at(self, guest: Guest) -> None:
        """Count the tick if the client was silent. A request's head has to be whole in time, not only to go on."""
        seen = (guest.idle, guest.moved)
        if guest.idle and not guest.last[0]:
            guest.since, guest.quiet = next(self._numbers), 0.0
        elif guest.idle or (guest.owes and seen == guest.last):
            guest.quiet += self._tick
        else:
            guest.quiet = 0.0
        guest.last = seen


def max_strangers(limits: Limits) -> int:
    """How many strangers a server has room for: a quarter of its file descriptors at most."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return limits.strangers
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return limits.strangers if allowed < 0 else max(min(limits.strangers, allowed // 4), 1)
