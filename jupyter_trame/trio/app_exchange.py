"""What a trio client and its server say to each other, over one connection after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame.errors import ProtocolError, RemoteError
from jupyter_trame.protocol.client_events import ClientEvent, Replied
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.trio.app_connection import AppConnection
from jupyter_trame.trio.nurseries import open_quiet_nursery
from jupyter_trame.trio.pending_results import PendingResult
from jupyter_trame.trio.trio_owner import TrioOwner
from jupyter_trame.trio.websockets import WebSocketClientProtocol

__all__ = ["AppExchange"]

_REFUSED = frozenset({1002, 1007, 1009})
"""Close codes for what breaks the protocol or a limit (PROTOCOL.md, section 1)."""


class AppExchange:
    """Carries what one client and its server say, over all its connections.

    `write` may be called from any thread, the others in the trio run of the client.
    """

    def __init__(self, owner: TrioOwner) -> None:
        """What other threads write leaves in the trio run of `owner`."""
        self.session = ClientSession()
        """What is said; it outlives connections."""
        self.connection: AppConnection | None = None
        """The present one."""
        self._owner = owner
        self._lock = threading.Lock()
        """Held around calls of the session, which know nothing of threads."""
        self._calls: dict[str, PendingResult] = {}

    def greet_with(self, secret: str, greeting: Mapping[str, Any]) -> None:
        """Say these in the next hello; who says something else than before begins a new session."""
        if (secret, greeting) != (self.session.secret, self.session.greeting):
            self.session = ClientSession(secret, greeting=greeting)

    async def serve(
        self, websocket: WebSocketClientProtocol, on_events: Callable[[Sequence[ClientEvent]], object]
    ) -> str | None:
        """Speak over `websocket` until it ends; `on_events` takes what the server says but the answers to calls.

        The result says why the server refused what was sent, which is forgotten then: sent again it would end the next
        connection too. Raises ConnectionError where the server breaks the protocol. Whoever cancels it leaves the
        server, for which it takes a second at most.
        """
        connection = self.connection = AppConnection(websocket, self._take, self._leave)
        try:
            with self._lock:
                self.session.connected()
            async with open_quiet_nursery() as nursery:
                nursery.start_soon(connection.send)
                try:
                    await self._receive_all(connection, on_events)
                except ProtocolError as error:
                    await connection.close(error.close_code)
                    raise ConnectionError(f"the server broke the protocol: {error}") from error
                connection.end()
        finally:
            self.connection = None
            try:
                await websocket.fail_connection(1000)
            finally:
                with self._lock:
                    self.session.disconnected()
        code, reason = connection.ending
        if code not in _REFUSED:
            return None
        self.forget()
        return reason

    def leave(self) -> None:
        """End the connection, with the word that nobody will resume the session."""
        if self.connection is not None:
            self.connection.leave()

    def forget(self) -> None:
        """Nothing of what was written or called is ever sent again."""
        with self._lock:
            self.session.forget()

    def write(self, changes: dict[str, Any]) -> None:
        """Write keys. Any thread. Raises `SerializationError`."""
        with self._lock:
            self.session.write(changes)
        self._owner.call_in_run(self._wake)

    async def call(self, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> Any:
        """The result of a method. Raises `RemoteError`, `SerializationError`, and ConnectionError after `fail`."""
        with self._lock:
            request_id = self.session.call(method, args, kwargs)
        result = self._calls[request_id] = PendingResult()
        self._wake()
        try:
            return await result.wait()
        finally:
            self._calls.pop(request_id, None)

    def fail(self, reason: str) -> None:
        """No answer to a call will come: each raises a ConnectionError with `reason`."""
        for result in self._calls.values():
            result.fail(ConnectionError(reason))

    async def _receive_all(
        self, connection: AppConnection, on_events: Callable[[Sequence[ClientEvent]], object]
    ) -> None:
        while (frame := await connection.receive()) is not None:
            with self._lock:
                events = self.session.receive(frame)
            connection.wake()
            others = []
            for event in events:
                if isinstance(event, Replied):
                    self._settle(event)
                else:
                    others.append(event)
            on_events(others)

    def _take(self) -> list[bytes]:
        with self._lock:
            return self.session.take_output()

    def _leave(self) -> None:
        with self._lock:
            self.session.leave()

    def _wake(self) -> None:
        if self.connection is not None:
            self.connection.wake()

    def _settle(self, reply: Replied) -> None:
        result = self._calls.get(reply.id)
        if result is None:
            return
        if reply.error is None:
            result.set(reply.result)
        else:
            result.fail(RemoteError(reply.error))
