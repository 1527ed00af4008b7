"""Named functions: defined late, called by name from Python and, as triggers, from clients."""

from collections.abc import Callable, Iterator, Mapping, MutableSet
from inspect import isawaitable, iscoroutine
from typing import Any, NoReturn, TypeVar

from jupyter_trame.core.arguments import select
from jupyter_trame.core.listeners import Callback, InlineHooks, ListenerHooks, Reloader, current, name_of
from jupyter_trame.core.translator import Translator
from jupyter_trame.core.triggers import GENERATED, Triggers, note_trigger
from jupyter_trame.core.utils import check_name, is_dunder
from jupyter_trame.errors import FunctionNotImplementedError

__all__ = ["Controller", "ControllerFunction", "FunctionSet"]

F = TypeVar("F", bound=Callback)


class FunctionSet(MutableSet[Callback]):
    """A set that keeps the order in which functions were added: they are called in it."""

    __slots__ = ("_functions",)

    def __init__(self) -> None:
        self._functions: dict[Callback, None] = {}

    def __contains__(self, fn: object) -> bool:
        return fn in self._functions

    def __iter__(self) -> Iterator[Callback]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def __repr__(self) -> str:
        return repr(list(self._functions))

    def add(self, value: Callback) -> None:
        self._functions[value] = None

    def discard(self, value: Callback) -> None:
        self._functions.pop(value, None)

    def take(self) -> list[Callback]:
        """All of them, which are then gone."""
        functions, self._functions = self._functions, {}
        return list(functions)


