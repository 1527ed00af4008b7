"""`@ui.job`: one run at a time in a thread of its own, which can be stopped."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_trame import Server, ui
from jupyter_trame.execution.workers import Workers
from jupyter_trame.server import runtime_of
from jupyter_trame.testing import AppLauncher
from jupyter_trame.ui.jobs import JobStopped, Progress

Template = Callable[[Server], str]


class Gate:
    """Work that waits in the middle, until it is let go."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.threads: list[threading.Thread] = []
        self.steps = 0
        self.ended = 0
        self._over = threading.Condition()

    def __call__(self, progress: Progress, amount: int) -> str:
        self.threads.append(threading.current_thread())
        self.begun.set()
        try:
            self.go.wait(20)
            for _ in progress(range(3)):
                self.steps += 1
            return f"{amount} done"
        finally:
            with self._over:
                self.ended += 1
                self._over.notify_all()

    def wait_for_end(self, count: int) -> None:
        with self._over:
            assert self._over.wait_for(lambda: self.ended == count, 20)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.go.set()


def app_of(fn: Callable[..., Any]) -> Callable[[Server], None]:
    def work(progress: Progress, amount: int) -> Any:
        return fn(progress, amount)

    def app(server: Server) -> None:
        server.state.amount = 2
        with ui.app(server):
            ui.job(work)

    return app


def stage(client: Any) -> str:
    return str(client.state.trame__job__work__status["stage"])


@pytest.mark.asyncio
async def test_it_runs_to_its_result(trame: AppLauncher, gate: Gate) -> None:
    gate.go.set()
    async with trame(app_of(gate)) as session:
        client = await session.client()
        assert stage(client) == "ready"
        await client.find("JtJob").fire("run")
        await client.until(lambda _: stage(client) == "done")
        assert client.state.trame__job__work == "2 done"
        assert gate.threads[0] is not threading.main_thread()
        assert gate.steps == 3


@pytest.mark.asyncio
async def test_one_run_at_a_time(trame: AppLauncher, gate: Gate) -> None:
    async with trame(app_of(gate)) as session:
        client = await session.client()
        for _ in range(3):
            await client.find("JtJob").fire("run")
        await client.until(lambda _: gate.begun.is_set() and stage(client) == "running")
        gate.go.set()
        await client.until(lambda _: stage(client) == "done")
        assert len(gate.threads) == 1
        await client.find("JtJob").fire("run")
        await client.until(lambda _: len(gate.threads) == 2)


@pytest.mark.asyncio
async def test_stop_is_heard_at_the_next_step(trame: AppLauncher, gate: Gate) -> None:
    async with trame(app_of(gate)) as session:
        client = await session.client()
        await client.find("JtJob").fire("run")
        await client.until(lambda _: gate.begun.is_set())
        await client.find("JtJob").fire("stop")
        await client.until(lambda _: stage(client) == "stopping")
        gate.go.set()
        await client.until(lambda _: stage(client) == "stopped")
        assert gate.steps == 0
        assert client.state.trame__job__work is None
        assert not session.errors


@pytest.mark.asyncio
async def test_an_exception_is_shown(trame: AppLauncher) -> None:
    def fail(_progress: Progress, _amount: int) -> None:
        raise ValueError("no amount")

    async with trame(app_of(fail)) as session:
        client = await session.client()
        with session.errors.expect("ValueError: no amount") as told:
            await client.find("JtJob").fire("run")
            await client.until(lambda _: stage(client) == "failed")
        assert client.state.trame__job__work__status["error"]["message"] == told[0].message


