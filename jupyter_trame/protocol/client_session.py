"""One client of a replica, sans-IO: frames in, events out. `js/src/protocol/session.ts` is its twin.

A client shows its own writes at once. Until a write is settled, values of its key that come in are dropped:
the replica sends what is missing after the settlement (PROTOCOL.md, section 1).

A stock trame server is served too. It numbers nothing, so its answer to a write settles it, and a connection that
is lost is the end of the session: the next one starts with the whole state and writes again what was not answered.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jupyter_trame.errors import LinkError, MalformedMessageError, SerializationError
from jupyter_trame.names import (
    HELLO,
    HELLO_ID,
    LEAVE,
    LEAVE_ID,
    SETTLED_TOPIC,
    STATE_GET,
    STATE_TOPIC,
    STATE_UPDATE,
    STATUS_TOPIC,
)
from jupyter_trame.protocol.chunking import Assembler, split
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.protocol.salvage import Lost, salvage
from jupyter_trame.protocol.tolerant import read_tolerantly
from jupyter_trame.types import Packed, StateKey

__all__ = [
    "ClientEvent",
    "ClientSession",
    "Lost",
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


@dataclass(slots=True)
class _Write:
    order: int
    changes: dict[StateKey, Any]
    frames: list[bytes]
    sent: bool = False
    """Whether it left over any connection."""


@dataclass(slots=True)
class _Call:
    order: int
    index: int
    """How many messages of the session left before it."""
    payload: bytes
    sent: bool = False
    """Whether it left over any connection: then nobody can tell that it did not run."""
    own: bool = False
    """Whether the session itself asks, with ``trame.state.get``."""
    settles: int = 0
    """Of a stock server: the write that the answer settles."""


@dataclass(slots=True)
class ClientSession:
    """See the module. Not thread-safe; its driver calls it from one thread.

    After `connected` and each `receive`, what `take_output` returns has to be sent.
    """

    secret: str = field(default="", repr=False)
    limits: Limits = field(default_factory=Limits)
    greeting: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """More for the server to read in the hello; it may be some 300 bytes long."""
    client_id: str | None = None
    """None until the first hello was answered."""
    epoch: str | None = None
    seq: int = 0
    live: bool = False
    """Whether hello is answered on the present connection."""
    stock: bool = False
    """Whether the server is one of trame's own."""
    pending: dict[StateKey, int] = field(default_factory=dict)
    """Keys with an unsettled write of this client, and the newest one's number."""
    _hellos: int = 0
    """Those of the present connection that are not answered."""
    _frame_limit: int = 0
    _resume: str | None = field(default=None, repr=False)
    _got: int = 0
    _heard: int = 0
    """Number of the newest message of the server."""
    _sent: int = 0
    _number: int = 0
    _name: str = ""
    _writes: dict[int, _Write] = field(default_factory=dict)
    _calls: dict[str, _Call] = field(default_factory=dict)
    _output: list[bytes] = field(default_factory=list)
    _assembler: Assembler = field(init=False)
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)
    _order: int = 0
    """Of the newest write or call."""
    _message_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self._assembler = self._new_assembler()

    def _new_assembler(self) -> Assembler:
        return Assembler(self.limits.message, self.limits.partial_messages)

    # -- what the driver calls

    @property
    def name(self) -> str:
        """The server's name; empty before it said so."""
        return self._name

    def connected(self) -> None:
        """A connection is there: says hello."""
        self._hellos = 0
        self._assembler = self._new_assembler()
        self._output = []
        self._say_hello()

    def _say_hello(self) -> None:
        self.live = False
        self._hellos += 1
        own: dict[str, Any] = {"v": 1}
        if self._resume is not None:
            own |= {"resume": self._resume, "epoch": self.epoch, "seq": self.seq}
            own |= {"got": self._got, "heard": self._heard}
        greeting = {**self.greeting, "secret": self.secret, "jt": own}
        self._output += self._frames(pack_request(HELLO_ID, HELLO, [greeting]))

    def disconnected(self) -> None:
        """The connection is gone; writes and calls wait for the next one."""
        self.live = False
        self._output = []

    def leave(self) -> None:
        """Say, behind all that was sent, that nobody will resume: the session ends, and the connection is to be closed.

        A stock server is told nothing: there a client ends with its connection.
        """
        if not self.stock:
            self._output += self._frames(pack_request(LEAVE_ID, LEAVE))
        self.forget()

    def forget(self) -> None:
        """The next hello starts a new session, and nothing of what was sent is ever sent again."""
        self._resume = None
        self._writes, self._calls, self.pending = {}, {}, {}

    def take_output(self) -> list[bytes]:
        """Frames to send, in order, each once."""
        output, self._output = self._output, []
        return output

    def write(self, changes: Mapping[StateKey, Any]) -> int:
        """Write keys; returns the write's number. Raises `SerializationError` and changes nothing then.

        Without a connection all writes that no call comes between are one, with the latest value of each key.
        """
        number, order = self._number + 1, self._order + 1
        last = self._writes.get(self._number)
        if last is not None and not last.sent and last.order == self._order:
            number, order, changes = self._number, last.order, {**last.changes, **changes}
        entries = [{"key": key, "value": value} for key, value in changes.items()]
        request_id = self._new_id()
        try:
            packed = pack_request(request_id, STATE_UPDATE, [entries], jt=None if self.stock else number)
        except SerializationError:
            for key, value in changes.items():
                pack(value, key)  # names the key, and the place in its value
            raise
        self._number, self._order = number, order
        write = self._writes[number] = _Write(order, dict(changes), self._frames(packed))
        self.pending.update(dict.fromkeys(changes, number))
        if self.live:
            if self.stock:
                self._calls[request_id] = _Call(
                    self._next_order(), self._sent, b"", sent=True, settles=number
                )
            self._send_write(write)
        return number

    def call(self, method: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> str:
        """Call a method; returns the id that its `Replied` will carry. Raises `SerializationError`.

        Without a connection it waits for the next one.
        """
        request_id = self._new_id()
        self._add_call(request_id, pack_request(request_id, method, args, kwargs))
        return request_id

    def receive(self, frame: Packed) -> list[ClientEvent]:
        """What a frame of the replica tells. Raises `ProtocolError`."""
        payload = self._assembler.feed(frame)
        if payload is None:
            return []
        lost: list[Lost] = []
        try:
            envelope = unpack(payload, any_keys=True)
        except MalformedMessageError:
            envelope, losses = read_tolerantly(payload)
            envelope, lost = salvage(envelope, losses, self._asks_for_state)
        if not isinstance(envelope, dict) or not isinstance(envelope.get("id"), str):
            raise MalformedMessageError("a message of a server is a map with an id")
        try:
            return [*lost, *self._dispatch(envelope)]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise MalformedMessageError(f"a message of the server has another form: {error!r}") from error

    def _dispatch(self, envelope: dict[str, Any]) -> list[ClientEvent]:
        if envelope["id"] == HELLO_ID:
            return self._hello(envelope)
        if envelope["id"].startswith("system:"):
            return []
        self._got += 1
        if type(number := envelope.get("jt")) is int:
            self._heard = max(self._heard, number)
        kind, _, rest = envelope["id"].partition(":")
        if kind == "publish" and "result" in envelope:
            return self._published(rest.rpartition(":")[0], envelope)
        return self._replied(envelope)

    def _asks_for_state(self, request_id: str) -> bool:
        call = self._calls.get(request_id)
        return call is not None and call.own

    # -- sending

    def _new_id(self) -> str:
        return f"rpc:{self.client_id or 'c0'}:{next(self._ids)}"

    def _frames(self, payload: bytes) -> list[bytes]:
        limit = self._frame_limit or self.limits.frame
        return split([payload], next(self._message_ids) & 0xFFFFFFFF, limit)

    def _next_order(self) -> int:
        self._order += 1
        return self._order

    def _send(self, frames: list[bytes]) -> None:
        self._sent += 1
        self._output += frames

    def _send_write(self, write: _Write) -> None:
        write.sent = True
        self._send(write.frames)

    def _add_call(self, request_id: str, payload: bytes, *, own: bool = False) -> None:
        call = self._calls[request_id] = _Call(self._next_order(), self._sent, payload, own=own)
        if self.live:
            self._send_call(call)

    def _send_call(self, call: _Call) -> None:
        call.index, call.sent = self._sent, True
        self._send(self._frames(call.payload))

    # -- receiving

    def _hello(self, envelope: dict[str, Any]) -> list[ClientEvent]:
        self._hellos -= 1
        if "error" in envelope:
            return [Refused(envelope["error"])]
        if self._hellos > 0:
            return []  # the next one, on its way already, starts another session
        result = envelope.get("result") or {}
        own: Any = result.get("jt")
        self.stock = own is None
        if own is None:
            own = {"epoch": "", "resume": None, "resumed": False}
        self.client_id, self._frame_limit = result["clientID"], result["maxMsgSize"]
        self._resume = own["resume"]
        if own["resumed"]:
            return self._resumed(own)
        return self._started(own)

    def _resumed(self, own: dict[str, Any]) -> list[ClientEvent]:
        self.live = True
        events = self._settle(own["settled"])
        self._sent = own["got"]
        if "calls" in own:
            events += self._fail_unknown(own["got"], set(own["calls"]))
        writes: list[_Write | _Call] = [
            write for number, write in self._writes.items() if number > own["received"]
        ]
        calls: list[_Write | _Call] = [call for call in self._calls.values() if call.index >= own["got"]]
        for message in sorted(writes + calls, key=lambda message: message.order):
            if isinstance(message, _Write):
                self._send_write(message)
            else:
                self._send_call(message)
        return [*events, Ready(resumed=True, name=self._name)]

    def _fail_unknown(self, got: int, known: set[str]) -> list[ClientEvent]:
        """Another replica has the session: of what left before, the answers of `known` calls come, and no others."""
        lost = [i for i, call in self._calls.items() if call.sent and call.index < got and i not in known]
        return self._fail("the Jupyter server was restarted", lost)

    def _started(self, own: dict[str, Any]) -> list[ClientEvent]:
        """A new session: everything comes again. Calls that left before may have run, and nobody can tell; what has not
        left does now, in its order, unless it was meant for another life of the server.
        """
        lost = self._fail_calls("the connection and its session were lost", sent=True)
        waiting: list[tuple[int, str, _Write | _Call]] = []
        if self.epoch in {None, own["epoch"]}:
            waiting = [(write.order, "", write) for write in self._writes.values()]
            waiting += [(c.order, i, c) for i, c in self._calls.items() if not (c.own or c.settles)]
        else:
            lost += self._fail_calls("the server was started again; the call was not made")
            if self.pending:
                lost.append(WritesDropped(tuple(self.pending)))
        self.epoch, self.seq = own["epoch"], 0
        self._got = self._heard = self._sent = self._number = 0
        self._calls, self._writes, self.pending = {}, {}, {}
        self.live = True
        state_id = self._new_id()
        self._add_call(state_id, pack_request(state_id, STATE_GET), own=True)
        for _, request_id, item in sorted(waiting, key=lambda item: item[0]):
            if isinstance(item, _Write):
                self.write(item.changes)
            else:
                self._add_call(request_id, item.payload)
        return lost

    def _published(self, topic: str, envelope: dict[str, Any]) -> list[ClientEvent]:
        data = envelope["result"]
        if topic == STATE_TOPIC:
            mark = envelope.get("jt")
            events = self._settle(mark[2]) if isinstance(mark, list) and len(mark) > 2 else []
            changes = self._admit(data)
            self._note(envelope)
            return [*events, StateChanged(changes, snapshot=False)] if changes else events
        if topic == SETTLED_TOPIC:
            self._note(envelope)
            return self._settle(data)
        if topic == STATUS_TOPIC:
            return self._status(data["state"], data["message"])
        return [Published(topic, data)]

    def _status(self, state: str, message: str) -> list[ClientEvent]:
        failed: list[ClientEvent] = []
        if state == "restarted":
            self._resume = None
            self._say_hello()
        elif state != "live":
            failed = self._fail_calls(message, sent=True)
        return [StatusChanged(state, message), *failed]

    def _fail_calls(self, reason: str, *, sent: bool = False) -> list[ClientEvent]:
        """End all calls, or those that were `sent`."""
        lost = [
            request_id
            for request_id, call in self._calls.items()
            if not (call.own or call.settles) and (call.sent or not sent)
        ]
        return self._fail(reason, lost)

    def _fail(self, reason: str, lost: list[str]) -> list[ClientEvent]:
        events: list[ClientEvent] = []
        for request_id in lost:
            call = self._calls.pop(request_id)
            message = f"{reason}; the call may have run" if call.sent else reason
            events.append(Replied(request_id, None, {"code": LinkError.code, "message": message}))
        return events

    def _replied(self, envelope: dict[str, Any]) -> list[ClientEvent]:
        call = self._calls.pop(envelope["id"], None)
        if call is None:
            return []
        if call.settles:
            return self._settle(call.settles)
        if not call.own:
            return [Replied(envelope["id"], envelope.get("result"), envelope.get("error"))]
        result = envelope.get("result") or {}
        self._note(envelope)
        self._name = result["name"]
        return [StateChanged(self._admit(result["state"]), snapshot=True), Ready(False, self._name)]

    def _admit(self, values: dict[StateKey, Any]) -> dict[StateKey, Any]:
        if not self.pending:
            return values
        return {key: value for key, value in values.items() if key not in self.pending}

    def _note(self, envelope: dict[str, Any]) -> None:
        mark = envelope.get("jt")
        if isinstance(mark, list) and mark[0] == self.epoch:
            self.seq = max(self.seq, mark[1])

    def _settle(self, number: int) -> list[ClientEvent]:
        if not self._writes:
            return []
        self._writes = {n: write for n, write in self._writes.items() if n > number}
        self.pending = {key: n for key, n in self.pending.items() if n > number}
        return [Settled(number)]
