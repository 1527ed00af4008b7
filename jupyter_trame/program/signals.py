"""SIGINT and SIGTERM end a program's servers."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

__all__ = ["handle_signals", "stopped_by_sigterm"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def handle_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> Callable[[], None]:
    """Call `stop` on either signal, from the loop that turns on this thread; the result undoes that.

    Off the main thread, and where a loop takes no signals, they are left alone: on Windows Ctrl-C raises
    `KeyboardInterrupt` out of `asyncio.run`, which is fine.
    """
    handled: list[signal.Signals] = []

    def restore() -> None:
        for number in handled:
            loop.remove_signal_handler(number)

    if threading.current_thread() is threading.main_thread():
        try:
            for number in _SIGNALS:
                loop.add_signal_handler(number, stop)
                handled.append(number)
        except NotImplementedError:
            handled.clear()
    return restore


@contextlib.contextmanager
def stopped_by_sigterm(stop: Callable[[], object]) -> Iterator[None]:
    """SIGTERM calls `stop` while the block runs, unless this is not the main thread, or the program handles it itself.

    For servers whose loop turns on another thread.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield
        return
    signal.signal(signal.SIGTERM, lambda *_: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
