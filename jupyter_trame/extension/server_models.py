"""What the REST interface tells of running servers."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from jupyter_server.services.sessions.sessionmanager import SessionManager

from jupyter_trame.extension.kernels import RunningServer
from jupyter_trame.extension.launch import AppLaunch
from jupyter_trame.extension.launcher import Launcher
from jupyter_trame.extension.relays import Relays

__all__ = ["Owner", "ServerModel", "ServerModels", "timestamp"]

_logger = logging.getLogger(__name__)

Owner = Literal["launcher", "file", "notebook", "other"]
"""Whose the kernel is: of an app or a file that was started in it, of a notebook, of anybody else (a console)."""


@dataclass(frozen=True, slots=True)
class ServerModel:
    """A server that answers at this moment, as ``openapi.json`` has it."""

    kernel_id: str
    slug: str
    title: str
    name: str
    way: str
    added: int
    app: str | None
    """The name under which it is registered, of an app that was launched."""
    path: str | None
    """The file or the notebook, below the root of the contents."""
    owner: Owner
    viewers: int
    """Websockets of pages and programs, as far as this Jupyter server carries them."""
    started: str | None
    """ISO 8601 in UTC, by the kernel's clock; None where the kernel does not say so."""
    kernel_state: str


class ServerModels:
    """Puts together what kernels, sessions, the launcher and the relays know. On jupyter-server's loop."""

    def __init__(
        self, relays: Relays, launcher: Launcher, manager: MappingKernelManager, sessions: SessionManager
    ) -> None:
        self._relays = relays
        self._launcher = launcher
        self._manager = manager
        self._sessions = sessions

    async def all(self) -> list[ServerModel]:
        """All that answer within 5 s, by title."""
        models = await self._models(await self._relays.kernels.running())
        return sorted(models, key=lambda model: (model.title.casefold(), model.kernel_id, model.slug))

    async def find(self, kernel: str, slug: str) -> ServerModel | None:
        """One of them, None where it does not run. `kernel` is a name that `Kernels.resolve` understands.

        Raises `LinkError` where a kernel that is there cannot be asked.
        """
        kernel_id = self._relays.kernels.resolve(kernel)
        if kernel_id is None:
            return None
        running = await self._relays.kernels.running_in(kernel_id)
        models = await self._models([server for server in running if server.slug == slug])
        return models[0] if models else None

    async def owner(self, kernel_id: str) -> Owner:
        """Whose the kernel is."""
        return _owner(self._launcher.launches.get(kernel_id), (await self._opened())[kernel_id])

    async def _models(self, running: Collection[RunningServer]) -> list[ServerModel]:
        if not running:
            return []
        states, opened = await asyncio.gather(self._states(), self._opened())
        launches = self._launcher.launches
        return [
            self._model(server, launches.get(server.kernel_id), opened[server.kernel_id], states)
            for server in running
        ]

    def _model(
        self,
        server: RunningServer,
        launch: AppLaunch | None,
        sessions: Collection[Mapping[str, Any]],
        states: Mapping[str, str],
    ) -> ServerModel:
        owner = _owner(launch, sessions)
        is_launched = launch is not None and owner in {"launcher", "file"}
        return ServerModel(
            kernel_id=server.kernel_id,
            slug=server.slug,
            title=server.title,
            name=server.name,
            way=server.way,
            added=server.added,
            app=launch.app if launch is not None and is_launched else None,
            path=launch.path if launch is not None and is_launched else _notebook(sessions),
            owner=owner,
            viewers=len(self._relays.viewers_of(server.kernel_id, server.slug)),
            started=timestamp(server.started) if server.started else None,
            kernel_state=states.get(server.kernel_id, "unknown"),
        )

    async def _states(self) -> Mapping[str, str]:
        try:
            kernels: Iterable[Mapping[str, Any]] = await ensure_async(
                self._manager.list_kernels()  # type: ignore[no-untyped-call]
            )
        except Exception as error:  # noqa: BLE001 - a gateway that is away does not answer, and the list is useful without
            _logger.debug("the states of kernels are not known: %s", error)
            return {}
        return {str(kernel["id"]): str(kernel.get("execution_state", "unknown")) for kernel in kernels}

    async def _opened(self) -> Mapping[str, list[Mapping[str, Any]]]:
        """The sessions of each kernel."""
        opened: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for session in await self._sessions.list_sessions():  # type: ignore[no-untyped-call]
            opened[str(session["kernel"]["id"])].append(session)
        return opened


def timestamp(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _owner(launch: AppLaunch | None, sessions: Iterable[Mapping[str, Any]]) -> Owner:
    """A notebook that works in the kernel of an app has become its owner: the kernel is not the app's to end."""
    if _notebook(sessions) is not None:
        return "notebook"
    return "other" if launch is None else launch.owner


def _notebook(sessions: Iterable[Mapping[str, Any]]) -> str | None:
    return next((str(session["path"]) for session in sessions if session["type"] == "notebook"), None)
