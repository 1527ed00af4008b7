"""The controller: functions by name, and what a call of them returns."""

import asyncio
import functools
import weakref

import pytest

from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, live


@fact("api 5", "a controller over `internal` shares functions, triggers and the counter of generated names")
@both
def test_internal(peer: Peer) -> None:
    root = peer.controller()
    child = peer.controller(peer.translator("c_"), root)
    child.f = lambda: 1
    assert root.c_f() == 1
    assert root.c_f is child.f
    assert [root.trigger_name(print_a), child.trigger_name(print_b)] == ["trigger__1", "trigger__2"]
    assert child.trigger_fn("trigger__1") is print_a


@fact(
    "api 5", "`ctrl.name` and `ctrl['name']` are one object, made on demand, that can be passed on undefined"
)
@both
def test_functions_are_made_on_demand(peer: Peer) -> None:
    ctrl = peer.controller()
    handed_on = ctrl.later
    assert ctrl["later"] is handed_on
    ctrl.later = lambda x: x + 1
    assert handed_on(1) == 2
    assert ctrl.later is handed_on


@fact("api 5", "`ctrl.name = fn` and `ctrl['name'] = fn` set the main function")
@both
def test_set(peer: Peer) -> None:
    ctrl = peer.controller()
    ctrl.a = print_a
    ctrl["b"] = print_b
    assert (ctrl.a.func, ctrl.b.func) == (print_a, print_b)


@pytest.mark.parametrize(
    "name",
    ["add", "once", "add_task", "set", "trigger", "trigger_name", "trigger_fn", "trigger_unregister"],
)
@fact("api 5", "a name that is an attribute of the controller raises NameError")
@both
def test_taken_names(peer: Peer, name: str) -> None:
    ctrl = peer.controller()
    with pytest.raises(NameError):
        setattr(ctrl, name, print_a)
    with pytest.raises(NameError):
        ctrl[name] = print_a


@fact("api 5", "the decorators `add`, `once`, `add_task` and `set` return the function")
@both
def test_decorators(peer: Peer) -> None:
    ctrl = peer.controller()
    assert ctrl.add("a")(print_a) is print_a
    assert ctrl.once("a")(print_b) is print_b
    assert ctrl.add_task("a")(coroutine) is coroutine
    assert ctrl.set("a")(print_c) is print_c
    function = ctrl.a
    assert (set(function.funcs), set(function.funcs_once)) == ({print_a}, {print_b})
    assert (set(function.task_funcs), function.func) == ({coroutine}, print_c)


@pytest.mark.parametrize("decorator", ["add", "add_task", "set"])
@fact("api 5", "`clear=True` in `add`, `add_task` and `set` unbinds first what is bound to the name")
@both
def test_clear(peer: Peer, decorator: str) -> None:
    ctrl = peer.controller()
    ctrl.a = print_a
    ctrl.a.add(print_b)
    getattr(ctrl, decorator)("a", clear=True)(coroutine)
    bound = {ctrl.a.func, *ctrl.a.funcs, *ctrl.a.task_funcs} - {None}
    assert bound == {coroutine}


@fact(
    "api 5",
    "a function has `name`, `func`, `funcs`, `task_funcs`, `funcs_once`, `can_be_empty`, `controller`",
)
@both
def test_attributes(peer: Peer) -> None:
    ctrl = peer.controller(peer.translator("c_"))
    function = ctrl.f
    assert (function.name, function.func, function.can_be_empty) == ("c_f", None, False)
    assert function.controller is ctrl
    assert not function.funcs
    assert not function.task_funcs
    assert not function.funcs_once


@fact("api 5", "`discard` unbinds a function wherever it is bound, and does not mind where it is not")
@both
def test_discard(peer: Peer) -> None:
    function = peer.controller().f
    function.add(print_a)
    function.once(print_a)
    function.add_task(coroutine)
    for fn in (print_a, coroutine, print_b):
        function.discard(fn)
    assert not function.funcs
    assert not function.funcs_once
    assert not function.task_funcs


@fact("api 5", "`remove` and `remove_task` raise KeyError for what is not there")
@both
def test_remove(peer: Peer) -> None:
    function = peer.controller().f
    function.add(print_a)
    function.add_task(coroutine)
    function.remove(print_a)
    function.remove_task(coroutine)
    assert not function.exists()
    with pytest.raises(KeyError):
        function.remove(print_a)
    with pytest.raises(KeyError):
        function.remove_task(coroutine)


@fact("api 5", "`clear()` unbinds all, `clear(set_only=True)` keeps the main function")
@both
def test_function_clear(peer: Peer) -> None:
    ctrl = peer.controller()
    ctrl.f = print_a
    ctrl.f.add(print_b)
    ctrl.f.clear(set_only=True)
    assert (ctrl.f.func, set(ctrl.f.funcs)) == (print_a, set())
    ctrl.f.clear()
    assert ctrl.f.func is None


