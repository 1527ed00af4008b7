"""Where parts stand: below each other, side by side, in boxes, behind tabs."""

from __future__ import annotations

from typing import Any

from trame_client.widgets.core import HTML_CTX

from jupyter_trame.ui.keys import require_key
from jupyter_trame.ui.part import Expression, Handler, Part, literal, with_value

__all__ = ["Tabs", "card", "column", "dialog", "divider", "expander", "grid", "row", "sidebar", "tab", "tabs"]


def column(**attributes: Any) -> Part:
    """Parts below each other."""
    return _box("jt-column", **attributes)


def row(**attributes: Any) -> Part:
    """Parts side by side, in as many lines as they need."""
    return _box("jt-row", **attributes)


def grid(columns: int = 2, **attributes: Any) -> Part:
    """Parts in columns of one width: as many as `columns`, and fewer where a view is narrow.

    Raises ValueError where `columns` is no positive number.
    """
    if columns < 1:
        raise ValueError(f"a grid has at least one column, not {columns}")
    style = f"--jt-columns: {columns}; {attributes.pop('style', '')}".strip()
    return _box("jt-grid", style=style, **attributes)


def card(title: str | None = None, **attributes: Any) -> Part:
    """Parts below each other, in a box, below its `title`."""
    box = _box("jt-column jt-card", **attributes)
    if title is not None:
        text = literal(title)
        box.add_child(Part("h3", text, classes="jt-title", trame_server=box.server, connect_parent=False))
    return box


def sidebar(*, label: str = "Settings", **attributes: Any) -> Part:
    """Parts beside all others of `ui.app`, and above them where a view is narrow; `label` names it to readers.

    In another layout it is one of the parts of a `row`.
    """
    return Part("JtSidebar", props={"label": label}, **attributes)


def expander(title: str, *, open: bool = False, **attributes: Any) -> Part:  # noqa: A002 - the word of HTML
    """Parts below a line that shows and hides them; with `open` they are seen at first."""
    return Part("JtExpander", props={"title": title, "open": open}, **attributes)


def divider(**attributes: Any) -> Part:
    """A line between parts."""
    return Part("hr", classes=_with("jt-divider", attributes), **attributes)


def tabs(
    key: str | None = None, *, label: str | None = None, on_change: Handler | None = None, **attributes: Any
) -> Part:
    """Parts of which one is seen at a time: each `tab` in it. Where there is a `key` it has the title of that one.

    `label` names all of them to readers. `on_change` is called when the user has chosen another one; a function gets
    the title, if it takes any argument. Raises TypeError and ValueError for a `key` that is none.
    """
    if key is not None:
        require_key(key)
    return Tabs(key, label, with_value(on_change), attributes)


class Tabs(Part):
    """The element of `tabs`: its key begins with the title of the first `tab` in it."""

    def __init__(
        self, key: str | None, label: str | None, on_change: Handler | None, attributes: dict[str, Any]
    ) -> None:
        self._key = key
        model: dict[str, Any] = {} if key is None else {"v_model": (key,)}
        super().__init__(
            "JtTabs", props={"label": label}, events={"change": on_change}, **model, **attributes
        )

    def begin_with(self, title: str) -> None:
        """Show the tab of this `title` where the state has none yet."""
        if self._key is not None:
            self.server.state.setdefault(self._key, title)


def tab(title: str | Expression, **attributes: Any) -> Part:
    """What `tabs` shows below this title; it is drawn when it is first seen. Raises TypeError outside of `tabs`."""
    if not any(isinstance(element, Tabs) for element in HTML_CTX.element_stack):
        raise TypeError("write ui.tab(...) below `with ui.tabs():`: a tab is one of several")
    around = HTML_CTX.element_stack[-1] if HTML_CTX.element_stack else None
    if isinstance(around, Tabs) and isinstance(title, str):
        around.begin_with(title)
    return Part("JtTab", props={"title": title}, **attributes)


def dialog(
    key: str, *, title: str | Expression = "", on_close: Handler | None = None, **attributes: Any
) -> Part:
    """A window over the page, which is there while the state's `key` is true: ``app.state.asked = True`` opens it.

    Escape and its own button close it, and `on_close` is called. Raises TypeError and ValueError for a `key` that is
    none.
    """
    require_key(key)
    return Part(
        "JtDialog", props={"title": title}, events={"close": on_close}, v_model=(key, False), **attributes
    )


def _box(name: str, /, **attributes: Any) -> Part:
    return Part("div", classes=_with(name, attributes), **attributes)


def _with(name: str, attributes: dict[str, Any]) -> Any:
    """The class `name`, and those that `attributes` have, which they lose: text, or an expression."""
    given = attributes.pop("classes", None)
    if isinstance(given, tuple):
        return (f"['{name}', {given[0]}]",)
    return f"{name} {given}" if given else name
