"""Where clients reach the server of a program: a port, with a file server on another one where that is wanted."""

from __future__ import annotations

import logging

from tornado.web import Application

from jupyter_trame.igor.configuration import Options
from jupyter_trame.igor.igor_socket import Gate, IgorSocket
from jupyter_trame.igor.service import Service
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.web.http_server import ListenAddress, bind
from jupyter_trame.web.tornado_guests import GuestHTTPServer

__all__ = ["ProgramPlace", "websocket_server"]

_HEAD = 16 << 10
"""Bytes of a request's head; no address of the websocket has a body."""
_IDLE = 20.0
"""Seconds in which a request has to come."""
_LIMITS = Limits()
"""Of connections that are no clients yet."""


class ProgramPlace:
    """The port of one life of a server. All on its loop."""

    def __init__(self, options: Options, logger: logging.Logger) -> None:
        self._options = options
        self._complaints = Complaints(logger)
        self._http: GuestHTTPServer | None = None
        self.port = options.port
        """The real one, once it listens."""

    @property
    def url(self) -> str:
        """For clients on this machine."""
        host = self._options.host
        host = {"": "localhost", "0.0.0.0": "localhost", "::": "localhost"}.get(host, host)
        return f"ws://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def file_url(self) -> None:
        """Files have a port of their own."""

    async def open(self, service: Service) -> None:
        """Listen. Raises `OSError`."""
        options = self._options
        sock = bind(ListenAddress(options.host, options.port))
        self.port = int(sock.getsockname()[1])
        gate = Gate(options.host, options.origins, options.allowed_hosts, max_clients=options.max_clients)
        self._http = websocket_server(service, gate, options.max_message_size, self._complaints)
        self._http.serve(sock, _LIMITS)

    def close(self) -> None:
        """Listen no more."""
        if self._http is not None:
            self._http.stop()

    async def closed(self) -> None:
        """End the connections that are left."""
        if self._http is not None:
            await self._http.close_all_connections()


def websocket_server(service: Service, gate: Gate, limit: int, complaints: Complaints) -> GuestHTTPServer:
    """A web server whose every address is a websocket of `service`; nobody listens yet."""
    handler = {"service": service, "gate": gate, "limit": limit, "complaints": complaints}
    application = Application([(r"/.*", IgorSocket, handler)], log_function=lambda _: None)
    return GuestHTTPServer(
        application,
        idle_connection_timeout=_IDLE,
        max_header_size=_HEAD,
        max_body_size=_HEAD,
        max_buffer_size=limit + _HEAD,
    )
