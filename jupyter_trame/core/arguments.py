"""Which of many named values a function is called with: those that it names, or all where it may look at the rest."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from inspect import CO_VARKEYWORDS, Parameter, signature
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple, NoReturn

from jupyter_trame.core.spelling import nearest
from jupyter_trame.core.unread import reads_rest
from jupyter_trame.errors import MissingArgumentError

__all__ = ["Arguments", "arguments_of", "identity_of", "refuse", "select"]

_BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


class Arguments(NamedTuple):
    """What a function takes of values that are given by name."""

    names: tuple[str, ...]
    """The values that it names."""
    required: frozenset[str]
    """Those of `names` that have no default."""
    all: bool
    """Whether it may look at others, and is therefore given all."""


_ALL = Arguments((), frozenset(), all=True)


def arguments_of(fn: Callable[..., Any], what: str = "function") -> Arguments:
    """What `fn` takes. Raises TypeError, which calls `fn` a `what`, where no call by names can succeed."""
    code = _code_of(fn)
    arguments, unnamed = _of_callable(fn) if code is None else _of_code(fn, code)
    if unnamed:
        name = getattr(fn, "__qualname__", repr(fn))
        raise TypeError(
            f"take the '/' out of the parameters of {name}: a {what} is given its values by name, "
            f"and {name} takes {', '.join(map(repr, unnamed))} by position only"
        )
    return arguments


def identity_of(fn: object) -> object:
    """Another one means that `arguments_of` may say something else: a function can be given a new code."""
    return getattr(fn, "__code__", None) or (fn.__func__ if type(fn) is MethodType else fn)


def select(fn: Callable[..., Any], name: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of `values` that `fn` is to be called with, which messages call `name`. Raises TypeError."""
    names, required, wants_all = arguments_of(fn)
    given = {name: values[name] for name in names if name in values}
    if not required <= given.keys():
        refuse(name, required - given.keys(), values)
    return values if wants_all else given


def refuse(name: str, missing: Iterable[str], known: Collection[str]) -> NoReturn:
    """Raise `MissingArgumentError`: the function `name` needs `missing`, none of which is among `known`."""
    key = min(missing)
    near = nearest(key, known)
    if near is not None:
        raise MissingArgumentError(f"is {near!r} meant? {name} takes {key!r}, which nobody has set")
    raise MissingArgumentError(
        f"set state.{key} before, or give the parameter a default ({key}=None): {name} takes {key!r}, "
        "which nobody has set"
    )


def _of_code(fn: Callable[..., Any], code: CodeType) -> tuple[Arguments, list[str]]:
    """The arguments, and the names of those that cannot be given by name."""
    bound = type(fn) is MethodType
    function: Any = fn.__func__ if isinstance(fn, MethodType) else fn
    variables, count, by_position = code.co_varnames, code.co_argcount, code.co_posonlyargcount
    positional = variables[max(bound, by_position) : count]
    by_keyword = variables[count : count + code.co_kwonlyargcount]
    needed = variables[bound : count - len(function.__defaults__ or ())]
    required = {name for name in needed if name in positional}
    required.update(name for name in by_keyword if name not in (function.__kwdefaults__ or ()))
    looks = bool(code.co_flags & CO_VARKEYWORDS) and reads_rest(code)
    arguments = Arguments(positional + by_keyword, frozenset(required), looks)
    return arguments, [name for name in needed if name not in positional]


def _of_callable(fn: Callable[..., Any]) -> tuple[Arguments, list[str]]:
    """As `_of_code`, for what is no plain function: partials, objects that can be called, functions in C."""
    try:
        try:
            parameters = signature(fn, follow_wrapped=False).parameters.values()
        except ValueError:  # what functools.lru_cache makes says nothing of itself
            parameters = signature(fn).parameters.values()
    except (TypeError, ValueError):
        return _ALL, []
    unnamed = [one.name for one in parameters if one.kind is one.POSITIONAL_ONLY and one.default is one.empty]
    if any(one.kind is one.VAR_KEYWORD for one in parameters):
        return _ALL, unnamed
    # What a partial has bound is decided, whatever value has that name.
    bound = fn.keywords if isinstance(fn, partial) else ()
    named = [one for one in parameters if one.kind in _BY_NAME and one.name not in bound]
    required = frozenset(one.name for one in named if one.default is one.empty)
    return Arguments(tuple(one.name for one in named), required, all=False), unnamed


def _code_of(fn: object) -> CodeType | None:
    if type(fn) is MethodType:
        fn = fn.__func__
    # Compilers to C give their functions a code without instructions; those are of other types.
    return fn.__code__ if type(fn) is FunctionType else None
