"""The sessions of a replica: who has one, what waits for each, and to whom goes what the server says."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.envelope import numbered, pack_result
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import Commit, Message, Settle
from jupyter_trame.protocol.open_writes import OpenWrites
from jupyter_trame.protocol.session import Channel, Frames, Session
from jupyter_trame.protocol.table import Table
from jupyter_trame.types import ClientId, Epoch, StateKey

__all__ = ["Delivery", "Fanout", "Sessions"]

_DIRECT = 64
"""Answers kept for a client that reads none of them."""


class Sessions:
    """All sessions by client id and by resume token."""

    def __init__(
        self, limits: Limits, new_token: Callable[[], str], on_end: Callable[[ClientId], object]
    ) -> None:
        """`on_end(client)` hears of each session that ends."""
        self._on_end = on_end
        self._limits = limits
        self._new_token = new_token
        self._sessions: dict[ClientId, Session] = {}
        self._tokens: dict[str, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        """A walk that may end sessions on its way."""
        return iter(list(self._sessions.values()))

    def get(self, client: ClientId) -> Session | None:
        """The session of `client`."""
        return self._sessions.get(client)

    def open(self, channel: Channel, client_id: ClientId, *, native: bool) -> Session:
        """A new session for `channel`."""
        session = self.adopt(client_id, self._new_token(), channel.identity, native=native)
        session.channel, channel.session = channel, session
        return session

    def adopt(self, client_id: ClientId, token: str, identity: str | None, *, native: bool = True) -> Session:
        """A session that has begun at another replica, or begins here, so far without a channel."""
        session = Session(client_id, token, identity, native, self._limits)
        self._sessions[client_id] = self._tokens[token] = session
        return session

    def resumable(self, channel: Channel, own: dict[str, Any], epoch: Epoch | None) -> Session | None:
        """The session that the hello's map `own` asks for, if it is this identity's and nothing is lost."""
        token, got = own.get("resume"), own.get("got")
        session = self._tokens.get(token) if isinstance(token, str) else None
        if (
            session is None
            or session.identity != channel.identity
            or own.get("epoch") != epoch
            or not isinstance(got, int)
            or not (session.synced and session.can_resume(got))
        ):
            return None
        return session

    def end(self, session: Session) -> None:
        """Forget `session`; more than once is harmless."""
        self._tokens.pop(session.token, None)
        if self._sessions.pop(session.client_id, None) is not None:
            self._on_end(session.client_id)

    def expired(self, now: float) -> list[Session]:
        """Sessions whose grace time is over, and those that are too many."""
        away = sorted(
            (s.deadline, i, s) for i, s in enumerate(self._sessions.values()) if s.deadline is not None
        )
        surplus = len(away) - self._limits.away
        return [s for rank, (deadline, _, s) in enumerate(away) if rank < surplus or deadline <= now]

    @property
    def next_deadline(self) -> float | None:
        """When the next grace time is over; None when everybody is connected."""
        return min((s.deadline for s in self._sessions.values() if s.deadline is not None), default=None)


class Delivery:
    """Queues messages and keys; a driver takes them out of the channels that are ready.

    `on_lost(session)` hears of a client that was given up because too much waits for it.
    """

    def __init__(self, table: Table, sessions: Sessions, on_lost: Callable[[Session], object]) -> None:
        self._table = table
        self._sessions = sessions
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
        for session in self._sessions:
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
        for session in self._sessions:
            if not session.native and session.channel is not None:
                self.close(session.channel, code, reason)


class Fanout:
    """Takes the operations that change what clients see, in the order in which the server sent them."""

    def __init__(self, table: Table, sessions: Sessions, writes: OpenWrites, out: Delivery) -> None:
        self._table = table
        self._sessions = sessions
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
        for session in self._sessions:
            provisional = session.provisional
            due = [key for key in keys if key not in provisional] if provisional else keys
            if due:
                self._out.keys(session, due)

    def settle(self, op: Settle) -> None:
        """A write was applied: its author is told, and everybody sees what came of it."""
        author = self._sessions.get(op.client)
        if author is not None:
            author.settled = max(author.settled, op.number)
            if author.native and author.synced:
                # It leaves with or before the values that are due: the client drops them until it has read it.
                author.notice = op.number
                self._out.wake(author)
            for request_id in self._writes.covered((op.client, op.number)):
                self._out.reply(author, pack_result(request_id, None))
        for session, keys in self._writes.settle((op.client, op.number), self._sessions, self._table):
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
            for session in self._sessions:
                if session.client_id != op.skip:
                    send(session)
        elif (receiver := self._sessions.get(op.client)) is not None:
            send(receiver, urgent=True)
