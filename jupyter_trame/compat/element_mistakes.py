"""What looks like a mistake in an element of trame-client, beginning with what may be meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jupyter_trame.core.spelling import argument_meant, nearest

__all__ = ["kind_of", "mistakes_of"]

_EXPRESSIONS = frozenset({"src", "href", "poster", "items", "disabled", "checked", "readonly", "model_value"})
"""Attributes whose value may be a key: of others, such as ``id`` and ``classes``, a text that is one is an accident."""

_EVENT = "v_on_"
"""What follows is the name of any event, and modifiers."""
_READY_MADE = "trame_client.widgets."
"""Elements of these modules use no arguments but those that they write."""


def kind_of(element: Any) -> str:
    """What people call `element`: ``html.Div``, or ``ui.metric`` for what that function has made."""
    public = vars(element).get("_public_name")
    kind = type(element)
    return public or f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def mistakes_of(element: Any, is_key: Callable[[str], bool]) -> Iterator[str]:
    """One sentence for each; `is_key` says whether the state has a name. The element was written."""
    name = kind_of(element)
    try:
        known, given = element._impl.allowed_keys, element._impl.py_attr
        skipped = sorted(element.skipped_attributes)
    except AttributeError:  # another version of trame-client
        return
    for argument in skipped:
        meant = argument_meant(argument, known)
        if meant is not None:
            yield f"is {meant!r} meant? {name} has no argument {argument!r}, and leaves it out"
        elif type(element).__module__.startswith(_READY_MADE):
            written = argument.replace("_", "-")
            yield (
                f"write raw_attrs=['{written}=\"...\"'] if the element is to have that attribute: {name} has no "
                f"argument {argument!r}, and leaves it out"
            )
    for argument, value in given.items():
        meant = _meant_event(element, argument)
        if meant is not None:
            yield f"is {meant!r} meant? {name} knows no event that {argument!r} may wait for"
        if argument in _EXPRESSIONS and type(value) is str and is_key(value):
            yield (
                f'write {argument}=("{value}",) for the value of state.{value}: {argument}="{value}" is the text itself'
            )


def _meant_event(element: Any, argument: str) -> str | None:
    if not (argument.startswith(_EVENT) and type(element).__module__.startswith(_READY_MADE)):
        return None
    event, line, modifiers = argument.removeprefix(_EVENT).partition("_")
    known = [one for one in getattr(element, "_event_names", ()) if isinstance(one, str)]
    meant = None if event in known else nearest(event, known)
    return None if meant is None else f"{_EVENT}{meant}{line}{modifiers}"
