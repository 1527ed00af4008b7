"""The way from a replica to its server, and what the server knows of the clients.

A link may break under a message. Clients that the server takes for present would stay for ever, so what it was
told last is told again over the next link.
"""

from collections import deque
from collections.abc import Callable, Iterable

from jupyter_trame.protocol.link import ClientClosed, ClientOpened, LinkOp, Write
from jupyter_trame.types import ClientId

__all__ = ["Upstream"]

_LEFT = 1000

Send = Callable[[LinkOp], object]


class Upstream:
    """One link after the other; what is sent while there is none is dropped."""

    def __init__(self) -> None:
        self._send: Send | None = None
        self._next: Send | None = None
        self._known: dict[ClientId, None] = {}
        """Clients of which the server has heard, and not that they are gone."""
        self._left: deque[ClientId] = deque(maxlen=_LEFT)
        """The last ones of which it was told that they are gone."""

    @property
    def live(self) -> bool:
        """Whether there is a server to send to."""
        return self._send is not None

    def attach(self, send: Send) -> None:
        """`send` reaches a server; it is used from its snapshot on."""
        self._send, self._next = None, send

    def detach(self) -> None:
        """The link is gone."""
        self._send = self._next = None

    def forget(self) -> None:
        """The server starts another life and knows nobody."""
        self._known.clear()
        self._left.clear()

    def send(self, op: LinkOp) -> None:
        """Send `op` if there is a link."""
        if self._send is not None:
            self._send(op)

    def opened(self, client: ClientId, *, native: bool) -> None:
        """`client` said hello."""
        if self._send is not None:
            self._known[client] = None
            self._send(ClientOpened(client, native))

    def closed(self, client: ClientId) -> None:
        """`client` is gone. Without a link the server hears of it from `resume`."""
        if self._send is not None and client in self._known:
            del self._known[client]
            self._left.append(client)
            self._send(ClientClosed(client))

    def resume(self, clients: Iterable[tuple[ClientId, bool]], writes: Iterable[Write]) -> None:
        """The snapshot is here: tell of the present clients (and whether native), of open writes, of who left.

        Writes come before the news that their author left: the server takes none of somebody it does not know.
        """
        self._send, self._next = self._next or self._send, None
        here = dict(clients)
        for client, native in here.items():
            self.opened(client, native=native)
        for write in writes:
            if write.client not in self._known and write.client not in self._left:
                self.opened(write.client, native=False)
            self.send(write)
        for client in list(self._left):
            self.send(ClientClosed(client))
        for client in list(self._known):
            if client not in here:
                self.closed(client)
