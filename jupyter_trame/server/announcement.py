"""What a program that serves an app prints at its start: a greeting, and where the app is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from jupyter_trame.errors import ServerError
from jupyter_trame.server.backends import announcement

if TYPE_CHECKING:
    from jupyter_trame.server.server import Server

__all__ = ["print_banner", "print_informations"]

_BANNER = r"""
     _                   _               _
    (_)_  _ _ __ _  _ __| |_ ___ _ _   _| |_ _ _ __ _ _ __  ___
    | | || | '_ \ || / _|  _/ -_) '_| (_   _| '_/ _` | '  \/ -_)
   _/ |\_,_| .__/\_, \__|\__\___|_|     |_| |_| \__,_|_|_|_\___|
  |__/     |_|   |__/
"""


def print_informations(server: Server) -> None:
    """Print where the running `server` is found. Raises `ServerError` before it has started."""
    runtime = server._runtime
    if runtime.settings is None:
        raise ServerError("the server has not started, so there is no address to print")
    announcement.show(runtime.settings, runtime.port, runtime.secret)


def print_banner(**_: object) -> None:
    """Print the greeting."""
    sys.stdout.write(_BANNER)
    sys.stdout.flush()
