"""How a link over a kernel's messages begins: what a Jupyter server and a kernel that it cannot see say first.

The comm's opening message holds `VERSION` and, as a buffer, `PROBE`. The kernel answers with a probe of its own, as a
buffer, and then with text: so each side knows which of its messages may have buffers before it sends one that matters.

Where the kernel is behind a gateway it is asked for no probe, and sends text alone: what it sends goes to everybody,
and jupyter-server's connection between a page and a gateway ends with the first buffer that is no UTF-8.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from jupyter_trame.errors import ProtocolError
from jupyter_trame.transports.rendezvous import Record, read_document

__all__ = ["ALIVE", "PROBE", "TARGET", "VERSION", "announced", "announcement"]

TARGET = "jupyter_trame.link"
"""The comm target that a kernel with servers registers."""
VERSION = 1
PROBE = b"\x00\xff jupyter_trame"
"""No text in any encoding that somebody on the way could take it for."""
ALIVE = 10.0
"""Seconds between two words of a Jupyter server, which say how many messages came: a last one may have been lost."""


def announcement(record: Record | None) -> dict[str, Any] | None:
    """`record` for a message; None where no server runs."""
    return None if record is None else asdict(record)


def announced(document: object) -> Record | None:
    """What `announcement` made. Raises `ProtocolError` for anything else."""
    if document is None:
        return None
    try:
        if not isinstance(document, Mapping):
            raise TypeError(f"expected an object, got {type(document).__name__}")
        return read_document(document)
    except (LookupError, TypeError, ValueError) as error:
        raise ProtocolError(f"the kernel's record is not understood: {error}") from error
