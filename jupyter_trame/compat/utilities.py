"""Small functions of ``trame_server.utils`` that nothing else here needs."""

from importlib.metadata import PackageNotFoundError, version

from jupyter_trame.server import Server

__all__ = ["get_version", "open_browser"]


def get_version(package: str) -> str | None:
    """The version of an installed distribution; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def open_browser(server: Server) -> None:
    """Show the page of the running `server` in the browser of this machine."""
    server.open()
