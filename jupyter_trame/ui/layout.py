"""Where parts stand: below each other, side by side, in boxes."""

from __future__ import annotations

from typing import Any

from jupyter_trame.ui.part import Part

__all__ = ["card", "column", "row", "sidebar"]


def column(**attributes: Any) -> Part:
    """Parts below each other."""
    return _box("jt-column", **attributes)


def row(**attributes: Any) -> Part:
    """Parts side by side, in as many lines as they need."""
    return _box("jt-row", **attributes)


def card(**attributes: Any) -> Part:
    """Parts below each other, in a box."""
    return _box("jt-column jt-card", **attributes)


def sidebar(*, label: str = "Settings", **attributes: Any) -> Part:
    """Parts beside all others of `ui.app`, and above them where a view is narrow; `label` names it to readers.

    In another layout it is one of the parts of a `row`.
    """
    return Part("JtSidebar", props={"label": label}, **attributes)


def _box(name: str, *, classes: str | None = None, **attributes: Any) -> Part:
    return Part("div", classes=f"{name} {classes}" if classes else name, **attributes)
