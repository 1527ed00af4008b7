"""Whom a server reaches: its links and the clients behind them, under one lock."""

import threading

from jupyter_trame.protocol.clients import ClientList, KnownClient, LinkEnd
from jupyter_trame.protocol.link import CloseClient, LinkOp
from jupyter_trame.types import ClientId

__all__ = ["Audience"]


class Audience:
    """What the parts of a primary share. Its methods, and whatever is done with its content, need the lock held."""

    def __init__(self, tell_at: int) -> None:
        """`tell_at`: bytes that the server's loop has come to before a replica is told of them."""
        self.lock = threading.RLock()
        """Keeps the order in which operations go into the links too."""
        self.links: list[LinkEnd] = []
        self.clients = ClientList()
        self._tell_at = tell_at

    def reached(self, client: ClientId) -> KnownClient | None:
        """What is kept of `client`; None where no link leads to it."""
        known = self.clients.get(client)
        return known if known is not None and known.link in self.links else None

    def queue(self, link: LinkEnd, op: LinkOp, size: int = 64) -> None:
        """`LinkEnd.queue`; a link on which too much waits is dropped."""
        if not link.queue(op, size):
            link.outbox.clear()
            self.detach(link)
            link.output.close(f"over {link.outbox.limit} bytes wait for the replica: it is too slow")

    def detach(self, link: LinkEnd) -> None:
        """The link is gone; more than once is harmless."""
        if link in self.links:
            self.links.remove(link)

    def taken(self, link: LinkEnd, client: ClientId, cost: int) -> None:
        """The server's loop has come to something of `client` that took `cost` bytes of the link's window."""
        told = link.taken(client, cost, self._tell_at)
        if told is not None and link in self.links:
            self.queue(link, told)

    def close_client(self, client: ClientId, code: int, reason: str) -> None:
        """End a client's connection with a websocket close code."""
        known = self.reached(client)
        if known is not None:
            self.queue(known.link, CloseClient(client, code, reason))
