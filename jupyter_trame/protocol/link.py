"""The operations of the Link (PROTOCOL.md, section 2); `link_encoder` writes them to a byte stream.

No operation is changed once it is made. Those that each message of a client needs are not ``frozen``: Python takes
four times as long to make one that is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from jupyter_trame.protocol.envelope import Request
from jupyter_trame.types import ClientId, Epoch, Packed, Seq, StateKey

__all__ = [
    "LINK_VERSION",
    "Call",
    "Challenge",
    "ClientClosed",
    "ClientOpened",
    "CloseClient",
    "Commit",
    "Fetch",
    "File",
    "Folder",
    "Join",
    "LinkOp",
    "Message",
    "PageFiles",
    "Parcel",
    "Ping",
    "Pong",
    "Pressure",
    "Proof",
    "Resume",
    "Resumed",
    "Seen",
    "Settle",
    "Snapshot",
    "Stopped",
    "Taken",
    "Vacant",
    "Write",
    "cost_of",
]

LINK_VERSION = 3

_ENTRY = 512
"""Bytes of memory that a write or a call takes beside its content, about."""


@dataclass(frozen=True, slots=True)
class Join:
    """A replica asks for the server `slug`."""

    replica_id: str
    slug: str
    nonce: bytes
    """Random; see `protocol.handshake`."""
    version: int = LINK_VERSION
    package: str = field(default="", compare=False)
    """The version of jupyter_trame there; empty where it does not say so, and knows no `Ping`."""


@dataclass(frozen=True, slots=True)
class ClientOpened:
    """A client said hello; `native` tells that it speaks this protocol's extension."""

    client: ClientId
    native: bool
    token: bytes = field(default=b"", compare=False, repr=False)
    """Hash of its resume token; empty for a stock client."""
    identity: str | None = field(default=None, compare=False)
    """Who may resume the session."""
    package: str = field(default="", compare=False)
    """The version of jupyter_trame that the client has; empty where it does not say so."""


@dataclass(frozen=True, slots=True)
class ClientClosed:
    """A client's session ended."""

    client: ClientId


@dataclass(slots=True)
class Write:
    """A client wrote keys; `request_id` is set when the client waits for the server's answer."""

    client: ClientId
    number: int
    request_id: str | None
    values: Sequence[tuple[StateKey, Packed]]
    covered: list[str] | None = field(default=None, compare=False)
    """Requests that became part of this one before it left, and are answered with it; only the replica knows."""
    decoded: dict[StateKey, Any] | None = field(default=None, compare=False)
    """Those of the values that are large, where no stream lies between the replica and the server."""
    cost: int = field(default=0, compare=False)
    """Once it is known, as in `cost_of`."""


@dataclass(slots=True)
class Call:
    """A request of a client, its envelope still packed."""

    client: ClientId
    envelope: Packed
    index: int = field(default=0, compare=False)
    """How many messages of the session came, with this one."""
    request: Request | None = field(default=None, compare=False)
    """The envelope as the replica has read it, where no stream lies between it and the server."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """A part of a file that the replica cannot read itself; `length` may be 0. Answered by `File`."""

    request: int
    path: str
    """As in the address, percent-decoded, without the leading slash."""
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Pressure:
    """How many messages wait for the slowest client of the replica that reads; said when it changes much."""

    waiting: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The replica has taken the snapshot of another life: what it says from here on is meant for that one."""

    epoch: Epoch


@dataclass(frozen=True, slots=True)
class Resume:
    """A client of another replica wants to go on with its session. Answered by `Resumed`."""

    request: int
    token: bytes = field(repr=False)
    """Hash of its resume token."""
    identity: str | None
    heard: int
    """Number of the newest message that it has read."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The replica knows the secret: the answer to `Challenge`."""

    proof: bytes


