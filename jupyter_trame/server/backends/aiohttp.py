"""aiohttp's web server in front of a server, for apps that add aiohttp routes; the extra ``jupyter_trame[aiohttp]``."""

from __future__ import annotations

import asyncio

from aiohttp import hdrs, web

from jupyter_trame.server.backends.front import Address, bind
from jupyter_trame.server.backends.site import LAUNCHER, NO_LAUNCHER, NO_UPGRADE, Found, Site
from jupyter_trame.transports.aiohttp import AiohttpSocket, AiohttpTransport

__all__ = ["AiohttpFront", "AiohttpWeb"]

_GOODBYE_TIMEOUT = 0.5
"""Seconds that the last requests and clients have when the server stops."""


class AiohttpWeb:
    """What `on_server_bind` gets."""

    def __init__(self, app: web.Application) -> None:
        self.app = app
        """Add routes as in any aiohttp application; they come before the server's files."""


class AiohttpFront:
    """See `Front`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._app = web.Application()
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self.web = AiohttpWeb(self._app)
        endpoint = site.settings.endpoint
        if endpoint is not None:
            self._app.router.add_get(f"/{endpoint}", self._socket, allow_head=False)

    async def listen(self, address: Address) -> int:
        """See `Front`. Routes cannot be added any more."""
        sock = bind(address)
        try:
            add = self._app.router.add_route
            add("*", f"/{LAUNCHER}", _no_launcher)
            add("*", f"/{LAUNCHER}/", _no_launcher)
            self._app.router.add_get("/", self._index)
            self._app.router.add_get("/{path:.*}", self._file)
            runner = self._runner = web.AppRunner(
                self._app, access_log=None, shutdown_timeout=_GOODBYE_TIMEOUT, handle_signals=False
            )
            await runner.setup()
            assert runner.server is not None
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(runner.server, sock=sock, ssl=address.ssl)
        except BaseException:
            sock.close()
            raise
        return int(sock.getsockname()[1])

    def close(self) -> None:
        """See `Front`."""
        if self._server is not None:
            self._server.close()

    async def closed(self) -> None:
        """See `Front`; what does not end in time is cut off."""
        if self._runner is not None:
            await self._runner.cleanup()

    # -- answers

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        """A client's connection; the hello asks for the secret."""
        if request.headers.get(hdrs.UPGRADE, "").lower() != "websocket":
            return web.Response(status=426, text=NO_UPGRADE, headers={hdrs.UPGRADE: "websocket"})
        headers = request.headers
        forwarded = headers.get("X-Forwarded-Host")
        if not self._site.may_connect(headers.get(hdrs.ORIGIN), headers.get(hdrs.HOST, ""), forwarded):
            return web.Response(status=403, text="403: a page of another origin may not connect")
        socket = AiohttpSocket(frame_limit=self._site.frame_limit, heart_beat=self._site.heart_beat)
        await socket.prepare(request)
        if request.transport is None:  # it hung up meanwhile
            return socket
        transport = AiohttpTransport(request, socket)
        port = self._site.connected(transport, request)
        try:
            await socket.receive_into(port)
        finally:
            self._site.disconnected(port, socket.close_code)
            await transport.finished()
        return socket

    async def _index(self, request: web.Request) -> web.Response:
        """302, with the query, relative: the server may lie under any prefix of a proxy."""
        if not self._site.settings.http:
            return _refusal(404)
        query = request.rel_url.raw_query_string
        location = f"index.html?{query}" if query else "index.html"
        return web.Response(status=302, headers={hdrs.LOCATION: location})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = self._site.find(request.match_info["path"])
        return _refusal(found) if isinstance(found, int) else _file_response(found)


def _file_response(found: Found) -> web.FileResponse:
    return web.FileResponse(found.path, headers={hdrs.CONTENT_TYPE: found.content_type, **found.headers})


def _refusal(status: int) -> web.Response:
    return web.Response(status=status, text=f"{status}: {'Forbidden' if status == 403 else 'Not Found'}")


async def _no_launcher(_: web.Request) -> web.Response:
    return web.Response(status=405, text=NO_LAUNCHER)
