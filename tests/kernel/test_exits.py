"""``sys.exit()`` in code of an app ends a callback, and never the kernel."""

import asyncio
import contextvars
import sys
from typing import Any

import pytest

from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.execution.user_code import CallbackExitedError, UserCode
from jupyter_trame.kernel.exits import contain_exits
from tests.kernel.support import Kernel, Views, run

APP = """
import argparse, asyncio, socket, sys
from tornado.ioloop import IOLoop
from jupyter_trame.execution.asynchronous import create_task
server = Server("app")
server.state.update({"x": 0, "y": 0, "z": 0})
loop = asyncio.get_running_loop()

@server.trigger("sync")
def sync():
    sys.exit(2)
@server.trigger("argparse")
def parse():
    argparse.ArgumentParser().parse_args(["--no-such"])
@server.trigger("coroutine")
async def coroutine():
    await asyncio.sleep(0)
    sys.exit(3)
@server.trigger("concurrent", concurrent=True)
def concurrent():
    sys.exit(4)
class Own(BaseException):
    pass
@server.trigger("own")
def own():
    raise Own("mine")
@server.trigger("interrupt")
async def interrupt():
    raise KeyboardInterrupt
@server.trigger("subtask")
async def subtask():
    await asyncio.gather(coroutine())
@server.trigger("forgotten")
def forgotten():
    asyncio.create_task(coroutine())
@server.trigger("later")
def later_calls():
    here = asyncio.get_running_loop()
    here.call_soon(sys.exit, "soon")
    here.call_later(0.001, sys.exit, "in a moment")
    here.call_at(here.time(), lambda: sys.exit("at"))
    here.call_soon_threadsafe(sys.exit, "from any thread")
    done = here.create_future()
    done.add_done_callback(lambda _: sys.exit("done"))
    done.set_result(None)
    IOLoop.current().add_callback(sys.exit, "tornado")
    near, far = socket.socketpair()
    def read():
        here.remove_reader(near)
        near.close()
        far.close()
        sys.exit("reader")
    here.add_reader(near, read)
    far.send(b"x")
@server.trigger("tracked")
def tracked():
    create_task(coroutine())
@server.change("x")
def listener(x, **_):
    if x:
        sys.exit("x")
@server.change("x")
async def later(x, **_):
    if x:
        sys.exit("later")
@server.change("x", concurrent=True)
def apart(x, **_):
    if x:
        sys.exit("apart")
def observer(change):
    sys.exit("observer")
server.traits.observe(observer, "x")
for event in ("on_server_start", "on_server_bind", "on_server_ready", "on_client_connected"):
    server.controller.add(event)(lambda *_, **__: sys.exit(5))
@server.controller.add_task("on_server_ready")
async def task(**_):
    sys.exit(6)
@server.trigger("ping")
def ping():
    return "pong"
server.start()
"""

TRIGGERS = {
    "sync": "SystemExit(2)",
    "argparse": "SystemExit(2)",
    "coroutine": "SystemExit(3)",
    "concurrent": "SystemExit(4)",
    "own": "Own('mine')",
    "interrupt": "KeyboardInterrupt",
    "subtask": "SystemExit(3)",
}
LATER = ("soon", "in a moment", "at", "from any thread", "done", "tornado", "reader")
"""Of functions that a callback leaves to the loop."""


def test_an_exit_is_reported_answered_and_ends_nothing(kernel: Kernel) -> None:
    cell = kernel.finish(kernel.start(APP))

    async def scenario(views: Views) -> None:
        client = await views()
        for name, said in TRIGGERS.items():
            error = (await client.trigger(name)).error
            assert error is not None, name
            assert said in error["data"]["exception"], name
        for name in ("forgotten", "tracked", "later"):
            assert (await client.trigger(name)).error is None
        client.write(x=1)
        assert (await client.trigger("ping")).result == "pong"

    run(kernel, scenario)
    count = f"sum(word in error.message for error in server.errors for word in {LATER!r})"
    kernel.run(f"while {count} < {len(LATER)}:\n    await asyncio.sleep(0.01)")
    assert kernel.value("server.running")
    told = str(kernel.value("sorted({(e.where.split(' ')[0], e.message) for e in server.errors})"))
    for where in (
        "on_server_start",
        "on_server_ready",
        "on_client_connected",
        "controller",
        "trigger",
        "task",
    ):
        assert f"('{where}'" in told, where
    for message in ("'x'", "'later'", "'apart'", "'observer'"):
        assert f"SystemExit({message})" in told, message
    for message in LATER:
        assert f"SystemExit('{message}')" in told, message
    assert kernel.value("sum('SystemExit(3)' in e.message for e in server.errors)") == 4  # once each
    assert "SystemExit: 2" in cell.stream


def test_what_callbacks_make_is_contained_and_nothing_else() -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        contain_exits(loop)
        factory = loop.get_task_factory()
        contain_exits(loop)
        assert loop.get_task_factory() is factory
        user_code = UserCode(OwnerLoop())

        async def leave(*_: Any) -> None:
            await asyncio.sleep(0)
            sys.exit(1)

        async def outer() -> None:
            await asyncio.create_task(leave())

        task = user_code.call("here", lambda: asyncio.create_task(outer(), name="mine"))
        assert task.get_name() == "mine"
        assert "leave" not in repr(task)
        assert "outer" in repr(task)
        with pytest.raises(CallbackExitedError, match=r"SystemExit\(1\)"):
            await task
        assert [report.where.split(".")[-1] for report in user_code.errors] == ["leave"]
        cancelled = user_code.call("here", lambda: asyncio.create_task(leave()))
        cancelled.cancel()  # before its first step: its coroutine is closed, without a warning
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        assert type(asyncio.create_task(asyncio.sleep(0)).get_coro()).__name__ == "coroutine"

    asyncio.run(scenario())


def test_calls_of_others_and_their_arguments_are_left_alone() -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        contain_exits(loop)
        user_code, seen = UserCode(OwnerLoop()), list[Any]()
        handle = user_code.call("here", lambda: loop.call_later(0, seen.append, 1))
        user_code.call("here", lambda: loop.call_soon(seen.append, 2)).cancel()
        assert "append" in repr(handle)
        with pytest.raises(TypeError):
            user_code.invoke("here", loop.call_soon)
        loop.call_soon(seen.append, 3)
        context = contextvars.Context()
        user_code.call("here", lambda: loop.call_soon(sys_exit_in, seen, context=context))
        while len(seen) < 3:  # noqa: ASYNC110 - the calls have no event
            await asyncio.sleep(0)
        assert seen == [3, "a context without a callback", 1]

    asyncio.run(scenario())


def sys_exit_in(seen: list[Any]) -> None:
    seen.append("a context without a callback")
