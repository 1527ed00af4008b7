"""The file server on a port of its own: beside an `IgorServer`, or alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from jupyter_trame.igor.configuration import FileOptions, read_file_options
from jupyter_trame.igor.file_handler import FileAccess, FileApplication
from jupyter_trame.igor.service import Service
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.web.http_server import ListenAddress, bind
from jupyter_trame.web.tornado_guests import GuestHTTPServer

__all__ = ["FilePlace", "FileServerProcess", "run_file_server"]

_IDLE = 20.0
"""Seconds in which a request has to come."""
_STALLED = 600.0
"""Seconds in which the body of a request has to come."""
_MAX_SIZE = 100 << 20


class FilePlace:
    """See `Place`. It listens on this machine alone."""

    def __init__(self, options: FileOptions, host: str = "localhost") -> None:
        self._options = options
        self._host = host
        self._http: GuestHTTPServer | None = None
        self.port = options.port
        """The real one, once it listens."""

    @property
    def url(self) -> str:
        """Of the folder."""
        return f"http://{self._host}:{self.port}/"

    @property
    def file_url(self) -> str:
        """See `Place`."""
        return self.url

    async def open(self, service: Service | None = None) -> None:  # noqa: ARG002 - files are nobody's state
        """See `Place`."""
        sock = bind(ListenAddress(self._host, self._options.port))
        self.port = int(sock.getsockname()[1])
        application = FileApplication(FileAccess(self._options, self._host))
        self._http = GuestHTTPServer(application, idle_connection_timeout=_IDLE, body_timeout=_STALLED)
        self._http.serve(sock, Limits())

    def close(self) -> None:
        """See `Place`."""
        if self._http is not None:
            self._http.stop()

    async def closed(self) -> None:
        """See `Place`; uploads that are not whole go."""
        if self._http is not None:
            await self._http.close_all_connections()


class FileServerProcess(threading.Thread):
    """A file server on its own thread, which `run_file_server` starts."""

    def __init__(self, options: FileOptions) -> None:
        super().__init__(name="jupyter-trame-igor-files", daemon=True)
        self._place = FilePlace(options)
        self._up: Future[asyncio.AbstractEventLoop] = Future()
        self._stopping: asyncio.Event | None = None

    @property
    def port(self) -> int:
        """The one on which it listens."""
        return self._place.port

    @property
    def url(self) -> str:
        """Of the folder."""
        return self._place.url

    def run(self) -> None:
        """Until `kill`."""
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._serve())
        except BaseException as error:
            if self._up.done():
                raise
            self._up.set_exception(error)

    def wait_until_up(self) -> None:
        """Return when it listens. Raises `OSError` when it cannot."""
        self._up.result()

    def kill(self) -> None:
        """End all connections and the thread; returns when that is done. Again is harmless. Any other thread."""
        if not self.is_alive():
            return
        loop, stop = self._up.result(), self._stopping
        assert stop is not None
        try:
            loop.call_soon_threadsafe(stop.set)
        except RuntimeError:  # it has ended meanwhile
            return
        self.join()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        await self._place.open()
        self._up.set_result(asyncio.get_running_loop())
        try:
            await self._stopping.wait()
        finally:
            self._place.close()
            await self._place.closed()


def run_file_server(
    port: int = 8080,
    root_directory: str | Path | None = None,
    *,
    writable: bool = False,
    max_size: int = _MAX_SIZE,
    origins: Sequence[str] = (),
) -> FileServerProcess:
    """Serve the files below `root_directory`, which has to be given, to this machine; a thread with `kill()`.

    With `writable` a POST replaces a file, of at most `max_size` bytes. Pages of `origins`, as
    ``"http://localhost:4200"``, may use it beside its own. `port` 0 takes any free one. Raises `ValueError` without a
    folder, `ValueError` and `TypeError` for other arguments that cannot be meant, and `OSError` when the port cannot be
    had.
    """
    given = {
        "port": port,
        "root_directory": root_directory,
        "writable": writable,
        "max_size": max_size,
        "origins": origins,
    }
    server = FileServerProcess(read_file_options(given, str))
    server.start()
    server.wait_until_up()
    return server
