"""The link between a server and its replica as a stream over a kernel's messages, on one loop."""

import asyncio
import socket

from jupyter_trame.protocol import LinkEnd, LinkOp, Primary
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.transports.stream import StreamLink
from tests.transports.tunnels import TunnelPair

__all__ = ["TunnelledLink"]


class TunnelledLink:
    """Both ends, without the handshake, which sockets have had before."""

    def __init__(
        self, pump: ReplicaPump, primary: Primary, loop: asyncio.AbstractEventLoop, *, as_text: bool
    ) -> None:
        self._primary = primary
        self._loop = loop
        self._end: LinkEnd | None = None
        self._kernel: StreamLink | None = None
        self.reasons: list[str] = []
        """Why an end was closed, if one was."""
        self._pair = TunnelPair(loop, as_text=as_text, on_socket=self._accept)
        self._replica = StreamLink(
            self._pair.near.connect(),
            loop,
            on_ops=lambda ops: pump.receive_link(*ops),
            on_closed=self.reasons.append,
        )
        pump.link_attached(self._replica.send)

    def cut(self) -> None:
        """Lose what is on its way, as with a connection to a gateway that breaks."""
        self._pair.break_off()

    def close(self) -> None:
        """End both ends."""
        for link in (self._replica, self._kernel):
            if link is not None:
                link.close()
        self._pair.close()

    def _accept(self, sock: socket.socket) -> None:
        self._kernel = StreamLink(
            sock, self._loop, on_ops=self._receive, on_closed=self.reasons.append, on_drained=self._drained
        )
        self._end = self._primary.attach(self._kernel, remote=True)

    def _receive(self, ops: list[LinkOp]) -> None:
        assert self._end is not None
        for op in ops:
            self._primary.receive(self._end, op)

    def _drained(self) -> None:
        if self._end is not None:
            self._primary.drained(self._end)
