"""A server, its replica and viewers over every transport, on one loop: what `test_transports` runs."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from aiohttp import web
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_trame.core import State
from jupyter_trame.protocol import CallEvent, Event, Limits, Primary, Replica, WriteEvent
from jupyter_trame.protocol.client_events import Published, Ready, StateChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.transports import _tornado_private, incoming, masking
from jupyter_trame.transports.aiohttp import AiohttpSocket, AiohttpTransport
from jupyter_trame.transports.comm import CommTransport
from jupyter_trame.transports.comm_bytes import carried, carry
from jupyter_trame.transports.incoming import FRAME_OVERHEAD
from jupyter_trame.transports.inprocess import InProcessLink
from jupyter_trame.transports.pace import MessageRate
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.transports.tornado import ClientSocket
from jupyter_trame.types import Epoch, Packed
from tests.conformance.tunnelled import TunnelledLink
from tests.support.memory_client import MemoryClient

MEGABYTE = 1 << 20


class Viewer:
    """A client of ours and what it shows; its `wire` connects it."""

    def __init__(self, secret: str = "s") -> None:
        self.session = ClientSession(secret)
        self.shown: dict[str, Any] = {}
        self.events: list[Any] = []
        self.closed: tuple[int, str] | None = None
        self.error: BaseException | None = None
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def started(self) -> list[bool]:
        """For each time the session came up, whether it was resumed."""
        return [event.resumed for event in self.events if isinstance(event, Ready)]

    @property
    def published(self) -> list[Any]:
        return [event.data for event in self.events if isinstance(event, Published)]

    def connected(self) -> None:
        self.closed = None
        self.session.connected()

    def disconnected(self) -> None:
        self.session.disconnected()
        self.wake()

    def receive(self, frame: Packed) -> tuple[object, ...]:
        """The events are kept here, so there is nothing to return."""
        events: list[Any] = list(self.session.receive(frame))
        for event in events:
            if isinstance(event, StateChanged):
                self.shown.update(event.changes)
        self.events += events
        self.wake()
        return ()

    def take_output(self) -> list[bytes]:
        return self.session.take_output()

    def ended(self, code: int, reason: str) -> None:
        """The replica closed the connection."""
        self.closed = (code, reason)
        self.disconnected()

    def wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` holds after something arrived; the test run's time-out ends it otherwise."""
        while not condition():
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter


class Wire(ABC):
    """The connections of one viewer over one kind of transport."""

    stalls = True
    """Whether a reader that stops reading is noticed by this transport at all."""

    def __init__(self, live: "Live", viewer: Viewer) -> None:
        self.live = live
        self.viewer = viewer

    @classmethod  # noqa: B027 - most need nothing
    def prepare(cls, patch: pytest.MonkeyPatch) -> None:
        """Make the process one in which this wire is used."""

    @classmethod
    def link(cls, live: "Live") -> InProcessLink | TunnelledLink:
        """Connect the server of `live` and its replica."""
        link = InProcessLink(live.pump, live.loop)
        link.attach(live.primary)
        return link

    @abstractmethod
    async def open(self) -> None:
        """Connect; the viewer says hello."""

    @abstractmethod
    def send(self, frame: Packed) -> None:
        """A frame of the viewer."""

    @abstractmethod
    def cut(self, code: int | None = None) -> None:
        """Break the connection, or close it with `code`, where the transport has one."""

    @abstractmethod
    def stall(self, stalled: bool) -> None:
        """Stop reading, or read on."""

    def flush(self) -> None:
        for frame in self.viewer.take_output():
            self.send(frame)


class MemoryWire(Wire):
    def __init__(self, live: "Live", viewer: Viewer) -> None:
        super().__init__(live, viewer)
        self.client = MemoryClient(live.pump, viewer)

    async def open(self) -> None:
        self.client.connect()
        self.client.transport._on_closed = self._ended

    def _ended(self, code: int, reason: str) -> None:
        self.client._closed(code, reason)
        self.viewer.ended(code, reason)

    def send(self, frame: Packed) -> None:
        self.client.transport.send_up(frame)

    def cut(self, code: int | None = None) -> None:
        self.client.cut()

    def stall(self, stalled: bool) -> None:
        if stalled:
            self.client.transport.hold(up=False)
        else:
            self.client.transport.release()


