"""What an address means, on every host. Addresses are raw paths, as they stand in a request, without the query."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from jupyter_trame.services.entries import RegisteredService, ServiceApp
from jupyter_trame.services.patterns import decode_segments
from jupyter_trame.services.service_registry import ServiceRegistry

__all__ = [
    "CONNECT",
    "PAGE",
    "STATUS",
    "TRAME_SOCKET",
    "Admin",
    "Meaning",
    "Redirect",
    "Refusal",
    "ServiceAddress",
    "app_address",
    "meaning",
    "refused_id",
]

PAGE = "index.html"
CONNECT = "connect"
STATUS = "status"
TRAME_SOCKET = "ws"
"""Where the page of a trame app finds its socket, beside itself."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """The client is to ask elsewhere: always 307, and relative, since a proxy may have put anything in front."""

    location: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """There is nothing for the client; the text says why."""

    status: HTTPStatus
    text: str
    retry_after: int | None = None
    """Seconds after which it may be otherwise."""


@dataclass(frozen=True, slots=True)
class Admin:
    """The overview of all workspaces, for who may see it."""


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """An address below a service id, if that is accepted; see `refused_id` for where it is not."""

    service: RegisteredService
    app: ServiceApp | None
    """None where the address has the name of the service: of those only `CONNECT` and `STATUS` exist."""
    service_id: str
    rest: str
    """What follows, raw: `PAGE`, `CONNECT`, `STATUS`, or a file or pattern of the app."""

    @property
    def app_name(self) -> str:
        """The name in the address."""
        return self.service.app_service_name if self.app is None else self.app.app_name

    @property
    def is_trame_app(self) -> bool:
        """Whether page and files are those of a trame app."""
        return self.app is not None and self.service.settings.get("app") is not None


Meaning = Redirect | Refusal | Admin | ServiceAddress


def meaning(registry: ServiceRegistry, path: str, query: str = "") -> Meaning:
    """What `path` is. Nothing is read, and nobody asked: the service id of a `ServiceAddress` may be refused."""
    if path == registry.admin_path:
        return Admin()
    redirection = registry.redirection(path)
    if redirection is not None:
        target = app_address(registry.base_path, redirection.workspace, redirection.app_name)
        return _redirect(posixpath.relpath(target, posixpath.dirname(path)), query)
    base = registry.base_path
    if not path.startswith(f"{base}/"):
        return _nothing()
    raw = path[len(base) + 1 :]
    segments = decode_segments(raw)
    # Every client has taken these out, unless somebody is after something.
    if segments is None or {".", ".."} & set(segments):
        return _nothing()
    return _below_base(registry, raw.split("/"), segments, query)


def refused_id(registry: ServiceRegistry, place: ServiceAddress, query: str = "") -> Redirect | Refusal:
    """What `place` is where its service id is not accepted: its page leads to the chooser."""
    if place.rest == PAGE and place.app is not None:
        chooser = _chooser(registry, place.app)
        if chooser is not None:
            return _redirect(f"../../{_quoted(chooser)}/{PAGE}", query)
    return Refusal(
        HTTPStatus.NOT_FOUND, f"404: {place.app_name} in {place.service.workspace} has no such service id"
    )


def app_address(base_path: str, workspace: str, app_name: str, service_id: str | None = None) -> str:
    """The path of an app's page."""
    middle = "" if service_id is None else f"{_quoted(service_id)}/"
    return f"{base_path}/{_quoted(workspace)}/{_quoted(app_name)}/{middle}{PAGE}"


def _below_base(registry: ServiceRegistry, raw: list[str], segments: list[str], query: str) -> Meaning:
    """The address with the segments, raw and decoded, below the base path."""
    if len(segments) < 2:
        return _nothing()
    workspace, name, rest = segments[0], segments[1], raw[2:]
    app = registry.app(workspace, name)
    service = registry.service(workspace, name) if app is None else registry.service_of(app)
    if service is None:
        return Refusal(HTTPStatus.NOT_FOUND, "404: there is no such app")
    if app is None and not (len(rest) == 2 and rest[1] in {CONNECT, STATUS}):
        return Refusal(HTTPStatus.NOT_FOUND, "404: there is no such app")
    if not rest or rest == [""]:
        return _redirect(PAGE if rest else f"{_quoted(name)}/{PAGE}", query)
    if app is not None and rest == [PAGE]:
        return _page_without_id(registry, app, service, query)
    if len(rest) == 1 or rest[1:] == [""]:
        return _redirect(f"{_quoted(segments[2])}/{PAGE}" if len(rest) == 1 else PAGE, query)
    return ServiceAddress(service, app, segments[2], "/".join(rest[1:]))


def _page_without_id(
    registry: ServiceRegistry, app: ServiceApp, service: RegisteredService, query: str
) -> Meaning:
    if service.fixed_service_id is not None:
        return _redirect(f"{_quoted(service.fixed_service_id)}/{PAGE}", query)
    chooser = _chooser(registry, app)
    if chooser is not None:
        return _redirect(f"../{_quoted(chooser)}/{PAGE}", query)
    return Refusal(
        HTTPStatus.NOT_FOUND,
        f"404: the address of {app.app_name} needs a service id: .../{app.app_name}/ID/{PAGE}",
    )


def _chooser(registry: ServiceRegistry, app: ServiceApp) -> str | None:
    """Where a client without an id of `app` is sent, if that leads anywhere."""
    chooser = app.service_chooser_app_name
    found = None if chooser is None else registry.app(app.workspace, chooser)
    return chooser if found is not None and registry.has_way_in(found) else None


def _redirect(location: str, query: str) -> Redirect:
    return Redirect(f"{location}?{query}" if query else location)


def _nothing() -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND, "404: there is nothing at this address")


def _quoted(segment: str) -> str:
    # A colon would make the first segment of a relative address a scheme.
    return quote(segment, safe="")
