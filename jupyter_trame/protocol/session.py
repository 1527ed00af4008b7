"""What a replica knows of one client: its hello, its channel while it is connected, its session over reconnects."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.protocol.chunking import Assembler, Frame
from jupyter_trame.protocol.large_requests import Reading
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import ClientOpened
from jupyter_trame.protocol.outbox import Outbox
from jupyter_trame.protocol.package_version import read_package
from jupyter_trame.types import ClientId, Epoch, Packed, Seq, StateKey

__all__ = [
    "Channel",
    "Frames",
    "Hello",
    "Provisional",
    "Session",
    "StateEncoder",
    "StateItem",
    "Validator",
    "hello_limit",
    "read_greeting",
    "token_hash",
]

Frames: TypeAlias = tuple[Frame, ...]
"""One message, cut into chunks; the same tuple serves all clients it goes to."""


StateItem: TypeAlias = dict[StateKey, None] | str
"""Keys to publish, or the id of a request for the whole state: values are looked up when they leave."""

_NOBODY = ClientId("")

_NUMBERS = 1 << 53
"""Write numbers are below this, where both languages know all integers."""

_BACKLOG = 64
_BACKLOG_SIZE = 4 << 20
"""Frames, and their bytes, that wait for the answer to a hello."""
_FRAME = 128
"""Bytes of memory that a frame which waits takes beside its content, about."""

_BESIDE_SECRET = 448
"""Bytes of a hello that are not its secret."""

_ITEM_SIZE = 256
_KEY_SIZE = 64
"""What a publication or a request for the state, and each key of it, take in the history, in bytes."""


def token_hash(token: str) -> bytes:
    """What the server is told of a session's resume token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


@dataclass(slots=True, eq=False)
class Provisional:
    """A client's value that the server has not committed yet."""

    author: Session
    shared: Packed
    """What other clients may see of it; empty where they may not."""


class StateEncoder(Protocol):
    """Makes the publication of waiting keys, or the answer to a ``trame.state.get``, when it can leave."""

    def __call__(self, session: Session, item: StateItem) -> Frames: ...


