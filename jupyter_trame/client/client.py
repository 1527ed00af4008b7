"""`Client`: a program as one more view of a server."""

import asyncio
import threading
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from jupyter_trame.client.address import parse_address
from jupyter_trame.client.common_client import CommonClient, ConnectionStatus
from jupyter_trame.client.connections import Connection, InProcessConnection, Opener, SocketConnection
from jupyter_trame.client.exchange import Exchange
from jupyter_trame.client.pending_results import FutureResult, PendingResult
from jupyter_trame.core import Translator
from jupyter_trame.core.listeners import Reloader
from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.execution.user_code import UserCode

if TYPE_CHECKING:
    from jupyter_trame.server import Server

__all__ = ["Client", "ConnectionStatus", "exchange_of"]


class Client(CommonClient):
    """A view of a server without a browser; the server may be one of trame's own, too.

    ::

        async with Client("http://localhost:8080/?secret=...") as client:
            print(client.state.count)
            with client.state:
                client.state.count = 5
            await client.call_trigger("reset")

    When it is connected its state is filled. From then on a flush of `state` sends what was changed here, and what
    changes elsewhere runs the listeners. Keys that were set before connecting are sent; the server's values of all
    others come in. Listeners run on the loop of `connect`; the state may be written on any thread.
    """

    def __init__(
        self,
        url: str | None = None,
        config: Mapping[str, Any] | None = None,
        translator: Translator | None = None,
        hot_reload: bool | Reloader = False,
    ) -> None:
        """Nothing is opened yet.

        Args:
            url: of the page or of the websocket; its ``secret`` parameter is understood.
            config: entries of the hello, ``secret`` among them; ``sessionURL`` stands for `url`.
            translator: of this client's names of state keys to those of the server's root.
            hot_reload: True has listeners follow their source files; a function does the same in its own way.
        """
        self._owner = OwnerLoop()
        exchange = Exchange(self._owner)
        super().__init__(url, config, translator, hot_reload, UserCode(self._owner), exchange)
        self._exchange: Exchange = exchange
        self._opener: Opener | None = None
        self._in_process = False
        self._life: asyncio.Task[None] | None = None

    @classmethod
    def to(cls, server: "Server", *, translator: Translator | None = None) -> Self:
        """A client of a server in this process, without a socket and whatever else carries the server: for tests."""
        client = cls(translator=translator)
        client._opener, client._in_process = partial(InProcessConnection.open, server), True
        return client

    async def __aenter__(self) -> Self:
        """`connect`, in a task, and wait until the state is there. Raises as `connect`; cancelling it leaves."""
        connecting = asyncio.get_running_loop().create_task(self.connect())
        connecting.add_done_callback(lambda task: task.cancelled() or task.exception())
        try:
            await self.until_connected()
        except BaseException:
            await self.disconnect()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """`disconnect`, which raises nothing; see there for what cancelling does."""
        await self.disconnect()

    # -- on an asyncio loop

    def _new_result(self) -> PendingResult:
        return FutureResult()

    def _aim(self, url: str | None, greeting: dict[str, Any]) -> None:
        secret = greeting.pop("secret", None)
        if not self._in_process:
            address = parse_address(self._address(url, greeting))
            self._opener = partial(SocketConnection.open, address)
            secret = secret or address.secret
        self._exchange.greet_with(secret or "", greeting)

    async def _run(self, reconnect: bool) -> None:
        loop = asyncio.get_running_loop()
        self._owner.attach(loop, threading.get_ident())
        self._ends_with_server = not reconnect or self._in_process
        self._life = loop.create_task(self._live(reconnect))
        try:
            await self._life
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if not self._leaving or (current is not None and current.cancelling()):
                raise
        finally:
            self._life = None

    async def _stop(self, patience: float) -> None:
        life = self._life
        if life is None:
            return
        if patience:
            await asyncio.wait([life], timeout=patience)
        life.cancel()
        await asyncio.wait([life])

    async def _open(self) -> Connection:
        assert self._opener is not None
        return await self._opener()

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def exchange_of(client: Client) -> Exchange:
    """What `client` and its server say to each other; for the package's own folders."""
    return client._exchange
