"""A trame app as an instance in a program: its server has a thread and a loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.loop_life import LoopLife
from jupyter_trame.files.folders import Folders
from jupyter_trame.log_text import foreign
from jupyter_trame.names import TITLE_KEY
from jupyter_trame.narvi.page_line import PageLine
from jupyter_trame.narvi.service_threads import enter_service_thread
from jupyter_trame.narvi.trame_app import TrameInstance, load_app
from jupyter_trame.program.standalone import StandAlone
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.page_folder import make_folders
from jupyter_trame.server.server import Server, runtime_of
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import InstanceEvents, InstanceKey, ServiceFailedError
from jupyter_trame.web.site import Site

__all__ = ["LocalTrameApp"]

_logger = logging.getLogger("jupyter_trame.narvi")


class _AppLife(LoopLife[Site]):
    """The server of an app, from its making to its end; it is up when clients can come."""

    def __init__(self, key: InstanceKey, service: RegisteredService, on_gone: Callable[[], object]) -> None:
        """`on_gone` is called where it ends by itself, on its thread."""
        super().__init__("the app", f"jupyter-trame-narvi-{service.app_service_name}", _logger)
        self._key = key
        self._service = service
        self._on_gone = on_gone
        self._was_up = False

    async def live(self, up: Callable[[Site], None], stopping: asyncio.Event) -> None:
        """See `LoopLife`. Raises `ServiceFailedError` where the app does not come up."""
        enter_service_thread()
        # Another server of that name would end this one: of another program's part, or of another session.
        server = Server(f"{self._key.service} {uuid4().hex}")
        try:
            await self._serve(server, up, stopping)
        finally:
            registry.process.forget(server.name, server)

    async def _serve(self, server: Server, up: Callable[[Site], None], stopping: asyncio.Event) -> None:
        try:
            life = self._begin(server)
            ready = asyncio.ensure_future(server.ready)
            first: list[asyncio.Future[Any]] = [ready, life]
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if life.done():
                life.result()
                raise ServerError("it has ended at once")
        except ServiceFailedError:
            raise
        except (Exception, SystemExit) as error:
            raise ServiceFailedError(f"the app failed: {type(error).__name__}: {foreign(error)}") from error
        backend = runtime_of(server).backend
        assert isinstance(backend, StandAlone)
        assert backend.site is not None
        self._was_up = True
        up(backend.site)
        stop = asyncio.ensure_future(stopping.wait())
        ends: list[asyncio.Future[Any]] = [stop, life]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        await server.stop()
        await asyncio.wait([life])

    def on_ended(self) -> None:
        """See `LoopLife`."""
        if self._was_up and not self.ending:
            self._on_gone()

    def _begin(self, server: Server) -> asyncio.Task[None]:
        given = self._service.settings["app"]
        app = load_app(given) if isinstance(given, str) else given
        server.state[TITLE_KEY] = f"{self._key.service} {self._key.service_id}"
        app(server, **self._service.app_parameters)
        life = server.start(
            exec_mode="coroutine",
            backend="generic",
            timeout=0,
            open_browser=False,
            show_connection_info=False,
            disable_logging=True,
            args=[],  # those of the program are not the app's
        )
        if life is None:
            raise ServerError("the app has started its server, which this host does")
        return asyncio.create_task(_to_its_end(life))


async def _to_its_end(life: Awaitable[None]) -> None:
    with contextlib.suppress(SystemExit):  # of a callback, which is to end its app alone
        await life


class LocalTrameApp(TrameInstance):
    """See `ServiceInstance`. Everything on the host's loop."""

    def __init__(self, key: InstanceKey, service: RegisteredService, events: InstanceEvents) -> None:
        self._events = events
        self._loop = asyncio.get_running_loop()
        self._life = _AppLife(key, service, self._gone)
        self._site: Site | None = None
        self._began = False

    async def start(self) -> None:
        """See the base."""
        self._began = True
        up = asyncio.wrap_future(self._life.launch())
        up.add_done_callback(lambda up: up.exception())  # nobody may wait any more
        try:
            self._site = await asyncio.shield(up)
        except asyncio.CancelledError:
            self._life.stop()
            raise

    async def stop(self) -> None:
        """See the base."""
        self._life.stop()
        if self._began:
            await asyncio.shield(asyncio.wrap_future(self._life.ended))

    @property
    def site(self) -> Site:
        """The app as its clients see it. It has a loop of its own."""
        assert self._site is not None
        return self._site

    @property
    def folders(self) -> Folders:
        """Where the files of its page are."""
        return make_folders(self.site.runtime.app)

    def connect(self, line: PageLine) -> None:
        """Have `line` lead to the app."""
        line.connect(self._life, self.site)

    def _gone(self) -> None:
        with contextlib.suppress(RuntimeError):  # the host has ended, too
            self._loop.call_soon_threadsafe(self._events.ended, "the app has ended by itself")
