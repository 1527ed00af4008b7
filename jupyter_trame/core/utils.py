"""Small functions that packages for trame expect beside the state."""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, Protocol

__all__ = [
    "HasVueUse",
    "check_name",
    "is_dunder",
    "is_private",
    "isascii",
    "nearest",
    "reduce_vue_use",
    "share",
    "update_dict",
    "vue_use_entry",
]


MAX_SPAN = 24
"""Characters from the first slip in a name to the last; two that lie further apart are not found."""


class HasVueUse(Protocol):
    """A state, as far as `reduce_vue_use` knows it."""

    trame__vue_use: Iterable[Any]


def check_name(name: object, use: str) -> None:
    """Raise `TypeError` that shows `use`, how the name is to be given, where `name` is none."""
    if not isinstance(name, str):
        raise TypeError(f"names are strings, as in {use}, not {name!r}")


def is_dunder(name: str) -> bool:
    """Is `name` one of Python's own, like ``__len__``?"""
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


def is_private(name: str) -> bool:
    """Does `name` begin with an underscore? Such an attribute is never state."""
    return name[:1] == "_"


def isascii(text: str) -> bool:
    """Are all characters ASCII?"""
    return text.isascii()


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that somebody who wrote `name` may have meant; None if there is none.

    Two slips are forgiven, one in names of up to five characters, none in one or two: a character too many, too
    few, a wrong one, or two swapped; case and underscores do not count. Names that differ in their digits alone
    are of a series, and no slips.
    """
    wanted, best, least = _letters(name), None, 3
    allowed = min(2, (len(name) + 2) // 4) if len(name) > 2 else 0
    bare = _without_digits(wanted)
    for candidate in known:
        if abs(len(candidate) - len(name)) > 2 or candidate == name:
            continue
        letters = _letters(candidate)
        if letters == wanted:
            return candidate
        distance = _slips(wanted, letters)
        if distance <= allowed and distance < least and _without_digits(letters) != bare:
            best, least = candidate, distance
    return best


def _letters(name: str) -> str:
    return name.replace("_", "").lower()


def _without_digits(name: str) -> str:
    return "".join(character for character in name if not character.isdigit())


def _slips(a: str, b: str) -> int:
    """How many slips lie between two names."""
    start = 0
    while start < len(a) and start < len(b) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    a, b = a[start : len(a) - end], b[start : len(b) - end]
    if max(len(a), len(b)) > MAX_SPAN:
        return MAX_SPAN
    before, row = [], list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, right in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def share(obj: object, attribute: str, default: Any) -> Any:
    """`attribute` of `obj`, or `default` where there is no `obj`, or no such attribute."""
    return getattr(obj, attribute, default)


def update_dict(target: MutableMapping[str, Any], source: Mapping[str, Any]) -> MutableMapping[str, Any]:
    """Put `source` into `target`, dicts within dicts merged, and return `target`."""
    for key, value in source.items():
        old = target.get(key)
        if isinstance(value, Mapping):
            target[key] = update_dict(old if isinstance(old, MutableMapping) else {}, value)
        else:
            target[key] = value
    return target


def reduce_vue_use(state: HasVueUse) -> None:
    """Leave one entry for each expression in ``trame__vue_use``, in the order they first came.

    An entry is ``"expression"`` or ``("expression", {options})``; options are merged, later ones win. Raises
    `ValueError` for any other.
    """
    merged: dict[str, dict[str, Any]] = {}
    for entry in state.trame__vue_use:
        expression, options = vue_use_entry(entry)
        update_dict(merged.setdefault(expression, {}), options)
    state.trame__vue_use = [(name, options) if options else name for name, options in merged.items()]


def vue_use_entry(entry: Any) -> tuple[str, Mapping[str, Any]]:
    """Expression and options of one entry of ``trame__vue_use``. Raises `ValueError`."""
    if isinstance(entry, str):
        return entry, {}
    if isinstance(entry, list | tuple) and len(entry) == 2:
        return entry[0], entry[1]
    raise ValueError(f'an entry of vue_use is "expression" or ("expression", {{options}}), not {entry!r}')
