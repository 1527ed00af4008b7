"""The registry of listeners, what they are called with, and the default hooks."""

import functools
import logging
import weakref
from collections.abc import Callable
from threading import RLock
from typing import Any

import pytest

from jupyter_trame.core.listeners import InlineHooks, Listener, ListenerRegistry, Round, name_of
from jupyter_trame.core.translator import Translator
from jupyter_trame.errors import MissingArgumentError

ROOT = Translator()


def round_of(**values: Any) -> Round:
    return Round(values, RLock())


class App:
    def method(self, a: Any, **_: Any) -> Any:
        return a


# Registry


def test_collects_by_key_then_by_registration_each_once() -> None:
    registry = ListenerRegistry()
    names = {f"f{i}": (lambda **_: None) for i in range(1, 4)}
    f1, f2, f3 = names.values()
    for key, fn in [("a", f1), ("b", f1), ("b", f2), ("a", f3), ("a", f3)]:
        registry.add(key, Listener(fn, ROOT))
    assert [listener[0] for listener in registry.collect(["b", "a"])] == [f1, f2, f3]
    assert [listener[0] for listener in registry.collect(["a"])] == [f1, f3]
    assert registry.collect(["c"]) == []


def test_the_same_function_of_another_translator_is_another_listener() -> None:
    registry = ListenerRegistry()
    registry.add("a", Listener(print, ROOT))
    registry.add("a", Listener(print, Translator("p_")))
    assert len(registry.collect(["a"])) == 2


def test_a_method_is_the_same_each_time_it_is_looked_up() -> None:
    registry = ListenerRegistry()
    app = App()
    registry.add("a", Listener(app.method, ROOT))
    registry.add("b", Listener(app.method, ROOT))
    registry.add("b", Listener(App().method, ROOT))
    assert len(registry.collect(["a", "b"])) == 2


def test_callables_without_a_hash_are_told_apart_by_identity() -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self, **_: Any) -> None: ...

    registry = ListenerRegistry()
    one, other = Unhashable(), Unhashable()
    for fn in (one, one, other):
        registry.add("a", Listener(fn, ROOT))
    assert [listener[0] for listener in registry.collect(["a"])] == [one, other]


def test_entries_are_pairs_that_others_may_replace() -> None:
    registry = ListenerRegistry()
    registry.add("a", Listener(print, ROOT))
    registry.add("a", Listener(repr, ROOT))
    [(fn, translator), _] = registry.callbacks["a"]
    assert (fn, translator) == (print, ROOT)
    registry.callbacks["a"] = [
        (fn, translator) for fn, translator in registry.callbacks["a"] if fn is not print
    ]
    assert [listener[0] for listener in registry.collect(["a"])] == [repr]
    registry.callbacks.clear()
    assert registry.collect(["a"]) == []


# Calls


def seen_by(fn: Callable[..., Any], **values: Any) -> Any:
    return Listener(fn, ROOT).run(round_of(**values))


def test_a_listener_gets_all_values_as_keyword_arguments() -> None:
    assert seen_by(lambda **values: values, a=1, b=2) == {"a": 1, "b": 2}
    assert seen_by(lambda a, **rest: (a, rest), a=1, b=2) == (1, {"b": 2})


def test_a_listener_gets_a_dict_of_its_own() -> None:
    values = {"a": 1}
    Listener(lambda **rest: rest.clear(), ROOT).run(Round(values, RLock()))
    assert values == {"a": 1}


def test_a_listener_that_takes_what_is_not_there_fails() -> None:
    with pytest.raises(MissingArgumentError, match="<lambda> takes 'other', which nobody has set"):
        seen_by(lambda other, **_: other, a=1, b=2)


def test_a_listener_that_takes_a_few_names_gets_these() -> None:
    assert seen_by(lambda a: a, a=1, b=2) == 1
    assert seen_by(lambda: "called", a=1) == "called"
    assert seen_by(lambda b, c=3, *, d=4: (b, c, d), a=1, b=2, d=5) == (2, 3, 5)


def test_a_function_with_a_new_code_is_looked_at_again() -> None:
    def fn(a: Any, **_: Any) -> Any:
        return a

    def newer(b: Any, **rest: Any) -> Any:
        return b, rest

    listener = Listener(fn, ROOT)
    assert listener.run(round_of(a=1, b=2)) == 1
    fn.__code__ = newer.__code__
    assert listener.run(round_of(a=1, b=2)) == (2, {"a": 1})


def test_weak_methods() -> None:
    app = App()
    listener = Listener(weakref.WeakMethod(app.method), ROOT)
    assert listener.run(round_of(a=1)) == 1
    del app
    assert listener.run(round_of(a=1)) is None


