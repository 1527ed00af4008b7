"""One address of a kernel: the links and pages that use it, over all lives of its server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame.kernel.interrupts import InterruptGuard
from jupyter_trame.protocol import LinkEnd, LinkOp, Primary, Replica
from jupyter_trame.transports.comm import CommTransport, MessageRate
from jupyter_trame.transports.inprocess import InProcessLink
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.transports.stream import StreamLink
from jupyter_trame.types import Packed

__all__ = ["Endpoint", "Output"]

_logger = logging.getLogger(__name__)
_NOT_RUNNING = "the server does not run; run its cell again"


class Output:
    """A stream link as a primary sees it. `send` may come from a cell on the main thread, in the middle of which an
    interrupt would leave half a frame on the stream.
    """

    def __init__(self, link: StreamLink, interrupts: InterruptGuard) -> None:
        self._link = link
        self._interrupts = interrupts

    def send(self, *ops: LinkOp) -> bool:
        """See `LinkOutput`."""
        return self._interrupts.shield(lambda: self._link.send(*ops))

    def close(self, reason: str) -> None:
        """See `LinkOutput`."""
        self._link.close(reason)


class Endpoint:
    """Lives on the I/O thread, and so do all calls."""

    def __init__(self, loop: asyncio.AbstractEventLoop, rate: MessageRate) -> None:
        self.primary: Primary | None = None
        """The server that runs here now."""
        self._loop = loop
        self._rate = rate
        self._links: dict[Output, LinkEnd | None] = {}
        self._pump: ReplicaPump | None = None
        self._inner: InProcessLink | None = None
        self._views: dict[str, CommTransport] = {}

    def attach(self, primary: Primary) -> None:
        """`primary` runs here from now on; whoever is connected gets its state."""
        self.primary = primary
        for output in list(self._links):
            self._links[output] = primary.attach(output)
        if self._inner is not None:
            self._inner.attach(primary)

    def detach(self, *, ended: bool) -> None:
        """The server ended for good (and has said so), or waits for the next one of its name."""
        primary, self.primary = self.primary, None
        for output, end in list(self._links.items()):
            if primary is not None and end is not None:
                primary.detach(end)
            self._links[output] = None
        if self._inner is not None:
            self._inner.detach()
        if ended:
            # Replicas look at the record again, and come back when a server is there.
            for output in list(self._links):
                output.close(_NOT_RUNNING)

    def close(self, reason: str) -> None:
        """Everything ends."""
        self.detach(ended=False)
        for output in list(self._links):
            output.close(reason)
        if self._pump is not None:
            self._pump.close()

    # -- links

    def add(self, output: Output) -> None:
        """A replica joined; where no server runs it waits for one."""
        self._links[output] = None if self.primary is None else self.primary.attach(output)

    def remove(self, output: Output) -> None:
        """The link of a replica is gone."""
        end = self._links.pop(output, None)
        if self.primary is not None and end is not None:
            self.primary.detach(end)

    def receive(self, output: Output, op: LinkOp) -> None:
        """An operation of a replica. Between two lives it is dropped: clients start over with the next one."""
        end = self._links.get(output)
        if self.primary is not None and end is not None:
            self.primary.receive(end, op)

    def drained(self, output: Output) -> None:
        """The link takes operations again."""
        end = self._links.get(output)
        if self.primary is not None and end is not None:
            self.primary.drained(end)

    # -- pages that talk over their widget's comm

    def page_message(
        self,
        post: Callable[[Mapping[str, Any], Sequence[Packed]], None],
        content: Mapping[str, Any],
        buffers: Sequence[Packed],
    ) -> None:
        """A custom message of a page (PROTOCOL.md, section 4)."""
        view = str(content["view"])
        transport = self._views.get(view)
        match content.get("jt"):
            case "open":
                self._open(view, post)
            case "frames" if transport is not None:
                transport.receive(content.get("n"), buffers)
            case "frames":
                post({"jt": "close", "view": view, "code": 1002, "reason": "the connection is not open"}, ())
            case "close" if transport is not None:
                code = content.get("code")
                transport.gone(code if isinstance(code, int) else None)

    def _open(self, view: str, post: Callable[[Mapping[str, Any], Sequence[Packed]], None]) -> None:
        old = self._views.get(view)
        if old is not None:
            old.gone(None)
        self._views = {name: transport for name, transport in self._views.items() if not transport.closed}
        if self._pump is None:
            self._pump = ReplicaPump(Replica(), self._loop)
            self._inner = InProcessLink(self._pump, self._loop)
            if self.primary is not None:
                self._inner.attach(self.primary)
        transport = self._views[view] = CommTransport(view, post, self._loop, self._rate)
        # Who may send to the kernel may execute code in it, so there is nothing to ask.
        transport.opened(self._pump.connect(transport, trusted=True))
