"""Interrupts of a kernel stop callbacks, and nothing else."""

import asyncio
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_trame.execution.user_code import CallbackInterruptedError
from jupyter_trame.kernel.interrupts import InterruptGuard
from tests.kernel.support import Kernel, Views, run

APP = """
import asyncio, time, threading
server = Server("app")
@server.trigger("hang")
def hang():
    server.state.hanging = True
    server.state.flush()
    while True:
        pass
@server.trigger("hang_in_coroutine")
async def hang_in_coroutine():
    await asyncio.sleep(0)
    hang()
@server.trigger("wait")
async def wait():
    server.state.waiting = True
    server.state.flush()
    await asyncio.sleep(1000)
@server.trigger("ping")
def ping():
    return "pong"
server.start()
"""


def interrupt(kernel: Kernel) -> None:
    kernel.manager.interrupt_kernel()


@pytest.mark.parametrize("trigger", ["hang", "hang_in_coroutine"])
def test_a_callback_that_hangs_is_stopped(kernel: Kernel, trigger: str) -> None:
    cell = kernel.finish(kernel.start(APP))

    async def scenario(views: Views) -> None:
        client = await views()
        reply = asyncio.create_task(client.trigger(trigger))
        await client.until(lambda: client.state.get("hanging"))
        interrupt(kernel)
        error = (await reply).error
        assert error is not None
        assert "interrupted" in error["data"]["exception"]
        assert (await client.trigger("ping")).result == "pong"

    run(kernel, scenario)
    kernel.until(lambda: "KeyboardInterrupt" in cell.stream)
    assert kernel.value("1 + 1") == 2


def test_a_coroutine_that_waits_is_cancelled(kernel: Kernel) -> None:
    kernel.run(APP)

    async def scenario(views: Views) -> None:
        client = await views()
        reply = asyncio.create_task(client.trigger("wait"))
        await client.until(lambda: client.state.get("waiting"))
        kernel.run("1")  # a cell in between: ipykernel puts its own handlers on top and takes them off again
        interrupt(kernel)
        error = (await reply).error
        assert error is not None
        assert "interrupted" in error["data"]["exception"]

    run(kernel, scenario)
    assert kernel.value("server.running")


def test_a_hanging_listener_in_a_cell_is_the_cells_to_interrupt(kernel: Kernel) -> None:
    kernel.run(APP)
    kernel.run(
        'server.state.z = 0\nserver.state.flush()\n@server.change("z")\ndef on_z(**_):\n    while True: pass'
    )

    async def scenario(views: Views) -> None:
        client = await views()
        cell_id = kernel.start(
            "server.state.z = 1\nprint('started')\nserver.state.flush()\nprint('not reached')"
        )
        cell = kernel.cells[cell_id]
        await client.until(lambda: client.state.get("z") == 1)
        interrupt(kernel)
        kernel.finish(cell_id)
        assert cell.error is not None
        assert "KeyboardInterrupt" in cell.error
        assert "not reached" not in cell.stream

    run(kernel, scenario)


def test_an_interrupted_cell_calls_no_listener_in_the_end(kernel: Kernel) -> None:
    kernel.run(APP)
    kernel.run("calls = []\n@server.change('late')\ndef on_late(late, **_):\n    calls.append(late)")
    stopped = kernel.finish(kernel.start("server.state.late = 1\nraise KeyboardInterrupt"))
    assert "KeyboardInterrupt" in (stopped.error or "")
    assert kernel.value("list(calls)") == [], "the value waits for the next flush"
    assert kernel.value("list(calls)") == [1]


def test_a_hundred_interrupts_leave_the_kernel_alive(kernel: Kernel) -> None:
    kernel.run(APP)
    pid = kernel.pid

    async def scenario(views: Views) -> None:
        client = await views()
        for number in range(100):
            reply = asyncio.create_task(client.trigger(("ping", "wait")[number % 2]))
            interrupt(kernel)
            await asyncio.sleep(0)
            if number % 10 == 0:
                client.write(n=number)
            if number % 2 == 0:
                await reply
            else:
                reply.cancel()
        # What still waits goes with the next interrupt, which may come before it began to wait.
        client.write(n=1000)
        await client.settled()
        assert (await client.trigger("ping")).result == "pong"

    run(kernel, scenario)
    assert kernel.value("__import__('os').getpid()") == pid
    assert kernel.value("server.running")


