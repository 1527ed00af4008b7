"""The way of a trio client to an app: addresses, and one websocket with what waits to be sent."""

from __future__ import annotations

import contextlib
import logging
import ssl as ssl_module
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import trio

from jupyter_trame.client.address import Address, parse_address
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.trio.websockets import (
    ConnectionClosed,
    WebSocketClientProtocol,
    connect,
)

__all__ = ["AppConnection", "AppRoute"]

_logger = logging.getLogger(__name__)

_CONNECT_TIMEOUT = 30.0
_FAREWELL = 1.0
"""Seconds for the goodbye of a client that is cancelled."""


@dataclass(frozen=True)
class AppRoute:
    """Where an app is, and how to get there."""

    address: Address
    headers: Mapping[str, str]
    ssl: ssl_module.SSLContext | None
    path: str | None
    """Of a Unix socket, in place of the address's host and port."""

    @classmethod
    def to(
        cls,
        url: str,
        *,
        token: str | None,
        headers: Mapping[str, str] | None,
        ssl: ssl_module.SSLContext | None,
        path: str | None,
    ) -> AppRoute:
        """Raises ValueError where `url` is no address of an app."""
        authorization = {} if token is None else {"Authorization": f"token {token}"}
        return cls(parse_address(url), {**authorization, **(headers or {})}, ssl, path)

    def connect(self) -> connect:
        """A connection that is not opened yet."""
        return connect(
            self.address.url,
            ssl=self.ssl,
            path=self.path,
            extra_headers=self.headers,
            # What is large is packed or a picture: compressing it again costs time and saves nothing.
            compression=None,
            max_size=Limits().message,
            timeout=_CONNECT_TIMEOUT,
        )

    @property
    def shown(self) -> str:
        """The address as messages may show it."""
        return self.address.shown if self.path is None else f"{self.address.shown} on {self.path}"


class AppConnection:
    """One open websocket to an app. All in one trio run."""

    def __init__(
        self,
        websocket: WebSocketClientProtocol,
        take: Callable[[], list[bytes]],
        leave: Callable[[], object],
    ) -> None:
        """`take()` returns the frames that are due, each once; `leave()` makes a goodbye due."""
        self._websocket = websocket
        self._take = take
        self._leave = leave
        self._due = trio.Event()
        self._ending = False
        self._frames: deque[bytes] = deque()

    def wake(self) -> None:
        """There are frames to send."""
        self._due.set()

    def end(self) -> None:
        """End the connection behind the frames that are due."""
        self._ending = True
        self._due.set()

    def leave(self) -> None:
        """As `end`, with the word that nobody will resume the session."""
        if not self._ending:
            self._leave()
            self.end()

    async def close(self, code: int = 1000) -> None:
        """End the connection at once."""
        await self._websocket.close(code)

    async def send(self) -> None:
        """Send what is due, until the connection ends. Cancelled, it leaves, for which it has a second."""
        try:
            while True:
                self._due = trio.Event()
                await self._send_due()
                if self._ending:
                    await self._websocket.close()
                    return
                await self._due.wait()
        except ConnectionClosed:
            pass  # `receive` says so
        except trio.Cancelled:
            self.leave()
            with trio.move_on_after(_FAREWELL, shield=True), contextlib.suppress(ConnectionClosed):
                await self._send_due()
                await self._websocket.close()
            raise

    async def _send_due(self) -> None:
        self._frames += self._take()
        while self._frames:
            await self._websocket.send(self._frames[0])
            # Cancelled before, it is sent with the goodbye; half sent, the connection has ended.
            self._frames.popleft()

    async def receive(self) -> bytes | None:
        """The next frame; None when the connection has ended. Text is ignored."""
        try:
            while isinstance(message := await self._websocket.recv(), str):
                _logger.warning("a text frame of the server was ignored: the protocol is binary")
        except ConnectionClosed:
            return None
        return bytes(message)

    @property
    def ending(self) -> tuple[int | None, str]:
        """Close code and reason of the server, once the connection has ended."""
        return self._websocket.close_code, self._websocket.close_reason or ""
