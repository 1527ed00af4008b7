"""Apps as lines of a table, for terminals and cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from jupyter_trame.command_line.app_choice import reference
from jupyter_trame.command_line.rest_client import RegisteredEntry, RunningEntry
from jupyter_trame.log_text import foreign

__all__ = ["columns", "registered_table", "running_table"]

_OWNERS = {"launcher": "kernel of its own", "file": "kernel of its own"}


def running_table(entries: Iterable[RunningEntry]) -> str:
    """A line for each app that runs, below a heading."""
    rows = [
        (
            entry.name,
            entry.title,
            entry.path or _OWNERS.get(entry.owner, ""),
            str(entry.viewers),
            _local(entry.started),
            entry.kernel_state,
            reference(entry),
        )
        for entry in entries
    ]
    if not rows:
        return "no app runs"
    return columns(["NAME", "TITLE", "RUNS IN", "VIEWERS", "SINCE", "KERNEL", "REFERENCE"], rows)


def registered_table(entries: Iterable[RegisteredEntry]) -> str:
    """A line for each app that can be started, below a heading; empty where there is none."""
    rows = [(entry.name, entry.title, entry.install or entry.error or entry.description) for entry in entries]
    return columns(["REGISTERED", "TITLE", ""], rows) if rows else ""


def columns(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lines whose columns are as wide as what they hold; what others wrote is on one line each."""
    lines = [list(heading), *([foreign(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)


def _local(time: str | None) -> str:
    """An ISO 8601 time as the clock on the wall shows it."""
    try:
        return datetime.fromisoformat(time or "").astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return ""