class Session:
    """One client, from its first hello until it leaves or its grace time is over."""

    __slots__ = (
        "_floor",
        "_history",
        "_history_size",
        "calls",
        "channel",
        "client_id",
        "deadline",
        "got",
        "identity",
        "limits",
        "native",
        "notice",
        "outbox",
        "over",
        "package",
        "provisional",
        "pushed",
        "received",
        "sent",
        "seq",
        "settled",
        "synced",
        "token",
    )

    def __init__(
        self, client_id: ClientId, token: str, identity: str | None, native: bool, limits: Limits
    ) -> None:
        self.client_id = client_id
        self.token = token
        """Secret with which the same identity may take the session over."""
        self.identity = identity
        self.native = native
        """Whether the client speaks the extension of the wire."""
        self.limits = limits
        self.package = ""
        """The version of jupyter_trame that the client has; empty where it does not say so."""
        self.channel: Channel | None = None
        self.deadline: float | None = None
        """When the session ends, while it has no channel."""
        self.outbox: Outbox[Frames | str] = Outbox(limits.client_queue)
        self.reset()

    def reset(self) -> None:
        """Start over: the client has nothing and gets everything."""
        self.outbox.clear()
        self.over = False
        """Whether its life of the server is over: the next one hears of the client when that says hello."""
        self.provisional: dict[StateKey, Provisional] = {}
        """Keys whose value at the client is a provisional one, its own included."""
        self.pushed: dict[StateKey, Packed] = {}
        """What was last pushed to a stock client; one of its own writes may have crossed it."""
        self.synced = not self.native
        """Whether the client has the state, so that changes make sense to it; a stock one may never ask."""
        self.seq: Seq = 0
        self.received = self.settled = 0
        self.notice: int | None = None
        """Number of the newest settled write of which the client has not been told yet."""
        self.got = self.sent = 0
        self.calls: Sequence[str] | None = None
        """Of a session that another replica began: which calls are going to be answered. It is told until the client
        has read it, which what it sends then shows."""
        self._history: deque[tuple[int, Frames | StateItem, int]] = deque()
        self._history_size = self._floor = 0

    @property
    def opening(self) -> ClientOpened:
        """What the server is told of it."""
        token = token_hash(self.token) if self.native else b""
        return ClientOpened(self.client_id, self.native, token, self.identity, self.package)

    def continues(
        self, *, got: int, sent: int, received: int, settled: int, seq: Seq, calls: Sequence[str]
    ) -> None:
        """The session has come this far, with another replica; `calls` of it are going to be answered."""
        self.calls = calls
        self.synced, self.seq = True, seq
        self.received, self.settled = received, settled
        self.got = got
        self.sent = self._floor = sent

    def greeting(self, epoch: Epoch | None, *, resumed: bool) -> dict[str, Any]:
        """What the answer to hello tells of this session."""
        greeting: dict[str, Any] = {
            "v": 1,
            "epoch": epoch,
            "resume": self.token,
            "resumed": resumed,
            "received": self.received,
            "settled": self.settled,
            "got": self.got,
        }
        if resumed and self.calls is not None:
            greeting["calls"] = list(self.calls)
        return greeting

    def write_number(self, jt: object) -> int | None:
        """The number that the client gave a write; None for a write that the server is to answer."""
        if not self.native or type(jt) is not int:
            return None
        if not 0 < jt < _NUMBERS:
            raise MalformedMessageError(f"the number of a write counts from 1, it is not {jt}")
        return jt

    @property
    def reachable(self) -> bool:
        """Whether changes can be sent to the client now."""
        return self.synced and self.channel is not None

    def remember(self, item: Frames | StateItem, size: int) -> None:
        """Keep what leaves, until the history is full."""
        if not self.native:
            return
        self._history.append((self.sent, item, size))
        self._history_size += size
        while self._history_size > self.limits.history:
            index, _, old = self._history.popleft()
            self._history_size -= old
            self._floor = index + 1

    def can_resume(self, got: int) -> bool:
        """Whether nothing is lost for a client that read `got` messages."""
        return self._floor <= got <= self.sent

    def rewind(self, got: int) -> None:
        """Queue again what left after the first `got` messages, and then what waits; all keys come first."""
        keys, waiting = self.outbox.drain()
        again: list[tuple[Frames | str, int]] = []
        for index, item, size in self._history:
            if index < got:
                continue
            if isinstance(item, dict):
                keys.update(item)
            else:
                again.append((item, size))
        self.notice = None  # the hello's answer tells it
        self.outbox.add_keys(keys)
        for message, size in again + waiting:
            self.outbox.add_message(message, size)
        self.sent = got
        self._history.clear()
        self._history_size = 0


