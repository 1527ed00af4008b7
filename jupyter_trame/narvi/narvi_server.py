"""`NarviServer`: services, apps in front of them, and the server that carries both."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from jupyter_trame.given import check_texts
from jupyter_trame.narvi.local_gate import LocalGate
from jupyter_trame.narvi.local_host import LocalHost
from jupyter_trame.narvi.local_life import LocalSettings
from jupyter_trame.narvi.narvi_host import NarviHost, jupyter_host
from jupyter_trame.narvi.resource_loader import ResourceLoader
from jupyter_trame.narvi.shown_apps import shown_apps
from jupyter_trame.services.entries import (
    Redirection,
    RegisteredService,
    ServiceApp,
    check_seconds,
    check_text,
)
from jupyter_trame.services.monitoring import Monitor
from jupyter_trame.services.resources import ResourceRoots, Resources
from jupyter_trame.services.service_registry import ServiceRegistry
from jupyter_trame.services.validators import accept_all

__all__ = ["NarviServer"]

_logger = logging.getLogger("jupyter_trame.narvi")

_WEB_SERVERS = ("tornado", "builtin")


class NarviServer:
    """A server of small web applications. All methods may be called on any thread, unless it is said."""

    def __init__(  # noqa: PLR0913, PLR0917 - the original's, and what is ours by name
        self,
        host: str = "localhost",
        port: int = 8999,
        web_server_type: str = "tornado",
        base_path: str = "/narvi",
        admin_path: str | None = None,
        monitoring_interval_s: float | None = None,
        monitoring_retention_s: float | None = None,
        *,
        allowed_hosts: Collection[str] = (),
        origins: Collection[str] = (),
        max_message_size: int = 10 << 20,
        max_sessions: int = 4096,
        max_instances: int = 1024,
        request_timeout: float = 30.0,
    ) -> None:
        """`host` and `port`: where it listens; port 0 takes any free one. `base_path` is in front of all apps.

        `web_server_type` is ``"tornado"`` or ``"builtin"``, and tornado in both cases. `admin_path`: where the overview
        is, for who has the token of `list_app_urls`; None: nowhere. `monitoring_interval_s`: seconds between two looks
        at the services' metrics, None: there are none; `monitoring_retention_s`: seconds for which these are kept,
        None: for 10 000 rounds.

        `allowed_hosts`: further names of the server; `origins`: other pages that may connect. `max_message_size`: bytes
        of a message of a page, or of the body of a request. `request_timeout`: seconds in which a handler answers.
        `max_sessions`: that are open at once; `max_instances`: from which on pages start no more; both refuse with 503.

        Raises `TypeError` and `ValueError`, with a sentence that says what was expected.
        """
        check_text("host", host)
        _check_number("port", port, 0, 65535)
        _check_number("max_message_size", max_message_size, 1, 1 << 40)
        _check_number("max_sessions", max_sessions, 1, 1 << 20)
        _check_number("max_instances", max_instances, 1, 1 << 20)
        if web_server_type not in _WEB_SERVERS:
            _logger.warning(
                "web_server_type is tornado or builtin, not %r; tornado serves it", web_server_type
            )
        elif web_server_type == "builtin":
            _logger.info("the builtin web server is tornado here, and behaves the same")
        check_seconds("request_timeout", request_timeout)
        if not request_timeout:
            raise ValueError(f"request_timeout is more than 0 seconds, not {request_timeout!r}")
        registry = ServiceRegistry(base_path, admin_path)
        monitor = Monitor(monitoring_interval_s, monitoring_retention_s, _logger)
        settings = LocalSettings(
            host,
            port,
            LocalGate(host, check_texts("allowed_hosts", allowed_hosts), check_texts("origins", origins)),
            max_message_size,
            request_timeout,
            max_sessions,
            max_instances,
        )
        self._registry = registry
        here = jupyter_host(monitoring_interval_s, monitoring_retention_s)
        self._host: NarviHost = here or LocalHost(settings, registry, monitor)

    @property
    def port(self) -> int:
        """The port, and when it listens the one that it took where 0 was asked for."""
        return self._host.port

    # -- what there is

    def register_service(  # noqa: PLR0913, PLR0917 - the original's, and what is ours by name
        self,
        workspace: str,
        app_service_name: str,
        app_cls_name: str,
        app_parameters: Mapping[str, Any] = {},
        fixed_service_id: str | None = None,
        shared_service: bool = True,
        service_id_validator: Any = accept_all,
        idle_timeout: float = 3600,
        *,
        kernel_name: str | None = None,
        app: Callable[..., object] | str | None = None,
        persist: bool = False,
    ) -> RegisteredService:
        """Register a class whose instances do the work: `app_cls_name`, as ``package.module.Class``.

        An instance is made of it for each service id, as ``Class(services, **app_parameters)``, when its first page
        comes; with ``shared_service=False`` for each session. `fixed_service_id`: there is only this id, and a shared
        instance of it runs from the start. `service_id_validator`: whether there is an id; a callable, a compiled
        regular expression, or a collection. `idle_timeout`: seconds for which a shared instance without a fixed id is
        kept when nobody is there. A service of the same name is replaced, and its instances end.

        `app` is an app of `jupyter_trame.apps`, or its import path ``package.module:function``, that is the service in
        place of a class; `app_cls_name` is then a name for it, like the others. In a program it runs on a thread with a
        loop of its own; in a notebook it has to be importable.

        In a notebook, where each instance is a kernel: `kernel_name` is its kernel specification, the server's default
        without. With `persist` the service stays when this notebook's kernel has ended, until its name is registered
        without that; its validator is then an expression or a collection. Elsewhere both are refused with `ValueError`.

        Raises `TypeError` and `ValueError`, with a sentence that says what was expected.
        """
        service = RegisteredService(
            workspace=workspace,
            app_service_name=app_service_name,
            app_cls_name=app_cls_name,
            app_parameters=app_parameters,
            fixed_service_id=fixed_service_id,
            is_shared_service=bool(shared_service),
            service_id_validator=service_id_validator,
            idle_timeout=idle_timeout,
            settings={"kernel_name": kernel_name, "app": app, "persist": persist},
        )
        self._host.add_service(service)
        return service

    def register_app(
        self,
        app_name: str,
        application_service: RegisteredService,
        app_parameters: Mapping[str, Any] = {},
        resource_roots: ResourceRoots = {},  # noqa: B006 - never changed, and the original's default
        service_chooser_app_name: str | None = None,
    ) -> None:
        """Register a page: files, and parameters that it gets as JSON. `application_service` does its work.

        `resource_roots`: address -> file, as ``"images/icon.png"``, or prefix and pattern of names -> folder, as
        ``("images", "*.png")``; addresses are relative to the page, which is ``index.html``. Who names no service id,
        or one that is refused, is sent to the app `service_chooser_app_name` of the same workspace.

        Raises `TypeError` and `ValueError`, with a sentence that says what was expected.
        """
        service = _registered(application_service)
        self._host.add_app(
            ServiceApp(
                workspace=service.workspace,
                app_name=app_name,
                service_name=service.app_service_name,
                app_parameters=app_parameters,
                resources=Resources(resource_roots),
                service_chooser_app_name=service_chooser_app_name,
            )
        )

    def register_redirect(self, from_url: str, to_workspace: str, to_app: str) -> None:
        """Lead `from_url`, a path such as ``foo/bar``, to the page of an app. Raises `TypeError` and `ValueError`."""
        path = f"/{check_text('from_url', from_url).lstrip('/')}"
        self._host.add_redirection(Redirection(from_url=path, workspace=to_workspace, app_name=to_app))

    def list_app_urls(self) -> list[tuple[str, str, str]]:
        """Workspace, app and address of all apps that can be reached without knowing a service id, and of redirects.

        The overview is ``("", "admin", address)``, whose address holds its token.
        """
        return self._host.app_urls()

    # -- what runs

    def run(self, ready_callback: Callable[[], object] | None = None) -> None:
        """Listen, call ``ready_callback()`` on this thread, and block until `close`.

        Raises `TypeError` for what is no callback, `OSError` where the port cannot be had, `RuntimeError` where it runs
        already, and what `ready_callback` raises. Ctrl-C ends the server before `KeyboardInterrupt` is raised.
        """
        if ready_callback is not None and not callable(ready_callback):
            raise TypeError(f"ready_callback is called without arguments; got {ready_callback!r}")
        self._host.run(ready_callback)

    def start_service(self, workspace: str, app_service_name: str, service_id: str) -> None:
        """Have an instance of a shared service, which stays until it is stopped; before `run` that is remembered.

        Returns when it runs, at once on the thread of an instance. Raises `ValueError` where there is no such service
        or id, and `ServiceFailedError` where the instance does not start.
        """
        self._host.start_service(workspace, app_service_name, service_id)

    def restart_service(self, workspace: str, app_service_name: str, service_id: str) -> None:
        """End an instance, whose pages are told and connect again, and start a new one. Otherwise as `start_service`.

        Of an id of which nothing runs nothing starts.
        """
        self._host.restart_service(workspace, app_service_name, service_id)

    def stop_service(self, workspace: str, app_service_name: str, service_id: str) -> None:
        """End an instance; harmless where none runs. Raises `ValueError` where there is no such service."""
        self._host.stop_service(workspace, app_service_name, service_id)

    def get_service_statuses(self, for_workspace: str) -> dict[str, Any]:
        """Service -> ``{"instances": {service id: [details, ...]}, "apps": []}`` of those that run in a workspace."""
        return self._host.statuses(for_workspace)

    def close(self) -> None:
        """End this server, and nothing else; harmless where it does not run.

        Returns when nothing of it is left, at once on the thread of an instance.
        """
        self._host.close()

    def _repr_html_(self) -> str:
        """What `display` shows of it in a notebook: its apps in frames, or links to them where frames are forbidden.

        Raises `ServerError` as `list_app_urls`.
        """
        urls = self.list_app_urls()
        return shown_apps(urls, frames=self._host.frames)

    @staticmethod
    def get_path_of_resource(package: str, resource: str = "") -> str:
        """The path of a package's folder, or of a file in it. Raises `ModuleNotFoundError`; see `ResourceLoader`."""
        return ResourceLoader.get_path_of_resource(package, resource)


def _registered(given: object) -> RegisteredService:
    if not isinstance(given, RegisteredService):
        raise TypeError(f"application_service is what register_service has returned, not {given!r}")
    return given


def _check_number(name: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is a number, not {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name} is {least} to {most}, not {value}")
