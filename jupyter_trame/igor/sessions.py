"""Who a client is, and what is kept for it: ids, sessions, the grace after a disconnect, tokens. Sans-IO.

A client gets a number when it connects, and may introduce itself by an id of its own. Who introduces itself by the id
of another, connected or in its grace, has to show the token that the other got last; as long as nobody knows whether
that arrived, the one before does too, or a connection that breaks under the answer would cost the session.
"""

import hmac
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from jupyter_trame.errors import TrameError
from jupyter_trame.igor.json_frames import ClientId

__all__ = ["IgorSessions", "Introduction", "TakenError"]

T = TypeVar("T")

_TOKEN_SIZE = 16
"""Bytes: 128 bits."""
_TOKENS = 4
"""Of a client of which it is not known which it got: the newest ones."""
_KEPT = 10_000
"""Sessions of clients that are away; with more the oldest go."""


class TakenError(TrameError):
    """The id is another client's, and the token that was shown is not the one it got."""


@dataclass(frozen=True, slots=True)
class Introduction(Generic[T]):
    """What came of an introduction."""

    token: str
    """What takes the id up again, once."""
    displaced: T | None
    """The connection that had the id until now."""


def _new_token() -> str:
    return secrets.token_urlsafe(_TOKEN_SIZE)


class IgorSessions(Generic[T]):
    """Keeps the sessions of one server; a `T` is a connection. Every `now` is in seconds of one clock. One thread."""

    def __init__(
        self, grace: float, *, open_to_all: bool = False, make_token: Callable[[], str] = _new_token
    ) -> None:
        """`grace`: seconds for which a session is kept without a connection. `open_to_all`: no token is asked for."""
        self.grace = grace
        self.clients: dict[ClientId, T] = {}
        """Who is connected."""
        self.data: dict[ClientId, Any] = {}
        """The session of each client, of those in their grace too."""
        self.deadlines: dict[ClientId, float] = {}
        """When the session of a client that is away ends, oldest first."""
        self._open = open_to_all
        self._reserved: set[ClientId] = set()
        self._make_token = make_token
        self._tokens: dict[ClientId, tuple[str, ...]] = {}
        """What takes each client's id up: the newest token, behind those of which the client may not know better."""
        self._numbers = itertools.count(1)

    def connect(self, connection: T) -> ClientId:
        """A number for a new client, and an empty session."""
        number = next(number for number in self._numbers if not self._is_known(number))
        self.clients[number] = connection
        self.data[number] = {}
        return number

    def reserve(self, client_id: ClientId) -> None:
        """`client_id` is none of a client's, and no token takes it."""
        self._reserved.add(client_id)

    def introduce(self, current: ClientId, wanted: ClientId, token: object, now: float) -> Introduction[T]:
        """The client `current` is `wanted` from now on. Raises `TakenError`, and changes nothing then.

        A session that exists under that id is adopted; otherwise the client's own moves along.
        """
        connection = self.clients[current]
        displaced: T | None = None
        known = self._tokens.get(wanted, ())
        if wanted != current:
            self._check(wanted, token)
            known = known and (str(token),)
            displaced = self.clients.pop(wanted, None)
            self.deadlines.pop(wanted, None)
            del self.clients[current]
            if wanted not in self.data:
                self.data[wanted] = self.data.pop(current, {})
                self._tokens.pop(current, None)
            elif current in self._tokens:
                self._keep(current, now)
            else:
                self.data.pop(current, None)
            self.clients[wanted] = connection
        fresh = self._make_token()
        self._tokens[wanted] = (*known, fresh)[-_TOKENS:]
        return Introduction(fresh, displaced)

    def arrived(self, client_id: ClientId, connection: T, token: str) -> None:
        """`connection` has got `token`: those before take nothing up any more. Harmless when it is not the newest."""
        tokens = self._tokens.get(client_id, ())
        if self.clients.get(client_id) is connection and token in tokens:
            self._tokens[client_id] = tokens[tokens.index(token) :]

    def disconnect(self, client_id: ClientId, connection: T, now: float) -> None:
        """`connection` ended. Nothing happens where the id is another connection's by now."""
        if self.clients.get(client_id) is connection:
            del self.clients[client_id]
            self._keep(client_id, now)

    def expire(self, now: float) -> float | None:
        """Forget the sessions whose grace is over; when the next one is, None where nobody is away."""
        for client_id, deadline in list(self.deadlines.items()):
            if deadline <= now:
                self._forget(client_id)
        return min(self.deadlines.values(), default=None)

    def clear(self) -> None:
        """Forget everybody."""
        for known in (self.clients, self.data, self.deadlines, self._tokens):
            known.clear()

    def _is_known(self, client_id: ClientId) -> bool:
        return client_id in self.clients or client_id in self.data

    def _check(self, wanted: ClientId, token: object) -> None:
        if wanted in self._reserved:
            raise TakenError(f"the client_id {wanted!r} is not for clients")
        if self._open or not (wanted in self.clients or wanted in self.deadlines):
            return
        shown = (token if isinstance(token, str) else "").encode("utf-8", "replace")
        if not any(hmac.compare_digest(shown, one.encode()) for one in self._tokens.get(wanted, ())):
            raise TakenError(
                f"the client_id {wanted!r} is taken, and this resume_token does not belong to it"
            )

    def _keep(self, client_id: ClientId, now: float) -> None:
        self.deadlines.pop(client_id, None)
        self.deadlines[client_id] = now + self.grace
        if len(self.deadlines) > _KEPT:
            self._forget(next(iter(self.deadlines)))

    def _forget(self, client_id: ClientId) -> None:
        self.deadlines.pop(client_id, None)
        self.data.pop(client_id, None)
        self._tokens.pop(client_id, None)
