"""Named functions and triggers."""

import functools
import weakref
from collections.abc import Awaitable
from typing import Any

import pytest

from jupyter_trame.core.controller import Controller, ControllerFunction
from jupyter_trame.core.listeners import InlineHooks
from jupyter_trame.core.translator import Translator
from jupyter_trame.errors import FunctionNotImplementedError, TrameError


class TaskHooks(InlineHooks):
    """Makes a marked tuple of whatever is scheduled."""

    def schedule(self, where: str, awaitable: Awaitable[Any], /, on_end: object = None) -> Any:
        awaitable.close()  # type: ignore[attr-defined]
        return ("task", where)


@pytest.fixture
def ctrl() -> Controller:
    return Controller(hooks=TaskHooks())


def child_of(ctrl: Controller) -> Controller:
    return Controller(translator=Translator("p_"), internal=ctrl)


class App:
    def method(self, *args: Any) -> Any:
        return ("method", *args)

    def other(self) -> None: ...


class Called:
    def __call__(self) -> None: ...


async def task(*args: Any) -> None: ...


def one(*args: Any) -> Any:
    return ("one", *args)


def two(*args: Any) -> Any:
    return ("two", *args)


# Names


def test_a_function_is_always_the_same_object(ctrl: Controller) -> None:
    assert ctrl.fn is ctrl["fn"]
    assert isinstance(ctrl.fn, ControllerFunction)
    assert ctrl.fn.name == "fn"
    assert ctrl.fn.controller is ctrl
    assert {ctrl.fn: 1}[ctrl.fn] == 1
    ctrl.fn._mark = 1  # type: ignore[attr-defined]
    assert ctrl.fn.__dict__["_mark"] == 1


def test_assigning_binds_the_main_function(ctrl: Controller) -> None:
    handed_around = ctrl.fn
    ctrl.fn = one
    assert handed_around(1) == ("one", 1)
    ctrl["fn"] = two
    assert handed_around.func is two
    ctrl.fn = None
    assert not handed_around.exists()


@pytest.mark.parametrize(
    "name", ["add", "once", "add_task", "set", "trigger", "trigger_name", "trigger_fn", "trigger_unregister"]
)
def test_names_of_the_controller_s_own_methods_are_reserved(ctrl: Controller, name: str) -> None:
    with pytest.raises(NameError, match=name):
        setattr(ctrl, name, one)
    with pytest.raises(NameError, match=name):
        ctrl[name] = one
    assert isinstance(ctrl[name], ControllerFunction)


def test_its_attributes_are_reserved_too(ctrl: Controller) -> None:
    with pytest.raises(NameError, match="_functions"):
        ctrl._functions = one  # type: ignore[assignment]


def test_dunder_attributes_are_python_s(ctrl: Controller) -> None:
    with pytest.raises(AttributeError, match="__wrapped__"):
        _ = ctrl.__wrapped__


def test_a_child_has_names_of_its_own_for_the_same_functions(ctrl: Controller) -> None:
    child = child_of(ctrl)
    child.fn = one
    assert child.fn is ctrl.p_fn
    assert child.fn.name == "p_fn"
    assert child.on_server_ready is ctrl.on_server_ready
    assert child.on_error is ctrl.on_error
    assert child.on_errors is not ctrl.on_errors


# Binding


def test_decorators_return_the_function(ctrl: Controller) -> None:
    for bind in (ctrl.add("a"), ctrl.once("a"), ctrl.set("a"), ctrl.trigger("a")):
        assert bind(one) is one
    assert ctrl.add_task("a")(task) is task
    assert list(ctrl.a.funcs) == list(ctrl.a.funcs_once) == [one]
    assert list(ctrl.a.task_funcs) == [task]
    assert ctrl.a.func is one


def test_clear_in_a_decorator_unbinds_the_others_first(ctrl: Controller) -> None:
    ctrl.a = one
    ctrl.a.once(one)
    ctrl.add("a", clear=True)(two)
    assert (ctrl.a.func, list(ctrl.a.funcs), list(ctrl.a.funcs_once)) == (None, [two], [])
    ctrl.set("a", clear=True)(one)
    assert (ctrl.a.func, list(ctrl.a.funcs)) == (one, [])
    ctrl.add_task("a", clear=True)(task)
    assert (ctrl.a.func, list(ctrl.a.task_funcs)) == (None, [task])


def test_whether_there_is_anything_to_call(ctrl: Controller) -> None:
    assert "go" not in ctrl
    assert not ctrl.go.is_bound()
    assert "go" not in ctrl
    ctrl.go.once(print)
    assert "go" in ctrl
    ctrl.go.clear()
    assert "go" not in ctrl


