"""Which Jupyter servers of this user run on this machine, and which one is meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jupyter_core.paths import jupyter_runtime_dir

from jupyter_trame.command_line import variables
from jupyter_trame.errors import TrameError
from jupyter_trame.log_text import foreign

__all__ = ["JupyterServer", "NoJupyterServerError", "find_server", "server_of_kernel"]

_UNIX = "http+unix"
_HOST = re.compile(r"[^/]*//[^/]*")
"""The beginning of an address, up to its path."""


class NoJupyterServerError(TrameError):
    """No Jupyter server was found or reached, or none is clearly meant; the message says what to do."""


@dataclass(frozen=True, slots=True)
class JupyterServer:
    """Where a Jupyter server is, and what it lets us in by."""

    url: str
    """With the slash at its end."""
    token: str = field(default="", repr=False)
    """Empty where none is known."""
    root: Path | None = None
    """The folder whose files it serves; None where that is not known."""
    public_url: str = ""
    """Of a hub's server: where browsers find it, which are signed in at the hub. Empty for any other."""

    @property
    def page_url(self) -> str:
        """What addresses of pages begin with, with the slash at its end."""
        return self.public_url or self.url

    @property
    def page_token(self) -> str:
        """What an address lets a browser in by; empty for a hub's server, since the hub's token is in no address."""
        return "" if self.public_url else self.token


def find_server(url: str | None = None, token: str | None = None) -> JupyterServer:
    """The server at `url`, or the one that runs, as ``jupyter server list`` finds it.

    `token` overrules the one that it has left for its user. Among several it is the one whose terminal this is. Raises
    `NoJupyterServerError`.
    """
    from jupyter_server.serverapp import list_running_servers

    running = [_read(info) for info in list_running_servers()]
    wanted = url or variables.own_server_url()
    given = token or variables.given_token()
    if wanted:
        found = next((each for each in running if each.url == _with_slash(wanted)), None)
        if found is None:
            found = JupyterServer(_checked(wanted))
    else:
        found = _only(running)
    return replace(found, token=_checked_token(given or found.token))


def server_of_kernel() -> JupyterServer:
    """The server that has started this kernel, on the same machine. Raises `NoJupyterServerError`."""
    folder = Path(jupyter_runtime_dir())
    for process in variables.parent_processes():
        try:
            info = json.loads((folder / f"jpserver-{process}.json").read_text("utf-8"))
        except (OSError, ValueError):
            continue
        found = _read(info)
        return replace(found, token=variables.given_token() or found.token)
    raise NoJupyterServerError(
        "no Jupyter server of this machine has started this kernel, so only its own apps are known here"
    )


def _read(info: Mapping[str, Any]) -> JupyterServer:
    """The server that has left `info`; one of a hub leaves no token, since the hub's is good for it."""
    url, token, root = (str(info.get(key) or "") for key in ("url", "token", "root_dir"))
    server = JupyterServer(_with_slash(url), token, Path(root) if root else None)
    if token or not variables.hub_token() or urlsplit(server.url).path != variables.hub_prefix():
        return server
    return replace(server, token=variables.hub_token(), public_url=_with_slash(variables.hub_public_url()))


def _only(running: Iterable[JupyterServer]) -> JupyterServer:
    known = list(running)
    if not known:
        raise NoJupyterServerError(
            "no Jupyter server runs here: start one with `jupyter lab`, or say with --url where it is"
        )
    if len(known) > 1:
        raise NoJupyterServerError(
            f"say with --url which Jupyter server is meant: {', '.join(foreign(each.url) for each in known)}"
        )
    if known[0].url.startswith(_UNIX):
        raise NoJupyterServerError(
            "the Jupyter server listens on a Unix socket, which this command does not reach: start it with a port"
        )
    return known[0]


def _checked(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise NoJupyterServerError(
            f"--url is the address of a Jupyter server, such as http://localhost:8888/, not {url!r}"
        )
    if "?" in url or "#" in url:
        raise NoJupyterServerError(
            "--url ends with the path of the Jupyter server, before any ? or #; its token is given by --token"
        )
    try:
        parts = urlsplit(url)
        known = (parts.hostname, parts.port)
    except ValueError as error:
        raise NoJupyterServerError(f"--url is no address of a Jupyter server: {error}") from None
    if parts.username is not None:
        raise NoJupyterServerError(
            "--url is an address without a user and a password; the token of the server is given by --token"
        )
    if not known[0]:
        raise NoJupyterServerError(f"--url names no host, such as http://localhost:8888/ does: {url!r}")
    return _with_slash(url)


def _checked_token(token: str) -> str:
    """A header of HTTP has nothing else in it."""
    if not (token.isascii() and token.isprintable()):
        raise NoJupyterServerError(
            "a token is one line of ASCII characters: look at --token, and at the environment variable JUPYTER_TOKEN"
        )
    return token


def _with_slash(url: str) -> str:
    """`url` as programs send it: what people write into a path may have spaces."""
    host = _HOST.match(url)
    split = host.end() if host else 0
    path = quote(url[split:], safe="/%:@!$&'()*+,;=~")
    return url[:split] + (path if path.endswith("/") else f"{path}/")
