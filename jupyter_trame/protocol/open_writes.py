"""How every client comes to the server's value, whatever crossed whatever.

A client sees the committed value of a key, unless the key is in ``session.provisional``: then it sees its own write or
another client's, on its way to the server.

* Commits of a key are not sent to a client that sees a provisional value of it. The link is first in, first out,
  so the write that it waits for is newer than the commit.
* When the write is settled, every client that saw it sees the committed value: nothing is sent to those
  whose bytes are the same, the value to the others. An author of ours has dropped what came in between; a
  stock author may show it, so it gets its value again if any other one was ever pushed to it.
* Who asks for the state sees what the others see, provisional values included. Who is away goes on seeing what
  the others see, and gets it when it resumes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jupyter_trame.protocol.access import is_client_writable
from jupyter_trame.protocol.envelope import StateWrite
from jupyter_trame.protocol.link import Write
from jupyter_trame.protocol.packing import same_bytes
from jupyter_trame.protocol.session import Provisional, Session
from jupyter_trame.protocol.table import Entry, Table
from jupyter_trame.types import ClientId, Packed, StateKey

__all__ = ["OpenWrites"]

Due = Iterator[tuple[Session, list[StateKey]]]


@dataclass(slots=True, eq=False)
class _OpenWrite:
    op: Write
    values: dict[StateKey, Provisional]
    fresh: dict[StateKey, Provisional]
    """Those of `values` that not everybody has been shown."""


class OpenWrites:
    """Writes that the server has not settled yet, in the order in which they went to it."""

    def __init__(self) -> None:
        self._writes: dict[tuple[ClientId, int], _OpenWrite] = {}

    def __iter__(self) -> Iterator[Write]:
        return iter([write.op for write in self._writes.values()])

    def clear(self) -> None:
        """Forget all: the server they were made for is gone."""
        self._writes.clear()

    def value(self, origin: tuple[ClientId, int], key: StateKey) -> Packed | None:
        """What the write `origin` gave `key`; None for a write that is not open."""
        write = self._writes.get(origin)
        return None if write is None or key not in write.values else write.values[key].shared

    def covered(self, origin: tuple[ClientId, int]) -> list[str]:
        """Requests that are answered when the write `origin` is settled, beside its own."""
        write = self._writes.get(origin)
        return [] if write is None else write.op.covered or []

    def open(
        self, op: Write, author: Session, values: list[StateWrite], *, instead_of: Write | None = None
    ) -> None:
        """`op` goes to the server, with the new `values`; it may have taken in the open write `instead_of`."""
        fresh = {value.key: Provisional(author, value.shared) for value in values}
        all_values = fresh
        if instead_of is not None:
            all_values = self._writes.pop((instead_of.client, instead_of.number)).values | fresh
        self._writes[op.client, op.number] = _OpenWrite(op, all_values, fresh)
        author.provisional.update(fresh)
        # What still waits here would leave before the settlement, and the author would drop it.
        author.outbox.discard_keys(fresh)

    def show(
        self, op: Write, author: Session, sessions: Iterable[Session], table: Table, *, strict: bool
    ) -> Due:
        """What is new in `op`, unless that is settled already, goes to every client that has no pending write of its
        own for the key.

        It sees the value from then on, and gets it unless it has the same bytes already.
        """
        write = self._writes.get((op.client, op.number))
        others = [session for session in sessions if session is not author and session.synced]
        if write is None or not others:
            return
        shared = dict(_visible(write.fresh, table, strict=strict))
        for session in others:
            fresh = []
            for key, value in shared.items():
                current = session.provisional.get(key)
                if current is None or current.author is not session:
                    session.provisional[key] = value
                    if not _shows(current, table.get(key), value.shared):
                        fresh.append(key)
            if fresh:
                yield session, fresh

    def joined(self, session: Session, table: Table, *, strict: bool) -> None:
        """`session` asked for the state: it sees what the others see, but for its own values."""
        for write in self._writes.values():
            for key, value in _visible(write.values, table, strict=strict):
                current = session.provisional.get(key)
                if current is None or current.author is not session:
                    session.provisional[key] = value

    def settle(self, origin: tuple[ClientId, int], sessions: Iterable[Session], table: Table) -> Due:
        """The write `origin` is applied; the clients and keys whose committed value has to be sent."""
        write = self._writes.pop(origin, None)
        if write is None:
            return
        for session in sessions:
            if session.provisional:
                due = [key for key, value in write.values.items() if _settle(session, key, value, table)]
                if due:
                    yield session, due


def _visible(
    values: dict[StateKey, Provisional], table: Table, *, strict: bool
) -> Iterator[tuple[StateKey, Provisional]]:
    """Those of `values` that other clients than the author may see."""
    for key, value in values.items():
        if value.shared and (not strict or is_client_writable(key, table.keys)):
            yield key, value


def _shows(current: Provisional | None, entry: Entry | None, packed: Packed) -> bool:
    """Whether a client that sees `current` of a key that is committed as `entry` has the value `packed`."""
    shown = current.shared if current is not None else None if entry is None else entry.packed
    return shown is not None and same_bytes(shown, packed)


def _settle(session: Session, key: StateKey, value: Provisional, table: Table) -> bool:
    """Make the committed value of `key` what `session` sees; whether it has to be sent for that."""
    if session.provisional.get(key) is not value:
        return False
    del session.provisional[key]
    entry = table.get(key)
    if entry is None:
        return False
    if not same_bytes(entry.packed, value.shared):
        return True
    if session.native or value.author is not session:
        return False
    # A pushed value may have crossed the write, and this client cannot tell us which came last.
    pushed = session.pushed.get(key)
    return pushed is not None and not same_bytes(entry.packed, pushed)