@fact("api 5", "`exists()` holds for a main function, an added one or a task, and not for one that runs once")
@both
def test_exists(peer: Peer) -> None:
    ctrl = peer.controller()
    ctrl.main = print_a
    ctrl.add("added")(print_a)
    ctrl.add_task("task")(coroutine)
    ctrl.once("once")(print_a)
    found = [ctrl[name].exists() for name in ("main", "added", "task", "once", "nothing")]
    assert found == [True, True, True, False, False]


@fact("api 5", "a call where nothing is bound raises FunctionNotImplementedError")
@fact("api 5", "after `enable_empty()`, which returns the function, such a call gives None")
@both
def test_empty(peer: Peer) -> None:
    error = peer.module("controller").FunctionNotImplementedError
    function = peer.controller().f
    with pytest.raises(error, match="f"):
        function()
    assert function.enable_empty() is function
    assert function() is None
    function.enable_empty(False)
    with pytest.raises(error):
        function()


@fact("api 5", "the main function runs first, then added ones and those that run once, then tasks start")
@both
@pytest.mark.asyncio
async def test_call_order(peer: Peer) -> None:
    calls: list[str] = []
    async with live(peer) as (server, _):
        ctrl = server.controller

        @ctrl.add_task("f")
        async def task() -> None:
            calls.append("task")

        ctrl.add("f")(lambda: calls.append("added"))
        ctrl.once("f")(lambda: calls.append("once"))
        ctrl.f = lambda: calls.append("main")
        await ctrl.f()[-1]
    assert calls[0] == "main"
    assert sorted(calls[1:3]) == ["added", "once"]
    assert calls[3] == "task"


@fact(
    "api 5",
    "added functions run in the order in which they were added",
    trame="in no defined order: they are a set",
)
def test_order_of_added_functions() -> None:
    ctrl = OURS.controller()
    calls: list[int] = []
    for number in range(20):
        ctrl.add("f")(functools.partial(calls.append, number))
    ctrl.f()
    assert calls == list(range(20))


@fact("api 5", "what runs once is unbound before the calls, so that it may bind itself again")
@both
def test_once(peer: Peer) -> None:
    ctrl = peer.controller()
    bound: list[int] = []
    ctrl.once("f")(lambda: bound.append(len(ctrl.f.funcs_once)))
    ctrl.f()
    assert bound == [0]
    with pytest.raises(peer.module("controller").FunctionNotImplementedError):
        ctrl.f()


@fact("api 5", "without a main function a call returns the list of all results, tasks as Task objects")
@fact("api 5", "with a main function and added ones: `[main, *added, *tasks]`")
@fact("api 5", "with a main function alone: its result")
@both
@pytest.mark.asyncio
async def test_results(peer: Peer) -> None:
    async with live(peer) as (server, _):
        ctrl = server.controller
        ctrl.main = lambda: "main"
        assert ctrl.main() == "main"

        ctrl.add("added")(lambda: "added")
        assert ctrl.added() == ["added"]
        ctrl.once("only_once")(lambda: "once")
        assert ctrl.only_once() == ["once"]

        ctrl.add_task("task")(coroutine)
        (task,) = ctrl.task()
        assert isinstance(task, asyncio.Task)
        assert await task == "task"

        ctrl.all = lambda: "main"
        ctrl.add("all")(lambda: "added")
        assert ctrl.all() == ["main", "added"]
        ctrl.add_task("all")(coroutine)
        *results, task = ctrl.all()
        assert (results, await task) == (["main", "added"], "task")


@fact("api 5", "with a main function and tasks alone: the tasks, as trame has it")
@both
@pytest.mark.asyncio
async def test_main_and_tasks(peer: Peer) -> None:
    async with live(peer) as (server, _):
        server.controller.f = lambda: "main"
        server.controller.add_task("f")(coroutine)
        (task,) = server.controller.f()
        assert await task == "task"


@fact("api 5", "exceptions reach the caller")
@both
def test_exceptions(peer: Peer) -> None:
    ctrl = peer.controller()
    ctrl.add("f")(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ctrl.f()


@pytest.mark.parametrize("place", ["add", "once", "add_task"])
@fact(
    "api 5",
    "`weakref.WeakMethod` is accepted in all sets; a dead one gives None",
    trame="the same, but a dead task raises TypeError",
)
@both
@pytest.mark.asyncio
async def test_weak_methods(peer: Peer, place: str) -> None:
    class Part:
        def method(self) -> str:
            return "alive"

        async def coroutine(self) -> str:
            return "alive"

    async with live(peer) as (server, _):
        function, part = server.controller.f, Part()
        method = part.coroutine if place == "add_task" else part.method
        getattr(function, place)(weakref.WeakMethod(method))
        del method
        (result,) = function()
        assert (await result if place == "add_task" else result) == "alive"
        if place == "once":
            function.once(weakref.WeakMethod(part.method))
        del part
        if peer is OURS or place != "add_task":
            assert function() == [None]


def print_a() -> None:
    """One of three functions that differ."""


def print_b() -> None:
    """Another one."""


def print_c() -> None:
    """The third."""


async def coroutine() -> str:
    return "task"
