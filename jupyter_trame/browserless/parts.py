"""Changes of parts of values, as a page makes them: what leads to the part is another value afterwards."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import is_
from typing import Any, Final, TypeAlias

from jupyter_trame.browserless.operators import UNDEFINED, UnsupportedError, member_name, plain

__all__ = ["MUTATIONS", "Holder", "Parts", "put"]

Holder: TypeAlias = list[Any] | dict[Any, Any]


class Parts:
    """Lists and dicts as those see them who change parts of them in one handler.

    The values of the state stay as they are: the first change of a part copies the whole values that it is in. Whoever
    still holds a list or dict of an old value means its copy.
    """

    def __init__(self) -> None:
        self._copies: dict[int, tuple[Any, Any]] = {}
        """By the identity of what was copied, which is kept so that nothing else gets it."""
        self._fresh = set[int]()
        """Copies that nobody else has seen yet."""

    def latest(self, value: Any) -> Any:
        """What `value` is now: the copy of a list or dict that was copied."""
        while (copied := self._copies.get(id(value))) is not None:
            value = copied[1]
        return value

    def settle(self) -> None:
        """Say that the values of now have been seen: the next change copies again."""
        self._fresh.clear()

    def change(
        self, target: Any, values: Mapping[str, Any], action: Callable[..., Any], arguments: Sequence[Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Call ``action(target, *arguments)`` to change a list or dict of `values`.

        Gives its result, and the keys that have another value now. Raises `UnsupportedError` where `target` is no list
        or dict of them.
        """
        target = self.latest(target)
        if not isinstance(target, list | tuple | dict):
            raise UnsupportedError(f"it changes {_kind(target)}")
        keys = [key for key, value in values.items() if _holds(value, target)]
        if not keys:
            raise UnsupportedError(
                "it changes a value that is not in the state; an element is to be found again after a change"
            )
        if id(target) not in self._fresh:
            made: dict[int, Any] = {}
            for key in keys:
                self._copy(values[key], target, made)
        result = action(self.latest(target), *(self._renewed(plain(argument)) for argument in arguments))
        return result, {key: self.latest(values[key]) for key in keys}

    def _copy(self, value: Any, part: Any, made: dict[int, Any]) -> Any:
        """`value` with copies of all that lead to `part`; one list or dict is one again."""
        if id(value) in made:
            return made[id(value)]
        if not _holds(value, part):
            return value
        copy: Holder
        if isinstance(value, dict):
            copy = {key: self._copy(item, part, made) for key, item in value.items()}
        else:
            copy = [self._copy(item, part, made) for item in value]
        made[id(value)] = copy
        self._copies[id(value)] = (value, copy)
        self._fresh.add(id(copy))
        return copy

    def _renewed(self, value: Any) -> Any:
        """`value` with the lists and dicts in it as they are now."""
        value = self.latest(value)
        if isinstance(value, dict):
            members = {key: self._renewed(item) for key, item in value.items()}
            return value if all(map(is_, members.values(), value.values())) else members
        if isinstance(value, list | tuple):
            items = [self._renewed(item) for item in value]
            return value if all(map(is_, items, value)) else items
        return value


def put(holder: Holder, key: Any, value: Any) -> None:
    """``holder[key] = value``. Raises `UnsupportedError` where JavaScript does something else than Python."""
    _check(holder, value)
    if isinstance(holder, dict):
        holder[member_name(key)] = value
    elif not isinstance(key, int) or isinstance(key, bool) or not 0 <= key <= len(holder):
        raise UnsupportedError(f"it sets {key!r} of a list with {len(holder)} items")
    else:
        holder[key : key + 1] = [value]


def _push(items: list[Any], *added: Any) -> int:
    items += added
    return len(items)


def _unshift(items: list[Any], *added: Any) -> int:
    items[:0] = added
    return len(items)


def _pop(items: list[Any]) -> Any:
    return items.pop() if items else UNDEFINED


def _shift(items: list[Any]) -> Any:
    return items.pop(0) if items else UNDEFINED


def _reverse(items: list[Any]) -> list[Any]:
    items.reverse()
    return items


def _splice(items: list[Any], start: Any, count: Any = None, *added: Any) -> list[Any]:
    if not isinstance(start, int) or not (count is None or isinstance(count, int)):
        raise UnsupportedError(f"it calls splice with {start!r} and {count!r}")
    start = max(start + len(items), 0) if start < 0 else min(start, len(items))
    end = len(items) if count is None else start + max(count, 0)
    removed = items[start:end]
    items[start:end] = added
    return removed


_METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    "pop": _pop,
    "push": _push,
    "reverse": _reverse,
    "shift": _shift,
    "splice": _splice,
    "unshift": _unshift,
}


def _mutation(name: str) -> Callable[..., Any]:
    def mutate(holder: Holder, *arguments: Any) -> Any:
        if not isinstance(holder, list):
            raise UnsupportedError(f"it calls {name} of {_kind(holder)}")
        for argument in arguments:
            _check(holder, argument)
        try:
            return _METHODS[name](holder, *arguments)
        except TypeError:
            raise UnsupportedError(f"it calls {name} with {len(arguments)} arguments") from None

    return mutate


MUTATIONS: Final[Mapping[str, Callable[..., Any]]] = {name: _mutation(name) for name in _METHODS}
"""Methods that change a list, by their names in JavaScript: they get the list and what they are called with."""


def _check(holder: Holder, value: Any) -> None:
    if _holds(value, holder):
        raise UnsupportedError("it puts a value into itself")


def _holds(value: Any, part: Any) -> bool:
    return value is part or any(_holds(item, part) for item in _items(value))


def _items(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value


def _kind(value: Any) -> str:
    if value is None or value is UNDEFINED:
        return "a part of null" if value is None else "a part of undefined"
    return f"a part of a {type(value).__name__}"
