"""Numbers and arrays of numpy as Python has them."""

from __future__ import annotations

from typing import Any

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """`value` with Python's numbers and lists in place of those of numpy, also within lists, tuples and dicts."""
    kind = type(value)
    if kind.__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    if kind in (list, tuple):
        return kind(map(plain, value))
    if kind is dict:
        return {name: plain(one) for name, one in value.items()}
    return value
