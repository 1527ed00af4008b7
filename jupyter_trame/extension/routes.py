"""Every address of the extension, below ``<base_url>trame/``."""

from pathlib import Path
from typing import Any, TypeAlias

from tornado.web import RequestHandler

from jupyter_trame.extension.api import API_PATH, OpenApiHandler, RootHandler, UnknownHandler
from jupyter_trame.extension.api_apps import AppsHandler, StartAppHandler, StartFileHandler
from jupyter_trame.extension.api_doctor import AppDoctorHandler, DoctorHandler
from jupyter_trame.extension.api_servers import (
    RestartHandler,
    ServerHandler,
    ServersHandler,
    ViewersHandler,
)
from jupyter_trame.extension.api_starts import StartHandler
from jupyter_trame.extension.api_templates import TemplateHandler, TemplatesHandler
from jupyter_trame.extension.app_control import AppControl
from jupyter_trame.extension.igor_routes import IgorConnections, IgorFiles, IgorSocketHandler
from jupyter_trame.extension.narvi_routes import NarviPages
from jupyter_trame.extension.narvi_services import NarviServices
from jupyter_trame.extension.narvi_socket import SessionSocket
from jupyter_trame.extension.narvi_trame import NarviTrameSocket, TramePages
from jupyter_trame.extension.page import AddSlashHandler, FileHandler, LauncherHandler, PageHandler
from jupyter_trame.extension.relays import Relays
from jupyter_trame.extension.server_doctor import ServerDoctor
from jupyter_trame.extension.starts import Starts
from jupyter_trame.extension.static import TrameStaticHandler
from jupyter_trame.extension.websocket import TrameSocket
from jupyter_trame.files.page_policy import PagePolicy

__all__ = ["Route", "routes"]

Route: TypeAlias = tuple[str, type[RequestHandler], dict[str, Any]]

_KERNEL = r"(?P<kernel_id>(?!(?:api|igor|narvi|narvi-admin|static)(?:/|$))[^/]+)"
"""An id of jupyter-server, or the name of a kernel that somebody else started."""
_SERVER = rf"trame/{_KERNEL}/(?P<slug>[^/]+)"
_NARVI = r"trame/narvi"
_API_SERVER = rf"{API_PATH}/servers/(?P<kernel_id>[^/]+)/(?P<slug>[^/]+)"
_IGOR = r"trame/igor/(?P<kernel_id>[^/]+)/(?P<name>[^/]+)"


def routes(
    relays: Relays,
    igor_connections: IgorConnections,
    control: AppControl,
    starts: Starts,
    narvi: NarviServices,
    *,
    static: Path,
    ping_interval: float,
    message_limit: int,
    policy: PagePolicy,
) -> list[Route]:
    """Patterns below the base URL, handlers and what these are given.

    `ping_interval` is in seconds; `message_limit` in bytes, for messages of pages of services.
    `policy` says what the deployment lets all pages do.
    """
    pages = {"relays": relays, "policy": policy}
    services = {"narvi": narvi, "pages": TramePages(narvi, relays, static)}
    return [
        (r"trame/static/(.*)", TrameStaticHandler, {"path": str(static)}),
        *_api_routes(relays, control, starts, narvi),
        (rf"{_IGOR}/ws", IgorSocketHandler, {"connections": igor_connections}),
        (rf"{_IGOR}/files/(?P<path>.*)", IgorFiles, {"connections": igor_connections}),
        (rf"{_NARVI}/[^/]+/[^/]+/[^/]+/connect", SessionSocket, {"narvi": narvi, "limit": message_limit}),
        (
            rf"{_NARVI}/[^/]+/[^/]+/[^/]+/ws",
            NarviTrameSocket,
            {**services, "relays": relays, "ping_interval": ping_interval},
        ),
        (rf"{_NARVI}(?:/.*)?", NarviPages, {**services, "policy": policy}),
        (r"trame/narvi-admin", NarviPages, {**services, "policy": policy}),
        (rf"{_SERVER}", AddSlashHandler, {}),
        (rf"{_SERVER}/(?:index\.html)?", PageHandler, {**pages, "static": static}),
        (rf"{_SERVER}/ws", TrameSocket, {"relays": relays, "ping_interval": ping_interval}),
        (rf"{_SERVER}/paraview/", LauncherHandler, {"relays": relays}),
        (rf"{_SERVER}/(?P<path>.+)", FileHandler, pages),
    ]


def _api_routes(relays: Relays, control: AppControl, starts: Starts, narvi: NarviServices) -> list[Route]:
    """The REST interface, as ``openapi.json`` describes it."""
    doctor = ServerDoctor(relays)
    starting = {"control": control, "starts": starts}
    return [
        (rf"{API_PATH}/?", RootHandler, {}),
        (rf"{API_PATH}/openapi\.json", OpenApiHandler, {}),
        (rf"{API_PATH}/apps", AppsHandler, {"narvi": narvi}),
        (rf"{API_PATH}/apps/(?P<name>[^/]+)", StartAppHandler, starting),
        (rf"{API_PATH}/files", StartFileHandler, starting),
        (rf"{API_PATH}/starts/(?P<start_id>[^/]+)", StartHandler, starting),
        (rf"{API_PATH}/servers", ServersHandler, {"models": control.models}),
        (_API_SERVER, ServerHandler, starting),
        (rf"{_API_SERVER}/restart", RestartHandler, starting),
        (rf"{_API_SERVER}/viewers", ViewersHandler, {"control": control, "relays": relays}),
        (rf"{_API_SERVER}/doctor", AppDoctorHandler, {"doctor": doctor}),
        (rf"{API_PATH}/doctor", DoctorHandler, {"doctor": doctor}),
        (rf"{API_PATH}/templates", TemplatesHandler, {}),
        (rf"{API_PATH}/templates/(?P<name>[^/]+)", TemplateHandler, {}),
        (rf"{API_PATH}(?:/.*)?", UnknownHandler, {}),
    ]
