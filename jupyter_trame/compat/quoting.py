"""Elements of trame-client: a double quote in a value is a part of it, and ends no attribute."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from jupyter_trame.compat.replacements import Replacements

__all__ = ["patch_elements"]


def patch_elements(module: ModuleType) -> Callable[[], None]:
    """Change the class that writes elements, where `module` has it: that is ``core`` of trame-client, or ``vue``."""
    changes = Replacements()
    for name in ("HtmlElement", "AbstractElement"):
        writer: Any = getattr(module, name, None)
        if "_attr_str" in vars(writer or object):
            changes.put(writer, "_attr_str", _quoting(writer._attr_str))
    return changes.undo


def _quoting(write: Callable[[Any], str]) -> Callable[[Any], str]:
    def attr_str(writer: Any) -> str:
        """The attributes of an element, as text."""
        element = getattr(writer, "_elem", writer)
        given = writer.py_attr if element is not writer else writer._py_attr
        # What widgets write by themselves may be several attributes, with quotes of their own.
        for name in given.keys() & element._attributes.keys():
            element._attributes[name] = _escaped(element._attributes[name])
        return write(writer)

    return attr_str


def _escaped(attribute: str) -> str:
    """``key="value"`` with the double quotes of the value as a browser reads them."""
    key, sign, rest = attribute.partition('="')
    value = rest[:-1]
    return f'{key}="{value.replace(chr(34), "&quot;")}"' if sign and rest.endswith('"') else attribute
