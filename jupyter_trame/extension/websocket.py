"""The socket of one client (`ws` beside the page)."""

from typing import Any

from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.refusals import PlainErrors
from jupyter_trame.extension.relay import Relay
from jupyter_trame.extension.relays import Relays
from jupyter_trame.extension.rights import socket_requires
from jupyter_trame.log_text import foreign
from jupyter_trame.transports.incoming import FRAME_OVERHEAD
from jupyter_trame.transports.tornado import ClientSocket

__all__ = ["TrameSocket"]


class TrameSocket(ClientSocket, WebSocketMixin, WebSocketHandler, PlainErrors):
    """Whoever may execute code in kernels may use the servers in them; all else is refused before the upgrade."""

    _relay: Relay | None = None
    _target: tuple[str, str]

    def initialize(self, *, relays: Relays, ping_interval: float) -> None:
        """`ping_interval` in seconds, 0 for no pings."""
        super().initialize()
        self._relays = relays
        self._ping_interval = ping_interval

    @property
    def ping_interval(self) -> float:
        """Seconds between pings; 0 for none."""
        return self._ping_interval

    @property
    def max_message_size(self) -> int:
        """Largest frame in bytes."""
        return self._relays.options.limits.frame + FRAME_OVERHEAD

    @socket_requires("execute", "kernels")
    async def get(self, kernel_id: str, slug: str) -> None:
        """Upgrade, if the server is there."""
        # tornado asks again before it upgrades; asked first, a foreign page cannot even find out what runs.
        if not self.check_origin():
            raise HTTPError(403)
        try:
            relay = await self._relays.find(kernel_id, slug)
        except LinkError as error:
            self.refuse_unreachable(error)
            return
        if relay is None:
            raise HTTPError(404, "no server %s runs in kernel %s", foreign(slug), foreign(kernel_id))
        self._target = (kernel_id, slug)
        await self.upgrade()

    async def upgrade(self) -> None:
        """Answer the handshake of a client that may come to `_target`, unless it has gone meanwhile."""
        if not self.has_hung_up:
            await super().get()

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Become a client of the server's replica."""
        # Not WebSocketMixin's: it would ping too, and counts the interval in milliseconds.
        WebSocketHandler.open(self, *args, **kwargs)
        user = self.current_user
        self._relay = self._relays.serve(
            *self._target, self, identity=self._identity(), user=user.display_name or user.username
        )

    def on_close(self) -> None:
        """End the client's connection."""
        super().on_close()
        relay, self._relay = self._relay, None
        if relay is not None:
            relay.left(self)

    def _identity(self) -> str:
        """Who may resume a session. All holders of the server's token are one: jupyter-server gives each of their
        requests a new user name. A hub has tokens of its own, whose holders have names.
        """
        provider = self.identity_provider
        shared = getattr(provider, "token", "")
        if self.token_authenticated and shared and provider.get_token(self) == shared:
            return "token"
        return f"user {self.current_user.username}"