def test_reload_is_asked_before_each_call_but_not_for_coroutine_functions() -> None:
    async def waits(**_: Any) -> None: ...

    asked: list[Any] = []

    def reload(fn: Callable[..., Any]) -> Callable[..., Any]:
        asked.append(fn)
        return lambda **_: "new"

    def old(**_: Any) -> str:
        return "old"

    assert Listener(old, ROOT).run(round_of(), reload) == "new"
    Listener(waits, ROOT).run(round_of(), reload).close()
    assert asked == [old]


# Values of a round


def test_a_round_translates_once_a_translator() -> None:
    values = round_of(p_a=1, b=2, trame__x=3)
    child = Translator("p_")
    assert values.values(child) == {"a": 1, "trame__x": 3}
    assert values.values(child) is values.values(child)
    assert values.values(Translator("q_")) == {"trame__x": 3}


def test_without_translation_a_round_copies_nothing() -> None:
    pushed = {"a": 1}
    assert Round(pushed, RLock()).values(ROOT) is pushed


@pytest.mark.parametrize("translator", [ROOT, Translator("p_")])
def test_pick_agrees_with_values(translator: Translator) -> None:
    values = round_of(p_a=1, a=2, b=3, trame__x=4, p_q=5)
    translator.add_translation("q", "z")
    everything = values.values(translator)
    names = ["a", "b", "q", "z", "trame__x", "p_a", "nothing"]
    assert values.pick(translator, names) == {name: everything[name] for name in names if name in everything}


# Hooks


def test_the_guard_logs_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    hooks = InlineHooks()
    assert hooks.call("here", lambda *args, **kwargs: (args, kwargs), 1, where=2) == ((1,), {"where": 2})
    assert hooks.call("the listener", lambda: 1 / 0) is None
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "the listener" in record.message
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_an_interrupt_passes_the_guard() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        InlineHooks().call("here", interrupted)


def test_without_a_loop_a_coroutine_is_logged_and_closed(caplog: pytest.LogCaptureFixture) -> None:
    async def waits() -> None: ...

    InlineHooks().schedule("the task", waits())
    assert "the task" in caplog.text


def test_defer_runs_at_once() -> None:
    ran: list[int] = []
    hooks = InlineHooks()
    hooks.defer(lambda: ran.append(1))
    assert ran == [1]
    assert hooks.owns_thread()


def test_names_in_messages() -> None:
    app = App()
    assert name_of(app.method).endswith("App.method")
    assert name_of(weakref.WeakMethod(app.method)).endswith("App.method")
    assert name_of(functools.partial(print)) == "functools.partial"
    assert Listener(len, ROOT).where == "change listener builtins.len"


# Concurrent listeners


def test_concurrent_listeners_keep_being_so_when_plain_pairs_replace_them() -> None:
    registry = ListenerRegistry()
    registry.add("a", Listener(print, ROOT, concurrent=True))
    registry.add("a", Listener(repr, ROOT))
    registry.callbacks["a"] = [(fn, translator) for fn, translator in registry.callbacks["a"]]
    assert [listener.concurrent for listener in registry.collect(["a"])] == [True, False]
    registry.callbacks["a"] = [(repr, ROOT)]
    registry.add("b", Listener(len, ROOT, concurrent=True))
    registry.callbacks["a"].append((print, ROOT))
    assert [listener.concurrent for listener in registry.collect(["a", "b"])] == [False, False, True]


def test_inline_hooks_run_what_is_concurrent_at_once(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[Any] = []
    hooks = InlineHooks()
    hooks.call_concurrently("here", lambda x, **values: calls.append((x, values)), 1, where=2, fn=3)
    assert calls == [(1, {"where": 2, "fn": 3})]

    async def later() -> None: ...

    hooks.call_concurrently("there", later)
    hooks.call_concurrently("here", lambda: 1 / 0)
    assert caplog.messages == ["no event loop to run there on", "exception in here"]


# Names and looks


def test_a_key_named_like_the_first_parameter_of_a_method_is_left_out() -> None:
    class Keen:
        def all(self, a: Any, **rest: Any) -> Any:
            return a, rest

        def free(self, /, **rest: Any) -> Any:
            return rest

    values = round_of(a=1, b=2, self=3)
    assert Listener(Keen().all, ROOT).run(values) == (1, {"b": 2})
    assert Listener(Keen().free, ROOT).run(values) == {"a": 1, "b": 2, "self": 3}
    assert Listener(lambda self, **rest: (self, rest), ROOT).run(values) == (3, {"a": 1, "b": 2})


def test_what_is_given_by_name_is_looked_at() -> None:
    looked: list[str] = []
    values = Round({"p_a": [1], "p_b": 2, "p_c": [3], "a": [4]}, RLock(), looked.append)
    translator = Translator("p_")
    assert Listener(lambda a, b, **_: (a, b), translator).run(values) == ([1], 2)
    assert Listener(lambda c, **rest: (c, rest), translator).run(values) == ([3], {"a": [1], "b": 2})
    assert Listener(functools.partial(dict), translator).run(values) == {"a": [1], "b": 2, "c": [3]}
    assert looked == ["p_a", "p_c"]
