"""What all inputs have: a key of the state, a label, a default, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from jupyter_trame.ui.defaults import require_possible
from jupyter_trame.ui.faults import fault_of
from jupyter_trame.ui.form import Check, checked, form_around, problem_of
from jupyter_trame.ui.keys import is_name, require_key
from jupyter_trame.ui.numpy_values import plain
from jupyter_trame.ui.part import Expression, Handler, Part, in_words, server_around, with_value

__all__ = ["Text", "field"]

Text: TypeAlias = str | Expression
"""What is told of an input: text, or an expression for it."""


def field(
    tag: str,
    key: str,
    default: Any,
    /,
    *,
    label: Text | None,
    help: Text | None,  # noqa: A002 - the word of the field
    disabled: bool | Expression | None,
    on_change: Handler | None,
    check: Check | None = None,
    props: Mapping[str, Any] | None = None,
    **attributes: Any,
) -> Part:
    """The input `tag` for the value of `key`: a name in the state, or the part of a value that a template may change.

    A name gets the value `default` where the state has none. `label` defaults to the key in words, `help` is told below
    the input. `on_change` is called when the user has chosen a value, after the state has it; a function gets the
    value, if it takes any argument. `check` is asked before: what it says of the value is told below the input, and the
    form around is not saved while it says something.

    Raises TypeError where `key` is no text, and ValueError for other text, for a `default` that the input cannot
    have, and for a `check` of what is no name.
    """
    require_key(key)
    # Of numpy: what is compared with what a page sends, and is written into a template.
    default, props = plain(default), plain(dict(props or {}))
    require_possible(default, props)
    server = server_around(attributes)
    if is_name(key):
        # Not with the template at the end: what is defined below may be called with it before.
        server.state.setdefault(key, default)
    heard, said = with_value(on_change), {}
    around = form_around()
    if around is not None and is_name(key):
        # A page takes no other values, but whoever writes to the server is no page perhaps.
        around.add_check(key, lambda value: fault_of(tag, value, props))
        said = {"problem": problem_of(server, key)}
    if check is not None:
        if not is_name(key):
            raise ValueError(f"check= looks at a key of the state, and {key!r} is a part of one")
        problem, heard = checked(server, key, check, heard)
        said = {"problem": problem}
    return Part(
        tag,
        props={
            "label": in_words(key) if label is None else label,
            "help": help,
            "disabled": disabled,
            **said,
            **props,
        },
        events={"change": heard},
        v_model=(key,),
        **attributes,
    )
