"""Which app somebody means by a name: one that runs, or one that is registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from jupyter_trame.command_line.rest_client import RegisteredEntry, RunningEntry
from jupyter_trame.core.spelling import nearest
from jupyter_trame.errors import TrameError
from jupyter_trame.log_text import foreign

__all__ = [
    "Choose",
    "SeveralAppsError",
    "UnknownAppError",
    "choose_running",
    "listed",
    "picked",
    "reference",
    "registered_named",
    "unknown",
]

_SHORT = 8
"""Characters of a kernel's id that people are shown."""


class UnknownAppError(TrameError, LookupError):
    """No app has the name; the message begins with the nearest one."""


class SeveralAppsError(TrameError, LookupError):
    """Several apps have the name, in different kernels."""

    def __init__(self, name: str, found: Sequence[RunningEntry]) -> None:
        super().__init__(name, found)
        self.name = name
        self.found = list(found)

    def __str__(self) -> str:
        known = ", ".join(map(reference, self.found))
        return f"say which app {self.name!r} is meant, with the kernel that it runs in: {known}"


Choose: TypeAlias = Callable[[SeveralAppsError], RunningEntry]
"""Asks the user which one is meant; raises the error again where nobody can be asked."""


def listed(several: SeveralAppsError) -> str:
    """The apps that may be meant, a numbered line each."""
    lines = (
        f"  {number}  {reference(entry)}  {foreign(entry.path or entry.title)}"
        for number, entry in enumerate(several.found, 1)
    )
    return "\n".join([f"several apps are called {several.name!r}:", *lines])


def picked(several: SeveralAppsError, answer: str) -> RunningEntry:
    """The app whose number in `listed` is `answer`. Raises `several` where it is none of them."""
    if answer.strip().isdecimal() and 1 <= int(answer) <= len(several.found):
        return several.found[int(answer) - 1]
    raise several


def reference(entry: RunningEntry) -> str:
    """What names this app alone: the beginning of its kernel's id, and its slug."""
    return f"{entry.kernel_id[:_SHORT]}/{entry.slug}" if entry.kernel_id else entry.slug


def choose_running(wanted: str, running: Iterable[RunningEntry]) -> RunningEntry | None:
    """The app that `wanted` means: its name or slug, or these behind the beginning of its kernel's id and a slash.

    None where no app has the name. Raises `SeveralAppsError`.
    """
    kernel, slash, name = wanted.rpartition("/")
    found = [
        entry
        for entry in running
        if name in {entry.name, entry.slug} and (not slash or (kernel and entry.kernel_id.startswith(kernel)))
    ]
    # One app's name may be another's slug: a reference has the slug, people say the name.
    named = [entry for entry in found if name == (entry.slug if slash else entry.name)] or found
    if len(named) > 1:
        raise SeveralAppsError(wanted, named)
    return named[0] if named else None


def registered_named(wanted: str, registered: Iterable[RegisteredEntry]) -> RegisteredEntry | None:
    """The registered app of the name `wanted`, if there is one."""
    return next((entry for entry in registered if entry.name == wanted), None)


def unknown(
    wanted: str, running: Iterable[RunningEntry], registered: Iterable[RegisteredEntry] = ()
) -> UnknownAppError:
    """What is to be said where no app is called `wanted`."""
    names = dict.fromkeys([*(entry.name for entry in running), *(entry.name for entry in registered)])
    near = nearest(wanted.rpartition("/")[2], names)
    if near is not None:
        return UnknownAppError(f"is {near!r} meant? no app is called {wanted!r}")
    known = f"there: {', '.join(names)}" if names else "none runs"
    return UnknownAppError(f"no app is called {wanted!r}; {known}")
