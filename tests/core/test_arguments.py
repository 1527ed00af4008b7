"""What a function takes of values that are given by name."""

import functools
from collections.abc import Callable
from types import MethodType
from typing import Any

import pytest

from jupyter_trame.core.arguments import arguments_of, identity_of, refuse, select
from jupyter_trame.errors import MissingArgumentError


class App:
    def method(self, a: Any, **_: Any) -> Any:
        return a

    def plain(self, a: Any, b: Any = 1) -> Any:
        return a, b

    def __call__(self, a: Any, *, b: Any = 1) -> Any:
        return a, b

    @staticmethod
    def static(a: Any) -> Any:
        return a

    @classmethod
    def of_class(cls, a: Any) -> Any:
        return a


class Loose:
    def __call__(self, **rest: Any) -> Any:
        return rest


def decorated(fn: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    return wrapper


async def waits(a: Any, b: Any = 2) -> Any:
    return a, b


def two(a: Any, b: Any) -> Any:
    return a, b


@pytest.mark.parametrize(
    ("fn", "names", "required"),
    [
        (lambda a, **_: a, ("a",), {"a"}),
        (lambda a, b=1, *, c=2, **_: a, ("a", "b", "c"), {"a"}),
        (lambda a, b=1, *, c: a, ("a", "b", "c"), {"a", "c"}),
        (lambda a=1, /, b=1: b, ("b",), set()),
        (lambda a, *args, b=1, **_: b, ("a", "b"), {"a"}),
        (lambda **_: None, (), set()),
        (lambda *_: None, (), set()),
        (lambda: None, (), set()),
        (App().method, ("a",), {"a"}),
        (App().plain, ("a", "b"), {"a"}),
        (App(), ("a", "b"), {"a"}),
        (App.static, ("a",), {"a"}),
        (App.of_class, ("a",), {"a"}),
        (waits, ("a", "b"), {"a"}),
        (functools.partial(two), ("a", "b"), {"a", "b"}),
        (functools.partial(two, 1), ("b",), {"b"}),
        (functools.partial(two, b=1), ("a",), {"a"}),
        (functools.partial(App().plain, b=1), ("a",), {"a"}),
        (functools.lru_cache(two), ("a", "b"), {"a", "b"}),
        (MethodType(App(), 1), ("b",), set()),
        (print, ("sep", "end", "file", "flush"), set()),
    ],
)
def test_what_is_named(fn: Callable[..., Any], names: tuple[str, ...], required: set[str]) -> None:
    assert arguments_of(fn) == (names, required, False)


@pytest.mark.parametrize(
    "fn",
    [
        lambda a, **rest: rest,
        lambda a, **rest: lambda: rest,
        Loose(),
        Loose().__call__,
        decorated(two),
        functools.partial(lambda **rest: rest),
        {}.update,
        dict,
    ],
)
def test_who_is_given_all(fn: Callable[..., Any]) -> None:
    assert arguments_of(fn).all


@pytest.mark.parametrize(
    ("fn", "parameter"),
    [(lambda a, /, b=1, **_: b, "'a'"), (lambda a, /, **rest: rest, "'a'"), ([].append, "'object'")],
)
def test_what_takes_values_by_position_alone_is_refused(fn: Callable[..., Any], parameter: str) -> None:
    with pytest.raises(TypeError, match=f"a change listener is given its values by name.*{parameter}"):
        arguments_of(fn, "change listener")


def test_a_new_code_is_another_identity() -> None:
    def fn(a: Any) -> Any:
        return a

    before = identity_of(fn)
    assert identity_of(fn) is before
    fn.__code__ = (lambda b: b).__code__
    assert identity_of(fn) is not before


def test_methods_that_are_looked_up_again_have_one_identity() -> None:
    app = App()
    assert identity_of(app.method) is identity_of(app.method)
    assert identity_of(MethodType(app, 1)) is identity_of(MethodType(app, 1)) is app
    assert identity_of(functools.partial(two)) is not identity_of(functools.partial(two))


def test_select() -> None:
    values = {"a": 1, "b": 2}
    assert select(lambda a: a, "fn", values) == {"a": 1}
    assert select(lambda a, **rest: rest, "fn", values) is values
    with pytest.raises(
        MissingArgumentError, match=r"^is 'alpha' meant\? fn takes 'alhpa', which nobody has set$"
    ):
        select(lambda alhpa: alhpa, "fn", {"b": 1, "alpha": 2})


def test_what_is_said_of_a_value_that_nobody_has_set() -> None:
    with pytest.raises(MissingArgumentError, match=r"^is 'high' meant\? on_low takes 'hihg', "):
        refuse("on_low", ["hihg"], ["low", "high"])
    with pytest.raises(
        MissingArgumentError, match=r"^set state\.x before, or .* \(x=None\): on_low takes 'x'"
    ):
        refuse("on_low", ["y", "x"], ["low", "high"])