@dataclass(frozen=True, slots=True)
class Challenge:
    """The kernel knows the secret: the answer to `Join`."""

    nonce: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the server holds: the answer to `Proof`."""

    epoch: Epoch
    seq: Seq
    info: dict[str, Any]
    values: Sequence[tuple[StateKey, Seq, Packed]]
    version: int = LINK_VERSION


@dataclass(slots=True)
class Commit:
    """New values. A value of None is the one of the write `origin`, which the replica holds already."""

    seq: Seq
    values: Sequence[tuple[StateKey, Packed | None]]
    origin: tuple[ClientId, int] | None = None
    force: bool = False


@dataclass(slots=True)
class Settle:
    """The write is applied; the values of its keys are those of the commits so far."""

    client: ClientId
    number: int
    seq: Seq


@dataclass(slots=True)
class Message:
    """A packed envelope for one client, or for all but one."""

    envelope: Packed
    client: ClientId | None = None
    skip: ClientId | None = None
    number: int = field(default=0, compare=False)
    """Among the messages of this life of the server, from 1."""


@dataclass(frozen=True, slots=True)
class CloseClient:
    """End a client's connection."""

    client: ClientId
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The server ended."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Vacant:
    """No server runs at this address for now, as `reason` says; the `Snapshot` of the next one follows."""

    reason: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """The answer to `Resume`; what the client has not read of the server's messages follows."""

    request: int
    client: ClientId | None = None
    """None: nobody knows that session."""
    received: int = 0
    """Number of the last write that came."""
    settled: int = 0
    """Number of the last write that is settled."""
    got: int = 0
    """The `index` of the last call that came."""
    calls: Sequence[str] = ()
    """Ids of the calls whose answers come."""
    writes: Sequence[tuple[int, Sequence[tuple[StateKey, Packed | None]]]] = ()
    """Those that are not settled, by number; None for a value that other clients do not see as it came."""


@dataclass(slots=True)
class Taken:
    """What the server's loop has begun to work on since the last time: bytes as in `cost_of`, by client."""

    clients: dict[ClientId, int]


class Folder(NamedTuple):
    """A directory of the server's machine."""

    path: str
    device: int
    inode: int
    """With `device`, tells a directory from another one of that path on another machine."""


@dataclass(frozen=True, slots=True)
class PageFiles:
    """The files that pages of the server may ask for."""

    folders: Mapping[str, Folder] = field(default_factory=dict)
    """By the prefix of the address, without outer slashes; ``""`` holds the page itself where it is not ours."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What goes into every successful response unless it is there already."""
    follow_symlinks: bool = False
    """Whether a link in a folder may lead out of it."""
    connect_src: tuple[str, ...] = ()
    """Sources of a content policy: what pages may talk to beside their own host."""
    frame_ancestors: tuple[str, ...] = ()
    """Sources of a content policy: who may show pages in a frame, beside their own origin."""


@dataclass(frozen=True, slots=True)
class File:
    """The answer to `Fetch`."""

    request: int
    status: int
    """200, 403 for a directory, 404."""
    size: int = 0
    """Of the whole file, in bytes."""
    modified: int = 0
    """Nanoseconds since the epoch."""
    data: Packed = b""
    """The part, shorter than was asked for at the end of the file or where that is too much at once."""


@dataclass(slots=True)
class Parcel:
    """What a service of the kernel that is no server says or is told, in its own terms; links of servers have none."""

    header: list[Any]
    """What msgpack has a form for."""
    payload: Packed = b""


@dataclass(frozen=True, slots=True)
class Ping:
    """How long is the way? Either end asks, once it knows that the other one has this operation."""

    number: int


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to `Ping`, at once."""

    number: int


LinkOp: TypeAlias = (
    Join
    | ClientOpened
    | ClientClosed
    | Write
    | Call
    | Fetch
    | Pressure
    | Proof
    | Seen
    | Resume
    | Resumed
    | Challenge
    | Snapshot
    | Commit
    | Settle
    | Message
    | CloseClient
    | Stopped
    | PageFiles
    | Parcel
    | Ping
    | Pong
    | File
    | Taken
    | Vacant
)


def cost_of(op: Write | Call) -> int:
    """What `op` takes of the window that a server grants, in bytes; both ends of the link count the same."""
    if isinstance(op, Call):
        return _ENTRY + len(op.envelope)
    if op.cost:
        return op.cost
    size = _ENTRY
    for key, packed in op.values:
        size += len(key) + len(packed)
    op.cost = size
    return size
