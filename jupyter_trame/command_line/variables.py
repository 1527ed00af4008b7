"""The arguments of the process, and what its environment says of Jupyter servers: nothing else here reads them."""

import os
import sys
from collections.abc import Mapping

__all__ = [
    "arguments",
    "given_token",
    "hub_prefix",
    "hub_public_url",
    "hub_token",
    "own_server_url",
    "parent_processes",
]


def arguments() -> list[str]:
    """Those that the process was started with."""
    return sys.argv[1:]


def given_token(environ: Mapping[str, str] | None = None) -> str:
    """``JUPYTER_TOKEN``, by which users give Jupyter's programs a token; else empty."""
    return _environment(environ).get("JUPYTER_TOKEN", "")


def hub_token(environ: Mapping[str, str] | None = None) -> str:
    """The token by which a server of JupyterHub may be asked from within it; else empty."""
    return _environment(environ).get("JUPYTERHUB_API_TOKEN", "")


def hub_prefix(environ: Mapping[str, str] | None = None) -> str:
    """The path of the server that JupyterHub has started for the user; else empty."""
    return _environment(environ).get("JUPYTERHUB_SERVICE_PREFIX", "")


def hub_public_url(environ: Mapping[str, str] | None = None) -> str:
    """Where browsers find that server; only its path, where the hub does not tell its host."""
    known = _environment(environ)
    return known.get("JUPYTERHUB_PUBLIC_URL", "") or known.get("JUPYTERHUB_HOST", "") + hub_prefix(environ)


def own_server_url(environ: Mapping[str, str] | None = None) -> str:
    """The address of the Jupyter server whose terminal this is; else empty."""
    return _environment(environ).get("JUPYTER_SERVER_URL", "")


def parent_processes(environ: Mapping[str, str] | None = None) -> list[int]:
    """Which processes may have started this kernel, by their ids, the likeliest first."""
    named = _environment(environ).get("JPY_PARENT_PID", "")  # no id on Windows, but the handle of one
    return [int(named), os.getppid()] if named.isdecimal() else [os.getppid()]


def _environment(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ
