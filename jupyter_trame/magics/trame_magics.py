"""``%trame`` and ``%%trame``. What they do is loaded when they are used: every kernel with an app loads this."""

from __future__ import annotations

import sys
from typing import Any

from IPython.core.error import UsageError

from jupyter_trame.errors import TrameError
from jupyter_trame.magics.magic_parser import help_of, parse_cell, parse_line

__all__ = ["TrameMagics"]


class TrameMagics:
    """The magics of one shell, on the kernel's main thread. They raise `UsageError`, which is shown as one line."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def line(self, line: str) -> Any:
        """``%trame``: what the cell is to show, or None."""
        options = parse_line(line)
        if isinstance(options, str):
            sys.stdout.write(options)
            return None
        from jupyter_trame.magics.line_commands import run_command

        try:
            return run_command(self._shell, options)
        except TrameError as error:
            raise UsageError(_words(error)) from None

    def cell(self, line: str, cell: str) -> Any:
        """``%%trame``: the server, which shows itself."""
        options = parse_cell(line)
        if isinstance(options, str):
            sys.stdout.write(options)
            return None
        from jupyter_trame.core.template_tree import TemplateError
        from jupyter_trame.magics.cell_template import explain, show_template

        place = _place(self._shell)
        try:
            return show_template(options.name, cell, place, template=options.template, title=options.title)
        except TemplateError as error:
            raise UsageError(explain(error, place)) from None
        except TrameError as error:
            raise UsageError(_words(error)) from None


# `%trame?` and `%%trame?` show these to users.
TrameMagics.line.__doc__ = help_of()
TrameMagics.cell.__doc__ = help_of("%%")


def _place(shell: Any) -> str:
    """What people call the cell that runs; `execution_count` of the shell is the next one's in newer IPythons."""
    count = getattr(shell.displayhook.exec_result, "execution_count", None)
    return "this cell" if count is None else f"cell In[{count}]"


def _words(error: TrameError) -> str:
    from jupyter_trame.command_line.rest_client import RestError

    if not isinstance(error, RestError):
        return str(error)
    if error.trace:
        sys.stderr.write(f"{error.trace.rstrip()}\n")
    return f"{error}; install it: {error.install}" if error.install else str(error)
