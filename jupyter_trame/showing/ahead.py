"""Figures and tables that are made into what clients get before a lock is held for sending it.

It may take seconds, in which others want to write and to be served.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import local
from typing import Any, TypeAlias

__all__ = ["Ahead", "Made", "made_ahead", "make_ahead", "slow_objects", "using"]

_MOST = 256
"""Members of a list or a dict that are looked at: in longer ones figures are rare."""
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of one object."""

    subject: object
    """The object, which is kept so that no other one has its identity meanwhile."""
    value: Any
    error: Exception | None

    def result(self) -> Any:
        """What clients get of it. Raises what was raised when it was made."""
        if self.error is not None:
            raise self.error
        return self.value


Ahead: TypeAlias = dict[int, Made]
"""What was made, by the identity of the objects."""


class _Used(local):
    ahead: Ahead | None = None


_used = _Used()


def slow_objects(value: Any, is_slow: Callable[[type], bool]) -> list[Any]:
    """`value` and what it holds, as far as the type `is_slow` to be made into something. Any thread.

    Only lists, tuples and dicts of a few members are looked into.
    """
    found: list[Any] = []
    _collect(value, is_slow, found, _DEPTH)
    return found


def _collect(value: Any, is_slow: Callable[[type], bool], found: list[Any], depth: int) -> None:
    kind = type(value)
    if kind is list or kind is tuple or kind is dict:
        if depth and len(value) <= _MOST:
            # A copy: another thread may change it meanwhile.
            for member in list(value.values() if kind is dict else value):
                _collect(member, is_slow, found, depth - 1)
    elif is_slow(kind):
        found.append(value)


def make_ahead(subject: object, make: Callable[[Any], Any]) -> Made:
    """What `make` gives for `subject`, or raises, for later."""
    try:
        return Made(subject, make(subject), None)
    except Exception as error:  # noqa: BLE001 - a user's function may raise anything: it is told of when it is sent
        return Made(subject, None, error)


@contextmanager
def using(ahead: Ahead) -> Iterator[None]:
    """Within the block, on this thread, `ahead` has what clients get of its objects."""
    outer, _used.ahead = _used.ahead, ahead
    try:
        yield
    finally:
        _used.ahead = outer


def made_ahead(value: object) -> Made | None:
    """What was made of `value`, within `using`; None if nothing was."""
    ahead = _used.ahead
    return None if ahead is None else ahead.get(id(value))
