"""`trame_server.client`: our client, with what programs reach of the session inside trame's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame import client as ours
from jupyter_trame.compat.stand_in import StandIn

__all__ = ["Client", "WsLinkSession"]


class WsLinkSession:
    """The calls and subscriptions of a client, for programs that ask its `_session` for them.

    `Client.call` and `Client.subscribe` do the same in one step.
    """

    def __init__(self, client: ours.Client) -> None:
        self._client = client
        self._ends: dict[tuple[str, Callable[..., Any]], list[Callable[[], None]]] = {}

    @property
    def client_id(self) -> str | None:
        """The name that the server gave to the client; None before."""
        return self._client._exchange.client_id

    async def call(
        self, method: str, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None
    ) -> asyncio.Task[Any]:
        """Send a call. What it returns is awaited for the answer, and raises what `Client.call` raises."""
        answer = asyncio.ensure_future(self._client.call(method, args or (), kwargs))
        await asyncio.sleep(0)  # it is sent when this returns
        return answer

    def register_subscription(self, topic: str, callback: Callable[..., Any]) -> None:
        """Call ``callback(data)`` for each publication of `topic`."""
        self._ends.setdefault((topic, callback), []).append(self._client.subscribe(topic, callback))

    def unregister_subscription(self, topic: str, callback: Callable[..., Any]) -> None:
        """Undo `register_subscription`; one that is not there is ignored."""
        if ends := self._ends.get((topic, callback)):
            ends.pop()()


class Client(ours.Client, metaclass=StandIn):
    """A client that has the private member of trame's that programs use."""

    _stands_in = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._session = WsLinkSession(self)
