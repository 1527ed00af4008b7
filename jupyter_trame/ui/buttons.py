"""What users press, and what answers them."""

from __future__ import annotations

from typing import Any

from jupyter_trame.ui.part import Expression, Handler, Part

__all__ = ["button"]


def button(
    text: str,
    /,
    on_click: Handler | None = None,
    *,
    kind: str | None = None,
    confirm: str | Expression | None = None,
    submit: bool = False,
    disabled: bool | Expression | None = None,
    help: str | Expression | None = None,  # noqa: A002 - as all parts have it
    **attributes: Any,
) -> Part:
    """A button that shows that what it has called still runs; `help` is told where the pointer rests on it.

    `kind` is "primary" for what the user most likely wants, "danger" for what takes something away, "quiet" for what
    stands beside others. `confirm` is a question that the user has to answer with the word of the button first. With
    `submit` it saves the form around. Raises TypeError where `text` is none, and for ``click=`` beside `on_click`.
    """
    if not isinstance(text, str):
        raise TypeError(
            f"ui.button is given its text first, as in ui.button('Go', go), not {text!r}; a text that follows keys has "
            "them in braces: '{{ count }} rows'"
        )
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
        events={"click": on_click},
        **attributes,
    )
