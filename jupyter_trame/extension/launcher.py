"""Starts a registered app in a kernel of its own."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from jupyter_server.services.sessions.sessionmanager import KernelName, ModelName, SessionManager

from jupyter_trame.apps.entry_points import RegisteredApp, read_apps
from jupyter_trame.errors import LinkError, TrameError
from jupyter_trame.extension.executing import CodeError, executor, run_code
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.transports.rendezvous import Record, ServerEntry

__all__ = ["LaunchError", "Launched", "Launcher"]

_logger = logging.getLogger(__name__)

_POLL = 0.05
_LACKS = "No module named 'jupyter_trame'"
"""How an exception ends in a kernel that cannot even import this package."""
_NO_PACKAGE = (
    "the environment that the kernel runs in has no jupyter-trame: it is to be installed there as well as "
    "beside the Jupyter server"
)


@dataclass(frozen=True, slots=True)
class Launched:
    """Where an app runs now."""

    kernel_id: str
    slug: str
    title: str


class LaunchError(TrameError):
    """An app did not start. `trace` is the kernel's traceback, `status` the HTTP status that fits."""

    def __init__(
        self, message: str, *, trace: str = "", status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR
    ) -> None:
        super().__init__(message)
        self.trace = trace
        self.status = status


class Launcher:
    """Runs on the thread of jupyter-server's loop."""

    def __init__(
        self,
        sessions: SessionManager,
        manager: MappingKernelManager,
        kernels: Kernels,
        *,
        timeout: float,
        kernel_name: str | None = None,
    ) -> None:
        """`timeout` in seconds, for the kernel's start and the app's; `kernel_name` None: the default kernel."""
        self._sessions = sessions
        self._manager = manager
        self._kernels = kernels
        self._timeout = timeout
        self._kernel_name = kernel_name
        self._discarding: set[asyncio.Future[None]] = set()

    async def launch(self, name: str) -> Launched:
        """Start the app `name`. Raises `LaunchError`; the kernel is shut down again then, also when cancelled."""
        app = await self._find(name)
        session = await self._start_session(app)
        kernel_id = str(session["kernel"]["id"])
        try:
            async with asyncio.timeout(self._timeout):
                entry = await self._run(kernel_id, name)
        except BaseException as error:
            await asyncio.shield(self._discard(str(session["id"])))
            if isinstance(error, TimeoutError):
                raise LaunchError(
                    f"the app {name!r} did not start within {self._timeout:g} seconds",
                    status=HTTPStatus.GATEWAY_TIMEOUT,
                ) from error
            raise
        return Launched(kernel_id, entry.slug, entry.title or app.title)

    async def _find(self, name: str) -> RegisteredApp:
        apps = await asyncio.to_thread(read_apps)
        for app in apps:
            if app.name == name:
                return app
        known = ", ".join(sorted(app.name for app in apps)) or "none"
        raise LaunchError(f"no app {name!r} is registered; there: {known}", status=HTTPStatus.NOT_FOUND)

    async def _start_session(self, app: RegisteredApp) -> dict[str, Any]:
        """A session beside the kernel: that is what lists it among the running ones, under the app's title."""
        starting = asyncio.ensure_future(
            self._sessions.create_session(
                path=f"trame-{app.name}-{uuid4().hex[:8]}",
                name=ModelName(app.title),
                type="trame",
                kernel_name=None if self._kernel_name is None else KernelName(self._kernel_name),
            )
        )
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            # Cancelled halfway, it would leave a kernel that no session lists.
            starting.add_done_callback(self._discard_late)
            raise
        except Exception as error:
            _logger.exception("no kernel for the app %r", app.name)
            raise LaunchError(f"no kernel could be started: {error}") from error

    async def _run(self, kernel_id: str, name: str) -> ServerEntry:
        """Execute the app; done when its kernel answered or its server is up, whichever is first."""
        code = f"from jupyter_trame.kernel import run_app; run_app({name!r})"
        try:
            async with executor(self._manager, self._kernels, kernel_id) as execute:
                reply = asyncio.ensure_future(run_code(execute, code))
                try:
                    return await self._wait_for_server(kernel_id, name, reply)
                finally:
                    reply.cancel()
                    with contextlib.suppress(asyncio.CancelledError, CodeError):
                        await reply
        except CodeError as error:
            lacking = _NO_PACKAGE if str(error).endswith(_LACKS) else str(error)
            raise LaunchError(lacking, trace=error.trace) from error

    async def _wait_for_server(self, kernel_id: str, name: str, reply: "asyncio.Future[None]") -> ServerEntry:
        """The server that the app started. Raises `CodeError` for what the app raised, else `LaunchError`."""
        while True:
            replied = reply.done()  # before the record is looked up: the app may end meanwhile
            record = await self._record(kernel_id)
            if record is not None and record.servers:
                named = [entry for entry in record.servers if entry.name == name]
                return (named or list(record.servers))[-1]
            if replied:
                reply.result()
                raise LaunchError(f"the app {name!r} started no server")
            if not await ensure_async(self._manager.is_alive(kernel_id)):
                raise LaunchError(f"the kernel died while it started the app {name!r}")
            await asyncio.wait([reply], timeout=_POLL)

    async def _record(self, kernel_id: str) -> Record | None:
        try:
            return await self._kernels.look_up(kernel_id)
        except LinkError:  # the reply says what is wrong, or the time is over
            return None

    def _discard_late(self, started: "asyncio.Future[dict[str, Any]]") -> None:
        if not started.cancelled() and started.exception() is None:
            discarding = asyncio.ensure_future(self._discard(str(started.result()["id"])))
            self._discarding.add(discarding)
            discarding.add_done_callback(self._discarding.discard)

    async def _discard(self, session_id: str) -> None:
        try:
            await self._sessions.delete_session(session_id)  # type: ignore[no-untyped-call]
        except Exception:
            _logger.exception("the kernel of an app that failed was not shut down")
