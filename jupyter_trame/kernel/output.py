"""A stream link as a primary or a service sees it, and what a service is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from jupyter_trame.kernel.interrupts import InterruptGuard
from jupyter_trame.transports.link_pings import LinkPings
from jupyter_trame.transports.stream import StreamLink

if TYPE_CHECKING:
    from jupyter_trame.protocol.link import LinkOp

__all__ = ["LinkService", "Output"]


class Output:
    """A stream link as a primary sees it. `send` may come from a cell on the main thread, in the middle of which an
    interrupt would leave half a frame on the stream.
    """

    def __init__(self, link: StreamLink, interrupts: InterruptGuard) -> None:
        self._link = link
        self._interrupts = interrupts
        self.package = ""
        """The version of jupyter_trame at the other end, once it has joined; empty where it does not say so."""
        self.pings = LinkPings(self.send)
        """On the I/O thread."""

    def send(self, *ops: LinkOp) -> bool:
        """See `LinkOutput`."""
        return self._interrupts.shield(lambda: self._link.send(*ops))

    def close(self, reason: str) -> None:
        """See `LinkOutput`."""
        self._link.close(reason)

    @property
    def waiting(self) -> int:
        """Operations that the socket has not taken, about. Any thread."""
        return self._link.waiting


class LinkService(Protocol):
    """What is at the kernel's end of links that carry `Parcel`s. On the I/O thread."""

    def add(self, output: Output) -> None:
        """A Jupyter server joined."""

    def receive(self, output: Output, op: LinkOp) -> None:
        """It says something. What this raises ends the link."""

    def remove(self, output: Output) -> None:
        """It is gone."""

    def drained(self, output: Output) -> None:
        """`output` takes operations again."""
