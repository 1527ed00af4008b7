"""This package with trame's manners, and trame-server itself: what holds for both is what apps rely on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from jupyter_trame.client import Client

__all__ = ["OURS", "TIMEOUT", "TRAME", "Peer", "both", "live", "record", "until"]

TIMEOUT = 20


@dataclass(frozen=True)
class Peer:
    """One of the two implementations."""

    name: str
    package: str
    """Under which its modules are imported."""

    def module(self, name: str) -> ModuleType:
        """``trame_server.<name>``."""
        return import_module(f"{self.package}.{name}" if name else self.package)

    def server(self, name: str = "contract", *args: Any, **options: Any) -> Any:
        return self.module("").Server(name, *args, **options)

    def state(self, *args: Any, **options: Any) -> Any:
        """A state of its own, or a view of ``internal``."""
        return self.module("state").State(*args, **options)

    def controller(self, *args: Any, **options: Any) -> Any:
        return self.module("controller").Controller(*args, **options)

    def translator(self, *args: Any) -> Any:
        return self.module("utils.namespace").Translator(*args)


OURS = Peer("ours", "jupyter_trame.compat.trame_server")
TRAME = Peer("trame", "trame_server")

both = pytest.mark.parametrize("peer", [OURS, TRAME], ids=lambda peer: peer.name)
"""The test shows what ours does and that trame-server does the same."""


def record(peer: Peer, **options: Any) -> tuple[Any, list[dict[str, Any]]]:
    """A ready state, and what it pushes."""
    pushes: list[dict[str, Any]] = []
    state = peer.state(commit_fn=lambda changes: pushes.append(dict(changes)), ready=True, **options)
    return state, pushes


@asynccontextmanager
async def live(
    peer: Peer, build: Callable[[Any], object] | None = None, **options: Any
) -> AsyncIterator[tuple[Any, Callable[[], Client]]]:
    """A server on a port of its own, made an app by `build`, and what makes clients of it."""
    server = peer.server()
    if build is not None:
        build(server)
    start = {"port": 0, "host": "127.0.0.1", "open_browser": False, "timeout": 0, **options}
    task = server.start(exec_mode="task", show_connection_info=False, **start)
    async with asyncio.timeout(TIMEOUT):
        await server.ready
        try:
            yield server, lambda: Client(f"http://127.0.0.1:{server.port}/", {"secret": "wslink-secret"})
        finally:
            await server.stop()
            await asyncio.wait([task])


async def until(condition: Callable[[], object]) -> None:
    """Wait for what other turns of the loop bring about."""
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - two implementations have no event in common
            await asyncio.sleep(0.001)
