"""What a program prints: a greeting at its start, and where the page is once its server is up."""

import logging
import socket
import sys
from urllib.parse import quote

from jupyter_trame.runtime.settings import DEFAULT_SECRET, Settings, is_loopback
from jupyter_trame.web.hosts import ANY_INTERFACE

__all__ = ["logger", "page_url", "print_banner", "say", "show"]

logger = logging.getLogger("jupyter_trame.http")

_BANNER = r"""
     _                   _               _
    (_)_  _ _ __ _  _ __| |_ ___ _ _   _| |_ _ _ __ _ _ __  ___
    | | || | '_ \ || / _|  _/ -_) '_| (_   _| '_/ _` | '  \/ -_)
   _/ |\_,_| .__/\_, \__|\__\___|_|     |_| |_| \__,_|_|_|_\___|
  |__/     |_|   |__/
"""


def print_banner(**_: object) -> None:
    """Print the greeting."""
    sys.stdout.write(_BANNER)
    sys.stdout.flush()


def page_url(settings: Settings, port: int, secret: str, host: str | None = None) -> str:
    """Address of the page, with the secret unless every client knows it."""
    name = settings.host if host is None else host
    name = "localhost" if name in ANY_INTERFACE else name
    name = f"[{name}]" if ":" in name else name
    query = "" if secret == DEFAULT_SECRET else f"?secret={quote(secret, safe='')}"
    return f"{'https' if settings.ssl else 'http'}://{name}:{port}/{query}"


def show(settings: Settings, port: int, secret: str) -> None:
    """Print the addresses of a server; the second one where others can reach it."""
    network = None
    if not is_loopback(settings.host):
        host = _own_address() if settings.host in ANY_INTERFACE else settings.host
        network = page_url(settings, port, secret, host)
    say(page_url(settings, port, secret), network)


def say(local: str, network: str | None) -> None:
    """Print two addresses to the standard output; programs that run apps wait for the text ``App running at:``."""
    lines = ["", "App running at:", f" - Local:   {local}"]
    if network is not None:
        lines.append(f" - Network: {network}")
    lines += ["", "Note that for multi-users you need to use and configure a launcher.", ""]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()


def _own_address() -> str:
    """The address by which others reach this machine, as far as it knows; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
            return str(sock.getsockname()[0])
        except OSError:
            return socket.gethostname()
