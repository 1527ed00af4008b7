"""One life of the local host: its loop, from the moment at which it listens until all has ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.endings import run_to_end
from jupyter_trame.log_text import foreign
from jupyter_trame.narvi.asking import AskInThread
from jupyter_trame.narvi.local_gate import LocalGate
from jupyter_trame.narvi.local_instance import LocalInstance
from jupyter_trame.narvi.local_routes import LocalApplication, LocalRoutes
from jupyter_trame.narvi.local_shared import LocalShared
from jupyter_trame.narvi.local_socket import OpenSockets
from jupyter_trame.narvi.thread_events import ThreadEvents
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.front import Front
from jupyter_trame.services.instance import InstanceEvents, InstanceKey, ServiceFailedError
from jupyter_trame.services.monitoring import Monitor
from jupyter_trame.services.service_host import ServiceHost
from jupyter_trame.services.service_registry import ServiceRegistry
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.web.door import Door
from jupyter_trame.web.http_server import ListenAddress, bind
from jupyter_trame.web.tornado_guests import GuestHTTPServer

__all__ = ["LocalLife", "LocalSettings", "start_first"]

T = TypeVar("T")

_logger = logging.getLogger("jupyter_trame.narvi")

_IDLE = 60.0
"""Seconds in which a request has to come."""
_FIRST = 10.0
"""Seconds for which what is started first holds up the port."""
_GOODBYE = 1.0
"""Seconds in which pages have to answer that their websocket was closed."""


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """How a local host is reached, and what it lets happen."""

    host: str
    port: int
    """0 takes any free port."""
    gate: LocalGate
    message_limit: int
    """Bytes of a message of a page, and of the body of a request."""
    request_timeout: float
    """Seconds in which a handler has to answer."""
    max_sessions: int
    ping: float = 10.0
    """Seconds between the pings of a websocket, and in which one has to be answered."""


class LocalLife:
    """Started by `start`, ended by `stop`. Any thread, unless it is said."""

    def __init__(
        self,
        settings: LocalSettings,
        registry: ServiceRegistry,
        monitor: Monitor,
        first: Callable[[ServiceHost], Coroutine[Any, Any, None]],
    ) -> None:
        """`first` runs on the loop before anybody is let in."""
        self.ended: Future[None] = Future()
        """Done when nothing of it is left."""
        self.port = settings.port
        """The real one, once it listens."""
        self._settings = settings
        self._registry = registry
        self._monitor = monitor
        self._first = first
        self._up: Future[ServiceHost] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._stop_asked = False
        self._thread = threading.Thread(target=self._turn, name="jupyter-trame-narvi", daemon=True)

    def start(self) -> ServiceHost:
        """The host, when clients can come. Raises `OSError` where the port cannot be had."""
        self._thread.start()
        try:
            return self._up.result()
        except BaseException:
            if not self._up.done():  # an interrupt
                self.stop()
            raise

    def stop(self) -> None:
        """Begin to end; `ended` follows. Again is harmless."""
        self._stop_asked = True
        loop, stopping = self._loop, self._stopping
        if loop is None or stopping is None:  # it looks when it has a loop
            return
        with contextlib.suppress(RuntimeError):  # it is closed: there is nothing left to stop
            loop.call_soon_threadsafe(stopping.set)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until it has ended, at most `timeout` seconds; whether it has. Not on its own threads."""
        try:
            self.ended.result(timeout)
        except TimeoutError:
            return False
        self._thread.join()
        return True

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run `work` on the loop. Raises `ServerError` when it has ended."""
        loop = self._loop
        if loop is None or loop.is_closed():
            work.close()
            raise ServerError("the Narvi server does not run")
        try:
            return asyncio.run_coroutine_threadsafe(work, loop)
        except RuntimeError:  # it was closed in this moment
            work.close()
            raise ServerError("the Narvi server does not run") from None

    def result_of(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the loop, and wait for its result. Raises what it does, and `ServerError` when the life ends.

        Not on the loop's own thread.
        """
        future = self.begin(work)
        # A loop that ends drops what it was handed last, and cancels what it had begun.
        first: list[Future[Any]] = [future, self.ended]
        wait(first, return_when=FIRST_COMPLETED)
        if not future.done() or future.cancelled():
            work.close()
            raise ServerError("the Narvi server has ended")
        return future.result()

    def _turn(self) -> None:
        try:
            run_to_end(self._live())
        except BaseException as error:
            if not self._up.done():
                self._up.set_exception(error)
            else:
                _logger.exception("the Narvi server ended with an error")
        finally:
            self.ended.set_result(None)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        if self._stop_asked:
            self._stopping.set()
        settings = self._settings
        sock = bind(ListenAddress(settings.host, settings.port))
        self.port = int(sock.getsockname()[1])
        shared = LocalShared()
        make = partial(self._make_instance, shared=shared)
        host = ServiceHost(self._registry, make, self._monitor, max_sessions=settings.max_sessions)
        sockets = OpenSockets()
        ask = AskInThread(shared.mailbox)
        http = self._http_server(host, ask, shared, sockets)
        door: Door | None = None
        try:
            await self._first(host)
            door = Door(sock, http.admit, Limits())
            host.rounds.begin()
            self._up.set_result(host)
            await self._stopping.wait()
        finally:
            if door is None:
                sock.close()
            else:
                door.close()
            http.stop()
            await host.close()
            await sockets.end(_GOODBYE)
            await http.close_all_connections()
            shared.mailbox.close()
            ask.close()

    def _make_instance(
        self,
        key: InstanceKey,
        service: RegisteredService,
        events: InstanceEvents,
        *,
        shared: LocalShared,
    ) -> LocalInstance:
        return LocalInstance(key, service, ThreadEvents(key, events, shared), shared)

    def _http_server(
        self, host: ServiceHost, ask: AskInThread, shared: LocalShared, sockets: OpenSockets
    ) -> GuestHTTPServer:
        settings = self._settings
        routes = LocalRoutes(
            Front(host, ask, request_timeout=settings.request_timeout),
            settings.gate,
            shared,
            sockets,
            Complaints(_logger),
            settings.message_limit,
            settings.ping,
        )
        return GuestHTTPServer(LocalApplication(routes), idle_connection_timeout=_IDLE)


async def start_first(host: ServiceHost, wanted: list[InstanceKey]) -> None:
    """Start what is there from the start, and what was `wanted` before there was a host; what fails is logged.

    What takes long to start goes on behind.
    """
    services = [service for service in host.registry.services if service.is_shared_service]
    tasks = [
        asyncio.create_task(_start(host, InstanceKey(*service.key, service.fixed_service_id), by_hand=False))
        for service in services
        if service.fixed_service_id is not None
    ]
    tasks += [asyncio.create_task(_start(host, key, by_hand=True)) for key in wanted]
    if tasks:
        await asyncio.wait(tasks, timeout=_FIRST)


async def _start(host: ServiceHost, key: InstanceKey, *, by_hand: bool) -> None:
    try:
        await host.start(key.workspace, key.service, key.service_id, by_hand=by_hand)
    except (ServiceFailedError, ValueError) as error:
        _logger.error("the service %s was not started: %s", key.service, foreign(error))  # noqa: TRY400