class _Handler(ClientSocket):
    def initialize(self, live: "Live") -> None:
        self._live = live

    def open(self, *_: str, **__: str) -> None:
        self._live.serving += 1
        self.serve(self._live.pump)

    def on_close(self) -> None:
        super().on_close()
        self._live.serving -= 1


class SocketWire(Wire):
    """tornado's server and tornado's client."""

    def __init__(self, live: "Live", viewer: Viewer) -> None:
        super().__init__(live, viewer)
        self._socket: WebSocketClientConnection | None = None
        self._reads = asyncio.Event()
        self._reads.set()

    async def open(self) -> None:
        url = f"ws://127.0.0.1:{await self.port()}/ws"
        self._socket = await websocket_connect(url, max_message_size=1 << 30)
        self.viewer.connected()
        self.flush()
        self.live.background(self._read(self._socket))

    async def port(self) -> int:
        """Where the server listens."""
        return self.live.port

    async def _read(self, ws: WebSocketClientConnection) -> None:
        while True:
            await self._reads.wait()
            message = await ws.read_message()
            if message is None:
                ws.close()
                if ws is self._socket:
                    self._socket = None
                    self.viewer.ended(ws.close_code or 1006, ws.close_reason or "")
                return
            if ws is not self._socket:
                continue
            assert isinstance(message, bytes)
            self.viewer.receive(message)
            self.flush()

    def send(self, frame: Packed) -> None:
        assert self._socket is not None
        self._socket.write_message(bytes(frame), binary=True).add_done_callback(_read_result)

    def cut(self, code: int | None = None) -> None:
        ws, self._socket = self._socket, None
        if ws is None:
            return
        if code is None:
            assert ws.protocol is not None
            assert ws.protocol.stream is not None
            ws.protocol.stream.close()
        ws.close(code)
        self.stall(False)
        self.viewer.disconnected()

    def stall(self, stalled: bool) -> None:
        if stalled:
            self._reads.clear()
        else:
            self._reads.set()


class AiohttpWire(SocketWire):
    """aiohttp's server and tornado's client."""

    async def port(self) -> int:
        return await self.live.listen_with_aiohttp()


def _read_result(future: "asyncio.Future[None]") -> None:
    """What is written while the connection ends is lost, as on any network."""
    if not future.cancelled():
        future.exception()


