"""An app, run beside the trio program of a test."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import trio

from jupyter_trame.server import Server
from jupyter_trame.trio import Client, running


class App:
    """A server, what runs it, and the threads on which its triggers ran."""

    def __init__(self) -> None:
        self.server = server = Server("app")
        self.run = running(server)
        self.address = ""
        self.threads: list[int] = []
        server.state.count = 1

        @server.controller.trigger("add")
        def add(a: int, b: int = 0) -> int:
            self.threads.append(threading.get_ident())
            server.state.count = a + b
            return a + b

        @server.controller.trigger("slow")
        async def slow() -> str:
            await asyncio.sleep(0)
            return "slow"

        @server.controller.trigger("never")
        async def never() -> None:
            await asyncio.Event().wait()

        @server.controller.trigger("bad")
        def bad() -> None:
            raise ValueError("that is bad")

        @server.state.change("level")
        def clamp(level: int | None, **_: Any) -> None:
            if level is not None:
                server.state.level = min(level, 10)

    async def value(self, key: str) -> Any:
        """A value of the state, read where it belongs."""
        return await self.run.call(lambda: self.server.state[key])

    async def set(self, **values: Any) -> None:
        """Write values, and flush."""

        def write() -> None:
            with self.server.state:
                self.server.state.update(values)

        await self.run.call(write)


@asynccontextmanager
async def running_app() -> AsyncIterator[App]:
    """An app that runs."""
    app = App()
    async with app.run as app.address:
        yield app


@asynccontextmanager
async def connected(**options: Any) -> AsyncIterator[tuple[App, Client]]:
    """An app that runs, and a client of it."""
    async with running_app() as app, Client(app.address, **options) as client:
        yield app, client


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that other tasks and threads bring about."""
    while not condition():  # noqa: ASYNC110 - what is waited for has no event
        await trio.sleep(0.001)
