"""Writes that wait in a replica, because their server takes no more for now, or because there is no link to it.

All that one client writes meanwhile becomes one write where nobody can tell the difference: it waits at the end, under
the number of the newest, and a key has the value of the last write of it. So a long cell costs what its clients' state
costs, not what they do.
"""

from jupyter_trame.protocol.link import ClientClosed, Write, cost_of
from jupyter_trame.types import ClientId, StateKey

__all__ = ["HeldWrites"]

_ANSWER = 64
"""Bytes of an answer that is due, beside the id of its request."""


class HeldWrites:
    """First in, first out; what joins a write that waits goes to the end with it."""

    def __init__(self) -> None:
        self.size = 0
        """What all of it costs, in bytes."""
        self._ops: dict[int, Write | ClientClosed] = {}
        self._costs: dict[int, int] = {}
        self._next = 0
        self._newest: dict[ClientId, tuple[int, bool]] = {}
        """Where the last write of a client is, and whether another one may join it."""
        self._writers: dict[StateKey, int] = {}
        """Where the last write of a key is."""
        self._leaving: set[ClientId] = set()
        self._sizes: dict[ClientId, int] = {}
        self._numbers: set[tuple[ClientId, int]] = set()

    def __len__(self) -> int:
        return len(self._ops)

    def __contains__(self, origin: tuple[ClientId, int]) -> bool:
        """Whether the write of that client and number waits here."""
        return origin in self._numbers

    def of(self, client: ClientId) -> int:
        """What the writes of `client` cost, in bytes; 0 without any."""
        return self._sizes.get(client, 0)

    def partner(self, op: Write, *, across: bool = False) -> Write | None:
        """The write that `op` may join: the last one of its client, if nobody else wrote a key of the two after it.

        `across`: a key of `op` may have been written by others, whose values then are seen without the one between.
        """
        place, open_ = self._newest.get(op.client, (0, False))
        held = self._ops[place] if open_ else None
        if not isinstance(held, Write):
            return None
        writers = self._writers
        new = {key for key, _ in op.values}
        if any(writers[key] > place for key, _ in held.values if not (across and key in new)):
            return None
        if not across and any(writers.get(key, place) > place for key in new):
            return None
        return held

    def add(self, op: Write, *, joinable: bool, instead_of: Write | None = None) -> None:
        """Let `op` wait, in the place of the partner that it has joined. `joinable`: the next one may join it."""
        cost = cost_of(op)
        if instead_of is not None:
            joined = self._newest[op.client][0]
            cost += self._costs[joined] - cost_of(instead_of)
            if instead_of.request_id is not None:
                cost += _ANSWER + len(instead_of.request_id)
            self._take(joined)
        place = self._append(op)
        self._costs[place] = cost
        self._newest[op.client] = (place, joinable)
        self._writers.update((key, place) for key, _ in op.values)
        self._numbers.add((op.client, op.number))
        self._count(op.client, cost)

    def leave(self, client: ClientId) -> None:
        """`client` has left; that waits for its writes, of which there is one."""
        if client not in self._leaving:
            self._leaving.add(client)
            self._append(ClientClosed(client))

    def pop(self) -> Write | ClientClosed:
        """The oldest."""
        return self._take(next(iter(self._ops)))

    def _append(self, op: Write | ClientClosed) -> int:
        self._next += 1
        self._ops[self._next] = op
        return self._next

    def _take(self, place: int) -> Write | ClientClosed:
        op = self._ops.pop(place)
        if isinstance(op, ClientClosed):
            self._leaving.discard(op.client)
            return op
        if self._newest[op.client][0] == place:
            del self._newest[op.client]
        for key, _ in op.values:
            if self._writers.get(key) == place:
                del self._writers[key]
        self._numbers.discard((op.client, op.number))
        self._count(op.client, -self._costs.pop(place))
        return op

    def _count(self, client: ClientId, change: int) -> None:
        self.size += change
        left = self._sizes.get(client, 0) + change
        if left:
            self._sizes[client] = left
        else:
            self._sizes.pop(client, None)
