"""Finds out that a client is gone although nothing says so: its machine sleeps, or a router forgot the connection."""

import asyncio
from collections.abc import Callable

__all__ = ["Heartbeat"]

_MAX_MISSED_PINGS = 3


class Heartbeat:
    """Pings a client from the constructor until `stop`; one that misses some pings in a row is gone.

    A ping waits behind what is sent already, which may be megabytes on a slow link: bytes that leave are a sign of life
    as good as an answer. Lives on the running loop.
    """

    def __init__(
        self,
        interval: float,
        *,
        ping: Callable[[], object],
        unsent: Callable[[], int],
        on_gone: Callable[[], object],
        deaf: Callable[[], bool] = lambda: False,
        missed: int = _MAX_MISSED_PINGS,
    ) -> None:
        """Every `interval` seconds ``ping()``; ``unsent()`` bytes wait for the socket. `on_gone` is called once.

        `missed`: how many pings in a row are not answered by one that is gone.
        While `deaf` says so nothing of the client is read, an answer neither.
        """
        self._interval = interval
        self._ping = ping
        self._unsent = unsent
        self._on_gone = on_gone
        self._deaf = deaf
        self._most = missed
        self._loop = asyncio.get_running_loop()
        self._missed = 0
        self._waiting = 0
        self._timer = self._loop.call_later(interval, self._beat)

    def heard(self) -> None:
        """The client answered."""
        self._missed = 0

    def stop(self) -> None:
        """The connection ended."""
        self._timer.cancel()

    def _beat(self) -> None:
        waiting = self._unsent()
        if waiting < self._waiting or self._deaf():
            self._missed = 0
        if self._missed == self._most:
            self._on_gone()
            return
        self._missed += 1
        self._ping()
        self._waiting = self._unsent()
        self._timer = self._loop.call_later(self._interval, self._beat)
