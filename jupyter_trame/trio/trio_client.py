"""`Client`: a trio program as one more view of a server."""

from __future__ import annotations

import ssl as ssl_module
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import trio

from jupyter_trame.client import ConnectionStatus
from jupyter_trame.client.backoff import Backoff
from jupyter_trame.client.mirror import Mirror
from jupyter_trame.core import Translator
from jupyter_trame.core.listeners import Callback, Reloader
from jupyter_trame.errors import AuthenticationError, MalformedMessageError
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.execution.state import State
from jupyter_trame.names import TRIGGER
from jupyter_trame.protocol.client_events import (
    ClientEvent,
    Published,
    Ready,
    Refused,
    StateChanged,
    StatusChanged,
    WritesDropped,
)
from jupyter_trame.protocol.salvage import Lost
from jupyter_trame.trio.app_connection import AppRoute
from jupyter_trame.trio.app_exchange import AppExchange
from jupyter_trame.trio.nurseries import BlockNursery, open_quiet_nursery
from jupyter_trame.trio.pending_results import PendingResult
from jupyter_trame.trio.trio_owner import TrioOwner, TrioUserCode
from jupyter_trame.trio.websockets import InvalidHandshake, WebSocketClientProtocol

__all__ = ["Client"]

F = TypeVar("F", bound=Callback)

_FAREWELL = 5.0


