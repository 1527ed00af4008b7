"""Pages, files, redirects, request services and the overview of services."""

from __future__ import annotations

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any

from tornado.web import HTTPError

from jupyter_trame.extension.narvi_answers import NarviAnswers
from jupyter_trame.extension.narvi_files import NarviFiles
from jupyter_trame.extension.narvi_services import NarviServices
from jupyter_trame.extension.narvi_trame import TramePages
from jupyter_trame.extension.rights import requires
from jupyter_trame.files.page_policy import PagePolicy
from jupyter_trame.services.addresses import CONNECT, PAGE, STATUS, Admin, ServiceAddress, refused_id

__all__ = ["NarviPages"]


class NarviPages(NarviAnswers):
    """``narvi/...`` and ``narvi-admin``: who may read kernels sees pages, who may execute in them everything."""

    def initialize(self, *, narvi: NarviServices, pages: TramePages, policy: PagePolicy) -> None:
        """`policy` is the deployment's."""
        super().initialize()
        self._narvi = narvi
        self._pages = pages
        self._policy = policy

    @requires("read", "kernels")
    async def get(self) -> None:
        """A page, a file, a redirect, a status, the overview, or what a service answers."""
        await self._answer(include_body=True)

    @requires("read", "kernels")
    async def head(self) -> None:
        """Status and headers of `get`."""
        await self._answer(include_body=False)

    @requires("execute", "kernels")
    async def put(self) -> None:
        """What a service answers."""
        await self._answer(include_body=True)

    post = delete = put

    def compute_etag(self) -> str | None:
        """That of a file; what services answer has their own, or none."""
        return self._etag

    async def _answer(self, *, include_body: bool) -> None:
        narvi = self._narvi
        await narvi.look()
        found = narvi.find(self.narvi_path, self.request.query or "")
        runs_code = False
        if isinstance(found, ServiceAddress) and found.app is not None:
            files = NarviFiles(found.app, narvi.elsewhere(found.app))
            if await self._sent_file(found, files, include_body=include_body):
                return
            runs_code = found.rest not in {PAGE, STATUS, CONNECT}
        if (runs_code or isinstance(found, Admin)) and self.request.method in {"GET", "HEAD"}:
            await self._need_execute()
        self.give(await narvi.front.answer(self.web_request(may_administer=True)))

    async def _sent_file(self, address: ServiceAddress, files: NarviFiles, *, include_body: bool) -> bool:
        """Whether there is a file at `address`, and the answer is that, or that its service id is refused."""
        if self.request.method not in {"GET", "HEAD"} or address.rest in {STATUS, CONNECT}:
            return False
        trame = address.is_trame_app
        if not trame and (await files.find(address.rest)).status != HTTPStatus.OK:
            return False
        asks = address.rest == PAGE or not self._narvi.host.known.runs(address)
        if asks and not await self._narvi.front.accepts(address):
            self.give(refused_id(self._narvi.registry, address, self.request.query or ""))
            return True
        if trame:
            await self._pages.send(self, address, include_body=include_body)
            return True
        await self.send_file(
            files,
            address.rest,
            include_body=include_body,
            is_page=address.rest == PAGE,
            finds_server=False,
        )
        return True

    async def _need_execute(self) -> None:
        """What runs code of a service, or shows all of them, is for who may do so; the other methods have asked."""
        allowed: Any = self.authorizer.is_authorized(self, self.current_user, "execute", "kernels")
        if not (await allowed if isinstance(allowed, Awaitable) else allowed):
            raise HTTPError(403)