class CommWire(Wire):
    """Custom messages of a model. A kernel does not learn how fast a page reads: the rate of messages is bounded."""

    stalls = False
    as_text = False

    def __init__(self, live: "Live", viewer: Viewer) -> None:
        super().__init__(live, viewer)
        self._rate = MessageRate(live.loop)
        self._transport: CommTransport | None = None
        self._number = 0

    async def open(self) -> None:
        transport = CommTransport("v", self._post, self.live.loop, self._rate, as_text=self.as_text)
        self._transport = transport
        transport.port = self.live.pump.connect(transport)
        self._number = 0
        self.viewer.connected()
        self.flush()

    def _post(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        """The page hears of it in a later turn, if it still has this connection."""
        self.live.loop.call_soon(self._arrive, self._transport, dict(content), [bytes(b) for b in buffers])

    def _arrive(self, transport: CommTransport | None, content: dict[str, Any], frames: list[bytes]) -> None:
        if transport is not self._transport:
            return
        if content["jt"] == "close":
            self._transport = None
            self.viewer.ended(content["code"], content["reason"])
            return
        for frame in carried(content, frames):
            self.viewer.receive(frame)
        self.flush()

    def send(self, frame: Packed) -> None:
        assert self._transport is not None
        number, self._number = self._number, self._number + 1
        text, buffers = carry([frame], as_text=self.as_text)
        self.live.loop.call_soon(self._transport.receive, {"n": number, **text}, buffers)

    def cut(self, code: int | None = None) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.gone()
            self.viewer.disconnected()

    def stall(self, stalled: bool) -> None:
        raise NotImplementedError("a kernel does not learn how fast a page reads")


class TextCommWire(CommWire):
    """The same where buffers do not arrive."""

    as_text = True


class PlainSocketWire(SocketWire):
    """The same with a tornado whose private parts have other names."""

    @classmethod
    def prepare(cls, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(incoming, "mask", masking._mask)
        for name in ("unread", "unwritten"):
            patch.setattr(_tornado_private, name, getattr(_tornado_private, f"_{name}"))


class MessageWire(SocketWire):
    """The same with a tornado whose protocol has changed: it reads and writes by itself."""

    @classmethod
    def prepare(cls, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(_tornado_private, "framed", False)


class TunnelWire(SocketWire):
    """The same with a server whose link is over a kernel's messages, of which each cut loses some."""

    as_text = False

    @classmethod
    def link(cls, live: "Live") -> TunnelledLink:
        return TunnelledLink(live.pump, live.primary, live.loop, as_text=cls.as_text)

    def cut(self, code: int | None = None) -> None:
        super().cut(code)
        if isinstance(self.live.link, TunnelledLink):
            self.live.link.cut()


class TextTunnelWire(TunnelWire):
    """The same where buffers do not arrive."""

    as_text = True


WIRES: dict[str, type[Wire]] = {
    "memory": MemoryWire,
    "websocket": SocketWire,
    "websocket_plain": PlainSocketWire,
    "websocket_messages": MessageWire,
    "aiohttp": AiohttpWire,
    "comm": CommWire,
    "comm_text": TextCommWire,
    "tunnel": TunnelWire,
    "tunnel_text": TextTunnelWire,
}


class Live:
    """A server with a state, in front of it a replica that any wire connects to."""

    def __init__(self, limits: Limits, wire: type[Wire]) -> None:
        self.loop = asyncio.get_running_loop()
        self.calls: list[CallEvent] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._wire = wire
        self._wires: list[Wire] = []
        self.primary = Primary(
            name="live",
            slug="live",
            title="Live",
            secret="s",
            epoch=Epoch("e1"),
            on_event=self._on_event,
            on_unpackable=self._unpackable,
            limits=limits,
        )
        self.state = State(commit_fn=self.primary.commit, ready=True)
        self.pump = ReplicaPump(Replica(limits=limits), self.loop)
        self.link = wire.link(self)
        self.serving = 0
        """Sockets that have not ended."""
        sock, self.port = bind_unused_port()
        self._http = HTTPServer(
            Application(
                [("/ws", _Handler, {"live": self})],
                websocket_max_message_size=limits.frame + FRAME_OVERHEAD,
            )
        )
        self._http.add_socket(sock)
        self._limits = limits
        self._runner: web.AppRunner | None = None

    async def listen_with_aiohttp(self) -> int:
        """The port of an aiohttp server in front of the same replica."""
        if self._runner is None:
            app = web.Application()
            app.router.add_get("/ws", self._serve_aiohttp)
            self._runner = web.AppRunner(app, shutdown_timeout=0.1)
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return int(self._runner.addresses[0][1])

    async def _serve_aiohttp(self, request: web.Request) -> web.StreamResponse:
        socket = AiohttpSocket(frame_limit=self._limits.frame + FRAME_OVERHEAD, heart_beat=30)
        await socket.prepare(request)
        transport = AiohttpTransport(request, socket)
        port = transport.port = self.pump.connect(transport)
        self.serving += 1
        await socket.receive_into(port)
        port.closed()
        transport.finished()
        self.serving -= 1
        return socket

    def _on_event(self, event: Event) -> None:
        self.loop.call_soon(self._apply, event)

    def _unpackable(self, error: Exception) -> None:
        raise error

    def _apply(self, event: Event) -> None:
        if isinstance(event, WriteEvent):
            with self.primary.applying(event):
                self.state.update(event.values)
                self.state.flush()
            self.primary.messages.reply(event, None)
        elif isinstance(event, CallEvent):
            self.calls.append(event)
            self.primary.messages.reply(event, event.args)

    def set(self, **values: Any) -> None:
        self.state.update(values)
        self.state.flush()

    def background(self, coroutine: Any) -> None:
        self._tasks.append(asyncio.ensure_future(coroutine))

    def viewer(self, secret: str = "s") -> tuple[Viewer, Wire]:
        """A viewer that is not connected yet."""
        viewer = Viewer(secret)
        wire = self._wire(self, viewer)
        self._wires.append(wire)
        return viewer, wire

    async def ready(self) -> tuple[Viewer, Wire]:
        """A viewer that shows the state."""
        viewer, wire = self.viewer()
        await wire.open()
        await viewer.until(lambda: viewer.started)
        return viewer, wire

    async def close(self) -> None:
        self.pump.close()
        for wire in self._wires:
            wire.cut()
        if isinstance(self.link, TunnelledLink):
            self.link.close()
        await asyncio.gather(*self._tasks)
        self._http.stop()
        await self._http.close_all_connections()
        if self._runner is not None:
            await self._runner.cleanup()
