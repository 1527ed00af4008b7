"""What clients of asyncio and of trio have in common: all but how they wait and how they connect."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from functools import partial
from typing import Any, TypeVar

from jupyter_trame.client.backoff import Backoff
from jupyter_trame.client.common_exchange import CommonExchange
from jupyter_trame.client.mirror import Mirror
from jupyter_trame.client.pending_results import PendingResult
from jupyter_trame.core import Translator
from jupyter_trame.core.listeners import Callback, Reloader
from jupyter_trame.errors import AuthenticationError, MalformedMessageError
from jupyter_trame.execution.error_reports import ErrorReport
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

__all__ = ["CommonClient", "ConnectionStatus"]

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


class CommonClient:
    """A view of a server without a browser.

    When it is connected its state is filled. From then on a flush of `state` sends what was changed here, and what
    changes elsewhere runs the listeners. Keys that were set before connecting are sent; the server's values of all
    others come in. The state may be written on any thread.
    """

    _pace = 1.0
    """Factor of the times between the end of a connection and the next attempt."""

    def __init__(
        self,
        url: str | None,
        config: Mapping[str, Any] | None,
        translator: Translator | None,
        hot_reload: bool | Reloader,
        user_code: UserCode,
        exchange: CommonExchange[Any],
    ) -> None:
        """Nothing is opened yet.

        Args:
            url: of the page or of the websocket; its ``secret`` parameter is understood.
            config: entries of the hello, ``secret`` among them; ``sessionURL`` stands for `url`.
            translator: of this client's names of state keys to those of the server's root.
            hot_reload: True has listeners follow their source files; a function does the same in its own way.
            user_code: what listeners and subscribers run in.
            exchange: what is said to the server.
        """
        self._config = dict(config or {})
        self._url = url or self._config.pop("sessionURL", None)
        self._user_code = user_code
        self._exchange = exchange
        self._mirror = Mirror(
            translator, user_code, exchange.write, hot_reload=_reloader(hot_reload, user_code.report)
        )
        self._status = ConnectionStatus.DISCONNECTED
        self._ready = False
        """Whether the session is up on the present connection."""
        self._trouble = ""
        """What the replica says of a server that does not answer."""
        self._leaving = False
        self._ends_with_server = True
        """Or the connection outlives the server, which may be started again behind it."""
        self._waiting: list[PendingResult] = []
        self._subscribers: dict[str, list[Callback]] = {}

    # -- parts

    @property
    def state(self) -> State:
        """What the server and all its clients share."""
        return self._mirror.state

    def change(self, *keys: str, latest: bool = False) -> Callable[[F], F]:
        """Decorate a function to be called when any of `keys` changed; see `State.change`."""
        return self._mirror.state.change(*keys, latest=latest)

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
        ValueError for an address that is none. Cancelled, it leaves the server, for which it takes a second at most.
        """
        if self._status is not ConnectionStatus.DISCONNECTED:
            return
        error: Exception = ConnectionError("the connection has ended")
        try:
            self._aim(url, {**self._config, **kwargs})
            self._status, self._leaving = ConnectionStatus.CONNECTING, False
            self._ends_with_server = not reconnect
            await self._run(reconnect)
        except Exception as raised:
            error = raised
            raise
        finally:
            self._end(error)

    async def disconnect(self) -> None:
        """Leave the server, behind everything that was written; `connect` returns. Harmless where nothing is open.

        Raises nothing: a server that does not take it is left after 5 s. Cancelling it is safe: the word to the server
        is on its way, and the next call waits for the rest.
        """
        self._leaving = True
        up = self._exchange.connection is not None
        self._exchange.leave()
        await self._stop(_FAREWELL if up else 0)

    async def until_connected(self) -> None:
        """Return when the state is there. Cancelling it is safe, and changes nothing.

        Raises what `connect` raises meanwhile, and ConnectionError where that ends before.
        """
        if self._status is not ConnectionStatus.CONNECTED:
            result = self._new_result()
            self._waiting.append(result)
            try:
                await result.wait()
            finally:
                if result in self._waiting:
                    self._waiting.remove(result)

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

    # -- what differs. No abstract methods: the client of the drop-in has another metaclass than `ABC`.

    def _new_result(self) -> PendingResult:
        raise NotImplementedError

    def _aim(self, url: str | None, greeting: dict[str, Any]) -> None:
        """Find the way to the server, and say `greeting` there; `url` is that of `connect`."""
        raise NotImplementedError

    async def _run(self, reconnect: bool) -> None:
        """Run `_live`, in whatever owns the client meanwhile."""
        raise NotImplementedError

    async def _stop(self, patience: float) -> None:
        """Return when `_run` has, which is ended after `patience` seconds."""
        raise NotImplementedError

    async def _open(self) -> Any:
        """A connection for the exchange. Raises ConnectionError."""
        raise NotImplementedError

    async def _sleep(self, seconds: float) -> None:
        raise NotImplementedError

    def _now(self) -> float:
        raise NotImplementedError

    # -- the connection

    def _address(self, url: str | None, greeting: dict[str, Any]) -> str:
        """The server's, of what the program says in one place or another."""
        named = greeting.pop("sessionURL", None)
        found = url or named or self._url
        if not isinstance(found, str):
            raise TypeError("a client needs the address of its server")
        return found

    async def _live(self, reconnect: bool) -> None:
        backoff, met = Backoff(self._pace), False
        while True:
            try:
                connection = await self._open()
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
            await self._sleep(backoff.next(self._now()))

    async def _talk(self, connection: Any, backoff: Backoff) -> None:
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

    def _end(self, error: Exception) -> None:
        self._status = ConnectionStatus.DISCONNECTED
        self._settle_waiting(lambda result: result.fail(error))
        self._exchange.fail("the connection has ended; the call may have run")

    def _settle_waiting(self, settle: Callable[[PendingResult], object]) -> None:
        waiting, self._waiting = self._waiting, []
        for result in waiting:
            settle(result)

    # -- events

    def _handle_all(self, backoff: Backoff, events: Sequence[ClientEvent]) -> None:
        for event in events:
            self._handle(event)
        if self._ready:
            backoff.live(self._now())

    def _handle(self, event: ClientEvent) -> None:
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
            case StatusChanged("stopped") if self._ends_with_server:
                self._exchange.end()
            case StatusChanged(state, message):
                self._trouble = "" if state == "live" else message or state
                self._look()

    def _look(self) -> None:
        """Whether client and server speak with each other may have changed."""
        if not self._ready or self._trouble:
            self._status = ConnectionStatus.CONNECTING
            return
        self._status = ConnectionStatus.CONNECTED
        self._settle_waiting(lambda result: result.set())


def _reloader(hot_reload: bool | Reloader, report: Callable[[str, Exception], object]) -> bool | Reloader:
    if hot_reload is True:
        from jupyter_trame.execution.hot_reload import HotReload

        return HotReload(report)
    return hot_reload
