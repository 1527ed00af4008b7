"""Between a page's websocket and the trame app behind it, on two loops: frames cross in order, and bounded."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.loop_life import LoopLife
from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.services.service_messages import Message
from jupyter_trame.transports.backlog import HIGH_WATER
from jupyter_trame.transports.base import ClientTransport
from jupyter_trame.web.site import Site

__all__ = ["PageLine", "PageSocket"]

_UNREAD = 1 << 20
"""Bytes of a page that may wait for the app before nothing more of it is read."""
_UNSENT = HIGH_WATER + (1 << 16)
"""Bytes that may wait for the page. The socket tells when there is room again if more than `HIGH_WATER` waited."""


class PageSocket(Protocol):
    """The socket of a page, on the host's loop."""

    def send(self, data: bytes, *, text: bool) -> None:
        """Send a frame."""

    def unsent(self) -> int:
        """Bytes that it has not taken."""


class PageLine(ClientTransport):
    """One page and its app. What a transport does is called on the app's loop, the rest on the host's."""

    kind = "narvi"

    def __init__(self, socket: PageSocket, on_closed: Callable[[int, str], object]) -> None:
        """`on_closed` is called on the host's loop where the app ends the connection."""
        self._socket = socket
        self._on_closed = on_closed
        self._host = asyncio.get_running_loop()
        self._life: LoopLife[Any] | None = None
        self._site: Site | None = None
        self._came = 0
        """Bytes of the page; the host's loop counts them, and the app's those that it has taken."""
        self._taken = 0
        self._room: asyncio.Future[None] | None = None
        self._given = 0
        """Bytes for the page; the app's loop counts them, and the host's those that the socket got, and still has."""
        self._written = 0
        self._unsent = 0
        self._stalled = False
        """Whether the app was told that there is no room."""
        self._closed = False

    # -- on the host's loop

    def connect(self, life: LoopLife[Any], site: Site) -> None:
        """Have the page be a client of `site`, whose loop is that of `life`."""
        self._life = life
        self._site = site
        self._tell_app(self._connect)

    def receive(self, message: Message) -> Awaitable[None] | None:
        """A frame of the page. What to wait for before the next one is read; None: nothing."""
        self._came += len(message)
        self._tell_app(partial(self._take, message))
        if self._came - self._taken <= _UNREAD:
            return None
        if self._room is None:
            self._room = self._host.create_future()
            # The app may have come to the end meanwhile, and did not see that somebody waits.
            self._tell_app(self._look)
        return self._room

    def relieved(self) -> None:
        """The socket has room again."""
        self._unsent = self._socket.unsent()
        if self._stalled and self._left() > 0:
            self._stalled = False
            self._tell_app(self._go_on)

    def ended(self) -> None:
        """The page has gone; again is harmless."""
        self._tell_app(self._disconnect)
        self._give_room()

    def _write(self, data: bytes) -> None:
        self._socket.send(data, text=False)
        self._written += len(data)
        self.relieved()

    def _give_room(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def _tell_app(self, call: Callable[[], object]) -> None:
        assert self._life is not None
        with contextlib.suppress(ServerError):  # it has ended
            self._life.run(call)

    # -- on the app's loop

    def room(self) -> int:
        """See the base."""
        if self._left() <= 0:
            self._stalled = True  # first: the host may find room in this very moment
        return self._left()

    def send(self, frame: Frame) -> None:
        """See the base. It leaves while the app is at work, too."""
        if not self._closed:
            data = bytes(frame)
            self._given += len(data)
            self._tell_host(partial(self._write, data))

    def close(self, code: int, reason: str) -> None:
        """See the base."""
        if not self._closed:
            self._closed = True
            self._tell_host(partial(self._on_closed, code, reason))

    def _connect(self) -> None:
        assert self._site is not None
        self.port = self._site.connected(self, {"type": self.kind})

    def _disconnect(self) -> None:
        self._closed = True
        if self.port is not None:
            assert self._site is not None
            self._site.disconnected(self.port)
            self.port = None

    def _take(self, message: Message) -> None:
        self._taken += len(message)
        if self.port is not None and not self._closed:
            if isinstance(message, str):
                self.port.ignored_text()
            else:
                self.port.receive(message)
        self._look()

    def _look(self) -> None:
        if self._room is not None and self._came - self._taken <= _UNREAD // 2:
            self._tell_host(self._give_room)

    def _go_on(self) -> None:
        if self.port is not None:
            self.port.writable()

    def _left(self) -> int:
        return _UNSENT - (self._given - self._written) - self._unsent

    def _tell_host(self, call: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # it has ended
            self._host.call_soon_threadsafe(call)
