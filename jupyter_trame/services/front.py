"""What a request is answered with, on every host: hosts only carry it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from jupyter_trame.files.media_types import content_type
from jupyter_trame.services.addresses import (
    CONNECT,
    PAGE,
    STATUS,
    Admin,
    Meaning,
    Redirect,
    Refusal,
    ServiceAddress,
    meaning,
    refused_id,
)
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import ServiceFailedError
from jupyter_trame.services.patterns import parse_query
from jupyter_trame.services.service_host import ReservedSession, ServiceHost
from jupyter_trame.services.service_messages import (
    METHODS,
    ServiceAnswer,
    ServiceRequest,
    Visitor,
    visible_headers,
)

__all__ = ["Ask", "FileAnswer", "Front", "FrontAnswer", "WebRequest"]

_ASKED_WITHIN = 2.0
"""Seconds in which the code that knows which service ids there are has to answer."""

JSON = content_type("answer.json")


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A request as it came."""

    method: str
    path: str
    """Raw, without the query."""
    query: str = ""
    """Raw."""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    may_administer: bool = False
    """Whether who asks may see the overview."""


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """The answer is this file."""

    path: Path
    address: str
    """What was asked for, below the app: its type is that of this name."""
    is_page: bool


FrontAnswer = Redirect | Refusal | FileAnswer | ServiceAnswer
Ask = Callable[[RegisteredService, str], Awaitable[bool]]
"""Whether there is a service id, where code of the user has to say it."""


class Front:
    """Answers requests and lets websockets in. On the loop of its `ServiceHost`."""

    def __init__(
        self,
        host: ServiceHost,
        ask: Ask,
        *,
        find_file: Callable[[ServiceAddress], Path | None] | None = None,
        request_timeout: float = 30.0,
    ) -> None:
        """`ask` is called for ids that only code of the user knows. `request_timeout`: seconds a handler has.

        `find_file` looks for a file of an app; its own disk is looked at without it.
        """
        self._host = host
        self._registry = host.registry
        self._ask = ask
        self._find_file = find_file or _on_disk
        self._request_timeout = request_timeout

    def find(self, path: str) -> Meaning:
        """What an address means."""
        return meaning(self._registry, path)

    async def answer(self, request: WebRequest) -> FrontAnswer:
        """What to answer. Cancelling is safe."""
        found = meaning(self._registry, request.path, request.query)
        reads = request.method in {"GET", "HEAD"}
        if isinstance(found, Refusal):
            return found
        if isinstance(found, ServiceAddress):
            return await self._at_service(found, request, reads=reads)
        if not reads:
            return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "405: this address can only be read")
        if isinstance(found, Redirect):
            return found
        return self._admin(found, request)

    async def admit(self, request: WebRequest) -> ReservedSession | Refusal:
        """Let a websocket in, or say why not, before the upgrade. Cancelling is safe: no place is kept."""
        found = meaning(self._registry, request.path, request.query)
        if not isinstance(found, ServiceAddress):
            return (
                found
                if isinstance(found, Refusal)
                else Refusal(HTTPStatus.NOT_FOUND, "404: no websocket is here")
            )
        if found.rest != CONNECT:
            return Refusal(HTTPStatus.NOT_FOUND, "404: no websocket is here")
        if not await self.accepts(found):
            refused = refused_id(self._registry, found)
            assert isinstance(refused, Refusal)
            return refused
        visitor = Visitor(
            self._host.new_session_id(),
            found.app_name,
            parse_query(request.query),
            visible_headers(request.headers),
        )
        try:
            return await self._host.admit(found, visitor)
        except ServiceFailedError as error:
            return _refusal(error)

    async def accepts(self, address: ServiceAddress) -> bool:
        """Whether the service id of `address` is one. Who takes too long to say it has refused it."""
        service, service_id = address.service, address.service_id
        decided = service.decided_without_asking(service_id)
        if decided is not None:
            return decided
        rule = service.id_rule
        if rule.described is not None and rule.expression is None:
            return rule.accepts(service_id)
        ask = self._ask if rule.expression is None else self._host.expressions.accept
        try:
            async with asyncio.timeout(_ASKED_WITHIN):
                return await ask(service, service_id)
        except TimeoutError:
            service.complaints.warn(
                "the validator of service %s has not answered within %g seconds, which counts as refused",
                service.app_service_name,
                _ASKED_WITHIN,
            )
            return False

    def _admin(self, _: Admin, request: WebRequest) -> FrontAnswer:
        if not request.may_administer:
            return Refusal(HTTPStatus.FORBIDDEN, "403: the overview is for who administers this server")
        return _json(self._host.known.overview())

    async def _at_service(self, address: ServiceAddress, request: WebRequest, *, reads: bool) -> FrontAnswer:
        rest = address.rest
        if reads and rest == STATUS:
            return self._status(address)
        if rest == CONNECT:
            # A page whose socket was refused sees no reason, and asks here for it.
            failed = self._host.known.status(address)
            if isinstance(failed, str):
                return Refusal(HTTPStatus.BAD_GATEWAY, f"502: {failed}")
            objection = self._host.objection(address)
            if objection is not None:
                return _refusal(objection)
            return Refusal(HTTPStatus.UPGRADE_REQUIRED, "426: this address is for websockets")
        # Who has come to a page was accepted there; what the page then asks for need not ask again.
        if (rest == PAGE or not self._host.known.runs(address)) and not await self.accepts(address):
            return refused_id(self._registry, address, request.query)
        file = self._find_file(address) if reads else None
        if file is not None:
            return FileAnswer(file, rest, rest == PAGE)
        return await self._by_handler(address, request)

    async def _by_handler(self, address: ServiceAddress, request: WebRequest) -> FrontAnswer:
        method = "GET" if request.method == "HEAD" else request.method
        if method not in METHODS:
            return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "405: services answer GET, PUT, POST and DELETE")
        asked = ServiceRequest(
            address.app_name,
            method,
            address.rest,
            parse_query(request.query),
            visible_headers(request.headers),
            request.body,
        )
        answer = await self._host.traffic.answer(address, asked, self._request_timeout)
        return answer or Refusal(HTTPStatus.NOT_FOUND, f"404: {address.app_name} has nothing at this address")

    def _status(self, address: ServiceAddress) -> FrontAnswer:
        found = self._host.known.status(address)
        if found is None:
            return Refusal(HTTPStatus.NOT_FOUND, "404: the service does not run")
        if isinstance(found, str):
            return Refusal(HTTPStatus.BAD_GATEWAY, f"502: {found}")
        return _json(found)


def _refusal(error: ServiceFailedError) -> Refusal:
    return Refusal(error.status, f"{error.status.value}: {error}", error.retry_after)


def _on_disk(address: ServiceAddress) -> Path | None:
    return None if address.app is None else address.app.resources.find(address.rest)


def _json(content: object) -> ServiceAnswer:
    return ServiceAnswer(HTTPStatus.OK, json.dumps(content).encode(), JSON, {"Cache-Control": "no-store"})
