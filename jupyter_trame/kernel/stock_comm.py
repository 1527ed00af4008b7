"""The comm target of trame's own Jupyter bridge, so that its stock pages work with a server of ours.

A page opens one comm for all servers of the kernel; each message names the server and the client. The bridge says
nothing when a page goes away, so a page that opens its comm takes the place of the one before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import comm

from jupyter_trame.kernel.subshells import free_comm
from jupyter_trame.transports.base import ClientPort
from jupyter_trame.transports.pace import MessageRate, PacedTransport
from jupyter_trame.transports.stock_comm import StockCommTransport
from jupyter_trame.types import Packed

__all__ = ["TARGET", "StockComm"]

TARGET = "wslink_comm"

_logger = logging.getLogger(__name__)
_CLIENTS = 64
"""Connections of one page; more are a defect of it."""


class StockComm:
    """Makes clients of trame's own pages; a kernel has one.

    Comm messages come on any thread; the connections live on the thread of `loop`.

    `connect(server, transport)` makes a transport a client of the server with that name; None where none runs.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        rate: MessageRate,
        connect: Callable[[str, PacedTransport], ClientPort | None],
    ) -> None:
        self._loop = loop
        self._rate = rate
        self._connect = connect
        self._page: _Page | None = None
        self._registered = False

    def register(self) -> None:
        """Answer pages from now on, unless somebody else does already. Main thread; again is harmless."""
        targets = comm.get_comm_manager().targets
        if TARGET not in targets:
            comm.get_comm_manager().register_target(TARGET, self._on_open)
            self._registered = True

    def unregister(self) -> None:
        """Answer no new page."""
        if self._registered:
            comm.get_comm_manager().unregister_target(TARGET, self._on_open)
            self._registered = False

    def _on_open(self, channel: Any, _message: Mapping[str, Any]) -> None:
        free_comm(channel)
        page = _Page(channel, self._loop, self._rate, self._connect)
        channel.on_msg(lambda message: self._on_message(page, message))
        channel.on_close(lambda _: self._submit(page.close))
        self._submit(lambda: self._replace(page))

    def _on_message(self, page: _Page, message: Mapping[str, Any]) -> None:
        data = message["content"]["data"]
        server, client = data.get("server"), data.get("client")
        buffers = list(message.get("buffers") or ())
        if isinstance(server, str) and client is not None and buffers:
            self._submit(lambda: page.receive(server, str(client), buffers))

    def _replace(self, page: _Page) -> None:
        old, self._page = self._page, page
        if old is not None:
            old.close()

    def _submit(self, call: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # closed: the process ends
            _logger.debug("the I/O thread has ended")


class _Page:
    """All connections of one browser page. On the thread of `loop`."""

    def __init__(
        self,
        channel: Any,
        loop: asyncio.AbstractEventLoop,
        rate: MessageRate,
        connect: Callable[[str, PacedTransport], ClientPort | None],
    ) -> None:
        self._channel = channel
        self._loop = loop
        self._rate = rate
        self._connect = connect
        self._open = True
        self._clients: dict[tuple[str, str], StockCommTransport] = {}

    def close(self) -> None:
        """The page is gone."""
        self._open = False
        clients, self._clients = self._clients, {}
        for transport in clients.values():
            transport.gone()

    def receive(self, server: str, client: str, frames: Sequence[Packed]) -> None:
        """Chunks of `client`, the page's name for a connection, to the server of that name."""
        transport = self._clients.get((server, client))
        if transport is None or transport.closed:
            transport = self._accept(server, client)
        if transport is not None and transport.port is not None:
            for frame in frames:
                transport.port.receive(frame)

    def _accept(self, server: str, client: str) -> StockCommTransport | None:
        """The first message of a client is all that tells of it."""
        self._clients = {key: known for key, known in self._clients.items() if not known.closed}
        if not self._open or len(self._clients) >= _CLIENTS:
            return None

        def post(frame: Packed) -> None:
            self._channel.send(data={"server": server, "client": client}, buffers=[frame])

        transport = StockCommTransport(post, self._loop, self._rate)
        transport.port = self._connect(server, transport)
        if transport.port is None:
            return None
        self._clients[server, client] = transport
        return transport
