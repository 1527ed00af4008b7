"""What a server keeps of its links, and of its clients: over which link each is reached, and what of it is settled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Protocol

from jupyter_trame.protocol.kept import Kept
from jupyter_trame.protocol.link import ClientOpened, LinkOp, Resume, Taken
from jupyter_trame.protocol.outbox import Outbox
from jupyter_trame.types import ClientId, Packed, StateKey

__all__ = ["ClientList", "KnownClient", "LinkEnd", "LinkOutput"]

_SMALL = 64
_CALLS = 4096
"""Calls of one client whose answers are known to come; of older ones nobody knows."""


class LinkOutput(Protocol):
    """Where the operations for one replica go."""

    def send(self, *ops: LinkOp) -> bool:
        """Take `ops`, without blocking. False: hold the next ones back until `Primary.drained`."""

    def close(self, reason: str) -> None:
        """End the link; `Primary.detach` follows."""


class LinkEnd:
    """The way to one replica, in order: what can leave at once, what is held, what waits.

    Not thread-safe: the primary's lock is around it.
    """

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


@dataclass(slots=True, eq=False)
class KnownClient:
    """What is kept of a client over a link's reconnects."""

    link: LinkEnd
    received: int = 0
    """Number of the last write that came."""
    applied: int = 0
    """Number of the last write that is settled."""
    gone: bool = False
    """Whether the client has left, and is kept only until its last write is settled."""
    token: bytes = b""
    """Hash of its resume token; empty for one that resumes nothing."""
    identity: str | None = None
    """Whose token that is."""
    package: str = ""
    """The version of jupyter_trame that it has; empty where it does not say so."""
    since: int = 0
    """Number of the newest message when it came: it needs those after it."""
    got: int = 0
    """How many of its messages came, up to the last call."""
    calls: dict[str, None] = field(default_factory=dict)
    """Calls that are not answered, oldest first."""
    open: dict[int, tuple[tuple[StateKey, ...], Mapping[StateKey, Packed]]] = field(default_factory=dict)
    """Writes that are not settled: all keys, and the values that others may see as they came."""
    kept: Kept | None = None
    """Messages to it alone that it may not have read."""

    def asked(self, request_id: str) -> None:
        """The client waits for an answer to `request_id`."""
        self.calls[request_id] = None
        if len(self.calls) > _CALLS:
            del self.calls[next(iter(self.calls))]


class ClientList:
    """Clients by id. Not thread-safe: the primary's lock is around it."""

    def __init__(self) -> None:
        self._known: dict[ClientId, KnownClient] = {}

    def __iter__(self) -> Iterator[ClientId]:
        """Those that have not left."""
        return (client for client, known in self._known.items() if not known.gone)

    @property
    def packages(self) -> list[str]:
        """What each of those that have not left says of its version; see `KnownClient.package`."""
        return [known.package for known in self._known.values() if not known.gone]

    def __contains__(self, client: ClientId) -> bool:
        known = self._known.get(client)
        return known is not None and not known.gone

    def get(self, client: ClientId) -> KnownClient | None:
        """What is kept of `client`; None for one that was never here, or left and has nothing open."""
        return self._known.get(client)

    def opened(self, op: ClientOpened, link: LinkEnd, since: int = 0) -> KnownClient | None:
        """A client is reached over `link`, and needs the messages after `since`; None if it was here before."""
        known = self._known.get(op.client)
        if known is not None:
            known.link = link
            return None
        known = KnownClient(link, token=op.token, identity=op.identity, package=op.package, since=since)
        self._known[op.client] = known
        return known

    def find(self, op: Resume) -> tuple[ClientId, KnownClient] | None:
        """The client whose session `op` asks for."""
        for client, known in self._known.items():
            if known.token and compare_digest(known.token, op.token):
                return (client, known) if known.identity == op.identity and not known.gone else None
        return None

    def tick(self) -> None:
        """See `Kept.tick`."""
        for known in self._known.values():
            if known.kept is not None:
                known.kept.tick()

    def closed(self, client: ClientId) -> bool:
        """`client` has left; False if it was not here."""
        known = self._known.get(client)
        if known is None or known.gone:
            return False
        known.gone = True
        self._drop_if_done(client, known)
        return True

    def applied(self, client: ClientId, number: int) -> KnownClient | None:
        """The writes of `client` up to `number` are settled; what was kept of it until now."""
        known = self._known.get(client)
        if known is not None:
            known.applied = max(known.applied, number)
            for settled in [n for n in known.open if n <= number]:
                del known.open[settled]
            self._drop_if_done(client, known)
        return known

    def drop(self, link: LinkEnd) -> list[ClientId]:
        """Forget those that are reached over `link`; the ones of them that had not left."""
        lost = [client for client, known in self._known.items() if known.link is link]
        return [client for client in lost if not self._known.pop(client).gone]

    def _drop_if_done(self, client: ClientId, known: KnownClient) -> None:
        """Other clients show the writes of one that left: it is forgotten when the last one is settled."""
        if known.gone and known.applied >= known.received:
            del self._known[client]
