"""Where clients reach the server of a kernel: through the Jupyter server, which has let them in. There is no port.

The kernel listens where it also does for its apps' links, and tells the Jupyter server by a record beside its
connection file. Who connects proves the record's secret and then speaks HTTP: the extension passes on what its users
send.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import sys
from contextvars import Context
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from jupyter_trame.errors import LinkError
from jupyter_trame.igor.configuration import Options
from jupyter_trame.igor.file_handler import FileAccess, FileApplication
from jupyter_trame.igor.igor_socket import Gate, IgorSocket
from jupyter_trame.igor.service import Service
from jupyter_trame.log_text import foreign
from jupyter_trame.system.log_limits import Complaints, Throttle
from jupyter_trame.transports.joining import admit
from jupyter_trame.transports.listener import LinkListener
from jupyter_trame.transports.places import listen
from jupyter_trame.transports.rendezvous import (
    Record,
    ServerEntry,
    kernel_name,
    remove_record,
    service_record_path,
    write_record,
)
from jupyter_trame.types import Epoch

__all__ = ["CellLog", "KernelPlace"]

_logger = logging.getLogger(__name__)

_STRANGERS = 64
"""Connections that may be about to prove the secret at the same time."""


class KernelPlace:
    """See `Place`."""

    def __init__(self, options: Options, connection_file: Path, logger: logging.Logger) -> None:
        """`connection_file` is the kernel's."""
        self._options = options
        self._record_path = service_record_path(connection_file, "igor", options.name)
        self._address = f"trame/igor/{kernel_name(connection_file)}/{options.name}"
        self._secret = secrets.token_hex(16)
        self._complaints = Complaints(logger)
        self._listener: LinkListener | None = None
        self._http: HTTPServer | None = None
        self._strangers: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Below the base URL of the Jupyter server."""
        return f"{self._address}/ws"

    @property
    def file_url(self) -> str | None:
        """The same, of the files."""
        return f"{self._address}/files/" if self._options.files is not None else None

    async def open(self, service: Service) -> None:
        """See `Place`."""
        self._http = HTTPServer(
            self._application(service), max_buffer_size=self._options.max_message_size + (1 << 20)
        )
        self._listener = listen(self._record_path, _logger.warning)
        try:
            entry = ServerEntry(
                self._options.name, self._options.name, self._options.name, Epoch(secrets.token_hex(4))
            )
            write_record(
                self._record_path, Record(os.getpid(), self._listener.address, self._secret, (entry,))
            )
        except OSError:
            self._listener.close()
            raise
        self._listener.start(asyncio.get_running_loop(), self._on_socket)

    def close(self) -> None:
        """See `Place`."""
        remove_record(self._record_path)
        if self._listener is not None:
            self._listener.close()
        for stranger in self._strangers:
            stranger.cancel()

    async def closed(self) -> None:
        """See `Place`."""
        if self._strangers:
            await asyncio.wait(self._strangers)
        if self._http is not None:
            await self._http.close_all_connections()

    def _application(self, service: Service) -> FileApplication:
        files = self._options.files
        socket_of_a_client = {
            "service": service,
            "gate": Gate(open=True, max_clients=self._options.max_clients),
            "limit": self._options.max_message_size,
            "complaints": self._complaints,
        }
        access = None if files is None else FileAccess(files, bound=None)
        return FileApplication(access, "/files/", [(r"/ws", IgorSocket, socket_of_a_client)])

    def _on_socket(self, sock: socket.socket) -> None:
        if len(self._strangers) >= _STRANGERS:
            sock.close()
            return
        task = asyncio.get_running_loop().create_task(self._admit(sock))
        self._strangers.add(task)
        task.add_done_callback(self._strangers.discard)

    async def _admit(self, sock: socket.socket) -> None:
        try:
            asked = await admit(sock, self._secret)
        except LinkError as error:
            self._complaints.warn("a connection was refused: %s", foreign(error))
            return
        assert self._http is not None
        if asked != self._options.name:
            sock.close()
            return
        self._http.handle_stream(IOStream(sock), ("", 0))


class CellLog(logging.Handler):
    """Writes into the output of the cell that started the server."""

    def __init__(self, context: Context) -> None:
        """`context`: of the cell."""
        super().__init__()
        self._context = context
        self._throttle = Throttle(rate=1, burst=10)

    def emit(self, record: logging.LogRecord) -> None:
        """Any thread."""
        if not self._throttle.allow():
            return
        text = f"{self.format(record)}{self._throttle.left_out()}\n"
        try:
            self._context.copy().run(_write, text)
        except Exception:  # noqa: BLE001 - as all handlers of logging
            self.handleError(record)


def _write(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()
