"""What clients want of a server, as `Primary` hands it to the owner loop."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from jupyter_trame.protocol.downstream import LinkEnd
from jupyter_trame.protocol.link import ClientClosed, ClientOpened
from jupyter_trame.types import ClientId, Packed, StateKey

__all__ = ["CallEvent", "Event", "WriteEvent"]


@dataclass(slots=True, eq=False)
class WriteEvent:
    """A client wrote keys; apply it inside `Primary.applying`."""

    client: ClientId
    number: int
    request_id: str | None
    """Set when the client waits for an answer: call `Primary.reply`."""
    values: dict[StateKey, Any]
    packed: dict[StateKey, Packed]
    """The values as they came, for those that stay as they came."""
    settled: bool = False
    link: LinkEnd | None = None
    """Where it came from, until `Primary.taken`."""
    cost: int = 0
    """What it takes of that link's window, in bytes."""


@dataclass(slots=True, eq=False)
class CallEvent:
    """A client called a method; answer with `Primary.reply` or `Primary.reply_error`."""

    client: ClientId
    request_id: str
    method: str
    args: list[Any]
    kwargs: dict[str, Any]
    link: LinkEnd | None = None
    """Where it came from, until `Primary.taken`."""
    cost: int = 0
    """What it takes of that link's window, in bytes."""


Event: TypeAlias = ClientOpened | ClientClosed | WriteEvent | CallEvent
