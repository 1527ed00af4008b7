"""The host of a `NarviServer` in a notebook: it registers at the kernel's Jupyter server, which has services run."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_trame.errors import ServerError
from jupyter_trame.kernel.extension import install, shielded
from jupyter_trame.kernel.host import KernelHost
from jupyter_trame.narvi.kernel_desk import Desk
from jupyter_trame.narvi.trame_app import app_path
from jupyter_trame.runtime import registry
from jupyter_trame.services import words
from jupyter_trame.services.entries import Redirection, RegisteredService, ServiceApp, check_json

__all__ = ["JupyterHost"]

_PATIENCE = 5.0
"""Seconds in which the Jupyter server of a new kernel has to have linked to it."""

_desks: dict[int, Desk] = {}
"""That of this kernel, by the id of its links: a kernel that was unloaded and loaded again has others."""


class JupyterHost:
    """See `NarviHost`; methods block until the Jupyter server has answered, up to a minute and a half.

    Before one has linked to the kernel entries are kept for it, and what it would have to do raises `ServerError`.
    """

    port = 0
    """It opens none."""

    def __init__(self, monitoring_interval: float | None, monitoring_retention: float | None) -> None:
        """Seconds, or None. Main thread of a kernel; raises `ServerError` elsewhere."""
        self._desk = _find_desk()
        self._monitoring = (monitoring_interval, monitoring_retention)
        self._keys: list[tuple[str, ...]] = []
        self._kept: set[tuple[str, str]] = set()
        """Services and apps that stay when this kernel has ended."""

    @property
    def frames(self) -> bool:
        """See `NarviHost`."""
        return self._desk.frames

    def add_service(self, service: RegisteredService) -> None:
        """See `NarviHost`. `settings`: ``kernel_name``, ``app``, ``persist``.

        Raises `TypeError` for what cannot cross to another process.
        """
        check_json("app_parameters of a service in a kernel of its own", dict(service.app_parameters))
        described, given = service.id_rule.described, service.settings
        persist = bool(given.get("persist"))
        if persist and described is None:
            raise TypeError(
                "a service that stays when its kernel has ended has a service_id_validator that is a compiled regular "
                f"expression or a collection of ids, not a callable; got {service.service_id_validator!r}"
            )
        settings: dict[str, Any] = {"folder": str(Path.cwd()), "path": _import_path()}
        if given.get("kernel_name") is not None:
            settings["kernel_name"] = str(given["kernel_name"])
        if given.get("app") is not None:
            settings["app"] = app_path(given["app"])
        self._desk.knows(service)
        entry = {
            "workspace": service.workspace,
            "app_service_name": service.app_service_name,
            "app_cls_name": service.app_cls_name,
            "app_parameters": dict(service.app_parameters),
            "fixed_service_id": service.fixed_service_id,
            "is_shared_service": service.is_shared_service,
            "idle_timeout": service.idle_timeout,
            "validator": described,
            "settings": settings,
            "persist": persist,
        }
        self._register(("service", *service.key), entry)
        if persist:
            self._kept.add(service.key)

    def add_app(self, app: ServiceApp) -> None:
        """See `NarviHost`. It stays for as long as its service."""
        self._desk.serves(app.workspace, app.app_name, app.resources)
        persist = (app.workspace, app.service_name) in self._kept
        entry = {
            "workspace": app.workspace,
            "app_name": app.app_name,
            "service_name": app.service_name,
            "app_parameters": dict(app.app_parameters),
            "roots": [
                [rule if isinstance(rule, str) else list(rule), str(Path(place).absolute())]
                for rule, place in app.resources.roots.items()
            ],
            "chooser": app.service_chooser_app_name,
            "persist": persist,
        }
        self._register(("app", *app.key), entry)
        if persist:
            self._kept.add(app.key)

    def add_redirection(self, redirection: Redirection) -> None:
        """See `NarviHost`. Its address is below that of all apps; it stays for as long as its app."""
        entry = {
            "from_url": redirection.from_url,
            "workspace": redirection.workspace,
            "app_name": redirection.app_name,
            "persist": (redirection.workspace, redirection.app_name) in self._kept,
        }
        self._register(("redirection", redirection.from_url), entry)

    def run(self, ready: Callable[[], object] | None) -> None:
        """See `NarviHost`; here it returns when services with one id run. Raises `ServerError` where one does not."""
        self._ask("run", *self._monitoring)
        if ready is not None:
            ready()

    def start_service(self, workspace: str, name: str, service_id: str) -> None:
        """See `NarviHost`."""
        self._ask("start_service", workspace, name, service_id)

    def restart_service(self, workspace: str, name: str, service_id: str) -> None:
        """See `NarviHost`."""
        self._ask("restart_service", workspace, name, service_id)

    def stop_service(self, workspace: str, name: str, service_id: str) -> None:
        """See `NarviHost`."""
        self._ask("stop_service", workspace, name, service_id)

    def statuses(self, workspace: str) -> dict[str, Any]:
        """See `NarviHost`."""
        found: dict[str, Any] = self._ask("statuses", workspace)
        return found

    def app_urls(self) -> list[tuple[str, str, str]]:
        """See `NarviHost`; addresses are paths of the Jupyter server."""
        found: list[list[str]] = self._ask("app_urls")
        return [(workspace, app_name, url) for workspace, app_name, url in found]

    def close(self) -> None:
        """See `NarviHost`: what this server has registered is taken back, but for what stays, and instances end."""
        keys, self._keys = self._keys, []
        if keys and self._desk.withdraw(keys):
            self._ask("forget", [list(key) for key in keys])

    def _register(self, key: tuple[str, ...], entry: dict[str, Any]) -> None:
        self._wait()
        shielded(lambda: self._desk.register(key, key[0], entry))
        if key not in self._keys:
            self._keys.append(key)

    def _ask(self, what: str, *arguments: Any) -> Any:
        self._wait()
        return self._desk.ask(what, *arguments)

    def _wait(self) -> None:
        """The Jupyter server has a moment to come, once: one that has its kernels elsewhere comes when it is asked."""
        if self._desk.was_waited_for:
            return
        self._desk.was_waited_for = True
        if not self._desk.wait_for_server(_PATIENCE):
            warnings.warn(
                "no Jupyter server has linked to this kernel. One with jupyter-trame that runs its kernels elsewhere "
                "does when somebody opens a page below trame/narvi/; what is registered waits for it.",
                RuntimeWarning,
                stacklevel=5,
            )


def _find_desk() -> Desk:
    install()
    host = registry.process.host
    if not isinstance(host, KernelHost):
        raise ServerError("services of a Jupyter server are registered in a kernel, and this is none")
    links = host.links
    desk = _desks.get(id(links))
    if desk is None:
        _desks.clear()
        desk = _desks[id(links)] = Desk(links.loop)
        links.offer(words.SERVER, desk)
    return desk


def _import_path() -> list[str]:
    """Where modules of this kernel are found, for the kernels of its services."""
    folders = dict.fromkeys(Path(path).absolute() for path in sys.path)
    return [str(folder) for folder in folders if folder.is_dir()]
