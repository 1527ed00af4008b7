"""One life of the local host: its loop, from the moment at which it listens until all has ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from jupyter_trame.execution.loop_life import LoopLife
from jupyter_trame.log_text import foreign
from jupyter_trame.narvi.asking import AskInThread
from jupyter_trame.narvi.local_files import LocalFiles
from jupyter_trame.narvi.local_gate import LocalGate
from jupyter_trame.narvi.local_instance import LocalInstance
from jupyter_trame.narvi.local_routes import LocalApplication, LocalRoutes
from jupyter_trame.narvi.local_shared import LocalShared
from jupyter_trame.narvi.local_socket import OpenSockets
from jupyter_trame.narvi.local_trame import LocalTrameApp
from jupyter_trame.narvi.thread_events import ThreadEvents
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.front import Front
from jupyter_trame.services.instance import InstanceEvents, InstanceKey, ServiceFailedError, ServiceInstance
from jupyter_trame.services.monitoring import Monitor
from jupyter_trame.services.service_host import ServiceHost
from jupyter_trame.services.service_registry import ServiceRegistry
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.web.door import Door
from jupyter_trame.web.http_server import ListenAddress, bind
from jupyter_trame.web.tornado_guests import GuestHTTPServer

__all__ = ["LocalLife", "LocalSettings", "start_first"]

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
    max_instances: int
    """From which on pages start no more of them."""
    ping: float = 10.0
    """Seconds between the pings of a websocket, and in which one has to be answered."""


class LocalLife(LoopLife[ServiceHost]):
    """It is up when clients can come. `start` raises `OSError` where the port cannot be had."""

    def __init__(
        self,
        settings: LocalSettings,
        registry: ServiceRegistry,
        monitor: Monitor,
        first: Callable[[ServiceHost], Coroutine[Any, Any, None]],
    ) -> None:
        """`first` runs on the loop before anybody is let in."""
        super().__init__("the Narvi server", "jupyter-trame-narvi", _logger)
        self.port = settings.port
        """The real one, once it listens."""
        self._settings = settings
        self._registry = registry
        self._monitor = monitor
        self._first = first

    async def live(self, up: Callable[[ServiceHost], None], stopping: asyncio.Event) -> None:
        """See `LoopLife`."""
        settings = self._settings
        sock = bind(ListenAddress(settings.host, settings.port))
        self.port = int(sock.getsockname()[1])
        shared = LocalShared()
        make = partial(self._make_instance, shared=shared)
        host = ServiceHost(
            self._registry,
            make,
            self._monitor,
            max_sessions=settings.max_sessions,
            max_instances=settings.max_instances,
        )
        sockets = OpenSockets()
        ask = AskInThread(shared.mailbox)
        http = self._http_server(host, ask, shared, sockets)
        door: Door | None = None
        try:
            await self._first(host)
            door = Door(sock, http.admit, Limits())
            host.rounds.begin()
            up(host)
            await stopping.wait()
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
    ) -> ServiceInstance:
        if service.settings.get("app") is not None:
            return LocalTrameApp(key, service, events)
        return LocalInstance(key, service, ThreadEvents(key, events, shared), shared)

    def _http_server(
        self, host: ServiceHost, ask: AskInThread, shared: LocalShared, sockets: OpenSockets
    ) -> GuestHTTPServer:
        settings = self._settings
        routes = LocalRoutes(
            Front(
                host,
                ask,
                find_file=LocalFiles(host.known).find,
                request_timeout=settings.request_timeout,
            ),
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
    starts = [host.start_fixed({""}, _not_started), *(_start(host, key) for key in wanted)]
    await asyncio.wait([asyncio.create_task(start) for start in starts], timeout=_FIRST)


async def _start(host: ServiceHost, key: InstanceKey) -> None:
    try:
        await host.start(key.workspace, key.service, key.service_id)
    except (ServiceFailedError, ValueError) as error:
        _not_started(key, error)


def _not_started(key: InstanceKey, error: Exception) -> None:
    _logger.error("the service %s was not started: %s", key.service, foreign(error))
