"""Drives one replica on one asyncio loop: the only place where its frames, its clock and its clients meet."""

import asyncio
import logging
from collections.abc import Callable

from jupyter_trame.errors import ProtocolError
from jupyter_trame.protocol.link import LinkOp, Resumed
from jupyter_trame.protocol.replica import Replica
from jupyter_trame.protocol.session import Channel, Hello
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports.base import (
    CLOSING,
    ClientPort,
    ClientTransport,
    LingeringTransport,
    close_reason,
)
from jupyter_trame.transports.patience import Patience
from jupyter_trame.transports.turns import SLICE, Lane, turns_of
from jupyter_trame.types import Packed

__all__ = ["ReplicaPump"]


class ReplicaPump:
    """Connects transports and a link to a `Replica`. Everything runs on the thread of `loop`."""

    def __init__(
        self,
        replica: Replica,
        loop: asyncio.AbstractEventLoop,
        *,
        logger: logging.Logger | None = None,
        stalled: float = 2.0,
    ) -> None:
        """`stalled`: seconds after which a client that takes nothing holds nobody back any more."""
        self.stalled = stalled
        self.replica = replica
        self._loop = loop
        self._complaints = Complaints(logger or logging.getLogger("jupyter_trame"))
        self._ports: dict[Channel, ClientPort] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next_step: asyncio.Handle | None = None
        self._lagging: dict[ClientPort, None] = {}
        self._leaving: dict[ClientPort, None] = {}
        """See `ClientPort.leaving`."""
        self._lane = Lane(turns_of(loop))
        self._patience = Patience(replica.limits, loop, self._refuse)
        self.receiving = False
        """Whether the replica is at work on a frame of a client: what it sends to the server then waits for the end."""
        self.on_received: Callable[[], object] = lambda: None
        """Called after such a frame, when all that it means for other clients is on its way."""
        self.on_idle: Callable[[], object] = lambda: None
        """Called when `pending` may have become 0."""
        self.on_clients: Callable[[int], object] = lambda _: None
        """Called with `clients` when it has changed."""

    def __len__(self) -> int:
        """Connections at this moment."""
        return len(self._ports)

    @property
    def clients(self) -> int:
        """Connections whose hello was accepted."""
        return len(self._ports) - self._patience.strangers

    def connect(
        self, transport: ClientTransport, *, identity: str | None = None, trusted: bool = False
    ) -> ClientPort:
        """A client connected over `transport`; see `Replica.connect` for the rest."""
        channel = self.replica.connect(identity=identity, trusted=trusted)
        port = self._ports[channel] = ClientPort(self, channel, transport)
        self._patience.connected(port)
        return port

    def pending(self) -> int:
        """Messages that wait for the slowest of the clients that read. Any thread."""
        oldest = self._loop.time() - self.stalled
        return max((port.waiting for port in tuple(self._lagging) if port.progress >= oldest), default=0)

    def link_attached(self, send: Callable[[LinkOp], object], *, decode: bool = False) -> None:
        """See `Replica.link_attached`."""
        self.replica.link_attached(send, decode=decode)
        self._pump()

    def link_lost(self, reason: str) -> None:
        """See `Replica.link_lost`."""
        self.replica.link_lost(reason)
        self._pump()
        self._close_leaving()

    def receive_link(self, *ops: LinkOp) -> None:
        """Operations of the server; clients get what results from all of them."""
        for op in ops:
            self.replica.receive_link(op)
            if isinstance(op, Resumed):
                self._expire()  # its client may be away again
        self._pump()
        self._close_leaving()

    def close(self, code: int = 1001, reason: str = "Server shutdown") -> None:
        """End all connections and the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._next_step is not None:
            self._next_step.cancel()
            self._next_step = None
        for port in list(self._ports.values()):
            port.transport.send_all(self.replica.frames(port.channel, 1 << 30))
            self._read_again(port)  # or the client's goodbye would not be heard
            port.transport.close(code, close_reason(reason))
        self._ports.clear()
        self._patience.close()
        self._lagging.clear()
        self._leaving.clear()
        self.on_idle()

    def admit(self, hello: Hello, accepted: bool) -> None:
        """See `Replica.admit`."""
        self.replica.admit(hello, accepted)
        self._pump()

    def receive(self, port: ClientPort, frame: Packed | None) -> None:
        """Without a frame: read on in the large message of the client."""
        channel = port.channel
        if channel not in self._ports:
            return
        self.receiving = True
        try:
            if frame is None:
                self.replica.read_on(channel)
            else:
                while channel.reading is not None and port.resume is None:
                    self.replica.read_on(channel)  # or what comes would pile up
                self.replica.receive(channel, frame)
        except ProtocolError as error:
            self._refuse(port, error.close_code, str(error))
        except Exception as error:  # noqa: BLE001 - a defect of ours must cost one connection, not all of them
            self._complaints.warn("a message of a client was not handled", level=logging.ERROR, error=error)
            self._refuse(port, 1011, "internal error; the server's log has the traceback")
        finally:
            self.receiving = False
        self._pump()
        assembler = channel.assembler
        if port.holding or port.unread or assembler.held or channel.backlog or channel.reading is not None:
            self.account(port)
        self.on_received()
        if channel.reading is not None and port.resume is None:
            port.resume = port.transport.pause()  # its next messages wait on their way
        elif channel.reading is None and port.resume is not None:
            self._read_again(port)
        self._close_leaving()

    def _close_leaving(self) -> None:
        """End the connections that only waited for what came over them to be handled."""
        for port in [port for port in self._leaving if not port.channel.waits_for_us]:
            self._closed(port)

    def _read_again(self, port: ClientPort) -> None:
        resume, port.resume = port.resume, None
        if resume is not None:
            resume()

    def _read_on(self) -> None:
        """One step in a large message, of one client after the other; then the loop serves others."""
        self._next_step = None
        channel = next(iter(self.replica.readings), None)
        port = None if channel is None else self._ports.get(channel)
        if port is not None:  # or the pump has ended
            self.receive(port, None)

    def account(self, port: ClientPort) -> None:
        """See `PortDriver`."""
        if port.channel in self._ports:
            size = port.unread + port.channel.held
            port.holding = size > 0
            self._patience.holds(port, size)

    def now(self) -> float:
        """See `PortDriver`."""
        return self._loop.time()

    def line_up(self, port: ClientPort) -> None:
        """See `PortDriver`."""
        self._lane.run(port)

    def complain(self, message: str, *args: object) -> None:
        """See `PortDriver`."""
        self._complaints.warn(message, *args)

    def ended(self, port: ClientPort) -> None:
        """See `PortDriver`. A message that came as a whole counts, and so does what came behind it."""
        self._patience.gone(port)
        channel = port.channel
        if channel.reading is not None or (channel.backlog and self.replica.asks_for(channel)):
            port.leaving = True
            self._leaving[port] = None
        else:
            self._closed(port)

    def _refuse(self, port: ClientPort, code: int, reason: str) -> None:
        self._complaints.warn(CLOSING, code, reason)
        self._part(port, code, reason)

    def _part(self, port: ClientPort, code: int, reason: str) -> None:
        """Close the connection from our side."""
        transport = port.transport
        if (
            isinstance(transport, LingeringTransport)
            and not port.leaving
            and self._patience.is_stranger(port)
        ):
            self._patience.parting(port, transport)
        self._closed(port)
        transport.close(code, close_reason(reason))

    def _closed(self, port: ClientPort) -> None:
        if self._ports.pop(port.channel, None) is None:
            return
        self._leaving.pop(port, None)
        was_client = not self._patience.is_stranger(port)
        self._patience.forget(port)
        self.replica.disconnect(port.channel, self._loop.time())
        self._read_again(port)
        self._caught_up(port)
        self._pump()
        self._expire()
        if was_client:
            self.on_clients(self.clients)

    def _pump(self) -> None:
        first = True
        while ready := self.replica.take_ready():
            for channel in ready:
                port = self._ports.get(channel)
                if port is not None:
                    self._flush(port, at_once=first)
                    first = False
        if self.replica.readings and self._next_step is None:
            self._next_step = self._loop.call_soon(self._read_on)

    def _flush(self, port: ClientPort, *, at_once: bool) -> None:
        """Something waits for a client, or its connection is to be closed; `at_once` as in `Lane.run`."""
        channel, transport = port.channel, port.transport
        if not port.admitted and channel.session is not None:
            port.admitted = True
            self._patience.let_in(port)
            self.on_clients(self.clients)
        if channel.closing is None:
            self._lane.run(port, at_once=at_once)
            if port.queued:
                self._note_lag(port)
            return
        while channel.has_output and (room := transport.room()) > 0:
            transport.send_all(self.replica.frames(channel, room))
        code, reason = channel.closing
        self._complaints.warn(CLOSING, code, reason, level=logging.INFO)
        self._part(port, code, reason)

    def step(self, port: ClientPort) -> bool:
        """Hand over what the transport has room for, or have it send a slice of what it holds."""
        channel, transport = port.channel, port.transport
        sent = transport.send_more()
        if channel not in self._ports:
            self._lane.turns.charge(sent)
            return transport.holds_more
        if not sent and channel.has_output and (room := transport.room()) > 0:
            port.progress = self._loop.time()
            frames = self.replica.frames(channel, room)
            transport.send_all(frames)
            sent = min(sum(map(len, frames)), SLICE)
        elif sent:
            port.progress = self._loop.time()
        self._lane.turns.charge(sent)
        self._note_lag(port)
        return transport.holds_more or (channel.has_output and transport.room() > 0)

    def _note_lag(self, port: ClientPort) -> None:
        if port.channel.has_output:
            self._lagging[port] = None
        else:
            self._caught_up(port)

    def _caught_up(self, port: ClientPort) -> None:
        if port in self._lagging:
            del self._lagging[port]
            if not self._lagging:
                self.on_idle()

    def _expire(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.replica.expire(self._loop.time())
        if deadline is not None:
            self._timer = self._loop.call_at(deadline, self._expire)
