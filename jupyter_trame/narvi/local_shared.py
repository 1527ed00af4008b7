"""What the sockets and instances of one local host share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_trame.execution.mailbox import Mailbox
from jupyter_trame.narvi.slow_sessions import SlowSessions
from jupyter_trame.narvi.total_backlog import TotalBacklog

if TYPE_CHECKING:  # an instance in a kernel of its own has no sockets, and loads no web server
    from jupyter_trame.narvi.shared_socket import SharedSocket

__all__ = ["LocalShared"]


@dataclass(frozen=True, slots=True)
class LocalShared:
    """Made on the loop; each part says which threads may use it."""

    mailbox: Mailbox = field(default_factory=Mailbox)
    """The way to the loop."""
    slow: SlowSessions = field(default_factory=SlowSessions)
    unsent: TotalBacklog = field(
        default_factory=lambda: TotalBacklog("reads less than others, and too much waits")
    )
    """What waits for pages."""
    unread: TotalBacklog = field(
        default_factory=lambda: TotalBacklog("began a message, as too many others did")
    )
    """What came of messages of pages that are not complete."""
    instances: set[object] = field(default_factory=set)
    """Those that run, which share the room for messages of pages. The loop changes it, all threads count them."""
    lines: dict[str, SharedSocket] = field(default_factory=dict)
    """Session -> its socket, once the page was greeted. The loop changes it, all threads read it."""
