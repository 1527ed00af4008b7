"""SIGINT and SIGTERM end a program's server."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable

__all__ = ["handle_signals"]

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
