"""Threads beside the owner's."""

import threading
import weakref
from functools import partial

import pytest

from jupyter_trame.execution.workers import Workers

TIMEOUT = 10


def test_calls_run_beside_each_other_up_to_the_limit() -> None:
    workers = Workers(limit=2)
    barrier = threading.Barrier(3)
    done, gate = threading.Semaphore(0), threading.Event()

    def meet() -> None:
        barrier.wait(TIMEOUT)
        gate.wait(TIMEOUT)

    workers.submit(meet)
    workers.submit(meet)
    workers.submit(done.release)
    barrier.wait(TIMEOUT)
    assert not done.acquire(blocking=False)
    gate.set()
    assert done.acquire(timeout=TIMEOUT)


def test_an_idle_thread_is_used_again_and_ends() -> None:
    workers, threads, done = Workers(idle=0.05), list[threading.Thread](), threading.Semaphore(0)

    def note() -> None:
        threads.append(threading.current_thread())
        done.release()

    workers.submit(note)
    done.acquire(timeout=TIMEOUT)
    threads[0].join(TIMEOUT)
    assert not threads[0].is_alive()
    workers.submit(note)
    assert done.acquire(timeout=TIMEOUT)
    assert threads[1] is not threads[0]
    assert threads[0].daemon


def test_an_idle_thread_holds_nothing() -> None:
    class Data: ...

    workers = Workers(idle=1000)
    data = Data()
    gone = threading.Event()
    weakref.finalize(data, gone.set)
    workers.submit(partial(id, data))
    del data
    assert gone.wait(TIMEOUT)
    workers.close()


def test_what_a_call_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    workers, done = Workers(limit=1), threading.Event()

    def fail() -> None:
        raise SystemExit(1)

    workers.submit(fail)
    workers.submit(done.set)
    assert done.wait(TIMEOUT)
    assert "SystemExit" in caplog.text


def test_threads_end_when_no_more_calls_will_come() -> None:
    workers, threads = Workers(idle=10 * TIMEOUT), list[threading.Thread]()
    done, gate = threading.Semaphore(0), threading.Event()

    def note() -> None:
        threads.append(threading.current_thread())
        done.release()

    workers.submit(note)
    assert done.acquire(timeout=TIMEOUT)
    workers.submit(lambda: gate.wait(TIMEOUT))
    workers.submit(note)
    workers.close()
    gate.set()
    assert done.acquire(timeout=TIMEOUT)
    for thread in threads:
        thread.join(TIMEOUT)
        assert not thread.is_alive()
