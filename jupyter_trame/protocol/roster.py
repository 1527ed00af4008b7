"""The sessions of a replica: who opens one, who may resume one, when one ends."""

from collections.abc import Callable, Iterator
from typing import Any

from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.session import Channel, Session
from jupyter_trame.types import ClientId, Epoch

__all__ = ["Roster"]


class Roster:
    """All sessions by client id and by resume token."""

    def __init__(self, limits: Limits, new_token: Callable[[], str]) -> None:
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

    def end(self, session: Session) -> bool:
        """Forget `session`; whether it was there."""
        self._tokens.pop(session.token, None)
        return self._sessions.pop(session.client_id, None) is not None

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
