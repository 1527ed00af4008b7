"""What a client's session tells its driver."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from jupyter_trame.protocol.salvage import Lost
from jupyter_trame.types import StateKey

__all__ = [
    "ClientEvent",
    "Published",
    "Ready",
    "Refused",
    "Replied",
    "Settled",
    "StateChanged",
    "StatusChanged",
    "WritesDropped",
]


@dataclass(frozen=True, slots=True)
class Ready:
    """The session is up: resumed, or started with the state that a `StateChanged` brought before."""

    resumed: bool
    name: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The hello was refused: an error map with ``code`` and ``message``."""

    error: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StateChanged:
    """Values of the server or of other clients; `snapshot` tells that these are all keys."""

    changes: dict[StateKey, Any]
    snapshot: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """All own writes up to `number` are committed."""

    number: int


@dataclass(frozen=True, slots=True)
class Replied:
    """The answer to a call; `error` is an error map or None."""

    id: str
    result: Any
    error: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Published:
    """A publication other than the state's."""

    topic: str
    data: Any


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """How the replica and the server get along: ``live``, ``lost``, ``restarted``, ``stopped``."""

    state: str
    message: str


@dataclass(frozen=True, slots=True)
class WritesDropped:
    """Own writes of these keys were meant for a life of the server that is over; they are lost."""

    keys: tuple[StateKey, ...]


ClientEvent: TypeAlias = (
    Ready | Refused | StateChanged | Settled | Replied | Published | StatusChanged | WritesDropped | Lost
)