def test_a_function_is_bound_once(ctrl: Controller) -> None:
    app = App()
    ctrl.a.add(app.method)
    ctrl.a.add(app.method)
    assert ctrl.a() == [("method",)]


def test_clear(ctrl: Controller) -> None:
    for set_only, main in ((True, one), (False, None)):
        ctrl.a = one
        ctrl.a.add(one)
        ctrl.a.once(one)
        ctrl.a.add_task(task)
        ctrl.a.clear(set_only=set_only)
        assert ctrl.a.func is main
        assert not ctrl.a.funcs
        assert not ctrl.a.funcs_once
        assert not ctrl.a.task_funcs


def test_discard_unbinds_everywhere(ctrl: Controller) -> None:
    ctrl.a = one
    ctrl.a.add(one)
    ctrl.a.once(one)
    ctrl.a.add_task(one)
    ctrl.a.discard(one)
    ctrl.a.discard(one)
    assert not ctrl.a.exists()
    with pytest.raises(FunctionNotImplementedError):
        ctrl.a()


def test_remove_undoes_add_only(ctrl: Controller) -> None:
    ctrl.a.add(one)
    ctrl.a.once(one)
    ctrl.a.add_task(one)
    ctrl.a.remove(one)
    with pytest.raises(KeyError):
        ctrl.a.remove(one)
    ctrl.a.remove_task(one)
    with pytest.raises(KeyError):
        ctrl.a.remove_task(one)
    assert list(ctrl.a.funcs_once) == [one]


def test_exists(ctrl: Controller) -> None:
    assert not ctrl.a.exists()
    ctrl.a.once(one)
    assert not ctrl.a.exists()
    ctrl.a.add_task(task)
    assert ctrl.a.exists()
    ctrl.b = one
    ctrl.c.add(one)
    assert ctrl.b.exists()
    assert ctrl.c.exists()


# Calls


def test_a_call_of_nothing(ctrl: Controller) -> None:
    with pytest.raises(FunctionNotImplementedError, match="'a'") as caught:
        ctrl.a()
    assert isinstance(caught.value, TrameError)
    assert ctrl.a.enable_empty() is ctrl.a
    assert ctrl.a() is None
    ctrl.a.enable_empty(False)
    with pytest.raises(FunctionNotImplementedError):
        ctrl.a()


def test_return_shapes(ctrl: Controller) -> None:
    started = ("task", "controller task a")
    ctrl.a = one
    assert ctrl.a(1) == ("one", 1)
    ctrl.a.add_task(task)
    assert ctrl.a(1) == [started]
    ctrl.a.add(two)
    assert ctrl.a(1) == [("one", 1), ("two", 1), started]
    ctrl.a.remove_task(task)
    assert ctrl.a(1) == [("one", 1), ("two", 1)]
    ctrl.a = None
    assert ctrl.a(1) == [("two", 1)]
    ctrl.a.add_task(task)
    assert ctrl.a(1) == [("two", 1), started]
    ctrl.a.clear()
    ctrl.a.add_task(task)
    assert ctrl.a() == [started]


def test_once_is_called_once_and_after_the_added_ones(ctrl: Controller) -> None:
    ctrl.a = one
    ctrl.a.once(two)
    ctrl.a.add(task_free)
    assert ctrl.a() == [("one",), "free", ("two",)]
    assert ctrl.a() == [("one",), "free"]
    ctrl.b.once(two)
    assert ctrl.b() == [("two",)]
    with pytest.raises(FunctionNotImplementedError):
        ctrl.b()


def task_free(*args: Any) -> str:
    return "free"


def test_once_is_unbound_before_the_call(ctrl: Controller) -> None:
    def binds_again() -> str:
        ctrl.a.once(binds_again)
        return "again"

    ctrl.a.once(binds_again)
    assert ctrl.a() == ctrl.a() == ["again"]


def test_functions_run_in_the_order_they_were_added(ctrl: Controller) -> None:
    for n in range(20):
        ctrl.a.add(functools.partial(lambda n: n, n))
    assert ctrl.a() == list(range(20))


def test_arguments_may_have_any_name(ctrl: Controller) -> None:
    ctrl.a = lambda **kwargs: kwargs
    assert ctrl.a(self=1, f=2, fn=3) == {"self": 1, "f": 2, "fn": 3}


