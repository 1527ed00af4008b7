"""A client of the REST interface of the server extension: plain calls that block."""

from __future__ import annotations

import ipaddress
import json
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, fields
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit

from jupyter_trame.command_line.jupyter_servers import JupyterServer, NoJupyterServerError
from jupyter_trame.doctor.report import Report
from jupyter_trame.doctor.report_reading import read_report
from jupyter_trame.errors import TrameError
from jupyter_trame.log_text import MESSAGE_LENGTH, foreign

__all__ = ["RegisteredEntry", "RestClient", "RestError", "RunningEntry"]

E = TypeVar("E", "RunningEntry", "RegisteredEntry")

_API = "trame/api/v1/"
_QUICK = 20.0
"""Seconds that an answer may take which the server has at once, or nearly so."""
_LONG = 120.0
"""Seconds that an examination may take, or a start by a server that answers only when the app is up."""
_PASSWORD_ALONE = (
    "; a server that has a password alone gets one when it is started with JUPYTER_TOKEN in its environment"
)
_TRACE_LENGTH = 20_000
"""Characters of a traceback that are shown."""


class RestError(TrameError):
    """The server did not do what was asked."""

    def __init__(self, message: str, *, status: int = 0, trace: str = "", install: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.trace = trace
        """The traceback of the app's own code; empty where it did not raise."""
        self.install = install
        """The command that installs what is missing; empty where nothing is."""


@dataclass(frozen=True, slots=True)
class RunningEntry:
    """An app that runs, as the server lists it; what an older server does not say has its default."""

    kernel_id: str
    slug: str
    name: str = ""
    title: str = ""
    app: str | None = None
    """The name under which it is registered; None for one that is not."""
    path: str | None = None
    """Its file or notebook, below the folder of the server."""
    owner: str = "other"
    """Who started its kernel: ``launcher``, ``file``, ``notebook`` or ``other``."""
    viewers: int = 0
    started: str | None = None
    """An ISO 8601 time; None where it is not known."""
    kernel_state: str = ""


@dataclass(frozen=True, slots=True)
class RegisteredEntry:
    """An app that can be started, as the server lists it."""

    name: str
    title: str = ""
    description: str = ""
    error: str | None = None
    """Why it cannot."""
    install: str | None = None
    """The command that installs what it lacks."""
    address: str = ""
    """Where its page is, below the server's address, if it needs no start."""
    needs_id: bool = False
    """Whether the address has ``{id}`` in it, for which there is something to be chosen."""


class RestClient:
    """Speaks with the extension of one Jupyter server. Any thread; each call blocks until its answer.

    All calls raise `NoJupyterServerError` where no server answers, and `RestError` where it refuses.
    """

    def __init__(self, server: JupyterServer, *, patience: float = _QUICK) -> None:
        """`patience` in seconds, for answers that the server has at once."""
        self.server = server
        self._patience = patience
        # A token for this machine is no business of a proxy.
        proxies: dict[str, str] | None = {} if _is_here(server.url) else None
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies), _NoRedirects)

    def running(self) -> list[RunningEntry]:
        """The apps that run."""
        return [_read(RunningEntry, document) for document in _list(self._call("GET", "servers"))]

    def registered(self) -> list[RegisteredEntry]:
        """The apps that can be started by their names."""
        return [_read(RegisteredEntry, document) for document in _list(self._call("GET", "apps"))]

    def start(self, name: str) -> RunningEntry:
        """Start the registered app `name` in a kernel of its own."""
        return self._started(f"apps/{quote(name, safe='')}", {})

    def check_startable(self, entry: RegisteredEntry) -> None:
        """Raises `RestError` for what has a page already: it is no app of trame, but a service."""
        if entry.address:
            raise RestError(
                f"{entry.name!r} is a service, whose page is {self.server.page_url}{entry.address}"
            )

    def run_file(self, path: str, args: list[str]) -> RunningEntry:
        """Start the file at `path`, below the server's folder, in a kernel of its own with the arguments `args`."""
        return self._started("files", {"path": path, "args": args})

    def stop(self, entry: RunningEntry) -> None:
        """End the app; its kernel as well where it is the app's alone."""
        self._call("DELETE", _path(entry))

    def restart(self, entry: RunningEntry) -> RunningEntry:
        """End the app and start it again under the same address."""
        return self._started(f"{_path(entry)}/restart", {})

    def viewers(self, entry: RunningEntry) -> int:
        """How many views show the app at this moment."""
        return len(_list(self._call("GET", f"{_path(entry)}/viewers")))

    def doctor(self, entry: RunningEntry | None = None) -> Report:
        """What the server says of its health, or of an app's."""
        document = self._call("GET", "doctor" if entry is None else f"{_path(entry)}/doctor", None, _LONG)
        try:
            return read_report(document)
        except ValueError as error:
            raise RestError(f"the server's report cannot be read: {error}") from None

    def page(self, entry: RunningEntry) -> str:
        """The address of the app's page, without the token."""
        return f"{self.server.page_url}trame/{quote(entry.kernel_id, safe='')}/{quote(entry.slug, safe='')}/"

    def _started(self, path: str, body: Mapping[str, Any]) -> RunningEntry:
        """Begin a start and wait for it, however long; the server answers in between, which proxies want."""
        document = self._call("POST", path, body, _LONG)
        while isinstance(document, dict) and "kernel_id" not in document and "id" in document:
            document = self._call("GET", f"starts/{quote(str(document['id']), safe='')}", None, _LONG)
        return _read(RunningEntry, document)

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, timeout: float | None = None
    ) -> Any:
        request = urllib.request.Request(
            f"{self.server.url}{_API}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Accept": "application/json", "Content-Type": "application/json"},
            method=method,
        )
        if self.server.token:
            request.add_unredirected_header("Authorization", f"token {self.server.token}")
        try:
            with self._opener.open(request, timeout=timeout or self._patience) as response:
                content = response.read()
        except HTTPError as error:
            with error:
                raise self._refusal(error, error.read()) from None
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(error, TimeoutError):  # of the answer; that of the connection comes as a `URLError`
                raise RestError(
                    f"the Jupyter server at {self.server.url} did not answer in {timeout or self._patience:g} s; what "
                    "was asked may still be done: see `jupyter trame list`"
                ) from None
            raise NoJupyterServerError(_no_answer(self.server.url, reason)) from None
        try:
            return json.loads(content) if content else None
        except ValueError:
            raise self._no_extension() from None

    def _refusal(self, error: HTTPError, content: bytes) -> TrameError:
        try:
            document = json.loads(content)
        except ValueError:
            document = None
        if isinstance(document, dict) and error.code not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            said, trace, install = (str(document.get(key) or "") for key in ("message", "trace", "install"))
            message = foreign(said or error.reason, MESSAGE_LENGTH)
            shown = foreign(trace, _TRACE_LENGTH, lines=True)
            return RestError(message, status=error.code, trace=shown, install=foreign(install))
        if error.code == HTTPStatus.NOT_FOUND:
            return self._no_extension()
        if error.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or error.code in range(300, 400):
            lacks, hint = "with this token", ""
            if not self.server.token:
                lacks, hint = "without a token", _PASSWORD_ALONE
            said = str(document.get("message") or "") if isinstance(document, dict) else ""
            # The phrase of the status alone is what a stranger gets.
            reason = f" ({foreign(said, MESSAGE_LENGTH)})" if said not in {"", error.reason} else ""
            return RestError(
                f"the Jupyter server at {self.server.url} does not allow it {lacks}{reason}: give one with --token, "
                f"or in the environment variable JUPYTER_TOKEN{hint}",
                status=error.code,
            )
        return RestError(
            f"the Jupyter server at {self.server.url} answered {error.code}: {foreign(error.reason)}",
            status=error.code,
        )

    def _no_extension(self) -> RestError:
        return RestError(
            f"what answers at {self.server.url} is no Jupyter server with this extension: install jupyter-trame where "
            "it runs, and start it again",
            status=HTTPStatus.NOT_FOUND,
            install="pip install --upgrade jupyter-trame",
        )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves them as errors: an interface leads nowhere else, but a hub leads to its login."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _no_answer(url: str, reason: object) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {url} is not trusted ({reason.verify_message}): give the file of one that is in the "
            "environment variable SSL_CERT_FILE"
        )
    return f"no Jupyter server answers at {url}: {reason}"


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _path(entry: RunningEntry) -> str:
    return f"servers/{quote(entry.kernel_id, safe='')}/{quote(entry.slug, safe='')}"


def _list(document: Any) -> list[Any]:
    if not isinstance(document, list):
        raise RestError(f"the server was to answer with a list, not with {foreign(json.dumps(document))}")
    return document


def _read(kind: type[E], document: Any) -> E:
    if not isinstance(document, dict):
        raise RestError(f"the server was to answer with an object, not with {foreign(json.dumps(document))}")
    names = {field.name for field in fields(kind)}
    try:
        return kind(**{name: value for name, value in document.items() if name in names})
    except TypeError:
        raise RestError(f"the server's answer lacks something: {foreign(json.dumps(document))}") from None