@pytest.mark.asyncio
async def test_its_server_and_its_successor_end_it(trame: AppLauncher, gate: Gate) -> None:
    app = app_of(gate)
    async with trame(app) as session:
        client = await session.client()
        await client.find("JtJob").fire("run")
        await client.until(lambda _: gate.begun.is_set())
        app(session.server)
        session.state.flush()
        gate.go.set()
        await client.until(lambda _: gate.ended)
        # The keys are those of the next one.
        await client.until(lambda _: stage(client) == "ready")
        assert gate.steps == 0

        gate.begun.clear()
        gate.go.clear()
        await client.find("JtJob").fire("run")
        await client.until(lambda _: gate.begun.is_set())
        await session.server.stop()
        gate.go.set()
        await asyncio.to_thread(gate.wait_for_end, 2)
        assert gate.steps == 0


@pytest.mark.asyncio
async def test_a_stop_that_crosses_the_end_leaves_a_job_that_can_be_run(
    trame: AppLauncher, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trame(app_of(gate)) as session:
        client = await session.client()
        await client.find("JtJob").fire("run")
        await client.until(lambda _: gate.begun.is_set())
        stop = runtime_of(session.server).parts["trame__job__work"].living._stop
        ask = stop.set

        def ask_late() -> None:
            gate.go.set()
            gate.threads[0].join(20)
            ask()

        monkeypatch.setattr(stop, "set", ask_late)
        await client.find("JtJob").fire("stop")
        assert stage(client) == "done"
        await client.find("JtJob").fire("run")
        await client.until(lambda _: len(gate.threads) == 2)


@pytest.mark.asyncio
async def test_running_jobs_leave_the_threads_that_hear_stop(trame: AppLauncher, gate: Gate) -> None:
    async with trame(app_of(gate)) as session:
        runtime_of(session.server).user_code._workers = Workers(limit=1)
        client = await session.client()
        await client.find("JtJob").fire("run")
        await client.until(lambda _: gate.begun.is_set())
        await client.find("JtJob").fire("stop")
        await client.until(lambda _: stage(client) == "stopping")


@pytest.mark.asyncio
async def test_the_last_step_is_told_though_it_came_soon(trame: AppLauncher, gate: Gate) -> None:
    def work(progress: Progress, _amount: int) -> None:
        progress(0.1, "reading")
        progress(0.2, "sorting")
        progress(0.3, "writing")
        gate.go.wait(20)

    async with trame(app_of(work)) as session:
        client = await session.client()
        await client.find("JtJob").fire("run")
        await client.until(lambda state: state.trame__job__work__status["text"] == "writing")
        gate.go.set()
        await client.until(lambda _: stage(client) == "done")


@pytest.mark.asyncio
async def test_what_cannot_be_shown_is_an_error_and_the_job_can_be_run_again(
    trame: AppLauncher, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("no script")

    gate.go.set()
    async with trame(app_of(gate)) as session:
        client = await session.client()
        monkeypatch.setattr("jupyter_trame.ui.jobs.enable_for", fail)
        with session.errors.expect("OSError: no script"):
            await client.find("JtJob").fire("run")
            await client.until(lambda _: stage(client) == "failed")
        monkeypatch.undo()
        await client.find("JtJob").fire("run")
        await client.until(lambda _: stage(client) == "done")


@pytest.mark.asyncio
async def test_where_no_thread_can_be_made_the_job_has_failed(
    trame: AppLauncher, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("no thread")

    gate.go.set()
    async with trame(app_of(gate)) as session:
        client = await session.client()
        user_code = runtime_of(session.server).user_code
        monkeypatch.setattr(user_code, "run_apart", refuse)
        with session.errors.expect("RuntimeError: no thread"), pytest.raises(Exception, match="no thread"):
            await client.find("JtJob").fire("run")
        assert stage(client) == "failed"
        monkeypatch.undo()
        await client.find("JtJob").fire("run")
        await client.until(lambda _: stage(client) == "done")


def test_progress_is_told_and_asks() -> None:
    told: list[tuple[float | None, str]] = []
    stop = threading.Event()
    progress = Progress(lambda done, text: told.append((done, text)), stop)
    progress(0.5, "half")
    progress(7)
    assert list(progress([1, 2], "items")) == [1, 2]
    assert list(progress(iter("ab"))) == ["a", "b"]
    assert told == [(0.5, "half"), (1.0, ""), (0.0, "items"), (0.5, "items"), (None, ""), (None, "")]
    items = progress([1, 2, 3])
    assert next(items) == 1
    assert not progress.stopped
    stop.set()
    assert progress.stopped
    with pytest.raises(JobStopped):
        next(items)
    with pytest.raises(JobStopped):
        progress(0.9)


def test_its_element(template: Template) -> None:
    with ui.app("jobs") as app:

        @ui.job(label="Begin")
        def long_work() -> int:
            return 1

    assert long_work() == 1
    text = template(app)
    assert 'label="Begin"' in text
    assert 'alt="Long work"' in text
    assert ':value="trame__job__long_work"' in text
    assert "@run=" in text
    assert "@stop=" in text
    run = text.partition("@run=\"trigger('")[2].partition("'")[0]
    assert app.controller.trigger_fn(run).__qualname__ == "job long_work"  # as errors say


def test_a_coroutine_function_is_refused() -> None:
    async def work() -> None: ...

    with (
        ui.app("jobs"),
        pytest.raises(TypeError, match="work is a coroutine function: a job runs in a thread"),
    ):
        ui.job(work)


@pytest.mark.asyncio
@pytest.mark.parametrize("in_a_kernel", [False, True])
async def test_what_it_sets_reaches_all_views_and_what_it_says_that_of_who_began_it(
    trame: AppLauncher, in_a_kernel: bool
) -> None:
    def app(server: Server) -> None:
        if in_a_kernel:
            runtime_of(server).owner.context = contextvars.copy_context()

        def work(progress: Progress) -> None:
            server.state.step = "first"
            progress(0.5)
            ui.toast("Halfway")
            server.state.step = "last"

        with ui.app(server):
            ui.job(work)

    async with trame(app) as session:
        one, two = await session.client(), await session.client()
        await one.find("JtJob").fire("run")
        for client in (one, two):
            await client.until(lambda _, client=client: client.state.step == "last")
        await one.until(lambda _: one.publications)
        assert [publication.data["text"] for publication in one.publications] == ["Halfway"]
        assert two.publications == []


@pytest.mark.asyncio
async def test_a_key_that_nobody_has_set_is_told_in_its_place(trame: AppLauncher) -> None:
    def work(epochs: int) -> str:
        return f"{epochs} done"

    def app(server: Server) -> None:
        with ui.app(server):
            ui.job(work)

    async with trame(app) as session:
        client = await session.client()
        with session.errors.expect("work takes 'epochs', which nobody has set") as told:
            await client.find("JtJob").fire("run")
            await client.until(lambda _: stage(client) == "failed")
        assert told[0].where == "job work"
        assert told[0].in_place
        session.state.epochs = 3
        await client.find("JtJob").fire("run")
        await client.until(lambda _: stage(client) == "done")
        assert client.state.trame__job__work == "3 done"
        assert client.state.trame__job__work__status["error"] is None


@pytest.mark.asyncio
async def test_a_stopped_run_has_how_far_it_came(trame: AppLauncher) -> None:
    begun, go = threading.Event(), threading.Event()
    parts: list[float] = [0.4]

    def work(progress: Progress, _amount: int) -> None:
        for part in parts:
            progress(part)
        begun.set()
        go.wait(20)
        progress(1)

    async with trame(app_of(work)) as session:
        client = await session.client()
        for done in (0.4, None):
            await client.find("JtJob").fire("run")
            await client.until(lambda _: begun.is_set())
            await client.find("JtJob").fire("stop")
            go.set()
            await client.until(lambda _: stage(client) == "stopped")
            assert client.state.trame__job__work__status["done"] == done
            parts.clear()
            begun.clear()
            go.clear()
