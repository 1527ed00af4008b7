"""What goes to the clients of a replica: their queues, and which of them have something to send."""

from collections.abc import Callable, Iterable

from jupyter_trame.protocol.roster import Roster
from jupyter_trame.protocol.session import Channel, Frames, Session
from jupyter_trame.protocol.table import Table
from jupyter_trame.types import StateKey

__all__ = ["Delivery"]

_DIRECT = 64
"""Answers kept for a client that reads none of them."""


class Delivery:
    """Queues messages and keys; a driver takes them out of the channels that are ready.

    `on_lost(session)` hears of a client that was given up because too much waits for it.
    """

    def __init__(self, table: Table, roster: Roster, on_lost: Callable[[Session], object]) -> None:
        self._table = table
        self._roster = roster
        self._on_lost = on_lost
        self._ready: dict[Channel, None] = {}

    def take_ready(self) -> Iterable[Channel]:
        """Channels that have frames to send or want to be closed, each once; falsy without any."""
        if not self._ready:
            return ()
        ready, self._ready = self._ready, {}
        return ready

    def forget(self, channel: Channel) -> None:
        """The connection is gone."""
        self._ready.pop(channel, None)

    def wake(self, session: Session) -> None:
        """Something new waits for `session`."""
        if session.channel is not None:
            self._ready[session.channel] = None

    def direct(self, channel: Channel, payload: bytes) -> None:
        """An answer outside of any session."""
        if len(channel.direct) >= _DIRECT:
            self.close(channel, 1013, f"over {_DIRECT} answers wait for this client: it is too slow")
            return
        channel.direct.append(self._table.frames([payload]))
        self._ready[channel] = None

    def reply(self, session: Session, payload: bytes) -> None:
        """A message for one client."""
        self.message(session, self._table.frames([payload]), len(payload), urgent=True)

    def broadcast(self, payload: bytes, *, native: bool) -> None:
        """A message for all clients, or for the native ones only."""
        frames = self._table.frames([payload])
        for session in self._roster:
            if session.native or not native:
                self.message(session, frames, len(payload))

    def message(self, session: Session, message: Frames | str, size: int, *, urgent: bool = False) -> None:
        """Queue a message of `size` bytes, or the id of a request for the whole state. `urgent`: it is an answer."""
        if session.outbox.add_message(message, size, urgent=urgent):
            self.wake(session)
            return
        limit = session.outbox.limit
        session.outbox.clear()
        if session.channel is not None:
            self.close(session.channel, 1013, f"over {limit} bytes wait for this client: it is too slow")
        self._on_lost(session)

    def keys(self, session: Session, keys: Iterable[StateKey]) -> None:
        """Queue keys whose value the client lacks; who is away gets them when it resumes."""
        if session.synced:
            session.outbox.add_keys(keys)
            self.wake(session)

    def close(self, channel: Channel, code: int, reason: str) -> None:
        """Have the connection closed."""
        channel.closing = (code, reason)
        self._ready[channel] = None

    def close_stock(self, code: int, reason: str) -> None:
        """Close the connections of the clients that know nothing of states and resuming."""
        for session in self._roster:
            if not session.native and session.channel is not None:
                self.close(session.channel, code, reason)
