"""The guard around user code."""

import asyncio
import contextvars
import logging
import threading
from pathlib import Path
from typing import Any

import pytest

import jupyter_trame
from jupyter_trame.server.errors import ErrorReport, Throttle, UserCode
from jupyter_trame.server.owner import OwnerLoop

_place: contextvars.ContextVar[str] = contextvars.ContextVar("place")


def user_code() -> UserCode:
    return UserCode(OwnerLoop())


def fail(**_: object) -> None:
    raise ValueError("no")


def test_results_pass_and_arguments_may_have_any_name() -> None:
    def echo(**values: object) -> object:
        return values

    assert user_code().call("here", echo, where=1, fn=2, self=3) == {"where": 1, "fn": 2, "self": 3}


def test_an_exception_is_logged_kept_and_told(caplog: pytest.LogCaptureFixture) -> None:
    code = user_code()
    told: list[ErrorReport] = []
    code.sinks.append(told.append)
    with caplog.at_level(logging.ERROR):
        assert code.call("listener f", fail, x=1) is None
    (report,) = code.errors
    assert told == [report]
    assert (report.where, report.message) == ("listener f", "ValueError: no")
    assert "in fail" in report.trace
    assert "jupyter_trame" not in report.trace.replace(__file__, "")
    assert caplog.records[0].exc_info is not None


def test_invoke_raises_after_its_report() -> None:
    code = user_code()
    with pytest.raises(ValueError, match="no"):
        code.invoke("here", fail)
    assert len(code.errors) == 1


def test_the_list_of_errors_is_bounded() -> None:
    code = user_code()
    for _ in range(150):
        code.call("here", fail)
    assert len(code.errors) == 100


def test_a_sink_that_fails_does_not_hide_the_error(caplog: pytest.LogCaptureFixture) -> None:
    code = user_code()
    code.sinks.append(lambda _: fail())
    told: list[ErrorReport] = []
    code.sinks.append(told.append)
    code.call("here", fail)
    assert len(told) == 1
    assert "could not be shown" in caplog.text


def test_coroutines_are_guarded_too() -> None:
    async def scenario() -> None:
        code = user_code()
        code.owner.attach(asyncio.get_running_loop(), threading.get_ident())

        async def fail_later() -> None:
            await asyncio.sleep(0)
            raise ValueError("later")

        async def work() -> int:
            return 3

        task = code.schedule("listener f", fail_later())
        assert task is not None
        assert await task is None
        assert [report.message for report in code.errors] == ["ValueError: later"]
        assert await code.wait("here", work()) == 3
        code.schedule_all("event", [None, work(), 3])
        assert len(code.owner.tasks) == 1
        await asyncio.gather(*code.owner.tasks)

    asyncio.run(scenario())


def test_data_of_a_report() -> None:
    report = ErrorReport("here", "message", "trace", 1.0)
    assert report.as_data(with_trace=True) == {
        "where": "here",
        "message": "message",
        "trace": "trace",
        "time": 1.0,
    }
    assert report.as_data(with_trace=False)["trace"] is None


def test_throttle_lets_a_burst_through_and_then_a_rate() -> None:
    now = 0.0
    throttle = Throttle(rate=2, burst=3, clock=lambda: now)
    assert [throttle.allow() for _ in range(5)] == [True, True, True, False, False]
    assert throttle.suppressed == 2
    now = 0.5
    assert [throttle.allow(), throttle.allow()] == [True, False]
    now = 100.0
    assert [throttle.allow() for _ in range(4)] == [True, True, True, False]


def test_calls_beside_the_owner_are_guarded_and_their_coroutines_run_on_its_loop() -> None:
    async def scenario() -> None:
        code = user_code()
        loop = asyncio.get_running_loop()
        code.owner.attach(loop, threading.get_ident())
        code.owner.context = contextvars.copy_context()
        code.owner.context.run(_place.set, "cell")
        reported, done = asyncio.Event(), asyncio.Event()
        code.sinks.append(lambda _: loop.call_soon_threadsafe(reported.set))
        seen: list[object] = []

        async def after() -> None:
            seen.append((_place.get(), asyncio.get_running_loop() is loop))
            done.set()

        def work() -> object:
            seen.append((_place.get(), threading.get_ident() == threading.main_thread().ident))
            return after()

        code.call_concurrently("fail", fail, x=1)
        await reported.wait()
        assert code.errors[-1].where == "fail"
        code.call_concurrently("work", work)
        await done.wait()
        assert seen == [("cell", False), ("cell", True)]

    asyncio.run(scenario())


def test_frames_of_packages_with_a_similar_name_are_the_users() -> None:
    code = user_code()
    scope: dict[str, Any] = {}
    neighbour = Path(jupyter_trame.__file__).parent.with_name("jupyter_trame_cars")
    source = "def outer(fail):\n    return fail()"
    exec(compile(source, str(neighbour / "app.py"), "exec"), scope)
    code.call("here", scope["outer"], fail)
    assert "in outer" in code.errors[0].trace