class ControllerFunction:
    """What ``ctrl.name`` is: can be handed around, and called, whether or not anything is bound to the name
    yet.

    A method may be bound as ``weakref.WeakMethod``; one whose object is gone gives None.
    """

    def __init__(
        self,
        controller: "Controller",
        name: str,
        func: Callback | None = None,
        *,
        hooks: ListenerHooks | None = None,
        reload: Reloader | None = None,
    ) -> None:
        self.controller = controller
        self.name = name
        """Under which the root knows it."""
        self.func = func
        """The main function."""
        self.funcs = FunctionSet()
        """Called after the main one."""
        self.funcs_once = FunctionSet()
        """Called after those, the next time only."""
        self.task_funcs = FunctionSet()
        """Coroutine functions, scheduled after all others were called."""
        self.can_be_empty = False
        self._hooks = hooks or controller._hooks
        self._reload = reload

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call everything that is bound to this name.

        Returns the main function's result if there is nothing else; the list of all results, tasks last, if
        anything was added; but the tasks alone if there are only a main function and tasks (as trame does
        it).

        Raises FunctionNotImplementedError where nothing is bound, unless `enable_empty` was called. What a
        function raises is raised when all were called; then coroutines of the others are scheduled, and what
        further ones raise is reported.
        """
        if not self.is_bound():
            if self.can_be_empty:
                return None
            raise FunctionNotImplementedError(self.name)
        main, errors = self.func, list[BaseException]()
        if main is not None and not (self.funcs or self.funcs_once or self.task_funcs):
            return self._run(main, args, kwargs)

        def collect(fn: Callback, /, *args: Any, **kwargs: Any) -> Any:
            try:
                return fn(*args, **kwargs)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - raised below
                errors.append(error)

        tasks = len(self.task_funcs)
        results = self.call_each(collect, *args, **kwargs)
        if errors:
            self._raise(errors, results[: len(results) - tasks])
        return results[1:] if main is not None and len(results) == 1 + tasks else results

    def call_each(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> list[Any]:
        """Call everything that is bound to this name, each function by ``call(function, *args, **kwargs)``.

        Returns the list of all results, tasks last. `call` decides what one that raises gives.
        """
        return self._call_each(call, self._run, args, kwargs)

    def call_each_by_name(self, call: Callable[..., Any], values: Mapping[str, Any]) -> list[Any]:
        """As `call_each`, each function with those of `values` that it names, or all if it takes all.

        What `call` is given raises TypeError for a function that names others and has no default for them.
        """
        return self._call_each(call, self._run_by_name, values)

    def add(self, fn: F) -> F:
        """Call `fn` after the main function; returns it."""
        self.funcs.add(fn)
        return fn

    def once(self, fn: F) -> F:
        """Call `fn` the next time only; returns it."""
        self.funcs_once.add(fn)
        return fn

    def add_task(self, fn: F) -> F:
        """Schedule the coroutine function `fn` on the owner loop at each call; returns it."""
        self.task_funcs.add(fn)
        return fn

    def discard(self, fn: Callback) -> None:
        """Unbind `fn` wherever it is bound, if it is."""
        if self.func == fn:
            self.func = None
        for functions in (self.funcs, self.funcs_once, self.task_funcs):
            functions.discard(fn)

    def remove(self, fn: Callback) -> None:
        """Undo `add`. Raises KeyError."""
        self.funcs.remove(fn)

    def remove_task(self, fn: Callback) -> None:
        """Undo `add_task`. Raises KeyError."""
        self.task_funcs.remove(fn)

    def clear(self, set_only: bool = False) -> None:
        """Unbind everything, or with `set_only` everything but the main function."""
        if not set_only:
            self.func = None
        for functions in (self.funcs, self.funcs_once, self.task_funcs):
            functions.clear()

    def exists(self) -> bool:
        """Is anything bound for good? What is called once does not count."""
        return self.func is not None or bool(self.funcs) or bool(self.task_funcs)

    def is_bound(self) -> bool:
        """Is there anything to call, be it once?"""
        return self.exists() or bool(self.funcs_once)

    def enable_empty(self, value: bool = True) -> "ControllerFunction":
        """Let a call where nothing is bound return None; returns self."""
        self.can_be_empty = value
        return self

    def _call_each(self, call: Callable[..., Any], run: Callable[..., Any], *arguments: Any) -> list[Any]:
        main = [] if self.func is None else [self.func]
        added, tasks = [*main, *self.funcs, *self.funcs_once.take()], list(self.task_funcs)
        results = [call(run, fn, *arguments) for fn in added]
        return results + [call(self._start, run, fn, *arguments) for fn in tasks]

    def _run_by_name(self, fn: Callback, values: Mapping[str, Any]) -> Any:
        target = current(fn, self._reload)
        return None if target is None else target(**select(target, name_of(target), values))

    def _run(self, fn: Callback, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        target = current(fn, self._reload)
        return None if target is None else target(*args, **kwargs)

    def _raise(self, errors: list[BaseException], results: list[Any]) -> NoReturn:
        where = f"controller function {self.name}"
        for result in results:
            if iscoroutine(result):
                self._hooks.schedule(where, result)
        first, *others = errors
        for error in others:
            self._hooks.call(where, _throw, error)
        raise first

    def _start(self, run: Callable[..., Any], fn: Callback, *arguments: Any) -> Any:
        result = run(fn, *arguments)
        return self._hooks.schedule(f"controller task {self.name}", result) if isawaitable(result) else result


class Controller:
    """``ctrl.name`` is the function of that name, and ``ctrl.name = fn`` binds it."""

    _hooks: ListenerHooks
    _functions: dict[str, ControllerFunction]
    _triggers: Triggers
    _translator: Translator
    _reload: Reloader | None

    def __init__(
        self,
        translator: Translator | None = None,
        internal: "Controller | None" = None,
        hot_reload: bool | Reloader = False,
        *,
        hooks: ListenerHooks | None = None,
    ) -> None:
        """Create a controller of its own, or a view of `internal` with other names.

        Args:
            translator: translates names of this controller to those of the root.
            internal: the controller to share functions, triggers and hooks with.
            hot_reload: a function that gives the newest version of a function, asked before each call of one
                that is no coroutine function. True alone has no effect.
            hooks: what schedules the tasks.
        """
        put = super().__setattr__
        put("_translator", translator or Translator())
        put("_hooks", internal._hooks if internal is not None else hooks or InlineHooks())
        put("_functions", {} if internal is None else internal._functions)
        put("_triggers", Triggers() if internal is None else internal._triggers)
        put("_reload", hot_reload if callable(hot_reload) else None)

    def __getitem__(self, name: str) -> ControllerFunction:
        key = self._translator.translate_key(name)
        function = self._functions.get(key)
        if function is None:
            check_name(name, 'ctrl["name"]')
            new = ControllerFunction(self, key, reload=self._reload)
            function = self._functions.setdefault(key, new)
        return function

    def __contains__(self, name: str) -> bool:
        """Whether there is anything to call under `name`, be it once."""
        function = self._functions.get(self._translator.translate_key(name))
        return function is not None and function.is_bound()

    def __setitem__(self, name: str, fn: Callback | None) -> None:
        if hasattr(Controller, name) or name in self.__dict__:
            raise NameError(f"{name!r} is an attribute of the controller and cannot name a function")
        self[name].func = fn

    def __getattr__(self, name: str) -> ControllerFunction:
        if is_dunder(name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def __setattr__(self, name: str, fn: Callback | None) -> None:
        self[name] = fn

    def add(self, name: str, clear: bool = False) -> Callable[[F], F]:
        """Decorate a function to be called with `name`, after its main function.

        `clear` unbinds first whatever is bound to the name, here and in the other decorators.
        """
        check_name(name, '@ctrl.add("name")')
        return lambda fn: self._cleared(name, clear).add(fn)

    def once(self, name: str) -> Callable[[F], F]:
        """Decorate a function to be called with `name` the next time only."""
        check_name(name, '@ctrl.once("name")')
        return self[name].once

    def add_task(self, name: str, clear: bool = False) -> Callable[[F], F]:
        """Decorate a coroutine function to be scheduled when `name` is called."""
        check_name(name, '@ctrl.add_task("name")')
        return lambda fn: self._cleared(name, clear).add_task(fn)

    def set(self, name: str, clear: bool = False) -> Callable[[F], F]:
        """Decorate the main function of `name`."""
        check_name(name, '@ctrl.set("name")')

        def bind(fn: F) -> F:
            self._cleared(name, clear)
            self[name] = fn
            return fn

        return bind

    def trigger(self, name: str, concurrent: bool = False) -> Callable[[F], F]:
        """Decorate a function that clients may call as `name`.

        `concurrent` runs it off the owner thread, while a cell runs too: a Stop button. A coroutine function
        runs on the owner loop all the same.
        """

        check_name(name, '@ctrl.trigger("name")')

        def bind(fn: F) -> F:
            _check_trigger(fn)
            self._bind_trigger(self._trigger_key(name), fn, concurrent)
            return fn

        return bind

    def trigger_name(self, fn: Callback) -> str:
        """The name under which clients may call `fn`: the newest it was given, or one made for it now."""
        name = self._triggers.last_name(fn)
        if name is None:
            _check_trigger(fn)
            name = self._triggers.new_name()
            self._bind_trigger(name, fn)
        return name

    def trigger_fn(self, name: str) -> Callback | None:
        """The function that clients call as `name`, a name of the root."""
        fn = self._triggers.function(name)
        return None if fn is None else current(fn, None)

    def trigger_names(self) -> list[str]:
        """What clients may call, under the root's names."""
        return self._triggers.names()

    def trigger_is_concurrent(self, name: str) -> bool:
        """Was the trigger with the root's `name` registered as concurrent?"""
        return self._triggers.is_concurrent(name)

    def trigger_unregister(self, fn_or_name: Callback | str) -> Any:
        """Forget one trigger, by its name in the root, or all names of a function.

        Returns the function, given its name; its newest name, given the function; False if there is no such
        trigger.
        """
        if isinstance(fn_or_name, str):
            return self._triggers.unbind(fn_or_name) or False
        return self._triggers.unbind_function(fn_or_name) or False

    def _cleared(self, name: str, clear: bool) -> ControllerFunction:
        function = self[name]
        if clear:
            function.clear()
        return function

    def _trigger_key(self, name: str) -> str:
        return name if name.startswith(GENERATED) else self._translator.translate_key(name)

    def _bind_trigger(self, name: str, fn: Callback, concurrent: bool = False) -> None:
        self._triggers.bind(name, fn, concurrent)
        note_trigger(fn, name)


def _throw(error: BaseException) -> NoReturn:
    raise error


def _check_trigger(fn: object) -> None:
    if not callable(fn):
        raise TypeError(f"a trigger is a function, not {fn!r}")
