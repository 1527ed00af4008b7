"""The way from a replica to its server, and what the server knows of the clients.

A link may break under a message. Clients that the server takes for present would stay for ever, so what it was
told last is told again over the next link.

A server grants each link a window: what was sent and not taken by its loop. Writes beyond it, and all writes while
there is no link, wait here and join each other (`held_writes`). Calls do not wait here, since some are answered beside
a busy loop: one that is sent goes behind what its client wrote before, one that is too much is refused.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from jupyter_trame.protocol.held_writes import HeldWrites
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import (
    Call,
    ClientClosed,
    ClientOpened,
    LinkOp,
    Resume,
    Seen,
    Taken,
    Write,
    cost_of,
)
from jupyter_trame.types import ClientId, Epoch, StateKey

__all__ = ["Plan", "Upstream"]

_LEFT = 1000

Send = Callable[[LinkOp], object]


@dataclass(slots=True)
class Plan:
    """What is going to happen with a write."""

    op: Write
    joinable: bool
    """Whether another one may join it while it waits."""
    partner: Write | None = None
    """The write that waits and became part of `op`."""


class Upstream:
    """Sends what goes to the server, over one link after the other; each replica has one.

    Calls while there is none are dropped, writes wait.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._window = limits.window
        self._send: Send | None = None
        self._next: Send | None = None
        self._known: dict[ClientId, None] = {}
        """Clients of which the server has heard, and not that they are gone."""
        self._left: deque[ClientId] = deque(maxlen=_LEFT)
        """The last ones of which it was told that they are gone."""
        self._held = HeldWrites()
        self._flying: dict[ClientId, int] = {}
        """Bytes that were sent and not taken."""
        self._in_flight = 0

    @property
    def live(self) -> bool:
        """Whether there is a server to send to."""
        return self._send is not None

    @property
    def ready(self) -> bool:
        """Whether what is written now leaves at once."""
        return self._send is not None and not self._held and self._in_flight < self._window

    @property
    def waits(self) -> bool:
        """Whether writes wait here."""
        return bool(self._held)

    def attach(self, send: Send) -> None:
        """`send` reaches a server; it is used from its snapshot on."""
        self._send, self._next = None, send

    def detach(self) -> None:
        """The link is gone."""
        self._send = self._next = None

    def pause(self) -> None:
        """No server is behind the link: nothing is sent before the next snapshot."""
        self._next = self._send or self._next
        self._send = None

    def forget(self) -> None:
        """The server starts another life and knows nobody."""
        self._known.clear()
        self._left.clear()
        self._held = HeldWrites()

    # -- writes and calls

    def plan(self, op: Write, *, joinable: bool) -> Plan | None:
        """What `hold` will do with `op`, while not `ready`; None when too much waits. `joinable`: see `Plan`."""
        held, cost = self._held, cost_of(op)
        fits = self._may_wait(op.client, cost)
        partner = held.partner(op) if held and joinable else None
        if partner is None and not fits and joinable:
            partner = held.partner(op, across=True)
        if partner is None:
            return Plan(op, joinable) if fits else None
        joined = Write(
            op.client, op.number, op.request_id, [*(dict(partner.values) | dict(op.values)).items()]
        )
        joined.decoded = _joined_values(partner, op)
        joined.covered = partner.covered or []
        if partner.request_id is not None:
            joined.covered.append(partner.request_id)
        if not fits and not self._may_wait(op.client, cost_of(joined) - cost_of(partner)):
            return None
        return Plan(joined, joinable, partner)

    def write(self, op: Write) -> None:
        """Send the write. Only while `ready`."""
        cost = cost_of(op)
        flying = self._flying
        flying[op.client] = flying.get(op.client, 0) + cost
        self._in_flight += cost
        if self._send is not None:
            self._send(op)

    def hold(self, plan: Plan) -> None:
        """Let the write wait."""
        self._held.add(plan.op, joinable=plan.joinable, instead_of=plan.partner)

    def call(self, op: Call) -> bool:
        """Send `op` behind what its client wrote; False when too much waits for the server. Only while `live`."""
        cost = cost_of(op)
        if self._held or self._in_flight + cost >= self._window:
            if not self._may_call(op.client, cost):
                return False
            while self._held.of(op.client):
                self._forward(self._held.pop())
        self._spend(op, cost)
        return True

    def taken(self, op: Taken) -> None:
        """The server's loop has come to some of what was sent."""
        for client, size in op.clients.items():
            sent = self._flying.pop(client, 0)
            left = max(sent - size, 0)
            self._in_flight -= sent - left
            if left:
                self._flying[client] = left
        self._release()

    def _may_call(self, client: ClientId, size: int) -> bool:
        mine = self._flying.get(client, 0) + self._held.of(client)
        # What was taken is not told at once: so little may be nothing.
        little = mine <= self._window // 4
        return self._fits(mine + size, self._in_flight + self._held.size, little=little)

    def _may_wait(self, client: ClientId, size: int) -> bool:
        mine = self._held.of(client)
        return size <= 0 or self._fits(mine + size, self._held.size, little=mine == 0)

    def _fits(self, mine: int, others: int, *, little: bool) -> bool:
        if little:
            return others < self._limits.waiting * 2
        return others < self._limits.waiting and mine <= self._limits.client_waiting

    def _release(self) -> None:
        while self._send is not None and self._held and self._in_flight < self._window:
            self._forward(self._held.pop())

    def _forward(self, op: Write | ClientClosed) -> None:
        if isinstance(op, ClientClosed):
            self._tell_closed(op.client)
        else:
            self._spend(op, cost_of(op))

    def _spend(self, op: Write | Call, cost: int) -> None:
        self._flying[op.client] = self._flying.get(op.client, 0) + cost
        self._in_flight += cost
        if self._send is not None:
            self._send(op)

    # -- clients

    def opened(self, op: ClientOpened) -> None:
        """A client said hello."""
        if self._send is not None:
            self._known[op.client] = None
            self._send(op)

    def ask(self, op: Resume) -> None:
        """Whether the server knows a session. Only while `live`."""
        if self._send is not None:
            self._send(op)

    def adopted(self, client: ClientId) -> None:
        """The server has said that it reaches `client` over this link."""
        self._known[client] = None

    def closed(self, client: ClientId) -> None:
        """`client` is gone. Without a link the server hears of it from `resume`."""
        if self._send is None or client not in self._known:
            return
        if self._held.of(client):
            self._held.leave(client)  # the server takes no write of somebody who left
        else:
            self._tell_closed(client)

    def _tell_closed(self, client: ClientId) -> None:
        if self._send is not None and client in self._known:
            del self._known[client]
            self._left.append(client)
            self._send(ClientClosed(client))

    def resume(
        self,
        clients: Iterable[ClientOpened],
        writes: Iterable[Write],
        window: int | None = None,
        *,
        seen: Epoch | None = None,
    ) -> None:
        """The snapshot is here: tell of the present clients, of open writes, of who left.

        Writes come before the news that their author left: the server takes none of somebody it does not know. What
        was sent over the link before is sent again whatever the `window`, which is what the server grants, in bytes.
        `seen` is the life of the server, if it is another one than before.
        """
        self._send, self._next = self._next or self._send, None
        if seen is not None and self._send is not None:
            self._send(Seen(seen))
        self._window = self._limits.window if window is None else window
        self._flying.clear()
        self._in_flight = 0
        here = {op.client: op for op in clients}
        for op in here.values():
            self.opened(op)
        for write in writes:
            if write.client not in self._known and write.client not in self._left:
                self.opened(ClientOpened(write.client, native=False))
            if (write.client, write.number) not in self._held:
                self._forward(write)
        for client in list(self._left):
            if self._send is not None:
                self._send(ClientClosed(client))
        for client in list(self._known):
            if client not in here:
                self.closed(client)
        self._release()


def _joined_values(first: Write, second: Write) -> dict[StateKey, Any] | None:
    """The decoded values of both; one of `first` that `second` replaces is not among them."""
    if first.decoded is None:
        return second.decoded
    replaced = {key for key, _ in second.values}
    kept = {key: value for key, value in first.decoded.items() if key not in replaced}
    return kept | (second.decoded or {})
