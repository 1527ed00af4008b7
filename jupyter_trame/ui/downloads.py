"""`ui.download`: a button that saves a file, whose content is made when it is pressed."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from jupyter_trame.ui.bound import keys_of, values_for
from jupyter_trame.ui.buttons import button
from jupyter_trame.ui.part import Part, literal

__all__ = ["download"]


def download(
    name: str,
    content: Callable[..., Any] | str | bytes | Path,
    *,
    label: str | None = None,
    type: str = "application/octet-stream",  # noqa: A002 - the word of files
    **attributes: Any,
) -> Part:
    """A button that saves a file `name` on the reader's machine.

    `content` is text, bytes, the ``Path`` of a file, or a function that gives one of these when the button is pressed;
    the function's parameters are keys of the state. Anything else is saved as JSON. `type` is a media type. `label`
    defaults to "Save" and the name. `attributes` are those of `ui.button`. Raises TypeError for a function whose
    parameters name no keys.
    """
    if not {"on_click", "click"}.isdisjoint(attributes):
        raise TypeError(
            "ui.download has no on_click= and no click=: `content` may be a function, which is called by a click"
        )
    if callable(content):
        keys_of(content)
    part = button(label or literal(f"Save {name}"), **attributes)
    server = part.server

    def give() -> Any:
        made = content(**values_for(server, content)) if callable(content) else content
        return made.read_bytes() if isinstance(made, Path) else made

    give.__qualname__ = f"download {name!r}"
    call = f"utils.download({json.dumps(name)}, trigger('{server.trigger_name(give)}'), {json.dumps(type)})"
    part._event_names += ["click"]
    part.click = escape(call)
    return part
