"""What each command of `jupyter trame` does: it asks the server, and says what is to be printed."""

from __future__ import annotations

import os
import time
import webbrowser
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jupyter_trame.command_line.app_choice import (
    Choose,
    SeveralAppsError,
    choose_running,
    reference,
    registered_named,
    unknown,
)
from jupyter_trame.command_line.rest_client import RestClient, RunningEntry
from jupyter_trame.command_line.text_tables import registered_table, running_table
from jupyter_trame.errors import TrameError
from jupyter_trame.program.redirect import RedirectFile
from jupyter_trame.templates import files_of

__all__ = ["COMMANDS", "Answer", "Command", "WrongUseError", "find_running", "server_path", "write_new"]

_ARRIVAL = 20.0
"""Seconds after which a browser that shows nothing is not waited for any longer."""
_LOOK = 0.2


class WrongUseError(TrameError):
    """The command was given something that it cannot be used with."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say."""

    text: str
    data: Any
    """The same for programs: what JSON can hold."""
    status: int = 0
    """The exit status."""


Command = Callable[[RestClient, Namespace, Choose], Answer]


def find_running(client: RestClient, wanted: str, choose: Choose) -> RunningEntry:
    """The app that `wanted` means. Raises `UnknownAppError`, and what `choose` raises."""
    running = client.running()
    found = _chosen(wanted, running, choose)
    if found is None:
        raise unknown(wanted, running)
    return found


def _chosen(wanted: str, running: Iterable[RunningEntry], choose: Choose) -> RunningEntry | None:
    try:
        return choose_running(wanted, running)
    except SeveralAppsError as several:
        return choose(several)


def _list(client: RestClient, _: Namespace, __: Choose) -> Answer:
    running, registered = client.running(), client.registered()
    tables = [running_table(running), registered_table(registered)]
    data = {
        "running": [asdict(each) for each in running],
        "registered": [asdict(each) for each in registered],
    }
    return Answer("\n\n".join(filter(None, tables)), data)


def _open(client: RestClient, options: Namespace, choose: Choose) -> Answer:
    running = client.running()
    found = _chosen(options.app, running, choose)
    if found is None:
        registered = client.registered()
        known = registered_named(options.app, registered)
        if known is None:
            raise unknown(options.app, running, registered)
        client.check_startable(known)
        found = client.start(options.app)
    return _opened(client, found, browser=not options.no_browser)


def _opened(client: RestClient, entry: RunningEntry, *, browser: bool) -> Answer:
    """Show the app in the browser of this machine, or say where it is."""
    page = client.page(entry)
    data = {**asdict(entry), "page": page}
    if browser and urlsplit(page).scheme and _show(client, entry):
        return Answer(f"{reference(entry)} is open in the browser: {page}", data)
    return Answer(_with_token(client, page), {**data, "page": _with_token(client, page)})


def _show(client: RestClient, entry: RunningEntry) -> bool:
    """Whether a browser was told; returns when it has the page, for which a file leads there until then."""
    redirect = RedirectFile()
    before = client.viewers(entry)
    try:
        if not webbrowser.open(redirect.lead_to(_with_token(client, client.page(entry)))):
            return False
        deadline = time.monotonic() + _ARRIVAL
        while client.viewers(entry) <= before and time.monotonic() < deadline:
            time.sleep(_LOOK)
    finally:
        redirect.remove()
    return True


def _with_token(client: RestClient, page: str) -> str:
    token = client.server.page_token
    return f"{page}?{urlencode({'token': token})}" if token else page


def _stop(client: RestClient, options: Namespace, choose: Choose) -> Answer:
    found = find_running(client, options.app, choose)
    client.stop(found)
    return Answer(f"{reference(found)} has ended", asdict(found))


def _restart(client: RestClient, options: Namespace, choose: Choose) -> Answer:
    found = client.restart(find_running(client, options.app, choose))
    return Answer(f"{reference(found)} runs again: {client.page(found)}", asdict(found))


def _run(client: RestClient, options: Namespace, _: Choose) -> Answer:
    found = client.run_file(server_path(options.file, client.server.root), options.args)
    if options.open:
        return _opened(client, found, browser=True)
    page = client.page(found)
    return Answer(f"{reference(found)} runs: {page}", {**asdict(found), "page": page})


def server_path(file: str, root: Path | None) -> str:
    """What the server calls `file`, whose folder is `root`; where that is not known `file` is its name already.

    Raises `WrongUseError` for a file that is not there, or that the server cannot reach.
    """
    if root is None:
        return Path(file).as_posix()
    path = Path(file).resolve()
    if not path.is_file():
        raise WrongUseError(f"there is no file {file}")
    try:
        return path.relative_to(root.resolve()).as_posix()
    except ValueError:
        raise WrongUseError(
            f"copy {file} below {root}, the folder of the Jupyter server, or run it alone: python -m jupyter_trame run "
            f"{file}"
        ) from None


def _doctor(client: RestClient, options: Namespace, choose: Choose) -> Answer:
    entry = find_running(client, options.app, choose) if options.app else None
    report = client.doctor(entry)
    return Answer(str(report), report.as_dict(), 0 if report.healthy else 1)


def write_new(options: Namespace) -> Answer:
    """``new``: write the files of an app. Raises `WrongUseError` where one is there, and what `files_of` raises."""
    files = files_of(options.template, options.name)
    folder = Path(options.folder)
    if options.template == "project":
        folder /= options.name
    there = [path for path in files if os.path.lexists(folder / path)]
    if there:
        raise WrongUseError(
            f"give the app another name, or another folder with --folder: there is {folder / there[0]} already"
        )
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with (folder / path).open("x", encoding="utf-8") as file:
            file.write(text)
    written = [str(folder / path) for path in files]
    return Answer("\n".join([*written, "", *_next_steps(options, folder)]), {"files": written})


def _next_steps(options: Namespace, folder: Path) -> list[str]:
    if options.template == "project":
        return [
            f'pip install -e "{folder}[test]"',
            f"jupyter trame open {options.name}",
            f"pytest {_word(folder)}",
        ]
    if options.template == "notebook":
        return [f"jupyter lab {_word(folder / f'{options.name}.ipynb')}"]
    return [f"jupyter trame run --open {_word(folder / f'{options.name}.trame.py')}"]


def _word(path: Path) -> str:
    """`path` as one word of a command line."""
    return f'"{path}"' if " " in str(path) else str(path)


COMMANDS: Mapping[str, Command] = {
    "list": _list,
    "open": _open,
    "stop": _stop,
    "restart": _restart,
    "run": _run,
    "doctor": _doctor,
}
"""The commands that ask a server, by their names."""
