"""How much is on its way: calls of clients that run, and messages to clients that are not written yet."""

import asyncio
import threading
from collections.abc import Callable
from contextvars import ContextVar
from itertools import count
from types import TracebackType
from typing import Self, TypeAlias

__all__ = ["NetworkMonitor"]

Listener: TypeAlias = Callable[[], object]


class NetworkMonitor:
    """Counts what is on its way; packages drop frames while `pending` is high. Any thread.

    ``with monitor:`` (or ``async with``) counts a call for as long as the block runs.
    """

    def __init__(self, undelivered: Callable[[], int] = lambda: 0) -> None:
        """`undelivered()`: messages to clients that are not written yet."""
        self._undelivered = undelivered
        self._running = 0
        self._own: ContextVar[int] = ContextVar("own", default=0)
        """How many of the counted calls the running code belongs to."""
        self._waiting = 0
        """Counted calls that do nothing but wait for the others."""
        self._listeners: dict[int, tuple[Listener, Listener]] = {}
        self._numbers = count(1)
        self._waiters: set[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = set()
        self._lock = threading.Lock()

    @property
    def pending(self) -> int:
        """Calls that run and messages that are not written yet."""
        return self._running + self._undelivered()

    def enter(self) -> None:
        """A call began; it is counted until `exit`."""
        with self._lock:
            self._running += 1
        for on_enter, _ in tuple(self._listeners.values()):
            on_enter()

    def exit(self) -> None:
        """A call ended."""
        with self._lock:
            self._running = max(0, self._running - 1)
        for _, on_exit in tuple(self._listeners.values()):
            on_exit()
        self.changed()

    def inside(self) -> "_Inside":
        """The code in the block belongs to a counted call: its own `completion` does not wait for that call."""
        return _Inside(self._own)

    def changed(self) -> None:
        """`undelivered()` may have become 0."""
        if not self._waiters:  # whoever comes now looks for itself, under the lock
            return
        with self._lock:
            if not self._is_quiet():
                return
            waiters, self._waiters = self._waiters, set()
        for loop, future in waiters:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, future)

    async def completion(self) -> None:
        """Return when nothing is pending but calls that wait here themselves."""
        own = self._own.get()
        with self._lock:
            self._waiting += own
        try:
            self.changed()  # for this call no one has to wait any more
            while (waiter := self._waiter()) is not None:
                try:
                    await waiter[1]
                finally:
                    with self._lock:
                        self._waiters.discard(waiter)
        finally:
            with self._lock:
                self._waiting -= own

    def add_listener(self, enter: Listener, exit: Listener) -> int:  # noqa: A002 - wslink's name
        """Call `enter()` when a call begins and `exit()` when it ends, on its thread; the number takes both away."""
        with self._lock:
            number = next(self._numbers)
            self._listeners[number] = (enter, exit)
            return number

    def remove_listener(self, number: int) -> None:
        """Undo `add_listener`; an unknown number is ignored."""
        with self._lock:
            self._listeners.pop(number, None)

    def __enter__(self) -> Self:
        self.enter()
        self._own.set(self._own.get() + 1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._own.set(max(0, self._own.get() - 1))
        self.exit()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def _waiter(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Future[None]] | None:
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._is_quiet():
                return None
            waiter = (loop, loop.create_future())
            self._waiters.add(waiter)
            return waiter

    def _is_quiet(self) -> bool:
        return self._running - self._waiting + self._undelivered() <= 0


class _Inside:
    """A context manager; one made of a generator takes three times as long, and each call of a client needs one."""

    __slots__ = ("_outer", "_own")

    def __init__(self, own: ContextVar[int]) -> None:
        self._own = own

    def __enter__(self) -> None:
        self._outer = self._own.get()
        self._own.set(self._outer + 1)

    def __exit__(self, *_: object) -> None:
        self._own.set(self._outer)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
