"""Random operations on our controller and on trame-server's give the same results, calls and names.

Theirs has no order among what was added to a name: results and calls are compared without it.

Left out, because there we differ on purpose:

* the order of added functions: ours are called in the order in which they were added;
* a name that is given to a function twice: theirs marks the function with it twice;
* functions of several names that lose one: theirs forgets the newest name alone when the function is unregistered,
  and makes another where an older one is left;
* names that are given to another function: theirs goes on naming the first one so;
* keyword arguments called ``f``: theirs raises TypeError;
* triggers that are built-in functions: theirs raises AttributeError.
"""

import asyncio
import operator
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from trame_server.controller import Controller as PeerController
from trame_server.controller import FunctionNotImplementedError as PeerNotImplementedError
from trame_server.utils.namespace import Translator as PeerTranslator

from jupyter_trame.core.controller import Controller
from jupyter_trame.core.listeners import InlineHooks
from jupyter_trame.core.translator import Translator
from jupyter_trame.errors import FunctionNotImplementedError
from tests.support.properties import examples

NAMES = ("a", "b", "on_server_ready", "trame__x", "add", "trigger_name")
TRIGGERS = ("t", "u", "trigger__9", "trame__t")
FUNCTIONS = range(4)

members = st.sampled_from(["root", "child"])
names = st.sampled_from(NAMES)
triggers = st.sampled_from(TRIGGERS)
functions = st.sampled_from(FUNCTIONS)


class TaskHooks(InlineHooks):
    """Makes a task of what is scheduled, as a server does."""

    def schedule(self, where: str, awaitable: Awaitable[Any], /, on_end: object = None) -> Any:
        return asyncio.ensure_future(awaitable)


class App:
    def __init__(self, log: list[Any]) -> None:
        self.log = log

    def method(self, *args: Any, **kwargs: Any) -> str:
        self.log.append(("method", args, kwargs))
        return "method"


class Side:
    """A root and a child of one kind, the functions they are given, and what those log."""

    def __init__(
        self, controller_type: Any, translator_type: Any, not_implemented: Any, **options: Any
    ) -> None:
        self.log: list[Any] = []
        self.not_implemented = not_implemented
        root = controller_type(**options)
        translator = translator_type("p_")
        translator.add_translation("b", "z")
        self.members = {"root": root, "child": controller_type(translator=translator, internal=root)}
        self.app = App(self.log)
        self.functions: list[Any] = [self.function(0), self.function(1), self.function(2, fails=True)]
        self.functions.append(self.app.method)
        self.tasks = [self.task(0), self.task(1)]

    def function(self, number: int, fails: bool = False) -> Callable[..., Any]:
        def fn(*args: Any, **kwargs: Any) -> int:
            self.log.append((number, args, kwargs))
            if fails:
                raise ZeroDivisionError(number)
            return number

        return fn

    def task(self, number: int) -> Callable[..., Any]:
        async def task(*args: Any, **kwargs: Any) -> str:
            self.log.append((f"task {number}", args, kwargs))
            return f"task {number}"

        return task

    def do(self, member: str, operation: Callable[[Any], Any]) -> Any:
        """What `operation` comes to on one of the controllers: a result or the name of an exception."""
        try:
            return self.plain(operation(self.members[member]))
        except self.not_implemented as error:
            return "FunctionNotImplementedError", str(error).count(member)
        except (NameError, KeyError, ZeroDivisionError) as error:
            return type(error).__name__

    def plain(self, result: Any) -> Any:
        """`result` as both sides can have it, tasks as what they are."""
        if isinstance(result, asyncio.Future):
            return "a task"
        if isinstance(result, list):
            return "list", [self.plain(item) for item in result]
        for number, fn in enumerate(self.functions):
            if callable(result) and result == fn:
                return f"function {number}"
        return result if isinstance(result, str | int | None) else type(result).__name__

    def known(self, fn: Any) -> int:
        return self.functions.index(fn)

    def picture(self) -> Any:
        """Everything that can be asked without changing anything."""
        bound = {}
        for member, controller in self.members.items():
            for name in ("a", "b", "c", "on_server_ready", "trame__x"):
                fn = controller[name]
                sets = (fn.funcs, fn.funcs_once)
                bound[member, name] = (
                    fn.name,
                    fn.exists(),
                    None if fn.func is None else self.known(fn.func),
                    [sorted(map(self.known, functions)) for functions in sets],
                    sorted(map(self.tasks.index, fn.task_funcs)),
                    fn is controller[name] is getattr(controller, name),
                )
            for name in (*TRIGGERS, "p_t", "p_u", "trigger__1", "trigger__2", "trigger__3"):
                bound[member, "trigger", name] = self.plain(controller.trigger_fn(name))  # type: ignore[index]
        marks = [getattr(fn, "_trame_trigger_names", []) for fn in self.functions]
        return bound, [list(dict.fromkeys(names)) for names in marks]


