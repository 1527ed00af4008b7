"""Whether a function may look at the rest of its keyword arguments."""

from collections.abc import Callable
from threading import RLock
from typing import Any

import pytest

from jupyter_trame.core import Translator, arguments
from jupyter_trame.core.listeners import Listener, Round
from jupyter_trame.core.unread import reads_rest


def rebinds(a: Any, **rest: Any) -> None:
    rest = a  # noqa: F841


def deletes(a: Any, **rest: Any) -> None:
    del rest


def two_at_once(a: Any, **rest: Any) -> Any:
    return (a, rest)


def inner(a: Any, **rest: Any) -> Any:
    return lambda: rest


@pytest.mark.parametrize(
    "fn",
    [
        lambda a, **rest: rest,
        lambda a, **rest: locals(),
        lambda a, **rest: eval("rest"),
        lambda a, *more, b=1, **rest: rest,
        rebinds,
        deletes,
        two_at_once,
        inner,
    ],
)
def test_who_looks(fn: Callable[..., Any]) -> None:
    assert reads_rest(fn.__code__)


@pytest.mark.parametrize(
    "fn",
    [lambda a, **_: a, lambda **_: None, lambda a, *more, b=1, **_: (a, more, b), lambda a, **_: lambda: a],
)
def test_who_does_not_look(fn: Callable[..., Any]) -> None:
    assert not reads_rest(fn.__code__)


@pytest.mark.parametrize("fn", [lambda a, **_: a, lambda a, b=5, **_: (a, b), lambda a, **rest: (a, rest)])
def test_listeners_see_the_same_if_all_are_given_everything(
    fn: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = Round({"a": 1, "b": 2, "c": 3}, RLock())
    seen = Listener(fn, Translator()).run(values)
    monkeypatch.setattr(arguments, "reads_rest", lambda _: True)
    assert Listener(fn, Translator()).run(values) == seen
