"""What Tab offers behind ``%trame``: commands, names of apps, places, files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from jupyter_trame.magics.magic_parser import CELL_OPTIONS, COMMANDS, PLACES
from jupyter_trame.runtime import registry

__all__ = ["complete_magic"]

_PATIENCE = 0.5
"""Seconds for the Jupyter server: who types waits for it."""
_MAGIC = re.compile(r"\s*(?P<magic>%%?)trame\s+(?P<rest>.*)")
_WITH_APP = frozenset({"open", "stop", "restart", "doctor"})


@context_matcher(identifier="jupyter_trame", priority=10)  # type: ignore[untyped-decorator] # IPython has few types
def complete_magic(context: CompletionContext) -> SimpleMatcherResult:
    """What may stand at the cursor in a line of the magics: a matcher of IPython's completer.

    Where it knows something nobody else is asked: names of Python have no place there. The kernel's main thread.
    """
    match = _MAGIC.fullmatch(context.text_until_cursor)
    if match is None or (match["magic"] == "%%" and context.cursor_line > 0):
        return {"completions": []}
    words = match["rest"].split()
    begun = words.pop() if words and not match["rest"][-1:].isspace() else ""
    offered = _in_cell(words) if match["magic"] == "%%" else _in_line(words, begun)
    found = [SimpleCompletion(text, type="magic") for text in offered if text.startswith(begun)]
    return {"completions": found, "matched_fragment": begun, "ordered": True, "suppress": True}


def _in_line(words: list[str], begun: str) -> Iterable[str]:
    match words:
        case []:
            return COMMANDS
        case [command] if command in _WITH_APP:
            return _app_names(registered=command == "open")
        case ["open", _]:
            return PLACES
        case ["run"]:
            return _files(begun)
    return ()


def _in_cell(words: list[str]) -> Iterable[str]:
    return CELL_OPTIONS if words else registry.process.servers


def _app_names(*, registered: bool) -> list[str]:
    from jupyter_trame.magics.reachable_apps import ReachableApps

    apps = ReachableApps(patience=_PATIENCE)
    running = [app.entry.name for app in apps.running()]
    more = [entry.name for entry in apps.registered()] if registered and not apps.unreached else []
    return list(dict.fromkeys([*running, *more]))


def _files(begun: str) -> Iterable[str]:
    """Python files and folders beside what is begun."""
    folder, slash, _ = begun.rpartition("/")
    try:
        found = sorted(Path(f"{folder}{slash}" or ".").expanduser().iterdir())
    except OSError:
        return
    for path in found:
        if path.is_dir() and not path.name.startswith("."):
            yield f"{folder}{slash}{path.name}/"
        elif path.suffix == ".py":
            yield f"{folder}{slash}{path.name}"
