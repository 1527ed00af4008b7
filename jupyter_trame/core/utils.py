"""Names of attributes, and entries of ``trame__vue_use``: small functions that packages for trame call as well."""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, Protocol

__all__ = [
    "HasVueUse",
    "check_name",
    "is_dunder",
    "is_private",
    "reduce_vue_use",
    "update_dict",
    "vue_use_entry",
]


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
