"""What the server says, to the clients of a replica that it concerns."""

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.delivery import Delivery
from jupyter_trame.protocol.envelope import numbered, pack_result
from jupyter_trame.protocol.link import Commit, Message, Settle
from jupyter_trame.protocol.roster import Roster
from jupyter_trame.protocol.session import Frames, Session
from jupyter_trame.protocol.table import Table
from jupyter_trame.protocol.views import OpenWrites

__all__ = ["Fanout"]


class Fanout:
    """Takes the operations that change what clients see, in the order in which the server sent them."""

    def __init__(self, table: Table, roster: Roster, writes: OpenWrites, out: Delivery) -> None:
        self._table = table
        self._roster = roster
        self._writes = writes
        self._out = out

    def commit(self, op: Commit) -> None:
        """Values have changed. Raises `LinkError` for a reference to a write that is not open."""
        for key, packed in op.values:
            if packed is None and op.origin is not None:
                packed = self._writes.value(op.origin, key)
            if packed is None:
                raise LinkError(f"a commit of {key!r} refers to a write that is not known: {op.origin}")
            self._table.store(key, packed, op.seq)
        self._table.seq = op.seq
        keys = [key for key, _ in op.values]
        for session in self._roster:
            view = session.view
            due = [key for key in keys if key not in view] if view else keys
            if due:
                self._out.keys(session, due)

    def settle(self, op: Settle) -> None:
        """A write was applied: its author is told, and everybody views what came of it."""
        author = self._roster.get(op.client)
        if author is not None:
            author.settled = max(author.settled, op.number)
            if author.native and author.synced:
                # It leaves with or before the values that are due: the client drops them until it has read it.
                author.notice = op.number
                self._out.wake(author)
            for request_id in self._writes.covered((op.client, op.number)):
                self._out.reply(author, pack_result(request_id, None))
        for session, keys in self._writes.settle((op.client, op.number), self._roster, self._table):
            self._out.keys(session, keys)

    def message(self, op: Message) -> None:
        """An answer, or a publication. Clients of ours get it with its number."""
        size = len(op.envelope)
        made: dict[bool, Frames] = {}

        def send(session: Session, *, urgent: bool = False) -> None:
            frames = made.get(session.native)
            if frames is None:
                parts = numbered(op.envelope, op.number) if session.native else [op.envelope]
                frames = made[session.native] = self._table.frames(parts)
            self._out.message(session, frames, size, urgent=urgent)

        if op.client is None:
            for session in self._roster:
                if session.client_id != op.skip:
                    send(session)
        elif (receiver := self._roster.get(op.client)) is not None:
            send(receiver, urgent=True)
