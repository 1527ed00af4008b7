"""What every transport of client frames offers to the pump that drives it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from jupyter_trame.types import Packed

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
    port: ClientPort | None = None
    """Set by whoever connected this transport to a pump; it hears when there is room again."""

    @abstractmethod
    def room(self) -> int:
        """Bytes that may be handed over now; 0 or less while the reader lags.

        Once there is room again the transport calls `ClientPort.writable`.
        """

    @abstractmethod
    def send(self, frame: Packed) -> None:
        """Take one frame. After `close`, or when the other side is gone, it is dropped."""

    def send_all(self, frames: Sequence[Packed]) -> None:
        """Take `frames`, in one step where that is cheaper."""
        for frame in frames:
            self.send(frame)

    def pause(self) -> Callable[[], object] | None:
        """Read nothing of the client, but what is on its way already, until the function is called that this gives.

        None for one that cannot. The function may be called after the end of the connection.
        """
        return None

    @abstractmethod
    def close(self, code: int, reason: str) -> None:
        """End the connection with a websocket close code. More than once is harmless."""


def close_reason(text: str) -> str:
    """`text` cut to what a websocket close frame holds: 123 bytes of UTF-8 (RFC 6455, section 5.5)."""
    return text.encode()[:_REASON_LIMIT].decode(errors="ignore")
