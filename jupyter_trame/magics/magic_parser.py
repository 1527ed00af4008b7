"""The commands of ``%trame``, their arguments and their help."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from typing import Any, get_args

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser

from jupyter_trame.core.spelling import nearest
from jupyter_trame.runtime.backend import OpenMode
from jupyter_trame.system.private_files import on_windows

__all__ = ["CELL_OPTIONS", "COMMANDS", "PLACES", "help_of", "parse_cell", "parse_line"]

CELL_OPTIONS = ("--template", "--title")
PLACES = tuple(place for place in get_args(OpenMode) if place != "browser")
"""Those of the lab: the browser of the kernel's machine is asked for by ``server.open``."""
COMMANDS: Mapping[str, str] = {
    "list": "show the apps of this kernel and of others, and those that can be started by their names",
    "open": "show an app in a place of its own; a registered one that does not run is started in a kernel of its own",
    "stop": "end an app; a kernel that is its alone ends with it",
    "restart": "end an app and start it again under the same address",
    "status": "show the apps of this kernel, and whether its Jupyter server is reached",
    "doctor": "say what is wrong with an app or around it, and the command that mends it",
    "run": "run a Python file in this kernel, as %%run does, and show its app",
}
"""What each does."""

_HELP_FLAGS = frozenset({"-h", "--help"})
_APP = (
    "the name of an app. Where several have it, the beginning of the id of a kernel and a slash come first, as %%trame "
    "list shows it: 3f2a6c01/clock"
)
_LINE = """\
Apps of this kernel, and of others below the same Jupyter server. `%%trame open --help` tells more of one command.
"""
_CELL = """\
Make the text of this cell the page of the server NAME, which is made where there is none, and show it.

It is a template: HTML with the syntax of Vue. Keys that it names and that have no value yet get None. When the cell
runs again, views that are there are drawn anew in place; state and focus stay. `get_server("NAME")` is the server.
"""


def parse_line(line: str) -> argparse.Namespace | str:
    """The command of a line ``%trame ...`` and its arguments, or the help that is asked for. Raises `UsageError`."""
    words = _split(line)
    if not words or words[0] in {*_HELP_FLAGS, "help"}:
        return _printed(help_of(words[1] if len(words) > 1 else ""))
    if words[0] not in COMMANDS:
        raise UsageError(_unknown(words[0]))
    if not _HELP_FLAGS.isdisjoint(words[1:2]):
        return _printed(help_of(words[0]))
    options: argparse.Namespace = _line_parser()[0].parse_args(words)
    return options


def parse_cell(line: str) -> argparse.Namespace | str:
    """The arguments of a cell ``%%trame ...``, or the help that is asked for. Raises `UsageError`."""
    words = _split(line)
    if not _HELP_FLAGS.isdisjoint(words[:1]):
        return _printed(help_of("%%"))
    options: argparse.Namespace = _cell_parser().parse_args(words)
    return options


def help_of(command: str = "") -> str:
    """What is to be known of ``%trame``, of one of its commands, or with ``%%`` of the cell. Raises `UsageError`."""
    if command == "%%":
        return str(_cell_parser().format_help())
    parser, commands = _line_parser()
    if command and command not in commands:
        raise UsageError(_unknown(command))
    return str((commands[command] if command else parser).format_help())


def _split(line: str) -> list[str]:
    """The words of `line`, without the quotes around them."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if on_windows():
        lexer.escape = ""  # it is a part of paths there
    try:
        return list(lexer)
    except ValueError:
        raise UsageError(f"close the quotes in {line!r}") from None


def _printed(text: str) -> str:
    """Without the mark of a block of code, which is for help that IPython shows."""
    return text.removeprefix("::\n\n")


def _unknown(command: str) -> str:
    near = nearest(command, COMMANDS)
    meant = f"is {near!r} meant? " if near else ""
    return f"{meant}%trame has no command {command!r}, but {', '.join(COMMANDS)}"


def _line_parser() -> tuple[Any, dict[str, Any]]:
    """The parser, and those of its commands."""
    parser = MagicArgumentParser("trame", description=_LINE % ())  # type: ignore[no-untyped-call] # of IPython
    adding = parser.add_subparsers(dest="command", metavar="COMMAND", prog="trame")
    commands = {
        name: adding.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}." % ())
        for name, text in COMMANDS.items()
    }
    for name in ("open", "stop", "restart"):
        commands[name].add_argument("app", metavar="NAME", help=_APP)
    commands["doctor"].add_argument("app", metavar="NAME", nargs="?", help=_APP)
    commands["open"].add_argument(
        "where", nargs="?", choices=PLACES, default="tab", help=f"{', '.join(PLACES)} (%(default)s)"
    )
    commands["run"].add_argument("file", metavar="FILE")
    rest = commands["run"].add_argument(
        "args", metavar="ARGUMENT", nargs=argparse.REMAINDER, help="what the file is to see as its own"
    )
    rest.required = False  # or a missing FILE would be told of as a missing ARGUMENT too
    return parser, commands


def _cell_parser() -> Any:
    parser = MagicArgumentParser("%trame", description=_CELL)  # type: ignore[no-untyped-call] # of IPython
    parser.add_argument("name", metavar="NAME", help="the name of the server")
    template, title = CELL_OPTIONS
    parser.add_argument(template, default="main", help="which of its pages this is (%(default)s)")
    parser.add_argument(title, help="what tabs and lists call the app")
    return parser
