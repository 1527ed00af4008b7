"""What a system makes of a part of a path: the name of an entry, or more than that."""

import os

__all__ = ["is_taken_apart"]


def is_taken_apart(part: str, system: str = os.name) -> bool:
    """Whether `part`, which has no slash, is more than one name to the system: a folder, drive or stream of Windows."""
    return system == "nt" and not {"\\", ":"}.isdisjoint(part)