class Client:
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

    _pace = 1.0
    """Factor of the times between the end of a connection and the next attempt."""

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
            url: of the page or of the websocket; its ``secret`` parameter is understood.
            config: entries of the hello, ``secret`` among them; ``sessionURL`` stands for `url`.
            translator: of this client's names of state keys to those of the server's root.
            hot_reload: True has listeners follow their source files; a function does the same in its own way.
            token: of a Jupyter server, which is sent in a header.
            headers: more of them.
            ssl: for ``https://`` and ``wss://``; None for the default context, which verifies.
            path: of a Unix socket, to connect to in place of the host and port of `url`.
        """
        self._config = dict(config or {})
        self._url = url or self._config.pop("sessionURL", None)
        self._way: dict[str, Any] = {"token": token, "headers": headers, "ssl": ssl, "path": path}
        self._owner = TrioOwner()
        self._user_code = TrioUserCode(self._owner)
        self._exchange = AppExchange(self._owner)
        self._mirror = Mirror(
            translator,
            self._user_code,
            self._exchange.write,
            hot_reload=_reloader(hot_reload, self._user_code.report),
        )
        self._status = ConnectionStatus.DISCONNECTED
        self._ready = False
        """Whether the session is up on the present connection."""
        self._trouble = ""
        """What the replica says of a server that does not answer."""
        self._scope: trio.CancelScope | None = None
        self._ended = trio.Event()
        self._leaving = False
        self._ends_with_server = True
        """Or the connection outlives the server, which may be started again behind it."""
        self._waiting: list[PendingResult] = []
        self._subscribers: dict[str, list[Callback]] = {}
        self._block = BlockNursery("this client")

    # -- parts

    @property
    def state(self) -> State:
        """What the server and all its clients share."""
        return self._mirror.state

    def change(self, *keys: str) -> Callable[[F], F]:
        """Decorate a function to be called when any of `keys` changed; see `State.change`."""
        return self._mirror.state.change(*keys)

    @property
    def connected(self) -> ConnectionStatus:
        """How client and server stand; true while the server answers.

        `CONNECTING` where it does not for now: there is no connection, or the server's kernel is gone behind it.
        """
        return self._status

    @property
    def name(self) -> str:
        """The server's name; empty before the first connection."""
        return self._exchange.session.name

    @property
    def errors(self) -> deque[ErrorReport]:
        """The latest exceptions of listeners and subscribers, and values that could not be read, newest last."""
        return self._user_code.errors

    # -- life

    async def connect(self, url: str | None = None, *, reconnect: bool = False, **kwargs: Any) -> None:
        """Speak with the server until either side ends that; where it is done already, return at once.

        Args:
            url: in place of the constructor's.
            reconnect: after the first success, connect again whenever the connection is lost, until `disconnect`.
                What was written meanwhile follows, the latest value of each key; only what changed comes again. Where
                the server was started again meanwhile, what was written before is lost: `errors` tells of it.
            kwargs: entries of the hello, ``secret`` among them.

        Raises ConnectionError where no server answers or it hangs up before the state was there, and
        `AuthenticationError`, whose argument is the server's error map, where it refuses the secret. Cancelled, it says
        goodbye within a second.
        """
        if self._status is not ConnectionStatus.DISCONNECTED:
            return
        error: Exception = ConnectionError("the connection has ended")
        try:
            route = self._route(url, kwargs)
            self._status, self._leaving = ConnectionStatus.CONNECTING, False
            self._ends_with_server, self._ended = not reconnect, trio.Event()
            async with open_quiet_nursery() as nursery:
                self._scope = nursery.cancel_scope
                nursery.start_soon(self._owner.turn, nursery)
                await self._live(route, reconnect)
                nursery.cancel_scope.cancel()
        except Exception as raised:
            error = raised
            raise
        finally:
            self._end(error)

    async def disconnect(self) -> None:
        """Leave the server, behind everything that was written; `connect` returns. Harmless where nothing is open.

        Raises nothing. Cancelled, the client still leaves, and `connect` returns soon.
        """
        scope, ended, self._leaving = self._scope, self._ended, True
        if scope is None:
            return
        if self._exchange.connection is not None:
            self._exchange.leave()
            with trio.move_on_after(_FAREWELL):
                await ended.wait()
        scope.cancel()
        await ended.wait()

    async def until_connected(self) -> None:
        """Return when the state is there. Raises what `connect` raises meanwhile; cancelling is safe."""
        if self._status is not ConnectionStatus.CONNECTED:
            result = PendingResult()
            self._waiting.append(result)
            try:
                await result.wait()
            finally:
                if result in self._waiting:
                    self._waiting.remove(result)

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

    # -- speaking

    async def call_trigger(
        self, name: str, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """The result of a trigger, by its name in the root; see `call`."""
        return await self.call(TRIGGER, [name, list(args or ()), dict(kwargs or {})])

    async def call(
        self, method: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """The result of an RPC method. Cancelled, the call goes on in the server, and nobody hears of it.

        Raises ConnectionError where the client is not connected, or loses the server before it answers; `RemoteError`,
        whose argument is the server's error map, where the method failed; `SerializationError`.
        """
        if self._status is not ConnectionStatus.CONNECTED:
            why = f": {self._trouble}" if self._trouble else ""
            raise ConnectionError(f"the client is not connected (status: {self._status.name}){why}")
        return await self._exchange.call(method, args, kwargs)

    def subscribe(self, topic: str, callback: Callback) -> Callable[[], None]:
        """Call ``callback(data)`` for each publication of `topic`; returns what ends that."""
        callbacks = self._subscribers.setdefault(topic, [])
        callbacks.append(callback)

        def unsubscribe() -> None:
            if callback in callbacks:
                callbacks.remove(callback)

        return unsubscribe

    # -- the connection

    def _route(self, url: str | None, kwargs: dict[str, Any]) -> AppRoute:
        greeting = {**self._config, **kwargs}
        secret = greeting.pop("secret", None)
        url = url or greeting.pop("sessionURL", None) or self._url
        if not isinstance(url, str):
            raise TypeError("a client needs the address of its server")
        route = AppRoute.to(url, **self._way)
        secret = secret or route.address.secret or ""
        self._exchange.greet_with(secret, greeting)
        return route

    async def _live(self, route: AppRoute, reconnect: bool) -> None:
        backoff, met = Backoff(self._pace), False
        while True:
            try:
                # Not in a block: its tasks have to go on for the goodbye of a client that is cancelled.
                websocket = await route.connect()
            except (OSError, InvalidHandshake) as error:
                if not met:
                    raise ConnectionError(f"no trame server answers at {route.shown}: {error}") from error
            else:
                await self._talk(websocket, backoff)
            met = met or self._ready
            self._ready = False
            if self._leaving or (met and not reconnect):
                return
            if not met:
                raise ConnectionError(
                    "the connection was closed before authentication, or before the state came"
                )
            self._status = ConnectionStatus.CONNECTING
            await trio.sleep(backoff.next(trio.current_time()))

    async def _talk(self, websocket: WebSocketClientProtocol, backoff: Backoff) -> None:
        """Serve one connection until it ends."""
        self._trouble = ""
        try:
            refusal = await self._exchange.serve(websocket, partial(self._handle_all, backoff))
        finally:
            if self._leaving:
                self._exchange.forget()
        if refusal is not None:
            error = ConnectionError(f"the server refused what was sent, which is lost: {refusal}")
            self._exchange.fail(str(error))
            self._user_code.report("connection", error)

    def _end(self, error: Exception) -> None:
        self._status, self._scope = ConnectionStatus.DISCONNECTED, None
        for result in self._waiting:
            result.fail(error)
        self._exchange.fail("the connection has ended; the call may have run")
        self._ended.set()

    # -- events

    def _handle_all(self, backoff: Backoff, events: Sequence[ClientEvent]) -> None:
        for event in events:
            self._handle(event)
        if self._ready:
            backoff.live(trio.current_time())

    def _handle(self, event: ClientEvent) -> None:
        connection = self._exchange.connection
        match event:
            case StateChanged(changes):
                self._mirror.apply(changes)
            case Ready():
                self._ready = True
                self._mirror.ready()
                self._look()
            case Refused(error):
                raise AuthenticationError(error)
            case Published(topic, data):
                for callback in [*self._subscribers.get(topic, ())]:
                    where = f"subscriber of {topic}"
                    self._user_code.schedule_all(where, self._user_code.call(where, callback, data))
            case Lost(where, message):
                self._user_code.report(where, MalformedMessageError(message))
            case WritesDropped(keys):
                lost = ", ".join(map(repr, keys))
                what = ConnectionError(f"the server was started again; what was written to {lost} is lost")
                self._user_code.report("connection", what)
            case StatusChanged("restarted"):
                self._ready, self._trouble = False, ""
                self._look()
            case StatusChanged("stopped") if self._ends_with_server and connection is not None:
                connection.end()
            case StatusChanged(state, message):
                self._trouble = "" if state == "live" else message or state
                self._look()

    def _look(self) -> None:
        """Whether client and server speak with each other may have changed."""
        if not self._ready or self._trouble:
            self._status = ConnectionStatus.CONNECTING
            return
        self._status = ConnectionStatus.CONNECTED
        for result in self._waiting:
            result.set()


def _reloader(hot_reload: bool | Reloader, report: Callable[[str, Exception], object]) -> bool | Reloader:
    if hot_reload is True:
        from jupyter_trame.execution.hot_reload import HotReload

        return HotReload(report)
    return hot_reload
