"""Signals; that they end a program is in test_standalone."""

import asyncio
import os
import signal
import threading

from jupyter_trame.program.signals import handle_signals


def test_a_signal_is_a_call_until_it_is_undone() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def main() -> None:
        stopped = asyncio.Event()
        restore = handle_signals(asyncio.get_running_loop(), stopped.set)
        os.kill(os.getpid(), signal.SIGTERM)
        await stopped.wait()
        restore()

    asyncio.run(main())
    assert signal.getsignal(signal.SIGTERM) == before


def test_other_threads_leave_them_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    errors: list[BaseException] = []

    def run() -> None:
        loop = asyncio.new_event_loop()
        try:
            handle_signals(loop, lambda: None)()
        except BaseException as error:
            errors.append(error)
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert not errors
    assert signal.getsignal(signal.SIGINT) == before
