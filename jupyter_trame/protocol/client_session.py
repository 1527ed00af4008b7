"""One client of a replica, sans-IO: frames in, events out. `js/src/protocol/session.ts` is its twin.

A client shows its own writes at once. Until a write is settled, values of its key that come in are dropped:
the replica sends what is missing after the settlement (PROTOCOL.md, section 1).

A stock trame server is served too. It numbers nothing, so its answer to a write settles it, and a connection that
is lost is the end of the session: the next one starts with the whole state and writes again what was not answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.names import (
    HELLO,
    HELLO_ID,
    LEAVE,
    LEAVE_ID,
    SETTLED_TOPIC,
    STATE_TOPIC,
    STATUS_TOPIC,
)
from jupyter_trame.protocol.chunking import Assembler
from jupyter_trame.protocol.client_events import (
    ClientEvent,
    Published,
    Ready,
    Refused,
    Replied,
    Settled,
    StateChanged,
    StatusChanged,
    WritesDropped,
)
from jupyter_trame.protocol.departures import Departures
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.packing import unpack
from jupyter_trame.protocol.salvage import Lost, salvage
from jupyter_trame.protocol.tolerant import read_tolerantly
from jupyter_trame.types import Packed, StateKey

__all__ = ["ClientSession"]


@dataclass(slots=True)
class ClientSession:
    """Speaks for one client, over all its connections. Not thread-safe; its driver calls it from one thread.

    After `connected` and each `receive`, what `take_output` returns has to be sent.
    """

    secret: str = field(default="", repr=False)
    limits: Limits = field(default_factory=Limits)
    greeting: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """More for the server to read in the hello; it may be some 300 bytes long."""
    epoch: str | None = None
    seq: int = 0
    name: str = ""
    """The server's; empty before it said so."""
    _hellos: int = 0
    """Those of the present connection that are not answered."""
    _resume: str | None = field(default=None, repr=False)
    _got: int = 0
    _heard: int = 0
    """Number of the newest message of the server."""
    _departures: Departures = field(init=False, repr=False)
    _assembler: Assembler = field(init=False)

    def __post_init__(self) -> None:
        self._departures = Departures(self.limits.frame)
        self._assembler = self._new_assembler()

    def _new_assembler(self) -> Assembler:
        return Assembler(self.limits.message, self.limits.partial_messages)

    # -- what the driver calls

    @property
    def client_id(self) -> str | None:
        """None until the first hello was answered."""
        return self._departures.client_id

    @property
    def live(self) -> bool:
        """Whether hello is answered on the present connection."""
        return self._departures.live

    @property
    def stock(self) -> bool:
        """Whether the server is one of trame's own."""
        return self._departures.stock

    @property
    def pending(self) -> Mapping[StateKey, int]:
        """Keys with an unsettled write of this client, and the newest one's number."""
        return self._departures.writes.pending

    @property
    def number(self) -> int:
        """Of the newest write."""
        return self._departures.writes.number

    def connected(self) -> None:
        """A connection is there: says hello."""
        self._hellos = 0
        self._assembler = self._new_assembler()
        self._departures.drop()
        self._say_hello()

    def _say_hello(self) -> None:
        self._departures.live = False
        self._hellos += 1
        own: dict[str, Any] = {"v": 1}
        if self._resume is not None:
            own |= {"resume": self._resume, "epoch": self.epoch, "seq": self.seq}
            own |= {"got": self._got, "heard": self._heard}
        greeting = {**self.greeting, "secret": self.secret, "jt": own}
        self._departures.post(pack_request(HELLO_ID, HELLO, [greeting]))

    def disconnected(self) -> None:
        """The connection is gone; writes and calls wait for the next one."""
        self._departures.live = False
        self._departures.drop()

    def leave(self) -> None:
        """Say, behind all that was sent, that nobody will resume: the session ends, and the connection is to be closed.

        A stock server is told nothing: there a client ends with its connection.
        """
        if not self.stock:
            self._departures.post(pack_request(LEAVE_ID, LEAVE))
        self.forget()

    def forget(self) -> None:
        """The next hello starts a new session, and nothing of what was sent is ever sent again."""
        self._resume = None
        self._departures.forget()

    def take_output(self) -> list[bytes]:
        """Frames to send, in order, each once."""
        return self._departures.take()

    def write(self, changes: Mapping[StateKey, Any]) -> int:
        """Write keys; returns the write's number. Raises `SerializationError` and changes nothing then.

        Without a connection all writes that no call comes between are one, with the latest value of each key.
        """
        return self._departures.write(changes)

    def call(self, method: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> str:
        """Call a method; returns the id that its `Replied` will carry. Raises `SerializationError`.

        Without a connection it waits for the next one.
        """
        return self._departures.call(method, args, kwargs)

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
            envelope, lost = salvage(envelope, losses, self._departures.asks_for_state)
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

    # -- hello

    def _hello(self, envelope: dict[str, Any]) -> list[ClientEvent]:
        self._hellos -= 1
        if "error" in envelope:
            return [Refused(envelope["error"])]
        if self._hellos > 0:
            return []  # the next one, on its way already, starts another session
        result = envelope.get("result") or {}
        own: Any = result.get("jt")
        departures = self._departures
        departures.stock = own is None
        if own is None:
            own = {"epoch": "", "resume": None, "resumed": False}
        departures.client_id = result["clientID"]
        departures.frame_limit = result["maxMsgSize"] or self.limits.frame
        self._resume = own["resume"]
        return self._resumed(own) if own["resumed"] else self._started(own["epoch"])

    def _resumed(self, own: dict[str, Any]) -> list[ClientEvent]:
        events = self._settle(own["settled"])
        if "calls" in own:
            events += self._departures.calls.fail_unknown(own["got"], set(own["calls"]))
        self._departures.resume(own["received"], own["got"])
        return [*events, Ready(resumed=True, name=self.name)]

    def _started(self, epoch: str) -> list[ClientEvent]:
        """A new session: everything comes again. Calls that left before may have run, and nobody can tell; what has not
        left does now, in its order, unless it was meant for another life of the server.
        """
        calls = self._departures.calls
        same = self.epoch in {None, epoch}
        lost: list[ClientEvent] = [*calls.fail("the connection and its session were lost", sent=True)]
        if not same:
            lost += calls.fail("the server was started again; the call was not made")
            if self.pending:
                lost.append(WritesDropped(tuple(self.pending)))
        self.epoch, self.seq = epoch, 0
        self._got = self._heard = 0
        self._departures.restart(again=same)
        return lost

    # -- what the server says

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
        failed: list[Replied] = []
        if state == "restarted":
            self._resume = None
            self._say_hello()
        elif state != "live":
            failed = self._departures.calls.fail(message, sent=True)
        return [StatusChanged(state, message), *failed]

    def _replied(self, envelope: dict[str, Any]) -> list[ClientEvent]:
        call = self._departures.calls.take(envelope["id"])
        if call is None:
            return []
        if call.settles:
            return self._settle(call.settles)
        if not call.own:
            return [Replied(envelope["id"], envelope.get("result"), envelope.get("error"))]
        result = envelope.get("result") or {}
        self._note(envelope)
        self.name = result["name"]
        return [StateChanged(self._admit(result["state"]), snapshot=True), Ready(False, self.name)]

    def _admit(self, values: dict[StateKey, Any]) -> dict[StateKey, Any]:
        if not self.pending:
            return values
        return {key: value for key, value in values.items() if key not in self.pending}

    def _note(self, envelope: dict[str, Any]) -> None:
        mark = envelope.get("jt")
        if isinstance(mark, list) and mark[0] == self.epoch:
            self.seq = max(self.seq, mark[1])

    def _settle(self, number: int) -> list[ClientEvent]:
        return [Settled(number)] if self._departures.writes.settle(number) else []
