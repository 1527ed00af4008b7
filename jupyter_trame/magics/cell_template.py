"""The template in a cell: it becomes a page of a server, in place of the one that was there."""

from __future__ import annotations

import re

from jupyter_trame.core.hints import missing_key
from jupyter_trame.core.template_tree import TemplateError
from jupyter_trame.magics.template_keys import keys_of
from jupyter_trame.names import TEMPLATE_KEY, TITLE_KEY
from jupyter_trame.server import Server, get_server
from jupyter_trame.server.server import runtime_of

__all__ = ["CellTemplate", "explain", "show_template"]

_FIRST = 2
"""The line of the cell in which the template begins: the magic stands in the first."""


class CellTemplate:
    """What is known of a template in a cell, a `TemplateSource`. Its lines are those of the cell."""

    def __init__(self, cell: str, text: str) -> None:
        """`cell` is what people call the cell, `text` what stands below the magic."""
        self.cell = cell
        self.text = "\n" * (_FIRST - 1) + text
        self.made: set[str] = set()
        """Keys that had no value, and got None, since this template or one before it names them."""

    def keys(self, name: str) -> list[str]:
        """The keys that it names, as the template `name`. Raises `TemplateError`."""
        return keys_of(self.text, name)

    def at_line(self, line: int) -> str:
        """See `TemplateSource`."""
        return f"{self.cell}, line {line}"

    def naming(self, key: str) -> str:
        """See `TemplateSource`."""
        word = re.compile(rf"(?<![\w$.]){re.escape(key)}(?![\w$])")
        found = word.search(self.text)
        line = 0 if found is None else self.text.count("\n", 0, found.start()) + 1
        return f"the template in {self.at_line(line)}" if line else ""


def show_template(
    server_name: str, text: str, cell: str, *, template: str = "main", title: str | None = None
) -> Server:
    """Make `text` the template `template` of the server called `server_name`, which is made where there is none.

    Views of a server that runs are drawn anew in place. Keys that the template names and that have no value get None.
    The owner's thread. Raises `TemplateError` for a template that is no HTML; the one before stays then.
    """
    source = CellTemplate(cell, text)
    named = source.keys(template)
    server = get_server(server_name)
    runtime = runtime_of(server)
    before = runtime.template_sources.get(template)
    source.made = set(before.made) if isinstance(before, CellTemplate) else set()
    known = {
        key for key, value in runtime.state.initial.items() if value is not None or key not in source.made
    }
    new = [key for key in named if not runtime.state.has(key)]
    with server.state as state:
        state.update(dict.fromkeys(new))
        source.made.update(new)
        if title is not None:
            state[TITLE_KEY] = title
        state[f"{TEMPLATE_KEY}{template}"] = source.text
    runtime.template_sources[template] = source
    if runtime.parts:
        from jupyter_trame.ui.living import end_others

        end_others(server, template, source)
    _tell_slips(server, template, source, new, known)
    if not server.running:
        server.start()
    return server


def _tell_slips(server: Server, template: str, source: CellTemplate, new: list[str], known: set[str]) -> None:
    """Hint at names that nobody has set and that look like others, which somebody has."""
    place = f'template "{template}"'
    found = []
    for key in new:
        message, is_slip = missing_key(key, known, source.naming(key))
        if is_slip:
            found.append((f"{source.cell} of {place}", message))
    user_code = runtime_of(server).user_code
    user_code.forget_hints(place, found)
    for where, message in found:
        user_code.advise(where, message)


def explain(error: TemplateError, cell: str) -> str:
    """What is wrong with the template in `cell`, in one sentence."""
    return f"{cell}, line {error.line}: {error.problem}"
