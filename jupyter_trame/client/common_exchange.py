"""What clients of asyncio and of trio have of an exchange with their server."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from jupyter_trame.client.pending_results import PendingResult
from jupyter_trame.errors import RemoteError
from jupyter_trame.protocol.client_events import ClientEvent, Replied
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.types import Packed

__all__ = ["CommonExchange", "OnEvents"]

C = TypeVar("C")

OnEvents: TypeAlias = Callable[[Sequence[ClientEvent]], object]

_REFUSED = frozenset({1002, 1007, 1009})
"""Close codes for what breaks the protocol or a limit (PROTOCOL.md, section 1)."""


class CommonExchange(ABC, Generic[C]):
    """Carries what one client and its server say, over all its connections.

    `write` may be called from any thread, the others where the client lives: on its loop, or in its trio run.
    """

    def __init__(self, new_result: Callable[[], PendingResult]) -> None:
        """`new_result` makes what a call waits for."""
        self.session = ClientSession()
        """What is said; it outlives connections."""
        self.connection: C | None = None
        """The present one."""
        self._lock = threading.Lock()
        """Held around calls of the session, which know nothing of threads."""
        self._new_result = new_result
        self._calls: dict[str, PendingResult] = {}

    def greet_with(self, secret: str, greeting: Mapping[str, Any]) -> None:
        """Say these in the next hello; who says something else than before begins a new session."""
        if (secret, greeting) != (self.session.secret, self.session.greeting):
            self.session = ClientSession(secret, greeting=greeting)

    @abstractmethod
    async def serve(self, connection: Any, on_events: OnEvents) -> str | None:
        """Speak over `connection` until it ends; `on_events` takes what the server says but the answers to calls.

        The result says why the server refused what was sent, which is forgotten then: sent again it would end the next
        connection too. Raises ConnectionError where the server breaks the protocol. Whoever cancels it leaves the
        server, for which it takes a second at most.
        """

    @abstractmethod
    def leave(self) -> None:
        """End the connection, with the word that nobody will resume the session."""

    @abstractmethod
    def end(self) -> None:
        """End the connection behind what is due; the session goes on."""

    @abstractmethod
    def _send(self) -> None:
        """There may be frames to send."""

    @abstractmethod
    def _send_from_any_thread(self) -> None: ...

    def forget(self) -> None:
        """Nothing of what was written or called is ever sent again."""
        with self._lock:
            self.session.forget()

    def write(self, changes: dict[str, Any]) -> None:
        """Write keys. Any thread. Raises `SerializationError`."""
        with self._lock:
            self.session.write(changes)
        self._send_from_any_thread()

    async def call(self, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> Any:
        """The result of a method. Raises `RemoteError`, `SerializationError`, and ConnectionError after `fail`."""
        with self._lock:
            request_id = self.session.call(method, args, kwargs)
        result = self._calls[request_id] = self._new_result()
        self._send()
        try:
            return await result.wait()
        finally:
            self._calls.pop(request_id, None)

    def fail(self, reason: str) -> None:
        """No answer to a call will come: each raises a ConnectionError with `reason`."""
        for result in self._calls.values():
            result.fail(ConnectionError(reason))

    def _connected(self) -> None:
        with self._lock:
            self.session.connected()

    def _disconnected(self) -> None:
        with self._lock:
            self.session.disconnected()

    def _receive(self, frame: Packed, on_events: OnEvents) -> None:
        """What came in one frame, which may have made answers due."""
        with self._lock:
            events = self.session.receive(frame)
        self._send()
        others = []
        for event in events:
            if isinstance(event, Replied):
                self._settle(event)
            else:
                others.append(event)
        on_events(others)

    def _refusal(self, code: int | None, reason: str) -> str | None:
        """Whether a connection ended because of what was sent, which is forgotten then."""
        if code not in _REFUSED:
            return None
        self.forget()
        return reason

    def _settle(self, reply: Replied) -> None:
        result = self._calls.get(reply.id)
        if result is None:
            return
        if reply.error is None:
            result.set(reply.result)
        else:
            result.fail(RemoteError(reply.error))
