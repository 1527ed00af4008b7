"""Versions that others say they have: they are told to users, and stand in commands that users type."""

import re

__all__ = ["read_package"]

_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!_-]{0,63}")
"""Characters of PEP 440, so that no command of a shell ends in one."""


def read_package(value: object) -> str:
    """The version that somebody else has said; empty for what is none, and for one of more than 64 characters."""
    return value if isinstance(value, str) and _VERSION.fullmatch(value) else ""
