"""What is known of the Python code that a template was made of."""

from __future__ import annotations

from typing import Protocol

__all__ = ["TemplateSource"]


class TemplateSource(Protocol):
    """Finds the lines of Python that wrote the parts of one template; the owner's thread."""

    def at_line(self, line: int) -> str:
        """The element at a line of the template, counted from 1, and where it was written; empty if unknown."""

    def naming(self, key: str) -> str:
        """The first element whose attributes or texts name `key`, and where it was written; empty if unknown."""
