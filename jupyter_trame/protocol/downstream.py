"""The way from a server to one replica, in order: what can leave at once, what is held, what waits."""

from typing import Protocol

from jupyter_trame.protocol.link import LinkOp, Taken
from jupyter_trame.protocol.outbox import Outbox
from jupyter_trame.types import ClientId

__all__ = ["LinkEnd", "LinkOutput"]

_SMALL = 64


class LinkOutput(Protocol):
    """Where the operations for one replica go."""

    def send(self, *ops: LinkOp) -> bool:
        """Take `ops`, without blocking. False: hold the next ones back until `Primary.drained`."""

    def close(self, reason: str) -> None:
        """End the link; `Primary.detach` follows."""


class LinkEnd:
    """One replica as the server sees it. Not thread-safe: the primary's lock is around it."""

    __slots__ = ("_taken", "_untold", "blocked", "held", "outbox", "output", "remote")

    def __init__(self, output: LinkOutput, limit: int, *, remote: bool = False) -> None:
        """`limit`: bytes of messages that may wait. `remote`: the replica may die without the server."""
        self.remote = remote
        self.output = output
        self.outbox: Outbox[LinkOp] = Outbox(limit)
        """What waits while the link is blocked."""
        self.blocked = False
        """Whether the output wants no more for now."""
        self.held: list[LinkOp] = []
        """What leaves together with the next operation; empty while the link is blocked."""
        self._taken: dict[ClientId, int] = {}
        self._untold = 0

    def send(self, *ops: LinkOp) -> None:
        """Hand `ops` over, behind what is held. Only while the link is not blocked."""
        held, self.held = self.held, []
        self.blocked = not self.output.send(*held, *ops)

    def taken(self, client: ClientId, cost: int, tell_at: int) -> Taken | None:
        """Something of `client` was taken; what to tell the replica, once that are `tell_at` bytes together."""
        self._taken[client] = self._taken.get(client, 0) + cost
        self._untold += cost
        if self._untold < tell_at:
            return None
        told, self._taken, self._untold = Taken(self._taken), {}, 0
        return told

    @property
    def waiting(self) -> int:
        """Messages that are held back. Any thread."""
        return self.outbox.messages + len(self.held)

    def queue(self, op: LinkOp, size: int = _SMALL) -> bool:
        """Send the message-like `op` of `size` bytes, or let it wait its turn; False when too much waits then."""
        if self.blocked:
            return self.outbox.add_message(op, size)
        self.send(op)
        return True
