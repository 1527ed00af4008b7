"""Which packages an app needs, and the command that installs those that are not there."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, PackageNotFoundError, version

from packaging.requirements import InvalidRequirement, Requirement

__all__ = ["install_command", "requirement_of"]


def requirement_of(entry: EntryPoint) -> str:
    """What pip installs for the app, such as ``name[extra]``; empty where nobody says which package it is of.

    The extras are those that the entry point names: ``app = package:app [extra]``.
    """
    if entry.dist is None:
        return ""
    extras = f"[{','.join(sorted(entry.extras))}]" if entry.extras else ""
    return f"{entry.dist.name}{extras}"


def install_command(entry: EntryPoint) -> str:
    """How to install what the app lacks in the environment of this process; empty where it lacks nothing."""
    if entry.dist is None or not any(_lacks(each) for each in _requirements(entry)):
        return ""
    return f"pip install '{requirement_of(entry)}'"


def _requirements(entry: EntryPoint) -> Iterable[Requirement]:
    """What the app's package requires, its extras included; what cannot be read is passed over."""
    assert entry.dist is not None
    for text in entry.dist.requires or ():
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *entry.extras)):
            yield requirement


def _lacks(requirement: Requirement) -> bool:
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return True
    return not requirement.specifier.contains(found, prereleases=True)