def test_interrupted_loops_of_cells_lose_no_value(kernel: Kernel) -> None:
    kernel.run(APP)

    async def scenario(views: Views) -> None:
        client = await views()
        for _ in range(20):
            cell = kernel.start(
                "server.state.k = 0\nwhile True:\n    server.state.k += 1\n    server.state.flush()"
            )
            before = client.state.get("k")
            await client.until(lambda before=before: client.state.get("k") not in (None, before))
            interrupt(kernel)
            kernel.finish(cell)
            kernel.run("server.state.flush()")
            final = kernel.value("server.state.k")
            await client.until(lambda final=final: client.state["k"] == final)
        assert "lost" not in client.statuses()

    run(kernel, scenario)


# -- in this process


class FakeKernel:
    saved_sigint_handler: Any = None


@pytest.fixture
def ignored() -> Iterator[None]:
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, previous)


def make_guard(loop: asyncio.AbstractEventLoop | None = None) -> InterruptGuard:
    return InterruptGuard(FakeKernel(), loop or asyncio.new_event_loop())


@pytest.mark.usefixtures("ignored")
def test_the_handler_raises_only_inside_a_callback() -> None:
    with asyncio.Runner() as runner:
        guard = make_guard(runner.get_loop())
        with pytest.raises(CallbackInterruptedError):
            guard.run(lambda: signal.raise_signal(signal.SIGINT))
        signal.raise_signal(signal.SIGINT)
        assert guard.run(lambda: 3) == 3


@pytest.mark.usefixtures("ignored")
def test_other_exceptions_and_results_pass() -> None:
    with asyncio.Runner() as runner:
        guard = make_guard(runner.get_loop())
        with pytest.raises(ZeroDivisionError):
            guard.run(lambda: 1 / 0)
        with pytest.raises(StopIteration):
            guard.run(lambda: next(iter(())))


@pytest.mark.usefixtures("ignored")
def test_nested_callbacks_are_stopped_together() -> None:
    with asyncio.Runner() as runner:
        guard = make_guard(runner.get_loop())
        reached: list[int] = []

        def outer() -> None:
            guard.run(lambda: signal.raise_signal(signal.SIGINT))
            reached.append(1)

        with pytest.raises(CallbackInterruptedError):
            guard.run(outer)
        assert not reached


def test_in_a_cell_the_interrupt_passes_through() -> None:
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with asyncio.Runner() as runner:
            guard = make_guard(runner.get_loop())
            with pytest.raises(KeyboardInterrupt):
                guard.run(lambda: signal.raise_signal(signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, previous)


def test_a_shield_holds_the_interrupt_back_until_its_end() -> None:
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    steps: list[int] = []

    def ours(guard: InterruptGuard) -> None:
        signal.raise_signal(signal.SIGINT)
        guard.shield(lambda: signal.raise_signal(signal.SIGINT))
        steps.append(1)

    try:
        with asyncio.Runner() as runner:
            guard = make_guard(runner.get_loop())
            with pytest.raises(KeyboardInterrupt):
                guard.shield(lambda: ours(guard))
            assert steps == [1]
            assert guard.shield(lambda: 5) == 5
    finally:
        signal.signal(signal.SIGINT, previous)


@pytest.mark.usefixtures("ignored")
def test_install_waits_for_the_end_of_a_cell() -> None:
    with asyncio.Runner() as runner:
        guard = make_guard(runner.get_loop())
        guard._kernel.saved_sigint_handler = signal.SIG_IGN
        signal.signal(signal.SIGINT, signal.default_int_handler)
        guard.install()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert guard._kernel.saved_sigint_handler == guard._on_signal
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        guard.install()
        assert signal.getsignal(signal.SIGINT) == guard._on_signal


@pytest.mark.usefixtures("ignored")
def test_steps_pass_results_errors_and_cancellation() -> None:
    async def scenario() -> None:
        guard = make_guard(asyncio.get_running_loop())

        async def work() -> int:
            await asyncio.sleep(0)
            return 3

        async def fail() -> None:
            await asyncio.sleep(0)
            raise ValueError("no")

        assert await guard.steps(work()) == 3
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, 4)
        assert await guard.steps(future) == 4
        with pytest.raises(ValueError, match="no"):
            await guard.steps(fail())

        async def cancelled() -> None:
            await guard.steps(asyncio.sleep(1000))

        task = asyncio.create_task(cancelled())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not guard.waiting

    asyncio.run(scenario())


def test_an_interrupt_just_before_a_shield_leaves_the_next_one_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    set_handler = signal.signal
    done = []

    def interrupted(*_: Any) -> None:
        monkeypatch.setattr(signal, "signal", set_handler)
        raise KeyboardInterrupt

    def work() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append(True)

    guard = make_guard()
    try:
        monkeypatch.setattr(signal, "signal", interrupted)
        with pytest.raises(KeyboardInterrupt):
            guard.shield(work)
        assert not done
        with pytest.raises(KeyboardInterrupt):
            guard.shield(work)
        assert done
    finally:
        set_handler(signal.SIGINT, previous)
