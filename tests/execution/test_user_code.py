"""The guard around user code."""

import asyncio
import contextvars
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jupyter_trame
from jupyter_trame.errors import SerializationError
from jupyter_trame.execution.error_reports import ErrorReport, describe, trace_of
from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.execution.user_code import CallbackExitedError, UserCode
from jupyter_trame.server import Server
from tests.support.servers import App

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
        # One that is cancelled before its first step has ended as well.
        ended: list[str] = []
        task = code.schedule("here", work(), lambda: ended.append("done"))
        cancelled = code.schedule("here", work(), lambda: ended.append("cancelled"))
        assert task is not None
        assert cancelled is not None
        cancelled.cancel()
        await asyncio.wait([task, cancelled])
        assert sorted(ended) == ["cancelled", "done"]
        await asyncio.gather(*code.owner.tasks)

    asyncio.run(scenario())


def test_calls_beside_the_owner_are_guarded_and_their_coroutines_run_on_its_loop() -> None:
    async def scenario() -> None:
        code = user_code()
        loop = asyncio.get_running_loop()
        code.owner.attach(loop, threading.get_ident())
        code.owner.context = contextvars.copy_context()
        code.owner.context.run(_place.set, "cell")
        reported, done = asyncio.Event(), asyncio.Event()
        code.sinks.append(lambda _: loop.call_soon_threadsafe(reported.set))  # type: ignore[arg-type]
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


class Odd(BaseException):
    """Neither an error nor an exit."""


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (SystemExit(2), "SystemExit(2)"),
        (Odd("x"), "Odd('x')"),
        (asyncio.CancelledError(), "CancelledError()"),
        (GeneratorExit(), "GeneratorExit()"),
    ],
    ids=["exit", "own", "cancelled", "generator"],
)
def test_what_is_no_exception_is_an_error_like_any_other(raised: BaseException, said: str) -> None:
    code = user_code()

    def leave() -> None:
        raise raised

    assert code.call("outer", lambda: code.call("inner", leave)) is None
    with pytest.raises(CallbackExitedError) as caught:
        code.invoke("outer", lambda: code.invoke("here", leave))
    assert caught.value.__cause__ is raised
    assert [(report.where, report.message.split(": ", 1)[1]) for report in code.errors] == [
        ("inner", f"the callback raised {said}"),
        ("here", f"the callback raised {said}"),
    ]
    assert "in leave" in code.errors[0].trace


def test_an_interrupt_of_the_process_and_a_cancellation_keep_their_meaning() -> None:
    code = user_code()

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        code.call("here", interrupt)
    thread = threading.Thread(target=code.call, args=("thread", interrupt))
    thread.start()
    thread.join()
    assert [report.where for report in code.errors] == ["thread"]

    async def scenario() -> None:
        task = asyncio.create_task(code.wait("here", asyncio.sleep(1000)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert len(code.errors) == 1


def test_a_coroutine_that_exits_does_not_end_the_loop() -> None:
    async def leave() -> None:
        await asyncio.sleep(0)
        raise SystemExit(3)

    async def scenario() -> None:
        code = user_code()
        code.owner.attach(asyncio.get_running_loop(), threading.get_ident())
        task = code.schedule("here", leave())
        assert task is not None
        assert await task is None
        assert code.errors[0].message.endswith("the callback raised SystemExit(3)")

    asyncio.run(scenario())


def test_a_companion_sets_its_own_rule_for_exits() -> None:
    code = user_code()
    seen: list[object] = []

    def rule(exit: SystemExit) -> bool:  # noqa: A002 - as in ExitRule
        seen.append(exit.code)
        return exit.code == 0

    code.exit_rule = rule
    code.call("here", sys.exit, 0)
    assert not code.errors
    code.call("here", sys.exit, 1)
    assert len(code.errors) == 1
    assert seen == [0, 1]


class BrokenError(Exception):
    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    __str__ = __repr__


class BrokenSyntaxError(SyntaxError):
    @property
    def text(self) -> str:  # type: ignore[override]
        raise SystemExit

    @property
    def lineno(self) -> int:  # type: ignore[override]
        raise SystemExit


@pytest.mark.parametrize("error", [BrokenError(), BrokenSyntaxError("x")], ids=["repr", "attributes"])
def test_an_error_that_cannot_be_described_is_reported(error: Exception) -> None:
    code = user_code()

    def fail() -> None:
        raise error

    assert code.call("here", fail) is None
    assert type(error).__name__ in code.errors[0].message
    assert describe(error)
    assert trace_of(error)


def test_what_a_client_makes_a_callback_raise_neither_forges_nor_floods_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    code = user_code()

    def look_up(name: str) -> None:
        raise LookupError(f"no row {name}")

    for _ in range(500):
        code.call("trigger look_up", look_up, "x\nERROR forged\x1b[2J")
    assert len(caplog.records) < 200
    assert "\x1b" not in caplog.text
    assert not any(line.startswith("ERROR forged") for line in caplog.text.splitlines())
    assert code.errors[-1].message == "LookupError: no row x\nERROR forged\x1b[2J"


def test_a_value_that_is_refused_is_one_line(start: Callable[..., App]) -> None:
    """Its traceback has lines of ours and of msgpack, and none of the user's."""

    async def scenario() -> None:
        server = Server("app")
        await start(server).client()
        with server.state as state:
            state.x = 2**100
        (report,) = server.errors
        assert report.trace == ""
        assert "x" in report.message
        assert "str()" in report.message

    asyncio.run(scenario())


def test_one_that_a_callback_refuses_itself_has_its_traceback() -> None:
    def callback() -> None:
        raise SerializationError("x", object(), "no reason")

    code = user_code()
    code.call("callback", callback)
    (report,) = code.errors
    assert "in callback" in report.trace
