"""Where a transport of client frames and the pump that drives it meet: what each offers to the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.protocol.session import Channel
from jupyter_trame.transports.incoming import FRAME_OVERHEAD
from jupyter_trame.types import Packed

__all__ = ["CLOSING", "ClientPort", "ClientTransport", "LingeringTransport", "PortDriver", "close_reason"]

CLOSING = "closing the connection of a client with %d: %s"
"""What the log says of a connection that is ended from this side."""

_REASON_LIMIT = 123


class ClientTransport(ABC):
    """One connection of one client, seen from the replica; called on the thread of the pump's loop."""

    kind: str
    """Short name for logs: ``websocket``, ``comm``, ``memory``."""
    always_reads = False
    """Whether what the client sends arrives whenever the loop turns. Only then a silence is the client's own."""
    port: ClientPort | None = None
    """Set by whoever connected this transport to a pump; it hears when there is room again, and when `send_more` has
    something to do."""
    holds_more = False
    """Whether `send_more` would send something."""

    @abstractmethod
    def room(self) -> int:
        """Bytes that may be handed over now; 0 or less while the reader lags.

        Once there is room again the transport calls `ClientPort.writable`.
        """

    @abstractmethod
    def send(self, frame: Frame) -> None:
        """Take one frame. After `close`, or when the other side is gone, it is dropped."""

    def send_all(self, frames: Sequence[Frame]) -> None:
        """Take `frames`, in one step where that is cheaper.

        A transport that writes to a socket writes at most a slice of them; more follows with each `send_more`.
        """
        for frame in frames:
            self.send(frame)

    def send_more(self) -> int:
        """Write the next slice of what was taken; how many bytes it had. Also after `close`."""
        return 0

    def pause(self) -> Callable[[], object] | None:
        """Read nothing of the client, but what is on its way already, until the function is called that this gives.

        None for one that cannot. The function may be called after the end of the connection.
        """
        return None

    @abstractmethod
    def close(self, code: int, reason: str) -> None:
        """End the connection with a websocket close code. More than once is harmless."""


class LingeringTransport(ClientTransport):
    """A transport whose `close` keeps the socket until the client has answered.

    `ClientPort.closed` is called in the end.
    """

    @abstractmethod
    def abort(self) -> None:
        """After `close`: give the socket back at once."""


class PortDriver(Protocol):
    """What a port asks of the pump that made it."""

    def now(self) -> float:
        """Seconds, on the loop's clock."""

    def receive(self, port: ClientPort, frame: Packed) -> None:
        """A binary frame came."""

    def account(self, port: ClientPort) -> None:
        """What `port` holds of messages that are not complete has changed."""

    def line_up(self, port: ClientPort) -> None:
        """Something could be sent."""

    def step(self, port: ClientPort) -> bool:
        """Send a little; whether there is more that could be sent at once."""

    def ended(self, port: ClientPort) -> None:
        """The connection is gone."""

    def complain(self, message: str, *args: object) -> None:
        """Log what a client did wrong, as often as that may be said."""


class ClientPort:
    """The replica's side of one `ClientTransport`, which calls these methods."""

    __slots__ = (
        "_pump",
        "admitted",
        "channel",
        "holding",
        "leaving",
        "progress",
        "queued",
        "resume",
        "transport",
        "unread",
    )

    def __init__(self, pump: PortDriver, channel: Channel, transport: ClientTransport) -> None:
        self._pump = pump
        self.channel = channel
        self.transport = transport
        self.unread = 0
        """Bytes of frames that are not complete."""
        self.admitted = False
        """Whether it was let in."""
        self.holding = False
        """Whether something of the client was incomplete when it was last heard."""
        self.resume: Callable[[], object] | None = None
        """While the transport reads nothing, since a message of the client is read in steps."""
        self.leaving = False
        """Whether the connection ended behind a message that is not handled yet."""
        self.progress = pump.now()
        """When the transport last had room, on the loop's clock."""
        self.queued = False
        """See `Sender`."""

    @property
    def paused(self) -> bool:
        """Whether the transport reads nothing."""
        return self.resume is not None

    @property
    def waiting(self) -> int:
        """Messages that wait for room, all changed keys together counting as one. Any thread."""
        session = self.channel.session
        if not self.channel.has_output:
            return 0
        return 1 if session is None else max(1, session.outbox.messages)

    @property
    def urgent(self) -> bool:
        """Whether the client waits for an answer that the transport can have."""
        return self.channel.urgent

    def frame_limit(self, limit: int) -> int:
        """Bytes that a frame of the client may have now; `limit` once it has said hello."""
        channel = self.channel
        return limit if channel.greeted else min(limit, channel.limits.hello + FRAME_OVERHEAD)

    def holds(self, size: int) -> None:
        """Something came, and `size` bytes of it are a frame, or frames, that are not complete."""
        if size or self.unread:
            self.unread = size
            self._pump.account(self)

    def receive(self, frame: Packed) -> None:
        """One binary frame came."""
        self._pump.receive(self, frame)

    def ignored_text(self) -> None:
        """A text frame came: stock servers ignore those, and so do we."""
        self._pump.complain("a text frame of a client was ignored: the protocol is binary")

    def violated(self, code: int, reason: str) -> None:
        """The transport closes the connection with `code`, since the client broke the rules of websockets."""
        self._pump.complain(CLOSING, code, reason)

    def writable(self) -> None:
        """The transport has room again, or could send more of what it holds. Also after the end of the connection."""
        self._pump.line_up(self)

    def step(self) -> bool:
        """See `Sender`."""
        return self._pump.step(self)

    def closed(self) -> None:
        """The connection ended. A message that came as a whole counts, and so does what came behind it."""
        self._pump.ended(self)


def close_reason(text: str) -> str:
    """`text` cut to what a websocket close frame holds: 123 bytes of UTF-8 (RFC 6455, section 5.5)."""
    return text.encode()[:_REASON_LIMIT].decode(errors="ignore")
