"""Elements of trame-client remember the line of Python that made them; what looks like a mistake in them is told."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import partial, wraps
from types import FrameType, ModuleType
from typing import Any

from jupyter_trame.compat.element_mistakes import kind_of, mistakes_of
from jupyter_trame.compat.replacements import Replacements
from jupyter_trame.execution.code_places import place_of
from jupyter_trame.server import Server, runtime_of

__all__ = ["LayoutSource", "remember_places", "watch_layouts", "written_at"]

_PLACE = "_jupyter_trame_place"
_LIBRARIES = frozenset({"jupyter_trame", "trame", "trame_client", "trame_common"})
_INSTALLED = re.compile(r"[\\/](site|dist)-packages[\\/]")
"""Packages make elements for others, whose line is meant."""


def remember_places(module: ModuleType) -> Callable[[], None]:
    """Have every element note where it was made; `module` is ``core`` of trame-client."""
    changes = Replacements()
    element_class: Any = module.AbstractElement
    make = element_class.__init__

    def init(element: Any, *args: Any, **kwargs: Any) -> None:
        object.__setattr__(element, _PLACE, _calling_place())
        make(element, *args, **kwargs)

    changes.put(element_class, "__init__", wraps(make)(init))
    return changes.undo


def watch_layouts(module: ModuleType) -> Callable[[], None]:
    """Have every layout say what it was made of when it is flushed; `module` is ``ui.core`` of trame-client."""
    changes = Replacements()
    flush = module.AbstractLayout.flush_content

    def flush_content(layout: Any) -> None:
        """Push new content to client."""
        flush(layout)
        if isinstance(layout.server, Server):
            _follow(layout)

    changes.put(module.AbstractLayout, "flush_content", flush_content)
    return changes.undo


def _follow(layout: Any) -> None:
    runtime = runtime_of(layout.server)
    sources = runtime.template_sources
    source = sources.get(layout.template_name)
    if not isinstance(source, LayoutSource) or source.layout is not layout:
        source = sources[layout.template_name] = LayoutSource(layout)
    if source.is_due or not runtime.manners.hints_at_unknown_keys:
        return
    source.is_due = True
    # Not at once: the cell or callback may set keys that the page names, and the app is to be shown first.
    runtime.owner.submit(partial(runtime.user_code.call, "the layout", source.tell_mistakes))


class LayoutSource:
    """See `TemplateSource`; it holds the layout, which users seldom keep."""

    def __init__(self, layout: Any) -> None:
        self.layout = layout
        self.is_due = False
        """Whether its mistakes are to be told soon."""

    def tell_mistakes(self) -> None:
        """Tell what looks like a mistake in the elements. The owner's thread."""
        self.is_due = False
        name, state = self.layout.template_name, self.layout.server.state
        runtime = runtime_of(self.layout.server)
        if runtime.template_sources.get(name) is not self:
            return
        template = f'template "{name}"'
        found = [
            (f"{written_at(element) or kind_of(element)} of {template}", message)
            for element in _elements(self.layout.root)
            for message in mistakes_of(element, state.has)
        ]
        runtime.user_code.forget_hints(template, found)
        for where, message in found:
            if (where, message) in runtime.user_code.hints:
                runtime.remind(where, message)
            else:
                runtime.user_code.advise(where, message)

    def at_line(self, line: int) -> str:
        """See `TemplateSource`."""
        try:
            found = _at_line(self.layout.root, line)
        except Exception:  # noqa: BLE001 - elements are anybody's, and this is about a mistake in them
            return ""
        return "" if found is None else _said_of(found)

    def naming(self, key: str) -> str:
        """See `TemplateSource`."""
        word = re.compile(rf"(?<![\w$.]){re.escape(key)}(?![\w$])")
        for element in _elements(self.layout.root):
            texts = [child for child in element.children if isinstance(child, str)]
            if any(word.search(text) for text in (*map(str, element._attributes.values()), *texts)):
                return _said_of(element)
        return ""


def written_at(element: Any) -> str:
    """Where `element` was made, as people call it; empty if that is not known."""
    place = vars(element).get(_PLACE)
    return "" if place is None else place_of(*place)


def _calling_place() -> tuple[str, int] | None:
    frame: FrameType | None = sys._getframe(2)
    of_a_package: tuple[str, int] | None = None
    while frame is not None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] not in _LIBRARIES:
            place = frame.f_code.co_filename, frame.f_lineno
            if not _INSTALLED.search(place[0]):
                return place
            of_a_package = of_a_package or place
        frame = frame.f_back
    return of_a_package


def _said_of(element: Any) -> str:
    name, place = kind_of(element), written_at(element)
    return f"{name} in {place}" if place else name


def _elements(root: Any) -> Iterator[Any]:
    """`root` and all elements within it, in the order of the page."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if hasattr(element, "_attributes"):
            yield element
        waiting += reversed(getattr(element, "children", ()))


def _at_line(root: Any, line: int) -> Any:
    """The innermost element whose text has the line; its children are written one after the other, a line each part."""
    first, element = 1, root
    while True:
        number = first + _head(element)
        for child in element.children:
            text = child if isinstance(child, str) else child.html
            height = text.count("\n") + 1
            if number <= line < number + height:
                if isinstance(child, str):
                    return element
                first, element = number, child
                break
            number += height
        else:
            return element if line <= number and hasattr(element, "_attributes") else None


def _head(element: Any) -> int:
    """Lines of the start tag of `element`; a node without a tag has none."""
    if not hasattr(element, "_attributes"):
        return 0
    return " ".join(map(str, element._attributes.values())).count("\n") + 1
