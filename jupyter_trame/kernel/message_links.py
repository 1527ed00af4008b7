"""The comm target of Jupyter servers that do not see this kernel's sockets, since it runs elsewhere.

Each of them opens one comm, learns whether buffers arrive and which servers run here, and gets a tunnel, whose streams
are links like all others (PROTOCOL.md, "A link over kernel messages").
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import comm

from jupyter_trame.errors import ProtocolError
from jupyter_trame.kernel.subshells import end_subshell, free_comm
from jupyter_trame.log_text import foreign
from jupyter_trame.transports.message_hello import ALIVE, PROBE, TARGET, VERSION, announcement
from jupyter_trame.transports.message_streams import StreamMessage
from jupyter_trame.transports.message_tunnel import Tunnel
from jupyter_trame.transports.pace import MessageRate
from jupyter_trame.transports.patience import Countdown
from jupyter_trame.transports.rendezvous import Record
from jupyter_trame.types import Packed

__all__ = ["MessageLinks"]

_logger = logging.getLogger(__name__)

_SILENCE = 9 * ALIVE
"""Seconds after which a Jupyter server that said nothing is gone."""
_PEERS = 16
"""Jupyter servers at a time; one more takes the place of the oldest."""
_RATE, _BURST = 500.0, 100
"""Messages a second and at once: a Jupyter server drops what is above 1000 a second, which user code prints too."""


class MessageLinks:
    """Answers the Jupyter servers that reach a kernel over its messages; a kernel has one.

    Comm messages come on any thread; all else is on the thread of `loop`.

    `record()` is what the kernel tells of itself, None where no server runs; `on_socket(socket)` gets each link.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        record: Callable[[], Record | None],
        on_socket: Callable[[socket.socket], object],
        at_work: Callable[[], bool],
    ) -> None:
        """`at_work()`: whether a cell runs, so that messages may be waiting for its end."""
        self._loop = loop
        self._record = record
        self._on_socket = on_socket
        self._at_work = at_work
        self._rate = MessageRate(loop, rate=_RATE, burst=_BURST)
        self._peers: dict[str, _Peer] = {}
        self._registered = False
        self._sign: Any = _Sign()

    def register(self) -> None:
        """Answer Jupyter servers from now on. Main thread; again is harmless."""
        manager = comm.get_comm_manager()
        if TARGET not in manager.targets:
            manager.register_target(TARGET, self._on_open)
            manager.register_comm(self._sign)
            self._registered = True

    def unregister(self) -> None:
        """Answer no new Jupyter server. Main thread."""
        if self._registered:
            manager = comm.get_comm_manager()
            manager.unregister_target(TARGET, self._on_open)
            manager.unregister_comm(self._sign)
            self._registered = False

    def tell(self) -> None:
        """The record changed."""
        for peer in self._peers.values():
            peer.tell(announcement(self._record()))

    def close(self) -> None:
        """End all tunnels."""
        for peer in list(self._peers.values()):
            peer.close("the kernel ends")
        self._rate.close()

    # -- comm messages, on any thread

    def _on_open(self, channel: Any, message: Mapping[str, Any]) -> None:
        free_comm(channel)
        data = message["content"]["data"]
        probed = [bytes(buffer) for buffer in message.get("buffers") or ()] == [PROBE]
        channel.on_msg(lambda message: self._submit(lambda: self._receive(channel.comm_id, message)))
        channel.on_close(lambda _: self._submit(lambda: self._gone(channel.comm_id)))
        subshell = message.get("header", {}).get("subshell_id")
        content = data if isinstance(data, dict) else {}
        self._submit(lambda: self._welcome(channel, content, probed=probed, subshell=subshell))

    def _submit(self, call: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # closed: the process ends
            _logger.debug("the I/O thread has ended")

    # -- on the thread of the loop

    def _welcome(self, channel: Any, data: Mapping[str, Any], *, probed: bool, subshell: str | None) -> None:
        if data.get("version") != VERSION:
            reason = f"the kernel's jupyter_trame speaks version {VERSION} of links over messages, not "
            channel.close(data={"jt": "refused", "reason": reason + foreign(data.get("version"))})
            return
        if len(self._peers) >= _PEERS:
            next(iter(self._peers.values())).close("other Jupyter servers connect")
        comm_id = channel.comm_id
        self._peers[comm_id] = _Peer(
            channel,
            self._loop,
            self._rate,
            on_socket=self._on_socket,
            at_work=self._at_work,
            on_closed=lambda: self._peers.pop(comm_id, None),
            subshell=subshell,
        )
        if data.get("probe") is True:
            # First the buffer, then the text: who has the text knows whether the buffer arrived.
            channel.send(data={"jt": "probe"}, buffers=[PROBE])
        channel.send(data={"jt": "hello", "buffers": probed, "record": announcement(self._record())})

    def _receive(self, comm_id: str, message: Mapping[str, Any]) -> None:
        peer = self._peers.get(comm_id)
        if peer is None:
            return
        try:
            peer.receive(message["content"]["data"], list(message.get("buffers") or ()))
        except ProtocolError as error:
            _logger.warning("a link over the kernel's messages is dropped: %s", error)
            peer.close(str(error))
        except Exception as error:
            _logger.exception("a link over the kernel's messages is dropped")
            peer.close(f"a message was not handled: {error!r}")

    def _gone(self, comm_id: str) -> None:
        peer = self._peers.pop(comm_id, None)
        if peer is not None:
            peer.end()


class _Sign:
    """Stands among the kernel's comms while there are servers: who asks for those of `TARGET` need not try to open one.

    A comm that cannot be opened would be told to every page, and be logged there.
    """

    def __init__(self) -> None:
        self.comm_id = uuid4().hex
        self.target_name = TARGET


class _Peer:
    """One Jupyter server. On the thread of the loop."""

    def __init__(
        self,
        channel: Any,
        loop: asyncio.AbstractEventLoop,
        rate: MessageRate,
        *,
        on_socket: Callable[[socket.socket], object],
        at_work: Callable[[], bool],
        on_closed: Callable[[], object],
        subshell: str | None,
    ) -> None:
        """`subshell`: the one that it has made for its messages."""
        self._channel = channel
        self._subshell = subshell
        self._loop = loop
        self._rate = rate
        self._on_socket = on_socket
        self._at_work = at_work
        self._on_closed = on_closed
        self._tunnel: Tunnel | None = None
        self._silence = Countdown(loop, _SILENCE, self._silent)

    def tell(self, record: dict[str, Any] | None) -> None:
        """The kernel's record changed."""
        self._channel.send(data={"jt": "record", "record": record})

    def receive(self, data: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        """Raises `ProtocolError`, which ends the tunnel."""
        self._heard()
        match data.get("jt"):
            case "ready" if self._tunnel is None:
                self._tunnel = Tunnel(
                    self._loop,
                    self._post,
                    as_text=data.get("buffers") is not True,
                    on_socket=self._on_socket,
                    rate=self._rate,
                )
            case "streams" if self._tunnel is not None:
                self._tunnel.receive(data, buffers)
            case "again" if self._tunnel is not None:
                self._tunnel.send_again(data.get("n"))
            case "alive" if self._tunnel is not None:
                self._tunnel.sign_of_life(data.get("n"))
            case "resume" if self._tunnel is not None:
                self._tunnel.resume(data.get("n"), data.get("halvings", 0))
            case other:
                raise ProtocolError(f"a message of kind {foreign(other)} is not expected")

    def close(self, reason: str) -> None:
        """End the tunnel, and tell the Jupyter server why."""
        self.end()
        self._on_closed()
        self._channel.close(data={"jt": "closed", "reason": reason})

    def end(self) -> None:
        """The Jupyter server ended the comm."""
        self._silence.stop()
        if self._tunnel is not None:
            self._tunnel.close()

    def _post(self, message: StreamMessage) -> None:
        self._channel.send(data=message.data, buffers=message.buffers)

    def _heard(self) -> None:
        self._silence.stop()
        self._silence = Countdown(self._loop, _SILENCE, self._silent)

    def _silent(self) -> None:
        """A cell that runs holds messages back where the kernel has no subshells."""
        if self._at_work():
            self._heard()
        else:
            self.close(f"nothing came for {_SILENCE:g} s")
            if self._subshell is not None:  # nobody else knows of it
                end_subshell(self._channel.kernel, self._subshell)
