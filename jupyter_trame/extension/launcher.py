"""Starts apps in kernels of their own, starts them again there, and ends them."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from jupyter_server.services.sessions.sessionmanager import KernelName, ModelName, SessionManager
from tornado.web import HTTPError

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.api_handler import ApiError
from jupyter_trame.extension.executing import CodeError, KernelDiedError, executor, run_code
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.launch import AppLaunch
from jupyter_trame.transports.rendezvous import Record, ServerEntry

__all__ = ["Launched", "Launcher"]

_logger = logging.getLogger(__name__)

_POLL = 0.05
_LACKS = "No module named 'jupyter_trame'"
"""How an exception ends in a kernel that cannot even import this package."""
_NO_PACKAGE = (
    "the environment that the kernel runs in has no jupyter-trame: it is to be installed there as well as "
    "beside the Jupyter server"
)
_FILE_ERROR = "AppFileError: "
"""How an error of a file begins, which tells of that file alone."""
_IMPORT_ERRORS = ("ImportError: ", "ModuleNotFoundError: ")


@dataclass(frozen=True, slots=True)
class Launched:
    """Where an app runs now."""

    kernel_id: str
    slug: str


@dataclass(frozen=True, slots=True)
class _Running:
    launch: AppLaunch
    session_id: str
    is_up: bool = False
    """Whether the app has started, since the kernel did."""
    slug: str = ""
    """Under which the app has started here before; empty where it never has."""


class Launcher:
    """Runs on the thread of jupyter-server's loop.

    What it has started it knows until the kernel is gone; a Jupyter server that is started again, and finds a kernel
    of a launcher still there, takes it for one that somebody else started.
    """

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
        self._running: dict[str, _Running] = {}
        self._discarding: set[asyncio.Future[None]] = set()

    @property
    def launches(self) -> dict[str, AppLaunch]:
        """What was started here, by the ids of kernels that are there."""
        there = [kernel_id for kernel_id in self._running if kernel_id in self._kernels]
        return {kernel_id: self._running[kernel_id].launch for kernel_id in there}

    @property
    def started(self) -> dict[str, AppLaunch]:
        """Those of `launches` whose app has come up; it may have ended since."""
        return {
            kernel_id: launch for kernel_id, launch in self.launches.items() if self._running[kernel_id].is_up
        }

    def belongs(self, kernel_id: str, slug: str) -> bool:
        """Whether the kernel is there for the app `slug`, though that may have crashed, ended or not started again."""
        return kernel_id in self.launches and self._running[kernel_id].slug == slug

    async def launch(self, launch: AppLaunch) -> Launched:
        """Start a kernel with `launch` in it.

        Raises `ApiError`; the kernel is shut down again then, also when cancelled.
        """
        session = await self._start_session(launch)
        self._running = {kernel_id: self._running[kernel_id] for kernel_id in self.launches}
        kernel_id = str(session["kernel"]["id"])
        self._running[kernel_id] = _Running(launch, str(session["id"]))
        try:
            return await self._run_in_time(kernel_id, launch)
        except BaseException:
            await asyncio.shield(self.end(kernel_id))
            raise

    async def restart(self, kernel_id: str, launch: AppLaunch) -> Launched:
        """Start the kernel again, and `launch` in it, which is what `launches` has of it from now on.

        Raises `ApiError`, and `KeyError` for a kernel that was not started here. The kernel stays then, also when
        cancelled: with it goes the address.
        """
        self._running[kernel_id] = replace(self._running[kernel_id], launch=launch, is_up=False)
        path = self._kernels.record_path(kernel_id)
        record = None if path is None else self._kernels.read(path)
        try:
            await _to_the_end(ensure_async(self._manager.restart_kernel(kernel_id)))  # type: ignore[no-untyped-call]
        except Exception as error:
            _logger.exception("the kernel of %s was not started again", launch.what)
            raise ApiError(
                HTTPStatus.INTERNAL_SERVER_ERROR, f"the kernel could not be started again: {error}"
            ) from error
        if path is not None and record is not None:
            self._kernels.forget(
                path, record.pid
            )  # or a process that had to be killed would look as if it was up
        return await self._run_in_time(kernel_id, launch)

    async def end(self, kernel_id: str) -> None:
        """Shut the kernel down with what `launches` has of it; harmless where there is none. Cancelling is not safe."""
        running = self._running.get(kernel_id)
        if running is not None:
            path = self._kernels.record_path(kernel_id)
            record = None if path is None else self._kernels.read(path)
            try:
                await self._discard(running.session_id)
            finally:  # until then it is in `launches`, for those who ask during a slow shutdown
                self._running.pop(kernel_id, None)
            if path is not None and record is not None and kernel_id not in self._kernels:
                self._kernels.forget(path, record.pid)  # a process that had to be killed has left it

    async def _run_in_time(self, kernel_id: str, launch: AppLaunch) -> Launched:
        try:
            async with asyncio.timeout(self._timeout):
                entry = await self._run(kernel_id, launch)
        except TimeoutError as error:
            raise ApiError(
                HTTPStatus.GATEWAY_TIMEOUT,
                f"{launch.what} did not start within {self._timeout:g} seconds",
            ) from error
        if kernel_id in self._running:
            self._running[kernel_id] = replace(self._running[kernel_id], is_up=True, slug=entry.slug)
        return Launched(kernel_id, entry.slug)

    async def _start_session(self, launch: AppLaunch) -> dict[str, Any]:
        """A session beside the kernel: that is what lists it among the running ones, under the app's title."""
        starting = asyncio.ensure_future(
            self._sessions.create_session(
                path=launch.session_path,
                name=ModelName(launch.title),
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
            _logger.exception("no kernel for %s", launch.what)
            raise ApiError(
                HTTPStatus.INTERNAL_SERVER_ERROR, f"no kernel could be started: {error}"
            ) from error

    async def _run(self, kernel_id: str, launch: AppLaunch) -> ServerEntry:
        """Execute the app; done when its kernel answered or its server is up, whichever is first."""
        try:
            async with executor(self._manager, self._kernels, kernel_id) as execute:
                reply = asyncio.ensure_future(run_code(execute, launch.code))
                try:
                    return await self._wait_for_server(kernel_id, launch, reply)
                finally:
                    reply.cancel()
                    with contextlib.suppress(asyncio.CancelledError, CodeError):
                        await reply
        except KernelDiedError as error:
            raise _died(launch) from error
        except CodeError as error:
            raise _failure(error, launch) from error
        except HTTPError as error:  # jupyter-server's manager, of a kernel that somebody has ended meanwhile
            if isinstance(error, ApiError) or error.status_code != HTTPStatus.NOT_FOUND:
                raise
            raise _died(launch) from error

    async def _wait_for_server(
        self, kernel_id: str, launch: AppLaunch, reply: "asyncio.Future[None]"
    ) -> ServerEntry:
        """The server that the app started. Raises `CodeError` for what the app raised, else `ApiError`."""
        while True:
            replied = reply.done()  # before the record is looked up: the app may end meanwhile
            record = await self._record(kernel_id)
            if record is not None and record.servers:
                named = [entry for entry in record.servers if entry.name == launch.app]
                return (named or list(record.servers))[-1]
            if replied:
                reply.result()
                raise ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, f"{launch.what} started no server")
            if not await ensure_async(self._manager.is_alive(kernel_id)):
                raise _died(launch)
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
        except Exception as error:
            if isinstance(error, HTTPError) and error.status_code == HTTPStatus.NOT_FOUND:
                return  # somebody else has ended it
            _logger.exception("the kernel of an app was not shut down")


async def _to_the_end(doing: Awaitable[Any]) -> None:
    """Await `doing`, which is not to be left halfway; a cancellation comes through afterwards."""
    task = asyncio.ensure_future(doing)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _died(launch: AppLaunch) -> ApiError:
    return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, f"the kernel died while it started {launch.what}")


def _failure(error: CodeError, launch: AppLaunch) -> ApiError:
    """What the code of `launch` ended with, and the command that mends it if that is known."""
    message, install, trace = str(error), "", error.trace
    if message.startswith(_FILE_ERROR):
        message, _, trace = message.removeprefix(_FILE_ERROR).partition("\n")
    elif message.endswith(_LACKS):
        message, install = _NO_PACKAGE, "pip install jupyter-trame"
    elif message.startswith(_IMPORT_ERRORS) and launch.requirement:
        install = f"pip install '{launch.requirement}'"
    return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, message, trace=trace, install=install)
