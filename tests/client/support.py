"""Servers for the client: ours on a port and in the process, and trame's own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from trame_server import Server as StockServer

from jupyter_trame.client import Client
from jupyter_trame.server import Server, runtime_of

TIMEOUT = 20
KINDS = ("socket", "inside", "stock")


class Place:
    """A running server and the way to it."""

    def __init__(self, kind: str, server: Any) -> None:
        self.kind = kind
        self.server = server

    @property
    def secret(self) -> str:
        return "wslink-secret" if self.kind == "stock" else str(runtime_of(self.server).secret)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/?secret={self.secret}"

    def client(self, **options: Any) -> Client:
        return Client.to(self.server, **options) if self.kind == "inside" else Client(self.url, **options)


@asynccontextmanager
async def running(kind: str, build: Callable[[Any], object] | None = None) -> AsyncIterator[Place]:
    """A server of this kind that `build` made an app of."""
    server: Any = StockServer("app") if kind == "stock" else Server("app")
    server.state.count = 1
    if build is not None:
        build(server)
    server.start(
        exec_mode="task", port=0, host="127.0.0.1", open_browser=False, show_connection_info=False, timeout=0
    )
    async with asyncio.timeout(TIMEOUT):
        await server.ready
        try:
            yield Place(kind, server)
        finally:
            await server.stop()


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that a turn of the loop brings about."""
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - servers of three kinds have no event in common
            await asyncio.sleep(0)
