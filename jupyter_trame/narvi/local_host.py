"""The host of a program: it listens on a port, and instances are threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode

from jupyter_trame.log_text import foreign
from jupyter_trame.narvi.local_life import LocalLife, LocalSettings, start_first
from jupyter_trame.narvi.service_threads import in_service_thread
from jupyter_trame.narvi.trame_app import check_app
from jupyter_trame.program.signals import stopped_by_sigterm
from jupyter_trame.services.addresses import app_address
from jupyter_trame.services.entries import Redirection, RegisteredService, ServiceApp
from jupyter_trame.services.instance import InstanceKey
from jupyter_trame.services.monitoring import Monitor
from jupyter_trame.services.service_host import ServiceHost
from jupyter_trame.services.service_registry import ServiceRegistry
from jupyter_trame.web.hosts import ANY_INTERFACE

__all__ = ["LocalHost"]

T = TypeVar("T")

_logger = logging.getLogger("jupyter_trame.narvi")


class LocalHost:
    """See `NarviHost`."""

    def __init__(self, settings: LocalSettings, registry: ServiceRegistry, monitor: Monitor) -> None:
        self._settings = settings
        self._registry = registry
        self._monitor = monitor
        self._wanted: list[InstanceKey] = []
        """Instances that were started before there was a loop."""
        self._life: LocalLife | None = None
        self._host: ServiceHost | None = None
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        """The one that was asked for, and when it listens the one that it is."""
        life = self._life
        return self._settings.port if life is None else life.port

    @property
    def frames(self) -> bool:
        """See `NarviHost`."""
        return True

    # -- what is registered

    def add_service(self, service: RegisteredService) -> None:
        """See `NarviHost`."""
        asked = [name for name, value in service.settings.items() if value and name != "app"]
        if asked:
            raise ValueError(
                f"{', '.join(asked)} of register_service is for a notebook, where services are kernels"
            )
        app = service.settings.get("app")
        if app is not None:
            check_app(app)
        before = self._registry.add_service(service)
        host, life = self._host, self._life
        if before is not None and host is not None and life is not None:
            self._wait_for(life, partial(host.retire, before))

    def add_app(self, app: ServiceApp) -> None:
        """See `NarviHost`."""
        self._registry.add_app(app)

    def add_redirection(self, redirection: Redirection) -> None:
        """See `NarviHost`."""
        self._registry.add_redirection(redirection)

    # -- its life

    def run(self, ready: Callable[[], object] | None) -> None:
        """See `NarviHost`. An interrupt ends the server before it is raised, a second one is raised at once.

        SIGTERM ends it too.
        """
        with self._lock:
            if self._life is not None:
                raise RuntimeError("the Narvi server runs already")
            life = self._life = LocalLife(self._settings, self._registry, self._monitor, self._begin)
        try:
            with stopped_by_sigterm(life.stop):
                life.start()
                _logger.info("Narvi listens on %s", self._origin())
                if ready is not None:
                    ready()
                while not life.wait(1.0):  # Windows cannot interrupt a wait
                    pass
        finally:
            life.stop()
            try:
                life.wait()
            finally:  # a second interrupt does not wait
                self._host = self._life = None

    async def _begin(self, host: ServiceHost) -> None:
        with self._lock:
            self._host = host
            wanted, self._wanted = self._wanted, []
        await start_first(host, wanted)

    def close(self) -> None:
        """See `NarviHost`."""
        life = self._life
        if life is not None:
            life.stop()
            if not in_service_thread():
                life.wait()

    # -- instances

    def start_service(self, workspace: str, name: str, service_id: str) -> None:
        """See `NarviHost`; before `run` it is remembered."""
        service = self._service(workspace, name)
        if not service.validate_service_id(service_id):
            raise ValueError(f"the service {name!r} has no service id {service_id!r}")
        if not service.is_shared_service:
            raise ValueError(f"the service {name!r} is not shared: an instance of it starts with its session")
        with self._lock:
            life, host = self._life, self._host
            if life is None or host is None:
                self._wanted.append(InstanceKey(workspace, name, service_id))
                return
        self._wait_for(life, partial(host.start, workspace, name, service_id))

    def restart_service(self, workspace: str, name: str, service_id: str) -> None:
        """See `NarviHost`; of an id of which nothing runs, nothing starts."""
        self._service(workspace, name)
        life, host = self._life, self._host
        if life is None or host is None:
            return
        if self._wait_for(life, partial(host.restart, workspace, name, service_id)) is False:
            _logger.warning("the service %s has no instance %s to restart", name, foreign(service_id))

    def stop_service(self, workspace: str, name: str, service_id: str) -> None:
        """See `NarviHost`; harmless where nothing runs."""
        self._service(workspace, name)
        key = InstanceKey(workspace, name, service_id)
        with self._lock:
            self._wanted = [one for one in self._wanted if one != key]
            life, host = self._life, self._host
        if life is None or host is None:
            return
        if self._wait_for(life, partial(host.stop, workspace, name, service_id)) is False:
            _logger.warning("the service %s has no instance %s to stop", name, foreign(service_id))

    def statuses(self, workspace: str) -> dict[str, Any]:
        """See `NarviHost`; empty before `run`."""
        life, host = self._life, self._host
        if life is None or host is None:
            return {}

        async def ask() -> dict[str, Any]:
            return host.known.statuses(workspace)

        return life.result_of(ask())

    def app_urls(self) -> list[tuple[str, str, str]]:
        """See `NarviHost`."""
        registry, origin = self._registry, self._origin()
        found = [
            (
                app.workspace,
                app.app_name,
                origin + app_address(registry.base_path, app.workspace, app.app_name),
            )
            for app in registry.apps
            if registry.has_way_in(app)
        ]
        found += [(one.workspace, one.app_name, origin + one.from_url) for one in registry.redirections]
        if registry.admin_path is not None:
            token = urlencode({"token": self._settings.gate.admin_token})
            found.append(("", "admin", f"{origin}{registry.admin_path}?{token}"))
        return found

    def _service(self, workspace: str, name: str) -> RegisteredService:
        service = self._registry.service(workspace, name)
        if service is None:
            raise ValueError(f"there is no service {name!r} in the workspace {workspace!r}")
        return service

    def _origin(self) -> str:
        host = "localhost" if self._settings.host in ANY_INTERFACE else self._settings.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def _wait_for(self, life: LocalLife, work: Callable[[], Any]) -> Any:
        """The result of `work` on the loop; None on the thread of an instance, which may have to end for it."""
        if in_service_thread():
            life.begin(work()).add_done_callback(_log_failure)
            return None
        return life.result_of(work())


def _log_failure(done: Future[Any]) -> None:
    """Of what nobody waits for."""
    if not done.cancelled() and (error := done.exception()) is not None:
        _logger.error("what a service asked of its server failed: %s", foreign(error))
