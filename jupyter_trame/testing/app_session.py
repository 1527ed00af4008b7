"""An app that runs for a test, and its clients."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from types import TracebackType
from typing import Any, Self, TypeAlias

from jupyter_trame.core import State
from jupyter_trame.errors import SerializationError, ServerError
from jupyter_trame.names import CLIENT_ONLY_KEY
from jupyter_trame.program.standalone import StandAlone
from jupyter_trame.protocol.packing import pack
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.runtime import OFF
from jupyter_trame.server import Server, life_cycle_of, runtime_of
from jupyter_trame.testing.app_client import AppClient, Recorder
from jupyter_trame.testing.app_errors import AppErrors
from jupyter_trame.testing.network import Network, Route
from jupyter_trame.testing.waiting import Waiting, describe_state
from jupyter_trame.web.site import Site

__all__ = ["App", "AppSession", "make_server"]

App: TypeAlias = Callable[[Server], Any] | Server
"""A function or class that makes an app of a server, or a server that was made and not started."""


def make_server(app: App, options: Mapping[str, Any]) -> Server:
    """The server for `app`: it itself, or a new one with `options`. Raises `ServerError`."""
    if isinstance(app, Server):
        if options:
            raise ServerError(f"a server that is there already takes no options: {', '.join(options)}")
        if runtime_of(app).stage != OFF:
            raise ServerError(f"{app!r} runs already; give a test one that was not started")
        return app.root_server
    name = getattr(app, "__name__", type(app).__name__)
    return Server(**{"name": _free_name(name), **options})


class AppSession:
    """``async with trame(app) as session``: the app runs within the block on the loop of the test, without a socket.

    A call that waits raises `NotReachedError`, which shows the state and the errors of the app, when what it waits for
    does not come about. Cancelling one is safe: it waits no longer, and what it began in the app goes on.
    """

    def __init__(self, app: App, options: Mapping[str, Any], timeout: float) -> None:
        """Nothing runs yet. `timeout`: seconds that its waiting calls take at most."""
        self.errors = AppErrors()
        """What callbacks of the app raised, and listeners of the clients; unexpected ones fail the test at the end."""
        self.app: Any = None
        """What the app function returned."""
        self.clients: list[AppClient] = []
        """Those that `client` made."""
        self._function = app
        self._options = options
        self._timeout = timeout
        self._network: Network | None = None
        self._waiting: Waiting | None = None
        self._server: Server | None = None
        self._life: Awaitable[None] | None = None

    # -- parts

    @property
    def server(self) -> Server:
        """The server of the app. Raises `ServerError` before the session has begun."""
        if self._server is None:
            raise ServerError("the session has not begun: use `with` or `async with`")
        return self._server

    @property
    def state(self) -> State:
        """The server's."""
        return self.server.state

    @property
    def waiting(self) -> Waiting:
        """What waits for conditions. Raises `ServerError` before the session has begun."""
        if self._waiting is None:
            raise ServerError("the session has not begun: use `with` or `async with`")
        return self._waiting

    # -- acting

    async def client(self, name: str | None = None) -> AppClient:
        """One more client, connected; `name` is for messages. Raises and is cancelled as `AppClient.connect`."""
        network, server = self._network, self.server
        assert network is not None
        route = Route(network, self._site)
        peer = Recorder(route, runtime_of(server).secret, self.errors.add)
        client = AppClient(name or f"client {len(self.clients) + 1}", peer, route, self.waiting)
        self.clients.append(client)
        await client.connect()
        return client

    async def set(self, **values: Any) -> None:
        """Set state on the server, run its listeners, and wait until the clients have it that can.

        A client that is cut or stalled is not waited for.
        """
        with self.state:
            self.state.update(values)
        await self._converge(values, in_spite_of_errors=True)

    async def until(
        self,
        condition: Callable[[], object],
        timeout: float | None = None,  # noqa: ASYNC109 - the failure says more than a TimeoutError
    ) -> None:
        """Wait until `condition` holds, for at most `timeout` seconds; one that raises does not hold.

        Raises `AppFailedError` as soon as the app has an error that nobody expects.
        """
        await self.waiting.until(condition, "the condition holds", self._describe, timeout)

    async def converge(self, *keys: str) -> None:
        """Wait until all clients that are neither cut nor stalled hold the server's values, of `keys` or of all.

        Raises as `until`.
        """
        await self._converge(keys)

    async def advance(self, seconds: float) -> None:
        """Let `seconds` of the network's own time pass: frames that were delayed by no more arrive, in their order.

        A call that waits lets time pass by itself; use this to look at what there is in between. Raises nothing; when
        it is cancelled, some of the time has passed.
        """
        assert self._network is not None
        await self._network.advance(seconds)

    # -- life

    async def __aenter__(self) -> Self:
        """Start the app. Raises what its function and its start raise; then, and when cancelled, it stops the app."""
        loop = asyncio.get_running_loop()
        network = self._network = Network(loop)
        self._waiting = Waiting(network, self.errors, self._timeout)
        server = self._server = make_server(self._function, self._options)
        runtime_of(server).user_code.sinks.append(self.errors.add)
        try:
            if not isinstance(self._function, Server):
                self.app = self._function(server)
                if isinstance(self.app, Awaitable):
                    self.app = await self.app
            self._life = server.start(
                exec_mode="task",
                backend="generic",
                args=[],
                timeout=0,
                open_browser=False,
                show_connection_info=False,
            )
            ready = asyncio.ensure_future(server.ready)
            await self.waiting.finish(ready, "the server is up", self._describe)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the app. Raises `AppFailedError` for errors that nobody expected, unless the block raised already."""
        await self._end()
        if error is None:
            self.errors.check()
        elif self.errors:
            error.add_note(f"errors of the app:\n{self.errors}")

    async def _end(self) -> None:
        for client in self.clients:
            await client.disconnect()
        server = self.server
        stopped = asyncio.ensure_future(_all(server.stop(), self._life))
        try:
            await self.waiting.finish(stopped, "the server has stopped", self._describe)
        finally:
            with contextlib.suppress(ValueError):
                runtime_of(server).user_code.sinks.remove(self.errors.add)
            if not isinstance(self._function, Server):
                registry.process.forget(server.name, server)

    # -- insides

    def _site(self) -> Site:
        backend = life_cycle_of(self.server).backend
        site = backend.site if isinstance(backend, StandAlone) else None
        if site is None or site.closed:
            raise ConnectionError(f"{self.server!r} does not run")
        return site

    async def _converge(self, keys: Collection[str], *, in_spite_of_errors: bool = False) -> None:
        await self.waiting.until(
            lambda: not self._differences(keys),
            "all clients hold the values of the server",
            self._describe_all,
            in_spite_of_errors=in_spite_of_errors,
        )

    def _differences(self, keys: Collection[str]) -> list[str]:
        values = runtime_of(self.server).sent(self.state.to_dict())
        local = set(values.get(CLIENT_ONLY_KEY) or ())
        wanted = {key: values[key] for key in keys or values if key in values and key not in local}
        reachable = [client for client in self.clients if client.reachable]
        return [
            f"{client.name}: {key}"
            for key, value in wanted.items()
            if (packed := _packed(value)) is not None
            for client in reachable
            if _packed(client.state[key]) != packed
        ]

    def _describe(self) -> str:
        return f"{self.server!r} holds:\n{describe_state(self.state.to_dict())}"

    def _describe_all(self) -> str:
        different = "\n".join(f"  {entry}" for entry in self._differences(())) or "  none"
        return "\n".join(
            [f"different:\n{different}", self._describe(), *(c._describe() for c in self.clients)]
        )


def _free_name(name: str) -> str:
    """`name`, or with a number where a server has it: a second one of the same name would end the first."""
    taken, wanted, number = registry.process.servers, name, 1
    while name in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


async def _all(*awaitables: Awaitable[None] | None) -> None:
    for awaitable in awaitables:
        if awaitable is not None:
            await awaitable


def _packed(value: Any) -> bytes | None:
    try:
        return bytes(pack(value))
    except SerializationError:
        return None
