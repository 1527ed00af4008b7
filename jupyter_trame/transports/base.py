"""What every transport of client frames offers to the pump that drives it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from jupyter_trame.protocol.chunking import Frame

if TYPE_CHECKING:
    from jupyter_trame.transports.pump import ClientPort

__all__ = ["ClientTransport", "close_reason"]

_REASON_LIMIT = 123


class ClientTransport(ABC):
    """One connection of one client, seen from the replica; called on the thread of the pump's loop."""

    kind: str
    """Short name for logs: ``websocket``, ``comm``, ``memory``."""
    always_reads = False
    """Whether what the client sends arrives whenever the loop turns. Only then a silence is the client's own."""
    lingers = False
    """Whether `close` keeps the socket until the client has answered; `ClientPort.closed` is called in the end."""
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

    def abort(self) -> None:
        """After `close`, of one that lingers: give the socket back at once."""
        raise NotImplementedError


def close_reason(text: str) -> str:
    """`text` cut to what a websocket close frame holds: 123 bytes of UTF-8 (RFC 6455, section 5.5)."""
    return text.encode()[:_REASON_LIMIT].decode(errors="ignore")
