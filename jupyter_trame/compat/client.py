"""`trame_server.client`: our client, with what programs reach of the session inside trame's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame import client as ours
from jupyter_trame.client.client import exchange_of
from jupyter_trame.compat.session import UnpackableArgumentError, WsLinkSession
from jupyter_trame.compat.stand_in import StandIn
from jupyter_trame.errors import SerializationError

__all__ = ["Client", "ClientLinkSession"]


class ClientLinkSession(WsLinkSession):
    """The calls and subscriptions of a client, for programs that ask its `_session` for them.

    `Client.call` and `Client.subscribe` do the same in one step. The client says hello and listens by itself.
    """

    def __init__(self, client: ours.Client) -> None:
        super().__init__(None)
        self._client = client
        self._ends: dict[tuple[str, Callable[..., Any]], list[Callable[[], None]]] = {}

    @property
    def client_id(self) -> str | None:
        """See `WsLinkSession`."""
        return exchange_of(self._client).session.client_id

    async def call(
        self, method: str, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None
    ) -> asyncio.Task[Any]:
        """As `WsLinkSession.call`; the answer raises what `Client.call` raises."""
        answer = asyncio.ensure_future(self._client.call(method, args or (), kwargs))
        await asyncio.sleep(0)  # it is sent when this returns
        return answer

    def register_subscription(self, topic: str, callback: Callable[..., Any]) -> None:
        """See `WsLinkSession`."""
        super().register_subscription(topic, callback)
        self._ends.setdefault((topic, callback), []).append(self._client.subscribe(topic, callback))

    def unregister_subscription(self, topic: str, callback: Callable[..., Any]) -> None:
        """See `WsLinkSession`."""
        super().unregister_subscription(topic, callback)
        if ends := self._ends.get((topic, callback)):
            ends.pop()()

    def clear_subscriptions(self) -> None:
        """See `WsLinkSession`."""
        super().clear_subscriptions()
        for ends in self._ends.values():
            while ends:
                ends.pop()()

    async def close(self) -> None:
        """Have the client leave."""
        await self._client.disconnect()


class Client(ours.Client, metaclass=StandIn):
    """A client that has the private member of trame's that programs use, and raises what they catch."""

    _stands_in = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._link_session: ClientLinkSession | None = None

    @property
    def _session(self) -> ClientLinkSession:
        if self._link_session is None:  # made where a loop turns
            self._link_session = ClientLinkSession(self)
        return self._link_session

    async def connect(self, url: str | None = None, *, reconnect: bool = False, **kwargs: Any) -> None:
        """As `jupyter_trame.Client.connect`; ConnectionErrors are aiohttp's too, where that is installed."""
        try:
            await super().connect(url, reconnect=reconnect, **kwargs)
        except ConnectionError as error:
            raise _as_aiohttp_has_it(error) from error

    async def call(
        self, method: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """As `jupyter_trame.Client.call`; what cannot be packed is a TypeError too."""
        try:
            return await super().call(method, args, kwargs)
        except SerializationError as error:
            raise UnpackableArgumentError.of(error) from error


def _as_aiohttp_has_it(error: ConnectionError) -> ConnectionError:
    try:
        from aiohttp import ClientConnectionError
    except ImportError:
        return error

    class ServerConnectionError(ConnectionError, ClientConnectionError):
        """No server answers, or it hung up."""

    return ServerConnectionError(*error.args)
