"""The kernels of services: each instance has one, which starts and ends with it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from jupyter_server.services.sessions.sessionmanager import KernelName, ModelName, SessionManager

from jupyter_trame.extension.executing import CodeError, executor, run_code
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.log_text import foreign
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import InstanceKey, ServiceFailedError

__all__ = ["NarviKernels", "NoRoomError"]

_logger = logging.getLogger(__name__)

_RETRY = 10
_AGAIN = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds after which the end of a kernel that could not be ended is tried again."""


class NoRoomError(ServiceFailedError):
    """There are as many kernels of services as there may be; somebody who comes again later may be let in."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = _RETRY


class NarviKernels:
    """Starts and ends them. On the thread of jupyter-server's loop."""

    def __init__(
        self,
        sessions: SessionManager,
        manager: MappingKernelManager,
        kernels: Kernels,
        *,
        start_timeout: float,
        most: int,
        kernel_name: str | None = None,
    ) -> None:
        """`start_timeout`: seconds for a kernel and its service. `most`: kernels at a time.

        `kernel_name`: of those whose service names none; None: the server's default.
        """
        self.kernels = kernels
        self._sessions = sessions
        self._manager = manager
        self._timeout = start_timeout
        self._most = most
        self._kernel_name = kernel_name
        self._running: dict[str, Path | None] = {}
        """Where the record of each is, which one that was killed leaves behind; None where it runs elsewhere."""
        self._ending: set[str] = set()
        """Kernels that are being shut down: until they are gone their records say that an instance runs there."""
        self._starting = 0
        self._late: set[asyncio.Task[None]] = set()
        """Ends of kernels that came when nobody waited for them any more."""

    def __contains__(self, kernel_id: str) -> bool:
        """Whether it is one of ours, until it is gone."""
        return kernel_id in self._running or kernel_id in self._ending

    def __len__(self) -> int:
        return len(self._running) + self._starting

    async def start(self, key: InstanceKey, service: RegisteredService) -> str:
        """The id of a kernel in which the instance runs, and can be linked to.

        Raises `ServiceFailedError` with the reason, `NoRoomError`; the kernel is shut down then, also when cancelled.
        """
        if len(self) >= self._most:
            raise NoRoomError(
                f"{self._most} kernels of services run, and TrameExtension.max_narvi_kernels allows no more"
            )
        self._starting += 1
        try:
            kernel_id = await self._start_kernel(key, service)
            self.adopt(kernel_id)
        finally:
            self._starting -= 1
        try:
            async with asyncio.timeout(self._timeout):
                await self._run(kernel_id, _bootstrap(key, service))
        except BaseException as error:
            await asyncio.shield(self.end(kernel_id))
            if isinstance(error, TimeoutError):
                raise ServiceFailedError(
                    f"the service did not start within {self._timeout:g} seconds"
                ) from error
            if isinstance(error, CodeError):
                _logger.warning("a service did not start: %s\n%s", foreign(error), error.trace)
                raise ServiceFailedError(str(error).removeprefix("ServiceFailedError: ")) from error
            raise
        return kernel_id

    def adopt(self, kernel_id: str) -> None:
        """An instance runs in a kernel, or will, which another Jupyter server may have started."""
        self._running[kernel_id] = self.kernels.record_path(kernel_id)

    async def end(self, kernel_id: str) -> None:
        """Shut the kernel down, if it is there. Cancelling is not safe."""
        path = self._running.pop(kernel_id, None)
        self._ending.add(kernel_id)
        try:
            await self._end(kernel_id)
        finally:
            self._ending.discard(kernel_id)
        record = None if path is None else self.kernels.read(path)
        if path is not None and record is not None and kernel_id not in self._manager:
            self.kernels.forget(path, record.pid)

    async def _end(self, kernel_id: str) -> None:
        for delay in _AGAIN:
            try:
                await self._shut_down(kernel_id)
            except Exception as error:  # noqa: BLE001 - one that is just being started again cannot be shut down
                _logger.debug("the kernel of a service was not shut down: %s", error)
                await asyncio.sleep(delay)
            else:
                return
        try:
            await self._shut_down(kernel_id)
        except Exception:
            _logger.exception("the kernel of a service was not shut down")

    async def _shut_down(self, kernel_id: str) -> None:
        for session in await self._sessions.list_sessions():  # type: ignore[no-untyped-call]
            if session["kernel"]["id"] == kernel_id:
                await self._sessions.delete_session(session["id"])  # type: ignore[no-untyped-call]
                return
        if kernel_id in self._manager:
            await self._manager.shutdown_kernel(kernel_id, now=True)  # type: ignore[no-untyped-call]

    async def _start_kernel(self, key: InstanceKey, service: RegisteredService) -> str:
        """A session beside the kernel lists it among the running ones, under the service's name."""
        name = service.settings.get("kernel_name") or self._kernel_name
        title = f"{key.workspace} / {key.service} / {key.service_id}"
        starting = asyncio.ensure_future(
            self._sessions.create_session(
                path=f"narvi-{uuid4().hex}",
                name=ModelName(title),
                type="narvi",
                kernel_name=None if name is None else KernelName(name),
            )
        )
        try:
            session = await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(self._end_late)
            raise
        except Exception as error:
            _logger.exception("no kernel for the service %s", title)
            raise ServiceFailedError(f"no kernel could be started: {error}") from error
        return str(session["kernel"]["id"])

    def _end_late(self, starting: asyncio.Future[dict[str, Any]]) -> None:
        """Nobody waits for the kernel any more."""
        if not starting.cancelled() and starting.exception() is None:
            task = asyncio.ensure_future(self.end(str(starting.result()["kernel"]["id"])))
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    async def _run(self, kernel_id: str, code: str) -> None:
        async with executor(self._manager, self.kernels, kernel_id) as execute:
            await run_code(execute, code)


def _bootstrap(key: InstanceKey, service: RegisteredService) -> str:
    """What the kernel of an instance executes."""
    facts: Mapping[str, Any] = {
        "workspace": key.workspace,
        "service": key.service,
        "service_id": key.service_id,
        "session_id": key.session_id,
        "class": service.app_cls_name,
        "parameters": dict(service.app_parameters),
        "settings": dict(service.settings),
    }
    text = json.dumps(facts)
    return f"from jupyter_trame.narvi.kernel_instance import run_instance; run_instance({text!r})"
