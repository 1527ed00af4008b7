"""One session: a page and the instance that it talks to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from jupyter_trame.services.instance import ServiceInstance
from jupyter_trame.services.service_messages import Message, Visitor, first_frame

__all__ = ["GOING_AWAY", "OVERRUN", "RESTARTED", "STOPPED", "ServiceSession", "SessionPort"]

STOPPED = 1000
"""The close code of a session whose instance was stopped: a page that came back would start it again."""

RESTARTED = 1012
"""The close code of a session whose instance ends: who connects again gets a new one (RFC 6455, 7.4.2)."""
GOING_AWAY = 1001
"""The close code where the whole server ends."""
OVERRUN = 1013
"""The close code of a session that cannot be served now."""

_EARLY = 16 << 20
"""Bytes that may be sent to a page before its greeting."""


class SessionPort(Protocol):
    """The socket of a page, on the host's loop. What is sent when the connection has ended goes nowhere."""

    def send(self, data: bytes, *, text: bool) -> None:
        """Send one message; `data` is UTF-8 where it is `text`."""

    def close(self, code: int, reason: str) -> None:
        """Say goodbye behind what was sent."""


class ServiceSession:
    """All on the host's loop. Whoever owns the socket calls `receive` for what comes, and `ended` when it has ended."""

    __slots__ = ("_early", "_early_size", "_instance", "_on_ended", "_parameters", "_port", "visitor")

    def __init__(
        self,
        visitor: Visitor,
        instance: ServiceInstance,
        port: SessionPort,
        parameters: Mapping[str, Any],
        on_ended: Callable[[ServiceSession], object],
    ) -> None:
        """`parameters` are the app's, for the page; `on_ended` is called once."""
        self.visitor = visitor
        self._instance = instance
        self._port: SessionPort | None = port
        self._parameters = parameters
        self._on_ended = on_ended
        self._early: list[tuple[bytes, bool]] | None = []
        """What was sent before the greeting; None: that has left."""
        self._early_size = 0

    @property
    def id(self) -> str:
        """The id of the session."""
        return self.visitor.session_id

    @property
    def is_open(self) -> bool:
        """Whether it has neither ended nor been told to."""
        return self._port is not None

    def receive(self, message: Message) -> Awaitable[None] | None:
        """A frame has come. What to wait for before the next one is read; None: nothing."""
        # The heartbeat of pages is an empty text.
        if message == "" or self._port is None:
            return None
        return self._instance.receive(self.id, message)

    def ended(self) -> None:
        """The connection has ended; again is harmless."""
        if self._port is not None:
            self._port = None
            self._early = None
            self._instance.close_session(self.id)
            self._on_ended(self)

    # -- for the host

    def greet(self) -> None:
        """The open listeners have run: the greeting leaves, then what they have sent."""
        early, self._early = self._early, None
        if self._port is None or early is None:
            return
        self._port.send(first_frame(self.id, self._parameters).encode(), text=True)
        for data, text in early:
            self.send(data, text=text)

    def send(self, data: bytes, *, text: bool) -> None:
        """Send a message of the instance."""
        if self._port is None:
            return
        if self._early is None:
            self._port.send(data, text=text)
            return
        self._early.append((data, text))
        self._early_size += len(data)
        if self._early_size > _EARLY:
            self.close(OVERRUN, "too much was sent before the page was greeted")

    def turn_away(self, code: int, reason: str) -> None:
        """The instance has ended before it heard of this session, and does not."""
        port, self._port = self._port, None
        if port is not None:
            port.close(code, reason)

    def close(self, code: int, reason: str) -> None:
        """End the session now; the connection follows."""
        port = self._port
        self.ended()
        if port is not None:
            port.close(code, reason)
