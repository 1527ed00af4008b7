"""Small functions of ``trame_server.utils`` that nothing else here needs."""

import contextlib
import socket
import sys
import webbrowser
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.asynchronous import create_task, get_event_loop
from jupyter_trame.program import announcement, desktop
from jupyter_trame.program.announcement import page_url
from jupyter_trame.runtime.settings import Settings
from jupyter_trame.server import Server, life_cycle_of, runtime_of

__all__ = ["get_version", "isascii", "open_browser", "print_informations", "share", "start_browser"]

_SOON = 0.1


def share(obj: object, attribute: str, default: Any) -> Any:
    """`attribute` of `obj`, or `default` where there is no `obj`, or no such attribute."""
    return getattr(obj, attribute, default)


def isascii(text: str) -> bool:
    """Are all characters ASCII?"""
    return text.isascii()


def get_version(package: str) -> str | None:
    """The version of an installed distribution; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def open_browser(server: Any) -> None:
    """Show the page of the running `server` in the browser of this machine.

    Of an object that is none of our servers, the page at its `port` and the host of its `server_options` is shown by
    the loop of this thread; where there is none, nothing is.
    """
    if hasattr(server, "open"):
        server.open()
        return
    sys.stdout.write("And to prevent your browser from opening, add '--server' to your command line.\n")
    with contextlib.suppress(RuntimeError):
        get_event_loop().call_later(_SOON, webbrowser.open, _address(server.server_options.host, server.port))


def print_informations(server: Any) -> None:
    """Print where the running `server` is found; see `open_browser` for objects that are none of our servers.

    Raises `ServerError` before it has started.
    """
    if isinstance(server, Server):
        runtime = runtime_of(server)
        if runtime.settings is None:
            raise ServerError("the server has not started, so there is no address to print")
        announcement.show(runtime.settings, runtime.port, runtime.secret)
        return
    host, port = server.server_options.host, server.port
    announcement.say(_address(host, port), _address(_number_of(host), port))


def _address(host: str, port: int) -> str:
    return f"http://{host}:{port}/"


def _number_of(host: str) -> str:
    """The address of `host` in digits, else that of this machine, else `host`."""
    for name in (host, socket.gethostname()):
        with contextlib.suppress(OSError):
            return socket.gethostbyname(name)
    return host


def start_browser(server: Server, **window: Any) -> None:
    """Show the page of the running `server` in a window of its own; the server stops when it is closed.

    `window` holds arguments of pywebview's `create_window`. Needs a running loop. Raises `ServerError` where there can
    be no window.
    """
    desktop.check(window)
    settings = runtime_of(server).settings
    if not server.running or settings is None:
        raise ServerError(f"{server.name!r} has to run before there is a page to show")
    create_task(_show(server, settings, window))


async def _show(server: Server, settings: Settings, window: dict[str, Any]) -> None:
    runtime = runtime_of(server)
    debug = bool(server.options.get("desktop_debug"))
    url = page_url(settings, runtime.port, runtime.secret)
    await desktop.show(
        url, {"title": runtime.title, **window}, debug=debug, until=life_cycle_of(server).finished()
    )
    await server.stop()
