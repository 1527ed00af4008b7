"""Hosts of Narvi for the contract's tests: each runs a server that a function of `narvi_services` has filled.

What a test does is HTTP, websockets, and calls of the server's methods by name; so it is the same on all hosts.
"""

import asyncio
import http.client
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect

from jupyter_trame.narvi import NarviServer

TIMEOUT = 20.0


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    headers: dict[str, str]
    """By name in lower case."""
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Page:
    """A page's websocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.greeting: Any = None

    async def next(self) -> Any:
        """The next message; text as JSON holds it."""
        message = await self.connection.recv()
        return json.loads(message) if isinstance(message, str) else message

    async def do(self, what: str, **options: Any) -> Any:
        """Have a `Probe` do something; the next message."""
        await self.tell(what, **options)
        return await self.next()

    async def tell(self, what: str, **options: Any) -> None:
        """Have a `Probe` do something that answers nothing."""
        await self.connection.send(json.dumps({"do": what, **options}))

    @property
    def session_id(self) -> str:
        return str(self.greeting["session_id"])


class Site(Protocol):
    """A server that runs."""

    host: str
    """Host and port, for sockets."""
    base: str
    """The path in front of all apps, without a slash at its end."""
    headers: dict[str, str]
    """What makes a request one of somebody who may ask."""

    def call(self, method: str, *args: Any) -> Any:
        """Call a method of the `NarviServer`; what it raises, and what JSON has of its result."""


class HostOfTests(Protocol):
    """One of Narvi's hosts."""

    name: str

    def running(self, setup: Callable[..., Any], options: Any = None, **server: Any) -> Any:
        """A context manager that gives a `Site`: `setup` gets the server and `options`; `server` are its arguments."""


def fetch_now(
    site: Site,
    method: str,
    path: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    bare: bool = False,
) -> HttpAnswer:
    """One request to `path` below the base, or from the root where it begins with a slash; it is sent as it is."""
    target = path if path.startswith("/") else f"{site.base}/{path}"
    host, _, port = site.host.partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=TIMEOUT)
    try:
        connection.request(method, target, body, {**({} if bare else site.headers), **(headers or {})})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return HttpAnswer(answer.status, found, answer.read())
    finally:
        connection.close()


async def fetch(site: Site, method: str, path: str, **options: Any) -> HttpAnswer:
    """See `fetch_now`."""
    return await asyncio.to_thread(fetch_now, site, method, path, **options)


@asynccontextmanager
async def page(
    site: Site, path: str = "w/probe/x/connect", *, hello: bool = True, **options: Any
) -> AsyncIterator[Page]:
    """A page that is connected during the block, has read its greeting and, with `hello`, what `Probe` sends first."""
    headers = {**site.headers, **options.pop("headers", {})}
    given = {"max_size": None, "proxy": None, "additional_headers": headers, **options}
    async with connect(f"ws://{site.host}{site.base}/{path}", **given) as connection:
        found = Page(connection)
        found.greeting = await found.next()
        if hello:
            assert "hello" in await found.next()
        yield found


def run(scenario: Callable[[], Awaitable[None]], seconds: float = TIMEOUT) -> None:
    """Run `scenario`, within the time that a test may take."""

    async def main() -> None:
        async with asyncio.timeout(seconds):
            await scenario()

    asyncio.run(main())


async def until(condition: Callable[[], object]) -> None:
    """Wait for what others bring about; `condition` may be a coroutine function."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            found = condition()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.02)


class _LocalSite:
    def __init__(self, server: NarviServer) -> None:
        self.server = server
        self.host = f"localhost:{server.port}"
        self.base = "/narvi"
        self.headers: dict[str, str] = {}

    def call(self, method: str, *args: Any) -> Any:
        return getattr(self.server, method)(*args)


class LocalHostOfTests:
    """The host of a program, here on a thread."""

    name = "local"

    @contextmanager
    def running(self, setup: Callable[..., Any], options: Any = None, **server: Any) -> Iterator[Site]:
        made = NarviServer(**{"port": 0, **server})
        setup(made, **(options or {}))
        ready = threading.Event()
        failed: list[BaseException] = []

        def work() -> None:
            try:
                made.run(ready.set)
            except BaseException as error:
                failed.append(error)
                ready.set()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            assert ready.wait(TIMEOUT)
            assert not failed, failed
            yield _LocalSite(made)
        finally:
            made.close()
            thread.join(TIMEOUT)
            assert not thread.is_alive()
