"""What is installed in the environment of this process."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

__all__ = ["installed"]


def installed(names: Iterable[str]) -> dict[str, str]:
    """Versions of Python and of those of the distributions `names` that are there."""
    found = {"Python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
