"""`Client`: a trio program as one more view of a server."""

from __future__ import annotations

import ssl as ssl_module
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import trio

from jupyter_trame.client.common_client import CommonClient
from jupyter_trame.client.pending_results import PendingResult
from jupyter_trame.core import Translator
from jupyter_trame.core.listeners import Reloader
from jupyter_trame.trio.app_connection import AppRoute
from jupyter_trame.trio.app_exchange import AppExchange
from jupyter_trame.trio.event_results import EventResult
from jupyter_trame.trio.nurseries import BlockNursery, open_quiet_nursery
from jupyter_trame.trio.trio_owner import TrioOwner, TrioUserCode
from jupyter_trame.trio.websockets import InvalidHandshake, WebSocketClientProtocol

__all__ = ["Client"]


class Client(CommonClient):
    """A view of a server without a browser, in a trio program; the server may be one of trame's own, too.

    ::

        async with Client("http://localhost:8080/?secret=...") as client:
            print(client.state.count)
            with client.state:
                client.state.count = 5
            await client.call_trigger("reset")

    As `jupyter_trame.Client`, on trio: listeners run in the trio run of `connect`, coroutines of theirs as its tasks.
    The state may be written on any thread.
    """

    def __init__(
        self,
        url: str | None = None,
        config: Mapping[str, Any] | None = None,
        translator: Translator | None = None,
        hot_reload: bool | Reloader = False,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        ssl: ssl_module.SSLContext | None = None,
        path: str | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            url: as these four of `jupyter_trame.Client`.
            config: entries of the hello.
            translator: of names of state keys.
            hot_reload: of listeners.
            token: of a Jupyter server, which is sent in a header.
            headers: more of them.
            ssl: for ``https://`` and ``wss://``; None for the default context, which verifies.
            path: of a Unix socket, to connect to in place of the host and port of `url`.
        """
        self._owner = TrioOwner()
        user_code, exchange = TrioUserCode(self._owner), AppExchange(self._owner)
        super().__init__(url, config, translator, hot_reload, user_code, exchange)
        self._way: dict[str, Any] = {"token": token, "headers": headers, "ssl": ssl, "path": path}
        self._route: AppRoute | None = None
        self._scope: trio.CancelScope | None = None
        self._ended = trio.Event()
        self._block = BlockNursery("this client")

    async def __aenter__(self) -> Self:
        """Connect, as a task of the block, and return when the state is there.

        Raises what `connect` does, and RuntimeError in another block of this client. Cancelled, it gives the
        connection up.
        """
        await self._block.enter(self._begin)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the server; cancelled, within a second. Raises what the block and the client's tasks do."""
        try:
            await self.disconnect()
        finally:
            await self._block.leave(kind, error, trace)

    async def _begin(self, nursery: trio.Nursery) -> None:
        nursery.start_soon(self._connect_for_block)
        await self.until_connected()

    async def _connect_for_block(self) -> None:
        with suppress(Exception):  # `until_connected` raises it, and calls say that there is no connection
            await self.connect()

    # -- in a trio run

    def _new_result(self) -> PendingResult:
        return EventResult()

    def _aim(self, url: str | None, greeting: dict[str, Any]) -> None:
        secret = greeting.pop("secret", None)
        route = self._route = AppRoute.to(self._address(url, greeting), **self._way)
        self._exchange.greet_with(secret or route.address.secret or "", greeting)

    async def _run(self, reconnect: bool) -> None:
        self._ended = trio.Event()
        try:
            async with open_quiet_nursery() as nursery:
                self._scope = nursery.cancel_scope
                nursery.start_soon(self._owner.turn, nursery)
                await self._live(reconnect)
                nursery.cancel_scope.cancel()
        finally:
            self._scope = None
            self._ended.set()

    async def _stop(self, patience: float) -> None:
        scope, ended = self._scope, self._ended
        if scope is None:
            return
        if patience:
            with trio.move_on_after(patience):
                await ended.wait()
        scope.cancel()
        await ended.wait()

    async def _open(self) -> WebSocketClientProtocol:
        route = self._route
        assert route is not None
        try:
            # Not in a block: its tasks have to go on for the goodbye of a client that is cancelled.
            return await route.connect()
        except (OSError, InvalidHandshake) as error:
            raise ConnectionError(f"no trame server answers at {route.shown}: {error}") from error

    async def _sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    def _now(self) -> float:
        return trio.current_time()
