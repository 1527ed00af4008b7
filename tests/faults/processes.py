"""What other processes hold: memory, files, threads."""

import re
from pathlib import Path

import psutil

__all__ = ["MEGABYTE", "kernels", "memory", "reset_peak"]

MEGABYTE = 1 << 20


def memory(pid: int, what: str = "VmRSS") -> int:
    """In bytes: what is in memory now, or with ``VmHWM`` the peak."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) << 10


def reset_peak(pid: int) -> None:
    """The peak starts anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def kernels(server: int) -> set[int]:
    """The processes of the kernels that a Jupyter server has."""
    children = psutil.Process(server).children()
    return {child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE}
