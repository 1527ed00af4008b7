"""Signals; that they end a program is in test_standalone."""

import asyncio
import contextlib
import os
import signal
import threading

from jupyter_trame.program.signals import handle_signals, stopped_by_sigterm


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


def test_a_loop_without_signals_leaves_them_alone() -> None:
    """As the loops of Windows."""

    class Loop(asyncio.SelectorEventLoop):
        def add_signal_handler(self, *_: object) -> None:
            raise NotImplementedError

        def remove_signal_handler(self, sig: int) -> bool:
            raise AssertionError(f"{sig} was never handled")

    before = signal.getsignal(signal.SIGINT)
    with contextlib.closing(Loop()) as loop:
        handle_signals(loop, lambda: None)()
    assert signal.getsignal(signal.SIGINT) == before


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


def test_sigterm_stops_a_server_on_another_thread_while_the_block_runs() -> None:
    stopped = threading.Event()
    with stopped_by_sigterm(stopped.set):
        os.kill(os.getpid(), signal.SIGTERM)
        assert stopped.wait(10)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_program_that_handles_sigterm_goes_on_doing_so() -> None:
    seen: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))
    try:
        with stopped_by_sigterm(lambda: seen.append(0)):
            os.kill(os.getpid(), signal.SIGTERM)
            while not seen:
                pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert seen == [signal.SIGTERM]
