"""What a client and its server say to each other, over one connection after the other."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame.client.connections import Connection
from jupyter_trame.errors import ProtocolError, RemoteError
from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.protocol.client_events import ClientEvent, Replied
from jupyter_trame.protocol.client_session import ClientSession

__all__ = ["Exchange"]

_REFUSED = frozenset({1002, 1007, 1009})
"""Close codes for what breaks the protocol or a limit (PROTOCOL.md, section 1)."""


class Exchange:
    """Carries what one client and its server say, over all its connections.

    `write` may be called from any thread, the others on that of the loop.
    """

    def __init__(self, owner: OwnerLoop) -> None:
        """What other threads write leaves on the loop of `owner`."""
        self.session = ClientSession()
        """What is said; it outlives connections."""
        self.connection: Connection | None = None
        """The present one."""
        self._owner = owner
        self._lock = threading.Lock()
        """Held around calls of the session, which know nothing of threads."""
        self._calls: dict[str, asyncio.Future[Any]] = {}

    def greet_with(self, secret: str, greeting: Mapping[str, Any]) -> None:
        """Say these in the next hello; who says something else than before begins a new session."""
        if (secret, greeting) != (self.session.secret, self.session.greeting):
            self.session = ClientSession(secret, greeting=greeting)

    async def serve(
        self, connection: Connection, on_events: Callable[[Sequence[ClientEvent]], object]
    ) -> str | None:
        """Speak over `connection` until it ends; `on_events` takes what the server says but the answers to calls.

        The result says why the server refused what was sent, which is forgotten then: sent again it would end the next
        connection too. Raises ConnectionError where the server breaks the protocol. Whoever cancels it leaves the
        server.
        """
        self.connection = connection
        try:
            with self._lock:
                self.session.connected()
            self._send()
            while (frame := await connection.receive()) is not None:
                with self._lock:
                    events = self.session.receive(frame)
                self._send()
                self._take(events, on_events)
            code, reason = connection.ending
        except ProtocolError as error:
            connection.close(error.close_code)
            raise ConnectionError(f"the server broke the protocol: {error}") from error
        except asyncio.CancelledError:
            self.leave()
            raise
        finally:
            self.connection = None
            connection.close()
            with self._lock:
                self.session.disconnected()
        if code not in _REFUSED:
            return None
        self.forget()
        return reason

    def leave(self) -> None:
        """End the connection, with the word that nobody will resume the session."""
        connection = self.connection
        if connection is None:
            return
        with self._lock:
            self.session.leave()
        self._send()
        connection.close()

    def forget(self) -> None:
        """Nothing of what was written or called is ever sent again."""
        with self._lock:
            self.session.forget()

    def write(self, changes: dict[str, Any]) -> None:
        """Write keys. Any thread. Raises `SerializationError`."""
        with self._lock:
            self.session.write(changes)
        if self._owner.owns_thread():
            self._send()
        else:
            self._owner.submit(self._send)

    async def call(self, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> Any:
        """The result of a method. Raises `RemoteError`, `SerializationError`, and ConnectionError after `fail`."""
        with self._lock:
            request_id = self.session.call(method, args, kwargs)
        future = self._calls[request_id] = asyncio.get_running_loop().create_future()
        self._send()
        try:
            return await future
        finally:
            self._calls.pop(request_id, None)

    def fail(self, reason: str) -> None:
        """No answer to a call will come: each raises a ConnectionError with `reason`."""
        for future in self._calls.values():
            if not future.done():
                future.set_exception(ConnectionError(reason))

    def _send(self) -> None:
        with self._lock:
            frames = self.session.take_output() if self.connection is not None else []
        for frame in frames:
            if self.connection is not None:
                self.connection.send(frame)

    def _take(self, events: list[ClientEvent], on_events: Callable[[Sequence[ClientEvent]], object]) -> None:
        others = []
        for event in events:
            if isinstance(event, Replied):
                self._settle(event)
            else:
                others.append(event)
        on_events(others)

    def _settle(self, reply: Replied) -> None:
        future = self._calls.get(reply.id)
        if future is None or future.done():
            return
        if reply.error is None:
            future.set_result(reply.result)
        else:
            future.set_exception(RemoteError(reply.error))
