"""Small functions of ``trame_server.utils`` that nothing else here needs."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from jupyter_trame.errors import ServerError
from jupyter_trame.server import Server
from jupyter_trame.server.asynchronous import create_task
from jupyter_trame.server.backends import desktop
from jupyter_trame.server.backends.announcement import page_url
from jupyter_trame.server.settings import Settings

__all__ = ["get_version", "open_browser", "start_browser"]


def get_version(package: str) -> str | None:
    """The version of an installed distribution; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def open_browser(server: Server) -> None:
    """Show the page of the running `server` in the browser of this machine."""
    server.open()


def start_browser(server: Server, **window: Any) -> None:
    """Show the page of the running `server` in a window of its own; the server stops when it is closed.

    `window` holds arguments of pywebview's `create_window`. Needs a running loop. Raises `ServerError` where there can
    be no window.
    """
    desktop.check(window)
    settings = server.root_server._runtime.settings
    if not server.running or settings is None:
        raise ServerError(f"{server.name!r} has to run before there is a page to show")
    create_task(_show(server, settings, window))


async def _show(server: Server, settings: Settings, window: dict[str, Any]) -> None:
    runtime = server.root_server._runtime
    debug = bool(server.options.get("desktop_debug"))
    url = page_url(settings, runtime.port, runtime.secret)
    await desktop.show(
        url, {"title": runtime.title, **window}, debug=debug, until=runtime.life_cycle.finished()
    )
    await server.stop()
