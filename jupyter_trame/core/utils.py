"""Small functions that packages for trame expect beside the state."""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, Protocol

__all__ = [
    "HasVueUse",
    "clean_value",
    "is_dunder",
    "is_private",
    "isascii",
    "reduce_vue_use",
    "share",
    "update_dict",
]


class HasVueUse(Protocol):
    """A state, as far as `reduce_vue_use` knows it."""

    trame__vue_use: Iterable[Any]


def is_dunder(name: str) -> bool:
    """Is `name` one of Python's own, like ``__len__``?"""
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


def is_private(name: str) -> bool:
    """Does `name` begin with an underscore? Such an attribute is never state."""
    return name[:1] == "_"


def isascii(text: str) -> bool:
    """Are all characters ASCII?"""
    return text.isascii()


def share(obj: object, attribute: str, default: Any) -> Any:
    """`attribute` of `obj`, or `default` where there is no `obj`, or no such attribute."""
    return getattr(obj, attribute, default)


def clean_value(value: Any) -> Any:
    """`value` as it is sent: a map that names keys in ``_filter`` loses them, in lists of maps too.

    Maps within maps and tuples are not looked into. The value itself is left alone.
    """
    if isinstance(value, dict) and "_filter" in value:
        hidden = value["_filter"] or ()
        return {key: item for key, item in value.items() if key not in hidden}
    if isinstance(value, list):
        return [clean_value(item) for item in value]
    return value


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

    An entry is ``"expression"`` or ``("expression", {options})``; options are merged, later ones win.
    """
    merged: dict[str, dict[str, Any]] = {}
    for entry in state.trame__vue_use:
        expression, options = (entry, {}) if isinstance(entry, str) else entry
        update_dict(merged.setdefault(expression, {}), options)
    state.trame__vue_use = [(name, options) if options else name for name, options in merged.items()]