def test_each_may_get_the_values_that_it_names(ctrl: Controller) -> None:
    seen: list[Any] = []
    ctrl.f = lambda a: seen.append(a)
    ctrl.f.add(lambda **values: seen.append(values))
    ctrl.f.once(lambda: seen.append("nothing"))
    ctrl.f.add_task(lambda b, c=3: seen.append((b, c)))
    ctrl.f.call_each_by_name(lambda fn, *args: fn(*args), {"a": 1, "b": 2})
    assert seen == [1, {"a": 1, "b": 2}, "nothing", (2, 3)]
    ctrl.f.clear()
    ctrl.f.add(lambda d: d)
    with pytest.raises(TypeError, match="takes 'd', which nobody has set"):
        ctrl.f.call_each_by_name(lambda fn, *args: fn(*args), {"a": 1})


def test_exceptions_reach_the_caller(ctrl: Controller) -> None:
    ctrl.a.add(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ctrl.a()


def test_weak_methods(ctrl: Controller) -> None:
    app = App()
    weak = weakref.WeakMethod(app.method)
    ctrl.a = weak
    ctrl.a.add(weak)
    assert ctrl.a(1) == [("method", 1)] * 2
    del app
    assert ctrl.a(1) == [None, None]


def test_hot_reload_asks_for_the_newest_function() -> None:
    ctrl = Controller(hot_reload=lambda fn: lambda *args: ("new", fn))
    ctrl.a = one
    assert ctrl.a() == ("new", one)
    unaffected = Controller(hot_reload=True)
    unaffected.a = one
    assert unaffected.a() == ("one",)


def test_without_a_loop_a_task_is_none() -> None:
    ctrl = Controller()
    ctrl.a.add_task(task)
    assert ctrl.a() == [None]


def test_function_sets_look_like_sets(ctrl: Controller) -> None:
    ctrl.a.add(one)
    assert one in ctrl.a.funcs
    assert len(ctrl.a.funcs) == 1
    assert ctrl.a.funcs == {one}
    assert "one" in repr(ctrl.a.funcs)


# Triggers


def test_trigger(ctrl: Controller) -> None:
    child = child_of(ctrl)

    def fn() -> None: ...

    child.trigger("t")(fn)
    child.trigger("trigger__x")(fn)
    assert ctrl.trigger_fn("p_t") is child.trigger_fn("p_t") is fn
    assert child.trigger_fn("t") is None
    assert ctrl.trigger_fn("trigger__x") is fn
    assert ctrl.trigger_name(fn) == "trigger__x"
    assert fn._trame_trigger_names == ["p_t", "trigger__x"]  # type: ignore[attr-defined]


def test_what_is_given_to_an_element_keeps_its_name_and_runs_as_that_says(ctrl: Controller) -> None:
    @ctrl.trigger("stop", concurrent=True)
    def stop() -> None: ...

    name = ctrl.trigger_name(stop)  # as trame-client asks for it, of ``click=stop``
    assert name == "stop"
    assert ctrl.trigger_is_concurrent(name)


def test_names_are_numbered_from_one_for_all_children(ctrl: Controller) -> None:
    child = child_of(ctrl)
    functions = [functools.partial(one, n) for n in range(3)]
    assert ctrl.trigger_name(functions[0]) == "trigger__1"
    assert child.trigger_name(functions[1]) == "trigger__2"
    assert ctrl.trigger_name(functions[0]) == child.trigger_name(functions[0]) == "trigger__1"
    assert Controller().trigger_name(functions[0]) == "trigger__1"
    assert ctrl.trigger_fn("trigger__2") is functions[1]


def test_a_method_is_the_same_each_time_it_is_looked_up(ctrl: Controller) -> None:
    app = App()
    assert ctrl.trigger_name(app.method) == ctrl.trigger_name(app.method)
    assert ctrl.trigger_name(app.method) != ctrl.trigger_name(App().method)
    assert ctrl.trigger_name(ctrl.fn) == ctrl.trigger_name(ctrl.fn)


def test_methods_are_noted_on_their_class() -> None:
    class Base:
        def method(self) -> None: ...

    class Derived(Base):
        def other(self) -> None: ...

    ctrl = Controller()
    ctrl.trigger("m")(Base().method)
    ctrl.trigger("n")(Base().method)
    ctrl.trigger("o")(Derived().other)
    assert Base._trame_trigger_method_names == ["method"]  # type: ignore[attr-defined]
    assert Derived._trame_trigger_method_names == ["method", "other"]  # type: ignore[attr-defined]
    assert not hasattr(Base.method, "_trame_trigger_names")


def test_names_may_be_iterated_while_they_are_registered(ctrl: Controller) -> None:
    def fn() -> None: ...

    fn._trame_trigger_names = ["a", "b"]  # type: ignore[attr-defined]
    for name in fn._trame_trigger_names:  # type: ignore[attr-defined]
        ctrl.trigger(name)(fn)
    assert ctrl.trigger_name(fn) == "b"


@pytest.mark.parametrize(
    "fn",
    [len, "".join, functools.partial(one), App, Called()],
    ids=["builtin", "bound builtin", "partial", "class", "instance"],
)
def test_anything_callable_can_be_a_trigger(ctrl: Controller, fn: Any) -> None:
    name = ctrl.trigger_name(fn)
    assert ctrl.trigger_fn(name) is fn


def test_callables_without_a_hash(ctrl: Controller) -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self) -> None: ...

    one, other = Unhashable(), Unhashable()
    assert ctrl.trigger_name(one) == ctrl.trigger_name(one) != ctrl.trigger_name(other)


