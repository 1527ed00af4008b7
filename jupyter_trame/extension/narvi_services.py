"""The services of one Jupyter server: what kernels have registered, and the kernels in which instances run."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.narvi_backlogs import Backlogs
from jupyter_trame.extension.narvi_entries import (
    BASE_PATH,
    entry_key,
    read_entry,
    registry_key,
    stands_before,
)
from jupyter_trame.extension.narvi_instance import KernelInstance, ask_who
from jupyter_trame.extension.narvi_kept import KEPT, KeptEntries
from jupyter_trame.extension.narvi_kernels import NarviKernels
from jupyter_trame.extension.narvi_registrar import Registrar
from jupyter_trame.extension.narvi_store import NarviStore
from jupyter_trame.extension.narvi_watch import NarviWatch
from jupyter_trame.log_text import foreign
from jupyter_trame.services import words
from jupyter_trame.services.addresses import Meaning, ServiceAddress, app_address, meaning
from jupyter_trame.services.entries import Redirection, RegisteredService, ServiceApp
from jupyter_trame.services.front import Front
from jupyter_trame.services.instance import InstanceEvents, InstanceKey, ServiceFailedError
from jupyter_trame.services.monitoring import Monitor
from jupyter_trame.services.service_host import ServiceHost
from jupyter_trame.services.service_registry import NameTakenError, ServiceRegistry

__all__ = ["ADMIN_PATH", "AppCard", "NarviServices"]

_logger = logging.getLogger("jupyter_trame.narvi")

ADMIN_PATH = "/narvi-admin"
"""Of the overview, below ``<base_url>trame``."""
_ANY = "{id}"
"""Stands in an address for the service id that somebody has to name."""


@dataclass(frozen=True, slots=True)
class AppCard:
    """See `AppsHandler`."""

    name: str
    title: str
    description: str
    address: str
    needs_id: bool
    icon: str = ""
    error: str | None = None


class NarviServices:
    """See `RegistrarOwner`. On the thread of jupyter-server's loop; nothing begins before `begin`."""

    def __init__(
        self,
        manager: MappingKernelManager,
        kernels: NarviKernels,
        store: NarviStore,
        *,
        base_url: str,
        request_timeout: float,
        frames: Callable[[], bool] = lambda: True,
    ) -> None:
        """`base_url`: of the Jupyter server. `request_timeout`: seconds that a request service has.

        `frames`: whether pages of the Jupyter server may show others of its own in frames.
        """
        self.registry = ServiceRegistry(BASE_PATH, ADMIN_PATH)
        self.backlogs = Backlogs()
        """How far pages are behind."""
        self._manager = manager
        self._kernels = kernels
        self._kept = KeptEntries(store)
        self._base_url = base_url
        self._request_timeout = request_timeout
        self._frames = frames
        self._registrars: dict[str, Registrar] = {}
        self._monitors: Registrar | None = None
        """Whose server wants monitoring."""
        self._adoptable: dict[InstanceKey, str] = {}
        """Kernels of instances that another Jupyter server has started, and whose service is not registered yet."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._greetings: set[asyncio.Task[None]] = set()
        """Those in which kernels say what they have registered."""
        self._watch = NarviWatch(manager, kernels.kernels, self._found)
        self._host: ServiceHost | None = None
        self._front: Front | None = None

    def begin(self) -> None:
        """Look for kernels that register services, from now on. On the running loop; again is harmless."""
        if self._host is not None:
            return
        self._host = ServiceHost(self.registry, self._make, Monitor(None, None, _logger))
        # Files may lie elsewhere, so that handlers look for them; see `NarviFiles`.
        self._front = Front(
            self._host, self._ask, find_file=lambda _: None, request_timeout=self._request_timeout
        )
        for kind, entry in self._kept.stored():
            try:
                self._put(KEPT, kind, entry)
            except (ValueError, TypeError, LookupError) as error:
                _logger.warning("what was kept of services is left out: %s", foreign(error))
            else:
                self._kept.add(kind, entry)
        self._watch.start()

    @property
    def host(self) -> ServiceHost:
        """Runs the instances."""
        self.begin()
        assert self._host is not None
        return self._host

    @property
    def front(self) -> Front:
        """Answers requests."""
        self.begin()
        assert self._front is not None
        return self._front

    def find(self, path: str, query: str = "") -> Meaning:
        """What an address means, from behind ``<base_url>trame``."""
        return meaning(self.registry, path, query)

    @property
    def sessions(self) -> int:
        """Pages that are connected."""
        return 0 if self._host is None else self._host.sessions

    async def look(self) -> None:
        """Know what kernels have registered by now, also those that run elsewhere. Cancelling is safe."""
        self.begin()
        await self._watch.look()
        if self._greetings:
            await asyncio.wait(self._greetings)

    def elsewhere(self, app: ServiceApp) -> Registrar | None:
        """Who has the files of `app`, where they are not on this disk."""
        registrar = self._registrars.get(app.owner)
        return None if registrar is None or registrar.is_here else registrar

    def cards(self) -> list[AppCard]:
        """What the launcher shows of the apps that kernels have registered."""
        self.begin()
        found = []
        for app in self.registry.apps:
            needs_id = not self.registry.has_way_in(app)
            address = app_address(BASE_PATH, app.workspace, app.app_name, _ANY if needs_id else None)
            found.append(
                AppCard(
                    name=f"narvi {app.workspace}/{app.app_name}",
                    title=app.app_name,
                    description=f"An app of the workspace {app.workspace}",
                    address=f"trame{address.replace(quote(_ANY), _ANY)}",
                    needs_id=needs_id,
                )
            )
        return found

    async def close(self) -> None:
        """End everything, instances and their kernels too."""
        if self._host is None:
            return
        await self._watch.close()
        for registrar in list(self._registrars.values()):
            registrar.close("the Jupyter server ends")
        for task in self._tasks:
            task.cancel()
        await self._host.close()

    # -- RegistrarOwner

    def register(
        self, registrar: Registrar, kind: str, entry: Mapping[str, Any], *, again: bool = False
    ) -> None:
        """See `RegistrarOwner`."""
        if self._registrars.get(registrar.kernel_id) is not registrar:
            raise ServiceFailedError("another connection of this kernel has come")
        keeps = entry.get("persist") is True
        key = entry_key(kind, entry)
        if again and self._kept.has(key, entry):
            return
        if keeps and kind == "app" and not registrar.is_here:
            raise ValueError(
                f"the app {foreign(entry['app_name'])} cannot stay when its kernel has ended: its files are there, "
                "and not beside the Jupyter server"
            )
        owner = KEPT if keeps else registrar.kernel_id
        self._check_place(read_entry(owner, kind, entry))  # what is wrong takes no other's place
        self._make_way(key, registrar.kernel_id, owner)
        replaced = self._put(owner, kind, entry)
        if replaced is not None:
            self._start(self.host.retire(replaced))
        if keeps:
            self._kept.keep(kind, entry)
        if kind == "service":
            self._adopt_for(str(entry["workspace"]), str(entry["app_service_name"]))

    async def request(self, registrar: Registrar, method: str, arguments: list[Any]) -> Any:
        """See `RegistrarOwner`."""
        host = self.host
        match method:
            case "run":
                interval, retention = arguments
                self._monitor(registrar, interval, retention)
                return await self._start_fixed(registrar.kernel_id)
            case "start_service":
                return await self._start_by_hand(*map(str, arguments))
            case "stop_service":
                return await host.stop(*map(str, arguments))
            case "restart_service":
                return await host.restart(*map(str, arguments))
            case "statuses":
                return host.known.statuses(str(arguments[0]))
            case "overview":
                return host.known.overview()
            case "forget":
                keys = [tuple(map(str, key)) for key in arguments[0]]
                return await self._forget(registrar.kernel_id, keys)
            case "app_urls":
                return self.app_urls()
        raise ValueError(f"{foreign(method)} is nothing that can be asked of services")

    def left(self, registrar: Registrar) -> None:
        """See `RegistrarOwner`."""
        if self._monitors is registrar:
            self._monitor_no_more()
        if self._registrars.get(registrar.kernel_id) is registrar:
            del self._registrars[registrar.kernel_id]
            self._watch.lost(registrar.kernel_id)
            for service in self.registry.remove_owner(registrar.kernel_id):
                self._start(self.host.retire(service))

    # -- its parts

    def _make(self, key: InstanceKey, service: RegisteredService, events: InstanceEvents) -> KernelInstance:
        return KernelInstance(
            key, service, events, self._kernels, self.backlogs, runs_in=self._adoptable.pop(key, None)
        )

    async def _ask(self, service: RegisteredService, service_id: str) -> bool:
        registrar = self._registrars.get(service.owner)
        return registrar is not None and await registrar.validate(*service.key, service_id)

    def _check_place(self, read: RegisteredService | ServiceApp | Redirection) -> None:
        """Raises `NameTakenError` where a redirect would lead away from an app of somebody else."""
        if isinstance(read, RegisteredService):
            return
        apps = [read] if isinstance(read, ServiceApp) else self.registry.apps
        redirections = [read] if isinstance(read, Redirection) else self.registry.redirections
        for app, redirection in itertools.product(apps, redirections):
            if app.owner != redirection.owner and stands_before(redirection, app):
                raise NameTakenError(
                    f"the redirect from {foreign(redirection.from_url)} would stand before the app "
                    f"{'/'.join(app.key)}, which is somebody else's"
                )

    def _make_way(self, key: tuple[str, ...], kernel_id: str, owner: str) -> None:
        """What is kept and what a kernel has are two owners, between which a name goes to and fro."""
        if owner == KEPT:
            before, gone = kernel_id, [key]
        else:
            before, gone = KEPT, self._kept.drop(key)
        for service in self.registry.remove(before, [registry_key(one) for one in gone]):
            self._start(self.host.retire(service))

    def _put(self, owner: str, kind: str, entry: Mapping[str, Any]) -> RegisteredService | None:
        """Register an entry; the service that it replaces. Raises what says why that is not possible."""
        read = read_entry(owner, kind, entry)
        if isinstance(read, RegisteredService):
            return self.registry.add_service(read)
        if isinstance(read, ServiceApp):
            self.registry.add_app(read)
        else:
            self.registry.add_redirection(read)
        return None

    async def _start_fixed(self, owner: str) -> None:
        """Start the shared services of `owner` that have one id. Raises `ServiceFailedError`, with all that fail."""
        failed: list[str] = []
        await self.host.start_fixed(
            {owner, KEPT},
            lambda key, error: failed.append(f"the service {key.service} was not started: {error}"),
        )
        if failed:
            raise ServiceFailedError("; ".join(failed))

    async def _start_by_hand(self, workspace: str, name: str, service_id: str) -> None:
        service = self.host.service(workspace, name)
        if not await self.front.accepts(ServiceAddress(service, None, service_id, "")):
            raise ValueError(f"the service {name!r} has no service id {service_id!r}")
        await self.host.start(workspace, name, service_id)

    async def _forget(self, owner: str, keys: list[tuple[str, ...]]) -> None:
        """A `NarviServer` of a kernel was closed."""
        for service in self.registry.remove(owner, [registry_key(key) for key in keys]):
            await self.host.retire(service)

    def app_urls(self) -> list[tuple[str, str, str]]:
        """Workspace, app and address of what can be reached without a service id, and the overview."""
        base = self._base_url.rstrip("/") + "/trame"
        found = [
            (app.workspace, app.app_name, base + app_address(BASE_PATH, app.workspace, app.app_name))
            for app in self.registry.apps
            if self.registry.has_way_in(app)
        ]
        found += [(one.workspace, one.app_name, base + one.from_url) for one in self.registry.redirections]
        return [*found, ("", "admin", base + ADMIN_PATH)]

    def _monitor(self, registrar: Registrar, interval: float | None, retention: float | None) -> None:
        """The first kernel that wants monitoring decides how often, for as long as it is there."""
        if interval is not None and (not self.host.monitor.is_on or self._monitors is registrar):
            self._monitors = registrar
            self.host.rounds.end()
            self.host.monitor.configure(interval, retention)
            self.host.rounds.begin()

    def _monitor_no_more(self) -> None:
        self._monitors = None
        self.host.rounds.end()
        self.host.monitor.configure(None, None)

    # -- kernels that were found

    def _found(self, kernel_id: str, slugs: tuple[str, ...]) -> None:
        if words.SERVER in slugs and kernel_id not in self._registrars:
            greeting = self._start(self._greet(kernel_id))
            self._greetings.add(greeting)
            greeting.add_done_callback(self._greetings.discard)
        if words.INSTANCE in slugs and kernel_id not in self._kernels:
            self._start(self._look_into(kernel_id))

    async def _greet(self, kernel_id: str) -> None:
        is_here = self._kernels.kernels.remote(kernel_id) is None
        registrar = self._registrars[kernel_id] = Registrar(kernel_id, self, is_here=is_here)
        try:
            await registrar.join(self._kernels.kernels)
        except (LinkError, TimeoutError) as error:
            _logger.debug("a kernel with services does not answer: %s", error)
            self.left(registrar)
        else:
            registrar.welcome({"frames": self._frames()})

    async def _look_into(self, kernel_id: str) -> None:
        """An instance runs there that another Jupyter server has started: take it up."""
        try:
            key = await ask_who(self._kernels.kernels, kernel_id)
        except (LinkError, TimeoutError) as error:
            _logger.debug("the instance in a kernel does not answer: %s", error)
            return
        if key.session_id is not None:  # its page has gone with the other Jupyter server
            await self._kernels.end(kernel_id)
            return
        self._adoptable[key] = kernel_id
        self._adopt_for(key.workspace, key.service)

    def _adopt_for(self, workspace: str, name: str) -> None:
        service = self.registry.service(workspace, name)
        if service is None or not service.is_shared_service:
            return
        for key in [key for key in self._adoptable if (key.workspace, key.service) == service.key]:
            self._start(self.host.start(workspace, name, key.service_id, by_hand=False))

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.warning("services: %s", foreign(error))
