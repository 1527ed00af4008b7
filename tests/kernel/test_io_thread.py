"""The I/O thread."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from jupyter_trame.kernel.io_thread import IoThread


@pytest.fixture
def io() -> Iterator[IoThread]:
    io = IoThread("test-io")
    yield io
    io.close()


def test_calls_run_on_the_thread(io: IoThread) -> None:
    name = io.run(lambda: threading.current_thread().name)
    assert name == "test-io"
    assert io.run(lambda: io.run(lambda: 3)) == 3


def test_exceptions_are_the_callers(io: IoThread) -> None:
    with pytest.raises(ZeroDivisionError):
        io.run(lambda: 1 / 0)


def test_submitted_calls_keep_their_order(io: IoThread) -> None:
    seen: list[int] = []
    for number in range(10):
        io.submit(lambda number=number: seen.append(number))
    io.run(lambda: None)
    assert seen == list(range(10))


def test_it_is_a_daemon_and_closing_twice_is_harmless(io: IoThread) -> None:
    assert io.run(threading.current_thread).daemon
    io.close()
    io.close()
    io.submit(lambda: None)
    assert io.loop.is_closed()


def test_its_loop_watches_sockets_whatever_loops_the_process_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def proactor(_: object) -> asyncio.AbstractEventLoop:
        raise AssertionError("Windows has such a loop, which watches no sockets")

    # Whoever has bound `asyncio.new_event_loop` asks the policy, too.
    monkeypatch.setattr(type(asyncio.get_event_loop_policy()), "new_event_loop", proactor)
    io, (here, there), heard = IoThread("test-io"), socket.socketpair(), threading.Event()
    try:
        io.run(lambda: io.loop.add_reader(here, heard.set))
        there.send(b"x")
        assert heard.wait(30)
        io.run(lambda: io.loop.remove_reader(here))
    finally:
        io.close()
        here.close()
        there.close()
