"""A small app for each widget package, and what a user does with it.

Each module has ``app(server)``, which builds the app, and ``drive(view)``, which uses it and waits for Python's answer.
`DISTRIBUTION` is what pip installs, `FRAMED` says that a cell shows the app in a frame, `REMARKS` what else to know.
"""

import importlib

__all__ = ["is_framed"]


def is_framed(name: str) -> bool:
    """Whether a cell shows the app of this module in a frame."""
    return bool(importlib.import_module(f"{__name__}.{name}").FRAMED)