@dataclass(slots=True, eq=False)
class Channel:
    """One connection of a client, with or without a session yet."""

    identity: str | None
    trusted: bool
    """Whether jupyter-server authorised the connection; the hello's secret is not looked at then."""
    limits: Limits
    assembler: Assembler
    session: Session | None = None
    hello: Hello | None = None
    """A hello that somebody is deciding about."""
    backlog: deque[Packed] = field(default_factory=deque)
    """Frames that came before their turn: there was no snapshot, a hello is decided about, a request is read."""
    backlog_size: int = 0
    """The memory that they take."""
    reading: Reading | None = None
    """The steps of reading a large request, while it is read."""
    read: Packed | None = None
    """That request."""
    direct: deque[Frames] = field(default_factory=deque)
    """Answers outside the session: to hello, and to whoever is not authenticated."""
    closing: tuple[int, str] | None = None
    """Close code and reason, once the replica wants the connection closed."""
    client: ClientId = _NOBODY
    """What the client is called once it is let in, unless it resumes a session."""

    @property
    def greeted(self) -> bool:
        """Whether the client has said something that is, or may be, a hello that was or will be accepted."""
        return self.session is not None or self.hello is not None or bool(self.backlog)

    @property
    def held(self) -> int:
        """Bytes of messages that are incomplete, are read, or wait for their turn."""
        return self.assembler.held + self.backlog_size + (len(self.read) if self.read is not None else 0)

    @property
    def waits_for_us(self) -> bool:
        """Whether the client has said what it has to say, and the decision about it is on its way."""
        return self.hello is not None or self.reading is not None or bool(self.backlog)

    @property
    def urgent(self) -> bool:
        """Whether an answer is among what `frames` would give."""
        session = self.session
        return bool(self.direct) or (
            session is not None and session.channel is self and session.outbox.urgent > 0
        )

    def put_off(self, frame: Packed) -> bool:
        """Keep `frame` in the backlog; False once that is full: soon before the hello, then as a message would be."""
        size = self.backlog_size + len(frame) + _FRAME
        if self.session is None:
            full = len(self.backlog) >= _BACKLOG or size > _BACKLOG_SIZE
        else:
            full = size > self.limits.message
        if not full:
            self.backlog.append(frame)
            self.backlog_size = size
        return not full

    def take_back(self) -> Packed:
        """The oldest frame of the backlog."""
        frame = self.backlog.popleft()
        self.backlog_size -= len(frame) + _FRAME
        return frame

    def frames(self, room: int, encode: StateEncoder) -> list[Frame]:
        """Frames that may leave now: until `room` bytes are used up or nothing waits."""
        found: list[Frame] = []
        while self.direct:
            found += self.direct.popleft()
        session = self.session
        if session is None or session.channel is not self:
            return found
        outbox = session.outbox
        while room > 0:
            # The notice of a settlement leaves in a state publication if one is next, else by itself, and first.
            item = {} if session.notice is not None and not outbox.starts_with_keys else outbox.pop()
            if item is None:
                break
            if isinstance(item, tuple):
                frames, kept = item, 0
            else:
                frames = encode(session, item)
                if not frames:
                    continue
                kept = _ITEM_SIZE + (_KEY_SIZE * len(item) if isinstance(item, dict) else 0)
            size = sum(map(len, frames))
            session.remember(item, kept or size)
            session.sent += 1
            room -= size
            found += frames
        return found

    @property
    def has_output(self) -> bool:
        """Whether `frames` would give any."""
        session = self.session
        if self.direct:
            return True
        if session is None or session.channel is not self:
            return False
        return session.notice is not None or bool(session.outbox)


@dataclass(frozen=True, slots=True, eq=False)
class Hello:
    """Somebody wants to become a client."""

    channel: Channel
    request_id: str
    greeting: dict[str, Any] = field(repr=False)
    client: ClientId
    """What the client is called if it is let in, unless it resumes a session."""

    @property
    def secret(self) -> Any:
        """What the client presents; any value, nobody has looked at it."""
        return self.greeting.get("secret")

    @property
    def own(self) -> dict[str, Any] | None:
        """What a client that speaks our extension of the wire says of itself."""
        own = self.greeting.get("jt")
        return own if isinstance(own, dict) else None

    @property
    def package(self) -> str:
        """The version of jupyter_trame that the client says it has; empty for what is none."""
        return read_package((self.own or {}).get("package"))


Validator: TypeAlias = Callable[[Hello], bool | None]
"""Whether a hello is accepted. None: the decision is on its way to `Replica.admit`; other requests of that client
wait for it."""


def read_greeting(args: list[Any]) -> dict[str, Any]:
    """The argument of ``wslink.hello``; empty where it is no map."""
    return args[0] if args and isinstance(args[0], dict) else {}


def hello_limit(limits: Limits, secret: object) -> int:
    """Bytes of a hello: a long secret, a signed token for example, has to fit."""
    return max(limits.hello, len(str(secret).encode()) + _BESIDE_SECRET)
