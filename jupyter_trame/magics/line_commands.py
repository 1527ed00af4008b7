"""What each command of ``%trame`` does."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any

from IPython.core.error import StdinNotImplementedError

from jupyter_trame._version import __version__
from jupyter_trame.command_line.app_choice import SeveralAppsError, listed, picked, reference
from jupyter_trame.command_line.rest_client import RunningEntry
from jupyter_trame.command_line.text_tables import registered_table, running_table
from jupyter_trame.doctor.report import Report
from jupyter_trame.kernel.opening import open_in_lab
from jupyter_trame.magics.program_run import run_program
from jupyter_trame.magics.reachable_apps import FoundApp, ReachableApps
from jupyter_trame.server.server import life_cycle_of, runtime_of

__all__ = ["run_command"]


def run_command(shell: Any, options: Namespace) -> Any:
    """Do what a line ``%trame`` asks for; what the cell is to show, or None. The kernel's main thread.

    Raises `TrameError` that says what is wrong, and what a file raises that is run.
    """
    if options.command == "run":
        return run_program(shell, options.file, options.args)
    return _COMMANDS[options.command](ReachableApps(), options)


def _list(apps: ReachableApps, _: Namespace) -> None:
    running = apps.running()
    registered = apps.registered() if not apps.unreached else []
    _say(running_table(app.entry for app in running))
    if registered:
        _say(f"\n{registered_table(registered)}")
    if apps.unreached:
        _say(f"\n{apps.unreached}")


def _open(apps: ReachableApps, options: Namespace) -> None:
    found = apps.find_or_start(options.app, _choose)
    if found.server is not None:
        found.server.open(options.where)
        return
    entry = found.entry
    open_in_lab(
        {"kernel_id": entry.kernel_id, "slug": entry.slug, "title": entry.title, "mode": options.where}
    )


def _stop(apps: ReachableApps, options: Namespace) -> None:
    found = apps.find(options.app, _choose)
    if found.server is not None:
        found.server.stop()
    else:
        apps.asked().stop(found.entry)
    _say(f"{reference(found.entry)} has ended")


def _restart(apps: ReachableApps, options: Namespace) -> None:
    found = apps.find(options.app, _choose)
    if found.server is not None:
        life = life_cycle_of(found.server)
        life.end()
        life.start_again()
    else:
        apps.asked().restart(found.entry)
    _say(f"{reference(found.entry)} runs again")


def _status(apps: ReachableApps, _: Namespace) -> None:
    own = [app for app in apps.running() if app.server is not None]
    place = f"kernel {apps.kernel_id}" if apps.kernel_id else "this process"
    _say(f"jupyter_trame {__version__} in {place}")
    _say(apps.unreached or f"Jupyter server: {apps.asked().server.url}")
    _say(f"\n{running_table(app.entry for app in own)}")
    for app in own:
        _say_errors(app)


def _say_errors(app: FoundApp) -> None:
    if app.server is None:
        return
    errors, hints = app.server.errors, runtime_of(app.server).user_code.hints.values()
    if errors:
        _say(
            f"\n{app.entry.name}: {_count(len(errors))}, the latest in {errors[-1].where}: {errors[-1].message}"
        )
    for hint in hints:
        _say(f"\n{app.entry.name}: hint: {hint.message} ({hint.where})")


def _count(errors: int) -> str:
    return f"{errors} error" if errors == 1 else f"{errors} errors"


def _doctor(apps: ReachableApps, options: Namespace) -> Report:
    if not options.app:
        return apps.asked().doctor()
    found = apps.find(options.app, _choose)
    return found.server.doctor() if found.server is not None else apps.asked().doctor(found.entry)


def _choose(several: SeveralAppsError) -> RunningEntry:
    """Ask below the cell; where nobody can be asked the error says which ones there are."""
    _say(listed(several))
    try:
        return picked(several, input("which one (its number; empty for none)? "))
    except (StdinNotImplementedError, EOFError):
        raise several from None


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


_COMMANDS: Mapping[str, Callable[[ReachableApps, Namespace], Any]] = {
    "list": _list,
    "open": _open,
    "stop": _stop,
    "restart": _restart,
    "status": _status,
    "doctor": _doctor,
}
