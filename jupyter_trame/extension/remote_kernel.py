"""A kernel that runs elsewhere, as the extension knows it: its servers, and sockets to them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.message_connection import MessageConnection, NoServersError
from jupyter_trame.transports.rendezvous import Record

__all__ = ["RemoteKernel", "Way"]

_logger = logging.getLogger(__name__)

Way: TypeAlias = Literal["socket", "buffers", "text"]
"""How the bytes of a kernel's links travel: over a socket of this machine, in messages, or in messages as base64."""

_TIMEOUT = 10.0
"""Seconds in which a kernel answers a question."""
_LINGER = 60.0
"""Seconds that a connection without links is kept, for whoever looks next."""


class RemoteKernel:
    """One kernel. It is connected while somebody looks at it or has a socket. On the thread of its loop."""

    def __init__(
        self,
        open_channel: Callable[..., Any],
        *,
        on_changed: Callable[[], object] = lambda: None,
        timeout: float = _TIMEOUT,
        linger: float = _LINGER,
    ) -> None:
        """`await open_channel(on_message, on_closed)` connects. `on_changed()`: other servers run than before.

        `timeout` and `linger` in seconds: for an answer, and without links.
        """
        self._open_channel = open_channel
        self._on_changed = on_changed
        self._timeout = timeout
        self._linger = linger
        self._loop = asyncio.get_running_loop()
        self._connection: MessageConnection | None = None
        self._opening: asyncio.Task[MessageConnection] | None = None
        self._begin: asyncio.Task[None] | None = None
        self._record: Record | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._farewells: set[asyncio.Task[None]] = set()

    async def look(self) -> Record | None:
        """What the kernel tells of its servers, None without any. Raises `LinkError`; cancelling is safe."""
        self._wind()
        connection = await self._connected()
        if not connection.begun:
            await self._begun(connection)
        return self._record

    @property
    def way(self) -> Way:
        """How bytes travel now: as buffers of messages, unless those of either direction are not to be had."""
        connection = self._connection
        return "text" if connection is not None and connection.needs_text else "buffers"

    @property
    def halvings(self) -> int:
        """How often messages were made half as large, since its gateway refused them."""
        return 0 if self._connection is None else self._connection.halvings

    @property
    def added(self) -> int:
        """Bytes that base64 has added so far, over the connection that there is."""
        return 0 if self._connection is None else self._connection.added

    async def connect(self) -> socket.socket:
        """A socket whose other end a server of the kernel gets. Raises `LinkError`; cancelling is safe."""
        if await self.look() is None:
            raise LinkError("no app runs in the kernel")
        return (await self._connected()).connect()

    async def execute(self, code: str) -> Mapping[str, Any]:
        """Run `code` silently; the content of the reply. Raises `LinkError`; cancelling is safe, the code goes on."""
        connection = await self._connected()
        self._wind()
        return await connection.execute(code)

    def restarted(self) -> None:
        """The kernel's process is another one, or none."""
        if self._connection is not None:
            self._connection.restarted()

    async def close(self) -> None:
        """End the connection."""
        if self._idle is not None:
            self._idle.cancel()
        for task in (self._opening, self._begin):
            if task is not None and not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, LinkError):
                    await task
        if self._connection is not None:
            self._connection.close()
        if self._farewells:
            await asyncio.wait(self._farewells)

    async def _connected(self) -> MessageConnection:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        if self._opening is None or self._opening.done():
            self._opening = self._loop.create_task(self._open())
            self._opening.add_done_callback(_look)
        return await asyncio.shield(self._opening)

    async def _open(self) -> MessageConnection:
        connection = MessageConnection(
            self._open_channel, on_record=self._told, on_closed=self._closed, timeout=self._timeout
        )
        try:
            await connection.open()
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    async def _begun(self, connection: MessageConnection) -> None:
        """Have the links' comm, or know that there is none: one question at a time, whoever asks."""
        if self._begin is None or self._begin.done():
            self._begin = self._loop.create_task(connection.begin())
            self._begin.add_done_callback(_look)
        try:
            await asyncio.shield(self._begin)
        except NoServersError:
            self._told(None)

    def _told(self, record: Record | None) -> None:
        changed, self._record = record != self._record, record
        if changed:
            self._on_changed()

    def _closed(self, reason: str) -> None:
        _logger.debug("the connection to a kernel elsewhere ended: %s", reason)
        connection, self._connection = self._connection, None
        if connection is not None and connection.farewell is not None:
            self._farewells.add(connection.farewell)
            connection.farewell.add_done_callback(self._farewells.discard)
        self._told(None)

    def _wind(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = self._loop.call_later(self._linger, self._look_idle)

    def _look_idle(self) -> None:
        self._idle = None
        connection = self._connection
        if connection is None:
            return
        if connection.needed:
            self._wind()
        else:
            connection.close()


def _look(task: asyncio.Task[Any]) -> None:
    """Whoever asked may wait no more; then nobody is to be told of the error."""
    if not task.cancelled():
        task.exception()
