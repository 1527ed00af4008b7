"""How long clients may be silent, and how much they may leave unfinished, before they are given up.

The clock is the loop's turns, not the wall's: a time that the loop was blocked counts as one tick however long it was,
and before the tick all that came meanwhile is read. So a client is never given up because somebody else is slow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.memory_budget import MemoryBudget
from jupyter_trame.transports.base import ClientPort, LingeringTransport

__all__ = ["Countdown", "Patience"]

_TICK = 1.0
_POLICY, _TRY_LATER = 1008, 1013


class Countdown:
    """Calls `on_end` once, when `loop` has turned for `seconds`, unless it is stopped before. On the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, on_end: Callable[[], object]) -> None:
        self._loop = loop
        self._left = seconds
        self._tick = min(_TICK, seconds / 4)
        self._on_end = on_end
        self._timer = loop.call_later(self._tick, self._on_tick)

    def stop(self) -> None:
        """Count no more. More than once is harmless."""
        self._timer.cancel()

    def _on_tick(self) -> None:
        self._left -= self._tick
        if self._left <= 0:
            self._on_end()
        else:
            self._timer = self._loop.call_later(self._tick, self._on_tick)


class Patience:
    """Watches the connections of one pump, on its loop.

    ``give_up(port, code, reason)`` ends a connection; it has to call `forget`.
    """

    def __init__(
        self,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
        give_up: Callable[[ClientPort, int, str], object],
    ) -> None:
        self._limits = limits
        self._loop = loop
        self._give_up = give_up
        self._tick = min(_TICK, limits.hello_wait / 4, limits.silence / 4)
        self._strangers: dict[ClientPort, float] = {}
        """Seconds of silence before the hello, oldest connection first."""
        self._unfinished: MemoryBudget[ClientPort] = MemoryBudget(
            max(limits.unfinished, limits.message + 2 * limits.frame)
        )
        self._parting: dict[ClientPort, LingeringTransport] = {}
        """Strangers that were told to go, the first one first; their sockets are there until they do."""
        self._silence: dict[ClientPort, float] = {}
        """Seconds of silence in the middle of a message."""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def strangers(self) -> int:
        """Connections that have not been let in."""
        return len(self._strangers)

    def is_stranger(self, port: ClientPort) -> bool:
        """Whether `port` has not been let in."""
        return port in self._strangers

    def connected(self, port: ClientPort) -> None:
        """Somebody connected; who was to go already makes room, or else who has been silent longest."""
        self._strangers[port] = 0.0
        if self._parting and len(self._strangers) + len(self._parting) > self._limits.strangers:
            leaving = next(iter(self._parting))
            self._parting.pop(leaving).abort()
        if len(self._strangers) > self._limits.strangers:
            silent = (other for other in self._strangers if not other.channel.waits_for_us)
            self._give_up(next(silent, port), _TRY_LATER, "others connect, and no hello came")
        self._wind()

    def parting(self, port: ClientPort, transport: LingeringTransport) -> None:
        """The connection of `port`, a stranger, was closed, and the client has not answered that."""
        self._parting[port] = transport

    def let_in(self, port: ClientPort) -> None:
        """The hello of `port` was accepted."""
        self._strangers.pop(port, None)

    def holds(self, port: ClientPort, size: int) -> None:
        """Something of `port` came, and `size` bytes of it are incomplete."""
        if not size and port not in self._unfinished:
            return
        self._silence[port] = 0.0
        for other in self._unfinished.hold(port, size):
            limit = self._unfinished.limit
            self._give_up(other, _TRY_LATER, f"unfinished messages of all clients are over {limit} bytes")
        if port not in self._unfinished:
            self._silence.pop(port, None)
        self._wind()

    def forget(self, port: ClientPort) -> None:
        """The connection of `port` has ended, or is to end."""
        self._strangers.pop(port, None)
        self._silence.pop(port, None)
        self._unfinished.forget(port)

    def gone(self, port: ClientPort) -> None:
        """The connection of `port` is no more."""
        self._parting.pop(port, None)

    def close(self) -> None:
        """Watch nobody any more."""
        self._strangers.clear()
        self._parting.clear()
        self._silence.clear()
        self._stop()

    def _wind(self) -> None:
        if self._timer is None and (self._strangers or self._silence):
            self._timer = self._loop.call_later(self._tick, self._on_tick)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_tick(self) -> None:
        self._timer = None
        limits = self._limits
        for port in self._late(self._strangers, limits.hello_wait):
            self._give_up(port, _POLICY, f"no hello came within {limits.hello_wait:g} s")
        for port in self._late(self._silence, limits.silence):
            self._give_up(port, _POLICY, f"the rest of a message did not come within {limits.silence:g} s")
        self._wind()

    def _late(self, waiting: dict[ClientPort, float], patience: float) -> list[ClientPort]:
        """Count this tick for those who could have been heard; whose patience is used up."""
        late = []
        for port, seconds in waiting.items():
            if port.transport.always_reads and not port.channel.waits_for_us:
                waiting[port] = seconds + self._tick
                if waiting[port] >= patience:
                    late.append(port)
        return late
