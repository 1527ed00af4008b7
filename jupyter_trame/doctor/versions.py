"""Which versions of jupyter_trame go together, and what to type where they do not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations
from shlex import quote

from jupyter_trame.doctor.report import Environment, Finding, Severity

__all__ = ["install_command", "skew", "version_findings"]

_PAGE = "page"
_RELEASE = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?")

_RELOAD = (
    "the page has older or newer code than its server: a reload of the page brings the one that is there now"
)


def version_findings(environments: Iterable[Environment]) -> list[Finding]:
    """What is to be said of each pair of `environments` whose versions differ; unknown ones are left out.

    Pages are compared with the first of the others, which serves them.
    """
    known = [each for each in environments if each.version]
    hosts = [each for each in known if each.place != _PAGE]
    served = [(page, hosts[0]) for page in known if page.place == _PAGE and hosts]
    pairs = [*combinations(hosts, 2), *served]
    return [found for one, other in pairs if (found := _compare(one, other)) is not None]


def skew(one: str, other: str) -> str:
    """How far two versions are apart: ``major``, ``minor``, ``patch``, or empty for the same."""
    if one == other:
        return ""
    parts = zip(_release(one), _release(other), ("major", "minor", "patch"), strict=True)
    return next((name for a, b, name in parts if a != b), "patch")


def install_command(place: str, version: str, python: str = "") -> tuple[str, str]:
    """What brings jupyter_trame of `version` to `place`, and where it is to be typed.

    `python` is the interpreter of that place, where it is known.
    """
    package = f'"jupyter-trame=={version}"' if version else "jupyter-trame"
    if place == "kernel":
        return f"%pip install {package}", "in a cell of the notebook; then restart the kernel"
    where = f"in a terminal of the {place}; then start the {place} again"
    return f"{quote(python or 'python')} -m pip install {package}", where


def _compare(one: Environment, other: Environment) -> Finding | None:
    distance = skew(one.version, other.version)
    if not distance:
        return None
    pair = f"jupyter_trame is {one.version} in the {one.place} and {other.version} in the {other.place}"
    severity, effect = _EFFECTS[distance]
    old, new = sorted((one, other), key=lambda each: _release(each.version))
    if one.place == _PAGE:
        return Finding(severity, f"{pair}: {_RELOAD}", "Ctrl+Shift+R", "in the page")
    command, where = install_command(old.place, new.version, old.python)
    return Finding(severity, f"{pair}: {effect}", command, where)


_EFFECTS: dict[str, tuple[Severity, str]] = {
    "major": ("error", "they may not understand each other"),
    "minor": ("warning", "what the newer one has added does not work with the older one"),
    "patch": ("note", "they work together"),
}


def _release(version: str) -> tuple[int, int, int]:
    found = _RELEASE.match(version)
    major, minor, patch = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return major, minor, patch
