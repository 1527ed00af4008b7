"""`Client`: a program as one more view of a server."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from jupyter_trame.client.address import parse_address
from jupyter_trame.client.backoff import Backoff
from jupyter_trame.client.connections import Connection, InProcessConnection, Opener, SocketConnection
from jupyter_trame.client.exchange import Exchange
from jupyter_trame.client.mirror import Mirror
from jupyter_trame.core import Translator
from jupyter_trame.core.listeners import Callback, Reloader
from jupyter_trame.errors import AuthenticationError, MalformedMessageError
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.execution.state import State
from jupyter_trame.execution.user_code import UserCode
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

if TYPE_CHECKING:
    from jupyter_trame.server import Server

__all__ = ["Client", "ConnectionStatus", "exchange_of"]

F = TypeVar("F", bound=Callback)

_FAREWELL = 5.0


class ConnectionStatus(IntEnum):
    """How a client and its server stand. Only `CONNECTED` is true."""

    DISCONNECTED = 0
    CONNECTING = 1
    CONNECTED = 2
    """The state is there, the server too, and calls can be made."""

    def __bool__(self) -> bool:
        return self is ConnectionStatus.CONNECTED


class Client:
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

    _pace = 1.0
    """Factor of the times between the end of a connection and the next attempt."""

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
        self._config = dict(config or {})
        self._url = url or self._config.pop("sessionURL", None)
        self._open: Opener | None = None
        self._owner = OwnerLoop()
        self._user_code = UserCode(self._owner)
        self._exchange = Exchange(self._owner)
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
        self._life: asyncio.Task[None] | None = None
        self._leaving = False
        self._ends_with_server = True
        """Or the connection outlives the server, which may be started again behind it."""
        self._error: Exception | None = None
        self._waiting: list[asyncio.Future[None]] = []
        self._subscribers: dict[str, list[Callback]] = {}

    @classmethod
    def to(cls, server: "Server", *, translator: Translator | None = None) -> Self:
        """A client of a server in this process, without a socket and whatever else carries the server: for tests."""
        client = cls(translator=translator)
        client._open = partial(InProcessConnection.open, server)
        return client

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
        `AuthenticationError`, whose argument is the server's error map, where it refuses the secret; TypeError and
        ValueError for an address that is none. Cancelling it leaves the server, as `disconnect` does.
        """
        if self._status is not ConnectionStatus.DISCONNECTED:
            return
        try:
            opener, secret, greeting = self._target(url, kwargs)
        except (TypeError, ValueError) as error:
            self._error = error
            self._ended()
            raise
        self._exchange.greet_with(secret, greeting)
        loop = asyncio.get_running_loop()
        self._owner.attach(loop, threading.get_ident())
        self._status, self._leaving, self._error = ConnectionStatus.CONNECTING, False, None
        self._ends_with_server = not reconnect or self._open is not None
        self._life = loop.create_task(self._live(opener, reconnect))
        try:
            await self._life
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if not self._leaving or (current is not None and current.cancelling()):
                raise
        except Exception as error:
            self._error = error
            raise
        finally:
            self._ended()

    async def disconnect(self) -> None:
        """Leave the server, behind everything that was written; `connect` returns. Harmless where nothing is open.

        Raises nothing: a server that does not take it is left after 5 s. Cancelling it is safe: the word to the server
        is on its way, and the next call waits for the rest.
        """
        life, self._leaving = self._life, True
        if life is None:
            return
        if self._exchange.connection is not None:
            self._exchange.leave()
            await asyncio.wait([life], timeout=_FAREWELL)
        life.cancel()
        await asyncio.wait([life])

    async def until_connected(self) -> None:
        """Return when the state is there. Cancelling it is safe, and changes nothing.

        Raises what `connect` raises meanwhile, and ConnectionError where that ends before.
        """
        if self._status is not ConnectionStatus.CONNECTED:
            future = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future

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

    # -- speaking

    async def call_trigger(
        self, name: str, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """The result of a trigger, by its name in the root; see `call`."""
        return await self.call(TRIGGER, [name, list(args or ()), dict(kwargs or {})])

    async def call(
        self, method: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """The result of an RPC method.

        Raises ConnectionError where the client is not connected, or loses the server before it answers; `RemoteError`,
        whose argument is the server's error map, where the method failed; `SerializationError` where an argument has no
        form on the wire. Cancelling it is safe: the method runs all the same, and its answer is dropped.
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

    def _target(self, url: str | None, kwargs: dict[str, Any]) -> tuple[Opener, str, dict[str, Any]]:
        greeting = {**self._config, **kwargs}
        secret = greeting.pop("secret", None)
        url = url or greeting.pop("sessionURL", None) or self._url
        if self._open is not None:
            return self._open, secret or "", greeting
        if not isinstance(url, str):
            raise TypeError("a client needs the address of its server")
        address = parse_address(url)
        return partial(SocketConnection.open, address), secret or address.secret or "", greeting

    async def _live(self, opener: Opener, reconnect: bool) -> None:
        loop = asyncio.get_running_loop()
        backoff, met = Backoff(self._pace), False
        while True:
            try:
                connection = await opener()
            except ConnectionError:
                if not met:
                    raise
            else:
                await self._talk(connection, backoff)
                met = met or self._ready
                self._ready = False
            if self._leaving or (met and not reconnect):
                return
            if not met:
                raise ConnectionError(
                    "the connection was closed before authentication, or before the state came"
                )
            self._status = ConnectionStatus.CONNECTING
            await asyncio.sleep(backoff.next(loop.time()))

    async def _talk(self, connection: Connection, backoff: Backoff) -> None:
        """Serve one connection until it ends."""
        self._trouble = ""
        try:
            refusal = await self._exchange.serve(connection, partial(self._handle_all, backoff))
        finally:
            if self._leaving:
                self._exchange.forget()
        if refusal is not None:
            error = ConnectionError(f"the server refused what was sent, which is lost: {refusal}")
            self._exchange.fail(str(error))
            self._user_code.report("connection", error)

    def _ended(self) -> None:
        self._status, self._life = ConnectionStatus.DISCONNECTED, None
        error = self._error or ConnectionError("the connection has ended")
        for future in self._waiting:
            if not future.done():
                future.set_exception(error)
        self._waiting.clear()
        self._exchange.fail("the connection has ended; the call may have run")

    # -- events

    def _handle_all(self, backoff: Backoff, events: Sequence[ClientEvent]) -> None:
        for event in events:
            self._handle(event)
        if self._ready:
            backoff.live(asyncio.get_running_loop().time())

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
                connection.close()
            case StatusChanged(state, message):
                self._trouble = "" if state == "live" else message or state
                self._look()

    def _look(self) -> None:
        """Whether client and server speak with each other may have changed."""
        if not self._ready or self._trouble:
            self._status = ConnectionStatus.CONNECTING
            return
        self._status = ConnectionStatus.CONNECTED
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()


def _reloader(hot_reload: bool | Reloader, report: Callable[[str, Exception], object]) -> bool | Reloader:
    if hot_reload is True:
        from jupyter_trame.execution.hot_reload import HotReload

        return HotReload(report)
    return hot_reload


def exchange_of(client: Client) -> Exchange:
    """What `client` and its server say to each other; for the package's own folders."""
    return client._exchange
