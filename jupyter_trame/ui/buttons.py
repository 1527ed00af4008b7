"""What users press, and what answers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_trame.core.arguments import arguments_of
from jupyter_trame.core.state import reloader_of
from jupyter_trame.server import Server
from jupyter_trame.server.server import runtime_of
from jupyter_trame.ui.bound import values_for
from jupyter_trame.ui.part import Expression, Handler, Part, server_around

__all__ = ["button"]

_NOT_GIVEN: Any = object()


def button(
    text: str,
    /,
    on_click: Handler | None = _NOT_GIVEN,
    *,
    kind: str | None = None,
    confirm: str | Expression | None = None,
    submit: bool = False,
    disabled: bool | Expression | None = None,
    help: str | Expression | None = None,  # noqa: A002 - as all parts have it
    **attributes: Any,
) -> Part:
    """A button that shows that what it has called still runs; `help` is told where the pointer rests on it.

    A function `on_click` gets the values of the keys that it names, where it has parameters without a default.
    `kind` is "primary" for what the user most likely wants, "danger" for what takes something away, "quiet" for what
    stands beside others. `confirm` is a question that the user has to answer with the word of the button first. With
    `submit` it saves the form around. Raises TypeError where `text` is none, for ``click=`` beside `on_click`,
    and for a function with parameters that have no name to be given by.
    """
    if not isinstance(text, str):
        raise TypeError(
            f"ui.button is given its text first, as in ui.button('Go', go), not {text!r}; a text that follows keys has "
            "them in braces: '{{ count }} rows'"
        )
    server = server_around(attributes)
    if on_click is None:
        runtime_of(server).user_code.advise(
            f"ui.button {text!r}",
            f"write ui.button({text!r}, function) without calling the function: the button is given None, and does "
            "nothing",
        )
    elif on_click is _NOT_GIVEN:
        on_click = None
    return Part(
        "JtButton",
        text,
        props={
            "kind": kind,
            "confirm": confirm,
            "type": "submit" if submit else None,
            "disabled": disabled,
            "help": help,
        },
        events={"click": _with_keys(server, on_click) if callable(on_click) else on_click},
        **attributes,
    )


def _with_keys(server: Server, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, or where it cannot be called without values what calls it with those of its keys."""
    arguments = arguments_of(function, "function of a button")
    if not arguments.required:
        return function

    def call() -> Any:
        reload = reloader_of(server.state)
        current = reload(function) if reload else function
        return current(**values_for(server, current))

    call.__qualname__ = getattr(function, "__qualname__", type(function).__qualname__)
    return call
