"""The program ``jupyter-trame``, which Jupyter runs as ``jupyter trame``: its arguments, output and exit status."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from jupyter_trame._version import __version__
from jupyter_trame.command_line import variables
from jupyter_trame.command_line.app_choice import SeveralAppsError, UnknownAppError, listed, picked
from jupyter_trame.command_line.commands import COMMANDS, Answer, WrongUseError, write_new
from jupyter_trame.command_line.jupyter_servers import NoJupyterServerError, find_server
from jupyter_trame.command_line.rest_client import RestClient, RestError, RunningEntry
from jupyter_trame.core.spelling import nearest
from jupyter_trame.errors import TrameError
from jupyter_trame.templates import NameOfAppError, NoSuchBeginningError, read_beginnings

__all__ = ["main"]

FAILED, MISUSED, NO_SERVER = 1, 2, 3
INTERRUPTED, CLOSED = 130, 141
"""As of a program that SIGINT or SIGPIPE ends: 128 and its number."""
_CHANGING = frozenset({"open", "stop", "restart", "run"})
"""Commands whose server goes on when nobody waits for its answer."""

_EPILOG = """\
exit status: 0 done; 1 the server could not do it, or the doctor found something; 2 the command line is wrong, or no or
several apps have the name; 3 no Jupyter server was found or reached; 130 Ctrl-C; 141 nobody reads the answer.

APP is the name of an app. Where several have it, the beginning of the id of a kernel and a slash come first, as
`jupyter trame list` shows it: 3f2a6c01/clock.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments`, by default the process's own; the exit status.

    Raises SystemExit for arguments that cannot be read, and after ``--help``.
    """
    given = variables.arguments() if arguments is None else list(arguments)
    parser = _make_parser()
    known = [*COMMANDS, "new"]
    if given and given[0][:1] != "-" and given[0] not in known:
        near = nearest(given[0], known)
        meant = f"is {near!r} meant? " if near else ""
        parser.error(f"{meant}there is no command {given[0]!r}, but {', '.join(known)}")
    options = parser.parse_args(given)
    try:
        answer = _run(options)
    except (UnknownAppError, SeveralAppsError, WrongUseError, NameOfAppError, NoSuchBeginningError) as error:
        return _fail(error, MISUSED)
    except NoJupyterServerError as error:
        return _fail(error, NO_SERVER)
    except (TrameError, OSError) as error:
        return _fail(error, FAILED)
    except KeyboardInterrupt:
        if options.command not in _CHANGING:
            return INTERRUPTED
        told = "nobody waits any more, but the server may still do it: see `jupyter trame list`"
        return _fail(TrameError(told), INTERRUPTED)
    written = _write(f"{json.dumps(answer.data, indent=2) if options.json else answer.text}\n")
    return written or answer.status


def _run(options: argparse.Namespace) -> Answer:
    if options.command == "new":
        return write_new(options)
    client = RestClient(find_server(options.url, options.token))
    return COMMANDS[options.command](client, options, _choose)


def _write(text: str) -> int:
    """Print the answer; the exit status if that fails. Flushed here: at the interpreter's end nobody could say why."""
    out: TextIO | None = sys.stdout
    if out is None:
        return _fail(TrameError("the answer could not be written: the output is closed"), FAILED)
    try:
        # A title may have what a terminal's encoding has not.
        out.write(text.encode(out.encoding, "backslashreplace").decode(out.encoding))
        out.flush()
    except BrokenPipeError:  # who reads has enough, as `head` has
        _drop_output()
        return CLOSED
    except OSError as error:
        _drop_output()
        return _fail(TrameError(f"the answer could not be written: {error.strerror or error}"), FAILED)
    return 0


def _drop_output() -> None:
    """What the stream still holds goes nowhere, instead of failing again at the interpreter's end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _choose(several: SeveralAppsError) -> RunningEntry:
    """Ask at a terminal; elsewhere nobody answers."""
    streams: tuple[TextIO | None, ...] = (sys.stdin, sys.stderr)
    if not all(stream is not None and stream.isatty() for stream in streams):
        raise several
    sys.stderr.write(f"{listed(several)}\nwhich one (its number; Enter for none)? ")
    sys.stderr.flush()
    return picked(several, sys.stdin.readline())


def _fail(error: BaseException, status: int) -> int:
    trace, install = (error.trace, error.install) if isinstance(error, RestError) else ("", "")
    lines = [trace.rstrip(), f"jupyter trame: {error}", install and f"  {install}"]
    told: TextIO | None = sys.stderr
    if told is not None:
        told.write("\n".join([*filter(None, lines), ""]))
    return status


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jupyter trame",
        description="Apps in the kernels of a running Jupyter server.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"jupyter_trame {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("--json", action="store_true", help="print the answer as JSON")
    asking = argparse.ArgumentParser(add_help=False, parents=[output])
    asking.add_argument(
        "--url", help="address of the Jupyter server; by default the one that `jupyter server list` shows"
    )
    asking.add_argument(
        "--token", help="its token; by default JUPYTER_TOKEN, or the one that the server has left for you"
    )

    def add(name: str, text: str, usage: str | None = None) -> argparse.ArgumentParser:
        sentence = f"{text[0].upper()}{text[1:]}."
        return commands.add_parser(
            name, help=text, description=sentence, parents=[output if name == "new" else asking], usage=usage
        )

    add("list", "show the apps that run, and those that can be started by their names")
    one = add("open", "show an app in the browser; a registered one that does not run is started")
    one.add_argument("app", metavar="APP")
    one.add_argument("--no-browser", action="store_true", help="only print its address, with the token")
    add("stop", "end an app; a kernel that is its alone ends with it").add_argument("app", metavar="APP")
    add("restart", "end an app and start it again under the same address").add_argument("app", metavar="APP")
    run = add(
        "run",
        "start a Python file below the server's folder as an app in a kernel of its own",
        usage="%(prog)s [-h] [--json] [--url URL] [--token TOKEN] [--open] FILE [ARGUMENT ...]",
    )
    run.add_argument("--open", action="store_true", help="show it in the browser")
    run.add_argument("file", metavar="FILE")
    rest = run.add_argument(
        "args", metavar="ARGUMENT", nargs=argparse.REMAINDER, help="what the file is to see as its own"
    )
    rest.required = False  # or a missing FILE would be told of as a missing ARGUMENT too
    _add_new(add("new", "write the beginning of an app: with tests and an entry point, or in one file"))
    doctor = add("doctor", "say what is wrong with an app or the server, and the command that mends it")
    doctor.add_argument("app", metavar="APP", nargs="?")
    return parser


def _add_new(new: argparse.ArgumentParser) -> None:
    templates = "; ".join(f"{each.name}: {each.description}" for each in read_beginnings())
    new.add_argument("name", metavar="NAME", help="such as my-app")
    new.add_argument("--template", default="project", help=f"{templates} (%(default)s)")
    new.add_argument("--folder", default=".", help="where to write it (the current one)")
