"""The apps that a magic can speak of: those of this kernel, and those below the Jupyter server that has started it."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_trame.command_line.app_choice import (
    Choose,
    SeveralAppsError,
    choose_running,
    registered_named,
    unknown,
)
from jupyter_trame.command_line.jupyter_servers import NoJupyterServerError, server_of_kernel
from jupyter_trame.command_line.rest_client import RegisteredEntry, RestClient, RestError, RunningEntry
from jupyter_trame.errors import ServerError
from jupyter_trame.kernel.host import KernelHost
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server
from jupyter_trame.server.server import runtime_of

__all__ = ["FoundApp", "ReachableApps"]


@dataclass(frozen=True, slots=True)
class FoundApp:
    """An app that runs."""

    entry: RunningEntry
    server: Server | None
    """Of an app of this kernel; None for one of another."""


class ReachableApps:
    """Looks apps up, anew at each call. The kernel's main thread, which the Jupyter server's answer is waited on."""

    def __init__(self, *, patience: float = 20.0) -> None:
        """`patience` in seconds, for the Jupyter server."""
        self._patience = patience
        self.unreached = ""
        """Why the apps of other kernels are not known; empty where they are, or nobody has asked."""

    @property
    def kernel_id(self) -> str:
        """The id of this kernel; empty where it has none."""
        host = registry.process.host
        return host.environment.kernel_id if isinstance(host, KernelHost) else ""

    def own(self) -> list[FoundApp]:
        """Those of this kernel that run."""
        servers = [server for server in registry.process.servers.values() if server.running]
        return [FoundApp(self._entry(server), server) for server in servers]

    def running(self) -> list[FoundApp]:
        """Those of this kernel, and of others where the Jupyter server says so."""
        own, kernel_id = self.own(), self.kernel_id
        client = self.client()
        try:
            listed = client.running() if client is not None else []
        except (NoJupyterServerError, RestError) as error:
            self.unreached = str(error)
            return own
        by_slug = {app.entry.slug: app.server for app in own}
        here = [entry for entry in listed if entry.kernel_id == kernel_id and entry.slug in by_slug]
        known = {entry.slug for entry in here}
        others = [FoundApp(entry, None) for entry in listed if entry.kernel_id != kernel_id]
        return [
            *(FoundApp(entry, by_slug[entry.slug]) for entry in here),
            *(app for app in own if app.entry.slug not in known),
            *others,
        ]

    def registered(self) -> list[RegisteredEntry]:
        """Those that the Jupyter server can start; none where it is not reached."""
        client = self.client()
        try:
            return client.registered() if client is not None else []
        except (NoJupyterServerError, RestError) as error:
            self.unreached = str(error)
            return []

    def find(self, wanted: str, choose: Choose) -> FoundApp:
        """The app that `wanted` means. Raises `ServerError` for none, and what `choose` raises."""
        apps = self.running()
        found = self._chosen(wanted, apps, choose)
        if found is None:
            raise self.unknown(wanted, apps)
        return found

    def find_or_start(self, wanted: str, choose: Choose) -> FoundApp:
        """As `find`; a registered app that does not run is started in a kernel of its own."""
        apps = self.running()
        found = self._chosen(wanted, apps, choose)
        if found is not None:
            return found
        registered = self.registered()
        client = self.client()
        known = registered_named(wanted, registered)
        if client is None or known is None:
            raise self.unknown(wanted, apps, registered)
        client.check_startable(known)
        return FoundApp(client.start(wanted), None)

    def unknown(
        self, wanted: str, apps: list[FoundApp], registered: list[RegisteredEntry] | None = None
    ) -> ServerError:
        """What is to be said where no app is called `wanted`."""
        said = str(unknown(wanted, [app.entry for app in apps], registered or []))
        return ServerError(f"{said}; {self.unreached}" if self.unreached else said)

    def client(self) -> RestClient | None:
        """What asks the Jupyter server; None where there is none, and `unreached` says why."""
        try:
            return RestClient(server_of_kernel(), patience=self._patience)
        except NoJupyterServerError as error:
            self.unreached = str(error)
            return None

    def asked(self) -> RestClient:
        """As `client`, for what cannot be done without. Raises `NoJupyterServerError`."""
        return RestClient(server_of_kernel(), patience=self._patience)

    @staticmethod
    def _chosen(wanted: str, apps: list[FoundApp], choose: Choose) -> FoundApp | None:
        entries = [app.entry for app in apps]
        try:
            entry = choose_running(wanted, entries)
        except SeveralAppsError as several:
            entry = choose(several)
        return next((app for app in apps if app.entry is entry), None)

    def _entry(self, server: Server) -> RunningEntry:
        runtime = runtime_of(server)
        return RunningEntry(
            kernel_id=self.kernel_id,
            slug=runtime.slug,
            name=server.name,
            title=runtime.title,
            owner="notebook",
            viewers=runtime.primary.client_count,
        )
