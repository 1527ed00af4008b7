"""The base of all parts of `jupyter_trame.ui`: an element of trame whose tag is a component of ours."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, TypeAlias

from trame_client.widgets.core import HTML_CTX, AbstractElement

from jupyter_trame.files.folders import STATIC
from jupyter_trame.server import Server
from jupyter_trame.ui.calls import public_call, refuse_arguments, refuse_twice
from jupyter_trame.ui.numpy_values import plain

__all__ = [
    "Children",
    "Expression",
    "Handler",
    "Part",
    "expression",
    "in_words",
    "literal",
    "server_around",
    "statement",
    "takes_value",
    "with_value",
]

Expression: TypeAlias = tuple[str]
"""A JavaScript expression over the keys of the state, as in all elements of trame: ``("count > 3",)``."""

Handler: TypeAlias = Callable[..., Any] | str | tuple[Any, ...]
"""What an event calls: a function, a JavaScript statement, or a function with its arguments as JavaScript."""

Children: TypeAlias = "str | AbstractElement | list[Any] | tuple[Any, ...] | None"

_PACKAGE = __name__.rpartition(".")[0] + "."
_CHUNKS = {"serve": {"__jupyter_trame_ui": str(STATIC / "ui")}}


class Part(AbstractElement):  # type: ignore[misc] # trame-client has no types
    """A part of an interface: what it may contain is written in its ``with`` block.

    `tag` is an element of HTML or a component of our client. `props` are the values of the component's own properties
    by their names in JavaScript: text, numbers and lists as they are, a tuple for an `Expression`, None for what is not
    given. `events` are handlers by the names of the component's events. Further `attributes` are those of all elements
    of trame: ``v_if``, ``v_show``, ``classes``, ``style``, ``key``.

    `chunk` names the script that the component is in, where it is not in the client itself.

    To be made on the thread that builds the interface. Raises ValueError where no layout is open and no
    `trame_server` is given, and TypeError for a second handler of one of the `events`, and for attributes that no
    element has, unless a class derived from this one may know them.
    """

    def __init__(
        self,
        tag: str,
        children: Children = None,
        *,
        props: Mapping[str, Any] | None = None,
        events: Mapping[str, Handler | None] | None = None,
        chunk: str | None = None,
        **attributes: Any,
    ) -> None:
        call = public_call()
        server_around(attributes)
        if isinstance(disabled := (props or {}).get("disabled"), str):
            raise TypeError(
                f'write disabled=("{disabled}",): an expression is in a tuple, and {call.name} is given the text '
                f"{disabled!r}"
            )
        given = {name: _attribute(value) for name, value in (props or {}).items() if value is not None}
        heard = {name: handler for name, handler in (events or {}).items() if handler is not None}
        refuse_twice(call, heard, attributes)
        # Into the interface once it is known to be as it was meant.
        connected = attributes.pop("connect_parent", True)
        super().__init__(
            tag,
            children,
            connect_parent=False,
            **attributes,
            **given,
            **{f"on_{name}": heard[name] for name in heard},
        )
        self._public_name = call.name
        self._attr_names += [(name, name) for name in given]
        self._event_names += [(f"on_{name}", name) for name in heard]
        if chunk is not None:
            self.server.enable_module(_CHUNKS)
        if type(self).__module__.startswith(_PACKAGE):
            names = [*self._attr_names, *self._event_names]
            known = {name if isinstance(name, str) else name[0] for name in names}
            refuse_arguments(call, attributes, known)
        HTML_CTX.add_child(self, connected)


def server_around(attributes: Mapping[str, Any]) -> Server:
    """The server of a part with these `attributes`. Raises ValueError where no layout is open and it has none."""
    given: Server | None = attributes.get("trame_server")
    if given is None:
        if not HTML_CTX.element_stack:
            raise ValueError(
                f"write this line below `with ui.app(...):`: {public_call().name}(...) is made outside of an "
                "interface"
            )
        given = HTML_CTX.element_stack[-1].server
    return given


def expression(value: Any) -> Expression:
    """`value`, which JSON can hold, as an expression of a template."""
    return (escape(json.dumps(value, ensure_ascii=False)),)


def in_words(key: str) -> str:
    """The label of a key that was given none: ``"max_power"`` is "Max power"."""
    words = key.rpartition(".")[2].replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def literal(text: str) -> str:
    """`text` as the content of an element that shows it as it is: no part of it is an element or an expression."""
    return escape(text, quote=False).replace("{", "&#123;")


def statement(server: Server, handler: Handler) -> str:
    """What `handler` is in a template, where it is one of several things to do."""
    if isinstance(handler, str):
        return handler
    function, *arguments = handler if isinstance(handler, tuple) else (handler,)
    name = server.trigger_name(function) if callable(function) else function
    return f"trigger({', '.join([repr(name), *arguments])})"


def takes_value(function: Callable[..., Any]) -> bool:
    """Whether `function` can be called with a value."""
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # of what is written in C nothing is known
        return True
    return True


def with_value(handler: Handler | None) -> Handler | None:
    """The handler of an event that has a value: a function gets it, if it takes one."""
    return (handler, "[$event]") if callable(handler) and takes_value(handler) else handler


def _attribute(value: Any) -> Any:
    """A property as trame-client writes it."""
    value = plain(value)
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, bool | tuple):
        return value
    return expression(value)
