"""How kernels that tests start are spoken to."""

from pathlib import Path

__all__ = ["kernel_transport"]

_LONGEST = 103
"""Bytes of the path of a Unix socket on macOS, which allows the fewest."""
_SUFFIX = len("-ipc-5")
"""What Jupyter makes of the path of a connection file, without its ending, for the last of five sockets."""


def kernel_transport(runtime: Path, stem: str = f"kernel-{'0' * 36}") -> str:
    """`KernelManager.transport` for connection files named `stem` in `runtime`: `ipc` where its sockets can be there.

    Of the ports of `tcp`, which are free when the connection file is written, another process may take one before
    the kernel does: it then ends with "Address already in use".
    """
    try:
        path = str(runtime / stem).encode()
    except UnicodeEncodeError:  # ZeroMQ takes text
        return "tcp"
    return "ipc" if len(path) + _SUFFIX <= _LONGEST else "tcp"
