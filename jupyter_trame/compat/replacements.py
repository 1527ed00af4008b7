"""Attributes of other packages' modules and classes, replaced and put back."""

from typing import Any

__all__ = ["Replacements"]

_MISSING = object()


class Replacements:
    """Remembers what was there before."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, object]] = []

    def put(self, owner: Any, name: str, value: object) -> None:
        """Set ``owner.name``, which may not exist yet."""
        self._before.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Put everything back, the latest first."""
        while self._before:
            owner, name, value = self._before.pop()
            if value is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
