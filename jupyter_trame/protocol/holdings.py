"""What a replica holds, and its parts share: the packed state, sessions, writes, and what it knows of its server."""

from dataclasses import dataclass, field
from typing import Any

from jupyter_trame.names import STATUS_TOPIC
from jupyter_trame.protocol.delivery import Delivery, Sessions
from jupyter_trame.protocol.envelope import pack_publication
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.open_writes import OpenWrites
from jupyter_trame.protocol.table import Table
from jupyter_trame.protocol.upstream import Upstream

__all__ = ["Holdings", "ServerView", "pack_status"]


@dataclass(slots=True, eq=False)
class ServerView:
    """What a replica knows of its server."""

    info: dict[str, Any] = field(default_factory=dict, repr=False)
    """What the server says of itself (PROTOCOL.md, section 2); empty before the first snapshot."""
    status: tuple[str, str] = ("lost", "the kernel has not answered yet")
    """State and reason as in the status publication."""

    @property
    def strict(self) -> bool:
        """Whether clients may not write everything."""
        return bool(self.info.get("strict", True))

    @property
    def sends_tracebacks(self) -> bool:
        """Whether errors are answered with their traceback."""
        return bool(self.info.get("tracebacks", False))


@dataclass(frozen=True, slots=True, eq=False)
class Holdings:
    """Holds what the parts of one replica share."""

    limits: Limits
    server: ServerView
    table: Table
    sessions: Sessions
    writes: OpenWrites
    up: Upstream
    out: Delivery


def pack_status(state: str, message: str) -> bytes:
    """The publication that tells clients how the replica and the server get along."""
    return pack_publication(STATUS_TOPIC, {"state": state, "message": message})