class Machine(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.sides = (
            Side(Controller, Translator, FunctionNotImplementedError, hooks=TaskHooks()),
            Side(PeerController, PeerTranslator, PeerNotImplementedError),
        )

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()

    def both(self, member: str, operation: Callable[[Any, Side], Any]) -> None:
        ours, theirs = (side.do(member, lambda ctrl, side=side: operation(ctrl, side)) for side in self.sides)
        assert ours == theirs

    @rule(member=members, name=names, fn=functions, how=st.sampled_from(["item", "attribute"]))
    def assign(self, member: str, name: str, fn: int, how: str) -> None:
        put: Any = operator.setitem if how == "item" else setattr
        self.both(member, lambda ctrl, side: put(ctrl, name, side.functions[fn]))

    @rule(
        member=members,
        name=st.sampled_from(["a", "b", "on_server_ready"]),
        fn=functions,
        how=st.sampled_from(["add", "set"]),
        clear=st.booleans(),
    )
    def decorate(self, member: str, name: str, fn: int, how: str, clear: bool) -> None:
        self.both(member, lambda ctrl, side: getattr(ctrl, how)(name, clear=clear)(side.functions[fn]))

    @rule(member=members, name=st.sampled_from(["a", "b"]), fn=functions)
    def once(self, member: str, name: str, fn: int) -> None:
        self.both(member, lambda ctrl, side: ctrl.once(name)(side.functions[fn]))

    @rule(member=members, name=st.sampled_from(["a", "b"]), task=st.integers(0, 1), clear=st.booleans())
    def add_task(self, member: str, name: str, task: int, clear: bool) -> None:
        for side in self.sides:
            assert side.members[member].add_task(name, clear=clear)(side.tasks[task]) is side.tasks[task]

    @rule(
        member=members,
        name=st.sampled_from(["a", "b"]),
        fn=functions,
        how=st.sampled_from(["add", "once", "discard", "remove"]),
    )
    def change(self, member: str, name: str, fn: int, how: str) -> None:
        def run(ctrl: Any, side: Side) -> None:
            getattr(ctrl[name], how)(side.functions[fn])

        self.both(member, run)

    @rule(member=members, name=st.sampled_from(["a", "b"]), task=st.integers(0, 1))
    def remove_task(self, member: str, name: str, task: int) -> None:
        def run(ctrl: Any, side: Side) -> None:
            ctrl[name].remove_task(side.tasks[task])

        self.both(member, run)

    @rule(member=members, name=st.sampled_from(["a", "b"]), set_only=st.booleans())
    def clear(self, member: str, name: str, set_only: bool) -> None:
        self.both(member, lambda ctrl, side: ctrl[name].clear(set_only=set_only))

    @rule(member=members, name=st.sampled_from(["a", "b", "c"]), value=st.booleans())
    def enable_empty(self, member: str, name: str, value: bool) -> None:
        self.both(member, lambda ctrl, side: ctrl[name].enable_empty(value) is ctrl[name])

    @rule(member=members, name=st.sampled_from(["a", "b", "c", "on_server_ready"]))
    def call(self, member: str, name: str) -> None:
        outcomes = [self.loop.run_until_complete(self.called(side, member, name)) for side in self.sides]
        assert outcomes[0] == outcomes[1]

    async def called(self, side: Side, member: str, name: str) -> Any:
        del side.log[:]
        results: list[Any] = []

        def run(ctrl: Any) -> Any:
            results.append(ctrl[name](1, key=2))
            return results[0]

        shape = side.do(member, run)
        await asyncio.gather(*[item for item in flat(results) if isinstance(item, asyncio.Future)])
        if shape == "ZeroDivisionError":  # who came before it is a matter of order
            return shape
        if isinstance(shape, tuple) and shape[0] == "list":
            main = [] if side.members[member][name].func is None else shape[1][:1]
            shape = main, sorted(map(repr, shape[1]))
        return shape, sorted(map(repr, side.log))

    def names_of(self, fn: Any) -> list[str]:
        ctrl = self.sides[0].members["root"]
        return [name for name in ctrl.trigger_names() if ctrl.trigger_fn(name) == fn]

    @rule(member=members, name=triggers, fn=functions)
    def trigger(self, member: str, name: str, fn: int) -> None:
        side = self.sides[0]
        known = side.members["root"].trigger_fn(side.members[member]._trigger_key(name))
        assume(known in (None, side.functions[fn]))
        self.both(member, lambda ctrl, side: ctrl.trigger(name)(side.functions[fn]))

    @rule(member=members, fn=functions)
    def trigger_name(self, member: str, fn: int) -> None:
        self.both(member, lambda ctrl, side: ctrl.trigger_name(side.functions[fn]))

    @rule(member=members, name=st.sampled_from([*TRIGGERS, "trigger__1"]))
    def unregister_name(self, member: str, name: str) -> None:
        fn = self.sides[0].members["root"].trigger_fn(name)
        assume(fn is None or self.names_of(fn) == [name])
        self.both(member, lambda ctrl, side: ctrl.trigger_unregister(name))

    @rule(member=members, fn=functions)
    def unregister_function(self, member: str, fn: int) -> None:
        assume(len(self.names_of(self.sides[0].functions[fn])) < 2)
        self.both(member, lambda ctrl, side: ctrl.trigger_unregister(side.functions[fn]))

    @invariant()
    def they_agree(self) -> None:
        ours, theirs = (side.picture() for side in self.sides)
        assert ours == theirs


def flat(results: list[Any]) -> list[Any]:
    return [item for result in results for item in (result if isinstance(result, list) else [result])]


class TestOracle(Machine.TestCase):  # type: ignore[valid-type]
    settings = settings(examples(0.75), stateful_step_count=25)


# Differences that are left out above, each seen once


def test_a_keyword_argument_may_have_any_name() -> None:
    ours, theirs = Controller(), PeerController()
    for ctrl in (ours, theirs):
        ctrl.fn = lambda **values: values
    assert ours.fn(f=1, self=2, args=3) == {"f": 1, "self": 2, "args": 3}
    with pytest.raises(TypeError, match="multiple values"):
        theirs.fn(f=1)


def test_built_in_functions_are_triggers_here() -> None:
    assert Controller().trigger_name(len) == "trigger__1"
    with pytest.raises(AttributeError):
        PeerController().trigger_name(len)
