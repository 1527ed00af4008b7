"""What the websockets of both web servers have in common: what they are sent leaves in slices."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.transports.base import LingeringTransport
from jupyter_trame.transports.outgoing import Outgoing
from jupyter_trame.types import Packed

__all__ = ["SlicedTransport"]


class SlicedTransport(LingeringTransport):
    """One websocket, to which frames are written in the call that sends them, as far as its socket takes them."""

    kind = "websocket"
    always_reads = True

    def __init__(self, outgoing: Outgoing) -> None:
        """`outgoing`: its limit is what is taken in one go, while nothing waits for this client's socket."""
        self._outgoing = outgoing
        self._blocked = False
        """Whether the server's stream has something to write; the rest waits until it is written."""

    def room(self) -> int:
        """Nothing while anything waits for the socket."""
        return 0 if self._outgoing or self._blocked else self._outgoing.limit

    def send(self, frame: Frame) -> None:
        """See `send_all`."""
        self.send_all((frame,))

    @property
    def holds_more(self) -> bool:  # type: ignore[override] # which is a constant where nothing is held
        """See the base."""
        return bool(self._outgoing) and not self._blocked

    def send_more(self) -> int:
        """See the base."""
        outgoing = self._outgoing
        if self._blocked or not outgoing:
            return 0
        before = outgoing.size
        self._write_slice(outgoing)
        return before - outgoing.size

    @abstractmethod
    def _write_slice(self, outgoing: Outgoing) -> None:
        """Write a slice of `outgoing`, or clear it if the connection has ended.

        What the stream could not write at once blocks until `_go_on`.
        """

    def _add(self, parts: Iterable[Packed]) -> None:
        """Take the buffers of frames, and write the first slice."""
        self._outgoing.add(parts)
        self.send_more()
        if self.holds_more and self.port is not None:
            self.port.writable()

    def _go_on(self) -> None:
        """What the stream had to write is written."""
        self._blocked = False
        if self.port is not None:
            self.port.writable()
