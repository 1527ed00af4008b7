"""Services, apps and instances for tests of the core."""

from typing import Any

from jupyter_trame.services.entries import RegisteredService, ServiceApp
from jupyter_trame.services.service_registry import ServiceRegistry

CLASS = "package.module.Class"


def service(name: str = "service", workspace: str = "w", **options: Any) -> RegisteredService:
    return RegisteredService(workspace=workspace, app_service_name=name, **{"app_cls_name": CLASS, **options})


def app(name: str = "app", of: str = "service", workspace: str = "w", **options: Any) -> ServiceApp:
    return ServiceApp(workspace=workspace, app_name=name, service_name=of, **options)


def registry_with(*entries: Any, **options: Any) -> ServiceRegistry:
    found = ServiceRegistry(**options)
    for entry in entries:
        if isinstance(entry, RegisteredService):
            found.add_service(entry)
        elif isinstance(entry, ServiceApp):
            found.add_app(entry)
        else:
            found.add_redirection(entry)
    return found