def test_unregister(ctrl: Controller) -> None:
    child = child_of(ctrl)

    def fn() -> None: ...

    ctrl.trigger("a")(fn)
    ctrl.trigger("b")(fn)
    assert ctrl.trigger_unregister("b") is fn
    assert ctrl.trigger_unregister("b") is False
    assert ctrl.trigger_name(fn) == "a"
    child.trigger("c")(fn)
    assert ctrl.trigger_unregister(fn) == "p_c"
    assert ctrl.trigger_fn("a") is ctrl.trigger_fn("p_c") is None
    assert ctrl.trigger_unregister(fn) is False
    assert ctrl.trigger_unregister(len) is False
    child.trigger("d")(fn)
    assert child.trigger_unregister("d") is False
    assert child.trigger_unregister("p_d") is fn


def test_a_name_given_to_another_function_is_no_longer_the_first_one_s(ctrl: Controller) -> None:
    def old() -> None: ...

    def new() -> None: ...

    ctrl.trigger("a")(old)
    ctrl.trigger("a")(new)
    assert ctrl.trigger_fn("a") is new
    assert ctrl.trigger_name(old) == "trigger__1"


def test_weak_methods_as_triggers(ctrl: Controller) -> None:
    app = App()
    ctrl.trigger("a")(weakref.WeakMethod(app.method))
    assert ctrl.trigger_fn("a") == app.method
    del app
    assert ctrl.trigger_fn("a") is None


def test_a_function_may_be_made_alone(ctrl: Controller) -> None:
    assert ControllerFunction(ctrl, "f", one)(1) == ("one", 1)
    with pytest.raises(FunctionNotImplementedError):
        ControllerFunction(ctrl, "f")()


@pytest.mark.parametrize("decorator", ["add", "once", "add_task", "set", "trigger"])
def test_a_decorator_without_its_name_is_told(ctrl: Controller, decorator: str) -> None:
    with pytest.raises(TypeError, match=rf'@ctrl\.{decorator}\("name"\)'):
        getattr(ctrl, decorator)(one)


@pytest.mark.parametrize("value", [5, None, "a string"])
def test_a_trigger_is_a_function(ctrl: Controller, value: Any) -> None:
    with pytest.raises(TypeError, match="a trigger is a function"):
        ctrl.trigger_name(value)
    with pytest.raises(TypeError, match="a trigger is a function"):
        ctrl.trigger("x")(value)
    assert ctrl.trigger_names() == []
    assert ctrl.trigger_name(one) == "trigger__1"


def test_a_controller_is_no_sequence(ctrl: Controller) -> None:
    with pytest.raises(TypeError, match="names are strings"):
        list(ctrl)


def test_a_function_that_raises_stops_no_other_and_the_caller_gets_the_first_error(ctrl: Controller) -> None:
    called: list[str] = []

    def fail(text: str) -> None:
        called.append(text)
        raise ValueError(text)

    ctrl.go = functools.partial(fail, "first")
    ctrl.go.add(functools.partial(fail, "second"))
    ctrl.go.add(lambda: called.append("third"))
    ctrl.go.once(lambda: called.append("once"))
    ctrl.go.add_task(functools.partial(fail, "task"))
    with pytest.raises(ValueError, match="first"):
        ctrl.go()
    assert called == ["first", "second", "third", "once", "task"]


def test_coroutines_of_a_call_that_failed_are_scheduled() -> None:
    scheduled: list[str] = []

    class Hooks(TaskHooks):
        def schedule(self, where: str, awaitable: Awaitable[Any], /, on_end: object = None) -> Any:
            scheduled.append(where)
            return super().schedule(where, awaitable)

    ctrl = Controller(hooks=Hooks())

    def leave() -> None:
        raise SystemExit(2)

    ctrl.go.add(task)
    ctrl.go.add(leave)
    with pytest.raises(SystemExit):
        ctrl.go()
    assert scheduled == ["controller function go"]
