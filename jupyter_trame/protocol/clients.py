"""What a server keeps of its clients: over which link each is reached, and which of its writes are settled."""

from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_trame.protocol.downstream import LinkEnd
from jupyter_trame.types import ClientId

__all__ = ["ClientList", "KnownClient"]


@dataclass(slots=True, eq=False)
class KnownClient:
    """What is kept of a client over a link's reconnects."""

    link: LinkEnd
    received: int = 0
    """Number of the last write that came."""
    applied: int = 0
    """Number of the last write that is settled."""
    gone: bool = False
    """Whether the client has left, and is kept only until its last write is settled."""


class ClientList:
    """Clients by id. Not thread-safe: the primary's lock is around it."""

    def __init__(self) -> None:
        self._known: dict[ClientId, KnownClient] = {}

    def __iter__(self) -> Iterator[ClientId]:
        """Those that have not left."""
        return (client for client, known in self._known.items() if not known.gone)

    def __contains__(self, client: ClientId) -> bool:
        known = self._known.get(client)
        return known is not None and not known.gone

    def get(self, client: ClientId) -> KnownClient | None:
        """What is kept of `client`; None for one that was never here, or left and has nothing open."""
        return self._known.get(client)

    def opened(self, client: ClientId, link: LinkEnd) -> bool:
        """`client` is reached over `link`; False if it was here before."""
        known = self._known.get(client)
        if known is not None:
            known.link = link
            return False
        self._known[client] = KnownClient(link)
        return True

    def closed(self, client: ClientId) -> bool:
        """`client` has left; False if it was not here."""
        known = self._known.get(client)
        if known is None or known.gone:
            return False
        known.gone = True
        self._drop_if_done(client, known)
        return True

    def applied(self, client: ClientId, number: int) -> KnownClient | None:
        """The writes of `client` up to `number` are settled; what was kept of it until now."""
        known = self._known.get(client)
        if known is not None:
            known.applied = max(known.applied, number)
            self._drop_if_done(client, known)
        return known

    def drop(self, link: LinkEnd) -> list[ClientId]:
        """Forget those that are reached over `link`; the ones of them that had not left."""
        lost = [client for client, known in self._known.items() if known.link is link]
        return [client for client in lost if not self._known.pop(client).gone]

    def _drop_if_done(self, client: ClientId, known: KnownClient) -> None:
        """Other clients show the writes of one that left: it is forgotten when the last one is settled."""
        if known.gone and known.applied >= known.received:
            del self._known[client]
