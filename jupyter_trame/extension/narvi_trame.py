"""Trame apps as services: the page and its files are those of a trame server, whose relay its socket joins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tornado.web import HTTPError

from jupyter_trame.extension.narvi_answers import NarviAnswers
from jupyter_trame.extension.narvi_instance import KernelInstance
from jupyter_trame.extension.narvi_services import NarviServices
from jupyter_trame.extension.page import built_page
from jupyter_trame.extension.relay import Relay
from jupyter_trame.extension.relays import Relays
from jupyter_trame.extension.rights import socket_requires
from jupyter_trame.extension.websocket import TrameSocket
from jupyter_trame.files.media_types import content_type
from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.link import PageFiles
from jupyter_trame.services.addresses import CONNECT, PAGE, TRAME_SOCKET, Refusal, ServiceAddress
from jupyter_trame.services.front import WebRequest
from jupyter_trame.services.instance import ServiceInstance
from jupyter_trame.services.service_host import ReservedSession
from jupyter_trame.services.service_session import ServiceSession

__all__ = ["NarviTrameSocket", "TramePages"]

_STATIC = "../../../../static/"
"""The static folder, seen from ``narvi/<workspace>/<app>/<service id>/``."""


class TramePages:
    """The page of all apps that are services, and what it loads."""

    def __init__(self, narvi: NarviServices, relays: Relays, static: Path) -> None:
        """`static` holds the built client."""
        self._narvi = narvi
        self._relays = relays
        self._static = static

    async def relay(self, instance: ServiceInstance | None) -> Relay | None:
        """That of the server of `instance`; None where there is none."""
        if not isinstance(instance, KernelInstance) or instance.trame_slug is None:
            return None
        return await self._relays.find(str(instance.kernel_id), instance.trame_slug)

    async def send(self, handler: NarviAnswers, address: ServiceAddress, *, include_body: bool) -> None:
        """Answer with the page, which is there before its app runs, or with a file of the app."""
        # Whose page it will be is known when it connects; all instances of a service have the same files.
        relay = await self.relay(self._narvi.host.known.an_instance(address))
        folders = {} if relay is None else (await relay.files.known_page_files()).folders
        if relay is not None and (address.rest != PAGE or "" in folders):
            await handler.send_file(
                relay.files, address.rest, include_body=include_body, is_page=address.rest == PAGE
            )
        elif address.rest == PAGE:
            handler.set_header("Content-Type", content_type(PAGE))
            handler.add_page_headers(PageFiles() if relay is None else relay.files.page_files)
            handler.finish(built_page(self._static / PAGE, _STATIC) if include_body else None)
        else:
            raise HTTPError(404)


class NarviTrameSocket(TrameSocket, NarviAnswers):
    """``narvi/<workspace>/<app>/<service id>/ws`` of a trame app: a session, and a client of its server."""

    _reserved: ReservedSession | None = None
    _session: ServiceSession | None = None

    def initialize(  # type: ignore[override] # what it is given is other than its base is
        self, *, narvi: NarviServices, pages: TramePages, relays: Relays, ping_interval: float
    ) -> None:
        """See `TrameSocket`."""
        super().initialize(relays=relays, ping_interval=ping_interval)
        self._narvi = narvi
        self._pages = pages

    @socket_requires("execute", "kernels")
    async def get(self) -> None:  # type: ignore[override] # the address is that of a service
        """Upgrade, once an instance of the app runs."""
        if not self.check_origin():
            raise HTTPError(403)
        await self._narvi.look()
        asked = self.web_request()
        path = f"{asked.path.removesuffix(TRAME_SOCKET)}{CONNECT}"
        found = self._narvi.find(path)
        if not isinstance(found, ServiceAddress) or not found.is_trame_app:
            raise HTTPError(404, "no trame app is at %s", foreign(asked.path))
        reserved = await self._narvi.front.admit(WebRequest("GET", path, asked.query, asked.headers))
        if isinstance(reserved, Refusal):
            self.give(reserved)
            return
        self._reserved = reserved
        try:
            relay = await self._pages.relay(reserved.instance)
            if relay is None:
                raise HTTPError(502, "the server of the app does not answer")
            self._target = (relay.kernel_id, relay.slug)
            await TrameSocket.upgrade(self)
        finally:
            reserved.release()

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Become a session, and a client of the server's replica."""
        super().open(*args, **kwargs)
        assert self._reserved is not None
        self._session = self._reserved.open(_Port(self))

    def on_close(self) -> None:
        """End both."""
        super().on_close()
        session, self._session = self._session, None
        if session is not None:
            session.ended()


class _Port:
    """See `SessionPort`: the app speaks to its pages by its own wire."""

    def __init__(self, handler: NarviTrameSocket) -> None:
        self._handler = handler

    def send(self, data: bytes, *, text: bool) -> None:
        """The greeting of a session, which a trame page does not wait for."""

    def close(self, code: int, reason: str) -> None:
        """The instance has ended; the page connects again, and has another one start."""
        self._handler.close(code, reason)
