"""An app and its clients in one loop: the real server, link, replica and client session, without sockets."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Self

from jupyter_trame.doctor.report import Report
from jupyter_trame.program import choice
from jupyter_trame.protocol import Replica
from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.protocol.client_events import (
    ClientEvent,
    Published,
    Ready,
    Replied,
    StateChanged,
    StatusChanged,
)
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.rpc.uploads import Uploads
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.backend import Backend, OpenMode, StartRequest
from jupyter_trame.runtime.lifecycle import LifeCycle
from jupyter_trame.server import Server, life_cycle_of, runtime_of
from jupyter_trame.transports.base import ClientPort, ClientTransport
from jupyter_trame.transports.inprocess import InProcessLink
from jupyter_trame.transports.pump import ReplicaPump

TIMEOUT = 60
"""Seconds after which what a test waits for is taken for lost: a busy machine is ten times slower."""


class LoopBackend:
    """Carries a server on the loop that turns when it starts, with a replica that tests connect to."""

    starts_on_display = False
    shows_traces = True
    web = None

    def __init__(self, life_cycle: LifeCycle) -> None:
        self.life_cycle = life_cycle
        self.runtime = life_cycle.runtime
        self.pump: ReplicaPump | None = None
        self.link: InProcessLink | None = None
        self.calls: list[tuple[str, Any]] = []
        self.undelivered = 0
        self.examined = asyncio.Event()
        """Whether an examination has come to its end."""
        self.examined.set()

    def start(self, request: StartRequest) -> Awaitable[None] | None:
        loop = asyncio.get_running_loop()
        self.pump = ReplicaPump(Replica(), loop)
        self.link = InProcessLink(self.pump, loop)
        self.calls.append(("start", request))
        publish = partial(self.link.attach, self.runtime.primary)
        self.life_cycle.up(loop, threading.get_ident(), publish)
        return None

    def close(self, *, replaced: bool) -> None:
        self.calls.append(("close", replaced))
        if self.pump is not None:
            self.pump.close()

    def retitle(self, title: str) -> None:
        self.calls.append(("retitle", title))

    def open(self, mode: OpenMode | None) -> None:
        self.calls.append(("open", mode))

    def display_still(self, template: str) -> bool:
        """Never."""
        return False

    def displayed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Its text."""
        return {"text/plain": repr(self.runtime.app.server)}, {}

    def whereabouts(self) -> str:
        """Nowhere."""
        return ""

    def view(self, template: str = "main", embed: str | None = None) -> Any:
        self.calls.append(("view", (template, embed)))
        return None

    def doctor(self) -> Report:
        return Report(f"app {self.runtime.app.name}")

    async def examine(self) -> Report:
        await self.examined.wait()
        return self.doctor()

    def pending(self) -> int:
        return self.undelivered


class FakeSockets:
    """See `Carrier`: nothing is opened."""

    def __init__(self, web: object = None) -> None:
        self.web = web
        self.calls: list[str] = []

    def open(self) -> object:
        self.calls.append("open")
        return self.web

    async def listen(self) -> int:
        self.calls.append("listen")
        return 1234

    def publish(self) -> None:
        self.calls.append("publish")

    def announce(self) -> None:
        self.calls.append("announce")

    async def until(self, finished: Coroutine[Any, Any, None]) -> None:
        self.calls.append("until")
        await finished

    def shut(self) -> None:
        self.calls.append("shut")

    async def closed(self) -> None:
        self.calls.append("closed")


class Client(ClientTransport):
    """A client of ours; `state`, `events` and the replies follow what it receives."""

    kind = "memory"

    def __init__(self, secret: str = "") -> None:
        self.session = ClientSession(secret)
        self.state: dict[str, Any] = {}
        self.events: list[ClientEvent] = []
        self.port: ClientPort | None = None
        self.closed: tuple[int, str] | None = None
        self._news = asyncio.Event()

    def connect(self, pump: ReplicaPump) -> "Client":
        self.port = pump.connect(self)
        self.session.connected()
        self._send()
        return self

    def room(self) -> int:
        return 1 << 20

    def send(self, frame: Frame) -> None:
        for event in self.session.receive(bytes(frame)):
            self.events.append(event)
            if isinstance(event, StateChanged):
                if event.snapshot:
                    self.state.clear()
                self.state.update(event.changes)
        self._news.set()
        asyncio.get_running_loop().call_soon(self._send)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)
        self._news.set()

    def leave(self) -> None:
        self.session.leave()
        self._send()

    def write(self, **changes: Any) -> None:
        self.state.update(changes)
        self.session.write(changes)
        self._send()

    async def call(self, method: str, *args: Any) -> Replied:
        request_id = self.session.call(method, args)
        self._send()
        return await self.until(lambda: self._reply(request_id))

    async def trigger(self, name: str, *args: Any, **kwargs: Any) -> Replied:
        return await self.call("trame.trigger", name, list(args), kwargs)

    async def until(self, condition: Callable[[], Any]) -> Any:
        async with asyncio.timeout(TIMEOUT):
            while not (found := condition()):
                self._news.clear()
                await self._news.wait()
        return found

    async def ready(self) -> Self:
        await self.until(lambda: any(isinstance(event, Ready) for event in self.events))
        return self

    async def settled(self) -> None:
        await self.until(lambda: not self.session.pending)

    def published(self, topic: str) -> list[Any]:
        return [event.data for event in self.events if isinstance(event, Published) and event.topic == topic]

    def statuses(self) -> list[str]:
        return [event.state for event in self.events if isinstance(event, StatusChanged)]

    def _reply(self, request_id: str) -> Replied | None:
        replies = (event for event in self.events if isinstance(event, Replied) and event.id == request_id)
        return next(replies, None)

    def _send(self) -> None:
        assert self.port is not None
        for frame in self.session.take_output():
            self.port.receive(frame)


class App:
    """A started server and the way to its clients. Needs a running loop."""

    def __init__(self, server: Server) -> None:
        self.server = server

    @property
    def backend(self) -> LoopBackend:
        backend = life_cycle_of(self.server).backend
        assert isinstance(backend, LoopBackend)
        return backend

    async def client(self) -> Client:
        assert self.backend.pump is not None
        return await Client(runtime_of(self.server).secret).connect(self.backend.pump).ready()


def uploads_of(server: Server) -> Uploads:
    """The files that clients bring `server`."""
    uploads = getattr(life_cycle_of(server).at_end[0], "__self__", None)
    assert isinstance(uploads, Uploads)
    return uploads


async def turn(times: int = 3) -> None:
    """Let everything run that is due on the loop."""
    for _ in range(times):
        await asyncio.sleep(0)


class LoopHost:
    """A `ServerHost`, as a kernel's."""

    is_kernel = True

    def __init__(self) -> None:
        self.running_cell: str | None = None

    def cell(self) -> str | None:
        return self.running_cell

    def make_backend(self, life_cycle: LifeCycle, name: str | None) -> Backend:
        if name in {None, "jupyter"}:
            return LoopBackend(life_cycle)
        return choice.make_backend(life_cycle, name, hosted=True)

    def close(self) -> None:
        """Its servers share nothing."""


def fresh_process() -> registry.Process:
    process = registry.Process()
    process.host = LoopHost()
    return process
