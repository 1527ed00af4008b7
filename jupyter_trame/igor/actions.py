"""The dictionary of actions: names with dots for nested ones, and what each handler is given."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Action", "Handler", "flatten", "make_action", "read_api"]

Handler: TypeAlias = Callable[..., Any]
"""``handler(output, data, **kwargs)``; a function or a coroutine function. What it returns is ignored."""

_CONTEXT = ("session", "scope")


@dataclass(frozen=True, slots=True)
class Action:
    """A handler, and how it is called."""

    handler: Handler
    is_async: bool
    context: frozenset[str]
    """Which of ``session`` and ``scope`` it takes."""

    def arguments(self, session: object, scope: object) -> dict[str, object]:
        """The keyword arguments of a call."""
        return {
            name: value for name, value in (("session", session), ("scope", scope)) if name in self.context
        }


def flatten(api: Mapping[Any, Any], separator: str = ".") -> dict[str, Any]:
    """A copy of `api` in which nested mappings have become names joined by `separator`; `api` is left alone.

    ``{"a": {"b": f, "c": {"d": g}}, "e": h}`` gives the keys ``a.b``, ``a.c.d`` and ``e``. Raises `ValueError` for a
    mapping that holds itself, and where two handlers get one name.
    """
    flat: dict[str, Any] = {}
    _flatten(api, separator, "", flat, ())
    return flat


def _flatten(
    api: Mapping[Any, Any], separator: str, prefix: str, flat: dict[str, Any], outer: tuple[int, ...]
) -> None:
    if id(api) in outer:
        raise ValueError(f"the api holds itself, at {prefix.removesuffix(separator)!r}")
    for key, value in api.items():
        name = prefix + _text(key)
        if isinstance(value, Mapping):
            _flatten(value, separator, name + separator, flat, (*outer, id(api)))
        elif name in flat:
            raise ValueError(f"the api has two handlers of the name {name!r}")
        else:
            flat[name] = value


def _text(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the name of an action is a string, not {key!r}")
    return key


def read_api(api: object) -> dict[str, Action]:
    """The actions of what `IgorServer` was given. Raises `TypeError` for all but a dict of functions."""
    if not isinstance(api, dict):
        raise TypeError(f"api is a dict of action names and handlers, not {type(api).__name__}")
    return {name: make_action(name, handler) for name, handler in flatten(api).items()}


def make_action(name: str, handler: object) -> Action:
    """Raises `TypeError` where `handler` cannot be called, and for a generator, whose body a call does not run."""
    if not callable(handler):
        raise TypeError(f"the handler of {name!r} is a function, not {type(handler).__name__}")
    if any(
        is_generator(handler) for is_generator in (inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    ):
        raise TypeError(f"the handler of {name!r} has a yield, and never runs so: it sends by output.send()")
    # Of an object that can be called, its class says how.
    is_async = any(map(inspect.iscoroutinefunction, (handler, getattr(type(handler), "__call__", None))))  # noqa: B004
    return Action(handler, is_async, _context_of(handler))


def _context_of(handler: Callable[..., Any]) -> frozenset[str]:
    try:
        parameters = inspect.signature(handler).parameters.values()
    except (TypeError, ValueError):  # of a builtin that does not say
        return frozenset()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return frozenset(_CONTEXT)
    named = {parameter.name for parameter in parameters if parameter.kind is not parameter.POSITIONAL_ONLY}
    return frozenset(named.intersection(_CONTEXT))
