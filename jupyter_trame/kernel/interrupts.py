"""A kernel interrupt reaches user callbacks that the loop runs, and never the loop itself.

ipykernel lets SIGINT raise KeyboardInterrupt while it handles a shell message and ignores it otherwise, so a callback
that hangs outside a cell could not be stopped. A handler of ours stands where ipykernel ignores: while a callback runs
it raises in it, once; while only coroutines of callbacks wait it cancels them; else it does nothing, as before.

It stays in place once it is there: ipykernel puts its own handlers on top for the time of a cell and takes them off
again, and whoever restored "the previous one" at another time would cross that.
"""

import asyncio
import signal
import threading

# signal's own tries to make an enum of each handler: 4 µs, three times a write.
from _signal import getsignal  # type: ignore[import-not-found]
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from types import FrameType
from typing import Any, TypeVar

from jupyter_trame.execution.user_code import CallbackInterruptedError

__all__ = ["InterruptGuard"]

T = TypeVar("T")


class InterruptGuard:
    """Decides where an interrupt raises; a kernel has one.

    `run` and `steps` may be used on any thread, and guard on the main one.
    """

    def __init__(self, kernel: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._kernel = kernel
        self._loop = loop
        self._main = threading.main_thread().ident
        self._armed = False
        self._raised = False
        self._held = False
        self._shielded = False
        self.waiting: set[_GuardedAwaitable[Any]] = set()
        """What user code awaits, for `_GuardedAwaitable` to add itself."""

    def install(self) -> None:
        """Take the place of "ignore", now or, inside a cell, at its end. Main thread; elsewhere nothing happens."""
        if threading.get_ident() != self._main:
            return
        if getsignal(signal.SIGINT) == signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._on_signal)
        # What ipykernel saved before the cell is what it puts back after it.
        elif getattr(self._kernel, "saved_sigint_handler", None) is signal.SIG_IGN:
            self._kernel.saved_sigint_handler = self._on_signal

    def run(self, call: Callable[[], T], /) -> T:
        """See `Interrupts.run`. Inside a cell an interrupt is the cell's, and passes through."""
        if self._armed or threading.get_ident() != self._main:
            return call()
        current = getsignal(signal.SIGINT)
        if current is signal.default_int_handler:
            return call()
        if current == self._on_signal:
            return self._run_armed(call)
        # Ignored as yet, or an asynchronous cell waits and would be cancelled in the callback's place.
        signal.signal(signal.SIGINT, self._on_signal)
        try:
            return self._run_armed(call)
        finally:
            if current != signal.SIG_IGN:
                signal.signal(signal.SIGINT, current)

    def steps(self, awaitable: Awaitable[T], /) -> Awaitable[T]:
        """See `Interrupts.steps`."""
        return _GuardedAwaitable(self, awaitable)

    def shield(self, call: Callable[[], T], /) -> T:
        """See `Interrupts.shield`."""
        if self._shielded or threading.get_ident() != self._main:
            return call()
        current = getsignal(signal.SIGINT)
        if current != self._on_signal and callable(current):
            return self._shield_in_cell(call, current)
        armed, self._armed = self._armed, False
        self._held, self._shielded = False, True
        try:
            return call()
        finally:
            self._armed = armed
            self._shielded = False
            if self._held:
                self._on_signal(signal.SIGINT, None)

    def _shield_in_cell(self, call: Callable[[], T], current: Callable[[int, FrameType | None], object]) -> T:
        """A cell runs, whose handler `current` would raise in the middle."""
        self._held = False
        # The cell's handler may still raise here, so nothing may be left behind before the `try`.
        signal.signal(signal.SIGINT, self._hold)
        try:
            self._shielded = True
            return call()
        finally:
            self._shielded = False
            signal.signal(signal.SIGINT, current)
            if self._held:
                current(signal.SIGINT, None)

    def _hold(self, _number: int, _frame: FrameType | None) -> None:
        self._held = True

    def _run_armed(self, call: Callable[[], T]) -> T:
        # The handler raises at most once, and only while armed. It may do so on any line up to the one that disarms,
        # so that line stands in a `finally` of an inner `try`.
        self._raised = False
        try:
            try:
                self._armed = True
                return call()
            finally:
                self._armed = False
        except KeyboardInterrupt as interrupt:
            if not self._raised:
                raise CallbackInterruptedError("the callback raised KeyboardInterrupt") from interrupt
            raise CallbackInterruptedError("interrupted") from interrupt

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._shielded:
            self._held = True
        elif self._armed:
            self._armed = False
            self._raised = True
            raise KeyboardInterrupt
        elif self.waiting:
            # On the loop and not here: the signal may have come in the middle of the loop's own bookkeeping.
            self._loop.call_soon_threadsafe(self._cancel_waiting)

    def _cancel_waiting(self) -> None:
        for waiting in list(self.waiting):
            waiting.interrupt()


class _GuardedAwaitable(Awaitable[T]):
    """An awaitable of a user, stepped under the guard."""

    def __init__(self, guard: InterruptGuard, awaitable: Awaitable[T]) -> None:
        self._guard = guard
        self._awaitable = awaitable
        self._task: asyncio.Task[Any] | None = None
        self._interrupted = False

    def interrupt(self) -> None:
        """Cancel what waits; it ends as `CallbackInterruptedError`."""
        if self._task is not None:
            self._interrupted = True
            self._task.cancel()

    def __await__(self) -> Generator[Any, Any, T]:
        guard = self._guard
        self._task = asyncio.current_task()
        guard.install()
        guard.waiting.add(self)
        try:
            return (yield from self._drive(self._awaitable.__await__()))
        except asyncio.CancelledError as cancelled:
            if not self._interrupted:
                raise
            if self._task is not None:
                self._task.uncancel()
            raise CallbackInterruptedError("interrupted") from cancelled
        finally:
            guard.waiting.discard(self)

    def _drive(self, steps: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        run = self._guard.run
        step: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                waits_for = run(step)
            except StopIteration as stop:
                result: T = stop.value
                return result
            except KeyboardInterrupt as interrupt:
                # The process's own handler raised it, e.g. inside a loop that a cell runs. A task must not let it out.
                raise CallbackInterruptedError("interrupted") from interrupt
            try:
                value = yield waits_for
            except BaseException as error:  # noqa: BLE001 - it belongs to the user's code: a cancellation, as a rule
                step = partial(steps.throw, error)
            else:
                step = partial(steps.send, value)
