"""`@ui.output`: what a function returns, where it is defined, for as long as the values of its keys are new."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar, overload

from jupyter_trame.server.server import runtime_of
from jupyter_trame.showing.outputs import shown
from jupyter_trame.ui.bound import Bound, keys_of, name_of, picture_label, said_of
from jupyter_trame.ui.living import claim
from jupyter_trame.ui.part import Expression, Part
from jupyter_trame.ui.scripts import enable_for, offer
from jupyter_trame.ui.status import PartStatus

__all__ = ["output"]

F = TypeVar("F", bound=Callable[..., Any])


@overload
def output(
    fn: F,
    /,
    *,
    every: float | None = None,
    when: str | None = None,
    alt: str | Expression | None = None,
    **attributes: Any,
) -> F: ...


@overload
def output(
    fn: None = None,
    /,
    *,
    every: float | None = None,
    when: str | None = None,
    alt: str | Expression | None = None,
    **attributes: Any,
) -> Callable[[F], F]: ...


def output(
    fn: F | None = None,
    /,
    *,
    every: float | None = None,
    when: str | None = None,
    alt: str | Expression | None = None,
    **attributes: Any,
) -> F | Callable[[F], F]:
    """Show what a function returns, where it is defined: as the notebook would, or as `ui.shows` says of its type.

    The function's parameters are keys of the state. It runs at once, and again when one of them has a new value: once
    for the newest, however many came meanwhile. It may be a coroutine function. None shows nothing. What it raises is
    shown in its place, logged, and goes with the next result; the app goes on.

    `every`: it runs again each so many seconds, as long as somebody looks. `when` is a key: nothing runs while its
    value is false. `alt` says what a picture shows that it returns, by default the function's name in words.
    `attributes` are those of all elements.

    It runs on the thread that owns the server, until the server stops or the same cell runs again. Raises TypeError for
    what is no function, and for parameters that name no key.
    """

    def place(function: F) -> F:
        _Output(function, every, when, alt, attributes)
        return function

    return place if fn is None else place(fn)


class _Output:
    """It has two keys: what is shown, and what there is to say of it, which changes more often."""

    def __init__(
        self,
        fn: Callable[..., Any],
        every: float | None,
        when: str | None,
        alt: str | Expression | None,
        attributes: dict[str, Any],
    ) -> None:
        keys_of(fn)  # before anything is placed
        place = claim("output", name_of(fn))
        self._server, self._fn = place.server, fn
        offer(self._server)
        self._shown = place.key
        self._server.state[self._shown] = None
        self._status = PartStatus(self._server, f"{place.key}__status")
        props = {
            "value": (self._shown,),
            "status": (self._status.key,),
            "alt": picture_label(fn) if alt is None else alt,
        }
        Part("JtOutput", props=props, chunk="markup", **attributes)
        said = self._status
        place.keep(Bound(self._server, fn, self._put, fail=said.fail, busy=said.tell, every=every, when=when))

    def _put(self, result: Any) -> None:
        if result is None and (pyplot := _forgotten_pyplot(self._fn)):
            runtime_of(self._server).user_code.advise(
                f"ui.output {said_of(self._fn)}",
                f"add `return {pyplot}.gcf()`: it draws with {pyplot} and returns None, so nothing is shown",
            )
        found = shown(result)
        enable_for(self._server, found)
        self._server.state[self._shown] = found
        self._status.clear()


def _forgotten_pyplot(fn: Callable[..., Any]) -> str:
    """By which name `fn` knows matplotlib's pyplot, where that has a figure open; empty where it has none."""
    pyplot, code = sys.modules.get("matplotlib.pyplot"), getattr(fn, "__code__", None)
    if pyplot is None or code is None or not pyplot.get_fignums():
        return ""
    known = getattr(fn, "__globals__", {})
    return next((name for name in code.co_names if known.get(name) is pyplot), "")
