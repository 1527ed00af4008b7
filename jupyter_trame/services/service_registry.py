"""All services, apps and redirects of one host, and who has registered them."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Protocol, TypeVar

from jupyter_trame.errors import TrameError
from jupyter_trame.services.entries import (
    Redirection,
    RegisteredService,
    ServiceApp,
    check_name,
    check_text,
)

__all__ = ["NameTakenError", "ServiceRegistry", "read_base_path"]


class NameTakenError(TrameError):
    """Somebody else has registered a name; it stays theirs."""


class _Entry(Protocol):
    @property
    def owner(self) -> str: ...


_Key = TypeVar("_Key")
_OneEntry = TypeVar("_OneEntry", bound=_Entry)


def read_base_path(path: object) -> str:
    """`path` without a slash at its end. Raises `TypeError` and `ValueError` where it is no path."""
    text = check_text("base_path", path)
    if text.strip("/") and not text.startswith("/"):
        raise ValueError(f"base_path begins with a slash, or is empty; got {text!r}")
    return text.rstrip("/")


class ServiceRegistry:
    """What is registered. Any thread.

    Who registers a name again replaces what they had; a name of another owner is refused with `NameTakenError`.
    """

    def __init__(self, base_path: str = "/narvi", admin_path: str | None = None) -> None:
        """`base_path` is in front of all addresses of apps; `admin_path`: of the overview, None: there is none."""
        self.base_path = read_base_path(base_path)
        if admin_path is not None and not check_text("admin_path", admin_path).startswith("/"):
            raise ValueError(f"admin_path is a path that begins with a slash, or None; got {admin_path!r}")
        self.admin_path = admin_path
        self._services: dict[tuple[str, str], RegisteredService] = {}
        self._apps: dict[tuple[str, str], ServiceApp] = {}
        self._redirections: dict[str, Redirection] = {}
        self._lock = threading.Lock()

    # -- what there is

    def service(self, workspace: str, name: str) -> RegisteredService | None:
        """The service of that name."""
        return self._services.get((workspace, name))

    def app(self, workspace: str, name: str) -> ServiceApp | None:
        """The app of that name."""
        return self._apps.get((workspace, name))

    def redirection(self, path: str) -> Redirection | None:
        """The redirect at exactly `path`."""
        return self._redirections.get(path)

    def service_of(self, app: ServiceApp) -> RegisteredService | None:
        """The service that does the work of `app`; None where it is gone."""
        return self.service(app.workspace, app.service_name)

    def apps_of(self, service: RegisteredService) -> list[ServiceApp]:
        """The apps in front of `service`, in the order in which they were registered."""
        return [app for app in self.apps if (app.workspace, app.service_name) == service.key]

    @property
    def services(self) -> list[RegisteredService]:
        """A copy, in the order in which they were registered."""
        return list(self._services.values())

    @property
    def apps(self) -> list[ServiceApp]:
        """A copy, in the same order."""
        return list(self._apps.values())

    @property
    def redirections(self) -> list[Redirection]:
        """A copy, in the same order."""
        return list(self._redirections.values())

    def has_way_in(self, app: ServiceApp) -> bool:
        """Whether a client without a service id gets somewhere: by a fixed id, or by choosers that lead to one."""
        seen = {app.app_name}
        while True:
            service = self.service_of(app)
            if service is not None and service.fixed_service_id is not None:
                return True
            chooser = app.service_chooser_app_name
            found = None if chooser is None or chooser in seen else self.app(app.workspace, chooser)
            if found is None:
                return False
            seen.add(found.app_name)
            app = found

    # -- what changes

    def add_service(self, service: RegisteredService) -> RegisteredService | None:
        """Register `service`; the one that it replaces, whose instances are to end. Raises `NameTakenError`."""
        with self._lock:
            return self._put(self._services, service.key, service, f"the service {'/'.join(service.key)}")

    def add_app(self, app: ServiceApp) -> None:
        """Register `app`. Raises `NameTakenError`, and `ValueError` where its service is not registered."""
        with self._lock:
            if (app.workspace, app.service_name) not in self._services:
                raise ValueError(
                    f"the service {app.service_name!r} of the app {app.app_name!r} is not registered in the "
                    f"workspace {app.workspace!r} of this server"
                )
            self._put(self._apps, app.key, app, f"the app {'/'.join(app.key)}")

    def add_redirection(self, redirection: Redirection) -> None:
        """Register `redirection`. Raises `NameTakenError`, and `ValueError` for the address of the overview."""
        check_name("to_workspace", redirection.workspace)
        check_name("to_app", redirection.app_name)
        if redirection.from_url == self.admin_path:
            raise ValueError(f"{redirection.from_url!r} is the admin_path, and cannot lead elsewhere")
        with self._lock:
            self._put(
                self._redirections, redirection.key, redirection, f"the redirect from {redirection.from_url}"
            )

    def remove_owner(self, owner: str) -> list[RegisteredService]:
        """Forget what `owner` has registered; the services, whose instances are to end."""
        with self._lock:
            gone = [service for service in self._services.values() if service.owner == owner]
            self._services = _without(owner, self._services)
            self._apps = _without(owner, self._apps)
            self._redirections = _without(owner, self._redirections)
            return gone

    def remove(self, owner: str, keys: Collection[tuple[str, ...]]) -> list[RegisteredService]:
        """Forget entries of `owner`: ``("service" or "app", workspace, name)``, or the path of a redirect alone.

        The services, whose instances are to end.
        """
        with self._lock:
            gone = [
                service
                for service in self._services.values()
                if service.owner == owner and ("service", *service.key) in keys
            ]
            for service in gone:
                del self._services[service.key]
            for app in self.apps:
                if app.owner == owner and ("app", *app.key) in keys:
                    del self._apps[app.key]
            for redirection in self.redirections:
                if redirection.owner == owner and (redirection.key,) in keys:
                    del self._redirections[redirection.key]
            return gone

    def _put(
        self, entries: dict[_Key, _OneEntry], key: _Key, entry: _OneEntry, what: str
    ) -> _OneEntry | None:
        before = entries.get(key)
        if before is not None and before.owner != entry.owner:
            raise NameTakenError(f"{what} is registered already, by somebody else")
        entries[key] = entry
        return before


def _without(owner: str, entries: dict[_Key, _OneEntry]) -> dict[_Key, _OneEntry]:
    return {key: entry for key, entry in entries.items() if entry.owner != owner}
