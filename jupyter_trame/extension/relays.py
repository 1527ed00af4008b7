"""All relays of one jupyter-server."""

import asyncio
import logging
from collections.abc import Callable

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.relay import Relay, RelayOptions
from jupyter_trame.extension.viewers import Viewer, ViewerChange, Viewers
from jupyter_trame.transports.tornado import ClientSocket

__all__ = ["Relays"]


class Relays:
    """Makes a relay when the first client comes, and ends it. Everything runs on jupyter-server's loop."""

    def __init__(
        self,
        kernels: Kernels,
        *,
        options: RelayOptions,
        on_viewer: Callable[[Relay, ViewerChange, Viewer], object] = lambda *_: None,
        logger: logging.Logger,
    ) -> None:
        """`on_viewer` is told of who comes and goes."""
        self.kernels = kernels
        kernels.on_changed = self.kernel_changed
        self.options = options
        self._on_viewer = on_viewer
        self._log = logger
        self._relays: dict[tuple[str, str], Relay] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._relays)

    @property
    def clients(self) -> int:
        """Open connections of all relays."""
        return sum(relay.clients for relay in self._relays.values())

    async def find(self, kernel: str, slug: str) -> Relay | None:
        """The relay of a server that answers, or did when it was last seen and may come back; else None.

        `kernel` is a name that `Kernels.resolve` understands. Raises `LinkError` with a sentence for the user when a
        kernel that is there cannot be asked.
        """
        kernel_id = self.kernels.resolve(kernel)
        if kernel_id is None:
            return None
        relay = self._relay(kernel_id, slug)
        relay.look()
        if await relay.found():
            return relay
        if relay.clients == 0:
            self._drop(relay)
        if relay.unreachable:
            raise LinkError(relay.unreachable)
        return None

    def viewers_of(self, kernel_id: str, slug: str) -> Viewers:
        """Who looks at the server."""
        relay = self._relays.get((kernel_id, slug))
        return Viewers() if relay is None else relay.viewers

    def serve(self, kernel: str, slug: str, socket: ClientSocket, *, identity: str, user: str) -> Relay:
        """Make the open `socket` a client of the server; see `Relay.serve`."""
        relay = self._relay(self.kernels.resolve(kernel) or kernel, slug)
        relay.serve(socket, identity=identity, user=user)
        return relay

    def kernel_changed(self, kernel_id: str) -> None:
        """The kernel was started, started again or shut down: look now instead of later."""
        for relay in self._relays.values():
            if relay.kernel_id == kernel_id:
                relay.look()

    async def close(self) -> None:
        """End all relays and their connections."""
        for relay in list(self._relays.values()):
            self._drop(relay)
        while self._closing:
            await asyncio.gather(*self._closing)

    def _relay(self, kernel_id: str, slug: str) -> Relay:
        key = (kernel_id, slug)
        relay = self._relays.get(key)
        if relay is None:
            relay = self._relays[key] = Relay(
                kernel_id,
                slug,
                self.kernels,
                options=self.options,
                on_idle=self._drop,
                on_viewer=self._on_viewer,
                logger=self._log,
            )
        return relay

    def _drop(self, relay: Relay) -> None:
        if self._relays.get((relay.kernel_id, relay.slug)) is not relay:
            return
        del self._relays[relay.kernel_id, relay.slug]
        task = asyncio.get_running_loop().create_task(relay.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
