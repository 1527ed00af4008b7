"""Values and helpers that several test files of the wire share."""

import itertools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from jupyter_trame.names import LEAVE, LEAVE_ID
from jupyter_trame.protocol import Limits, LinkOp, Replica, pack, unpack
from jupyter_trame.protocol.chunking import Assembler, split
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.link import Commit, Settle, Snapshot
from jupyter_trame.protocol.session import Channel, Validator
from jupyter_trame.types import ClientId, Epoch

__all__ = ["Bench", "RawClient", "arrays", "documents", "same", "settlements"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=40)
    | st.binary(max_size=40)
)
documents: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
arrays: st.SearchStrategy[Any] = npst.arrays(
    st.sampled_from(
        ["?", "i1", "u1", "<i2", ">i2", "<u4", "<i8", ">f4", "<f8", "<c16", "<U3", "S4", "<M8[s]"]
    ),
    npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


def same(a: Any, b: Any) -> bool:
    """Equality by type and content; NaN is itself."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return bool(
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.shape == b.shape
            and a.dtype.newbyteorder("<") == b.dtype.newbyteorder("<")
            and a.astype(a.dtype.newbyteorder("<")).tobytes() == b.tobytes()
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and math.isnan(a):
        return math.isnan(b)
    return bool(a == b)


class Bench:
    """A replica with a link that the test plays by hand."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        join: bool = True,
        validate: Validator | None = None,
        version: str = "",
        **values: Any,
    ) -> None:
        tokens = itertools.count()
        self.replica = Replica(
            limits=limits,
            package=version,
            new_token=lambda: f"t{next(tokens)}",
            new_client_id=lambda: f"c{next(tokens):032x}",
            validate=validate,
        )
        self.sent: list[LinkOp] = []
        self.seq = 1
        self.values = values
        if join:
            self.join()

    def join(self, epoch: str = "e1", **info: Any) -> None:
        """A link, and the snapshot of the server behind it."""
        self.replica.link_attached(self.sent.append)
        self.snapshot(epoch, **info)

    def snapshot(self, epoch: str = "e1", **info: Any) -> None:
        pairs = [(key, self.seq, pack(value)) for key, value in self.values.items()]
        described = {"name": "demo", "secret": "s", **info}
        self.replica.receive_link(Snapshot(Epoch(epoch), self.seq, described, pairs))

    def commit(self, *, origin: tuple[ClientId, int] | None = None, **values: Any) -> None:
        """A commit; a value of ``...`` is that of the write `origin`."""
        self.seq += 1
        pairs = [(key, None if value is ... else pack(value)) for key, value in values.items()]
        self.replica.receive_link(Commit(self.seq, pairs, origin))

    def settle(self, client: ClientId, number: int) -> None:
        self.replica.receive_link(Settle(client, number, self.seq))

    def take(self) -> list[LinkOp]:
        """What went to the server since the last call."""
        taken, self.sent[:] = list(self.sent), []
        return taken

    def stock(self) -> "RawClient":
        """A stock client that has the state."""
        return self._ready(RawClient(self), None)

    def native(self) -> "RawClient":
        """A client of ours that has the state."""
        return self._ready(RawClient(self), {"v": 1})

    def _ready(self, client: "RawClient", jt: Any) -> "RawClient":
        client.hello(jt=jt)
        client.request("trame.state.get")
        client.read()
        self.take()
        return client


class RawClient:
    """A connection whose frames the test makes and reads itself."""

    def __init__(self, bench: Bench, *, identity: str | None = None, trusted: bool = False) -> None:
        self.bench = bench
        self.channel: Channel = bench.replica.connect(identity=identity, trusted=trusted)
        self.id = ClientId("")
        self.resume: dict[str, Any] = {}
        self.got = 0
        self.room = 1 << 30
        self._assembler = Assembler(1 << 30, 4)
        self._ids = itertools.count(1)

    @property
    def closing(self) -> tuple[int, str] | None:
        return self.channel.closing

    def send(self, payload: bytes) -> None:
        for frame in split([payload], next(self._ids), 1 << 20):
            self.bench.replica.receive(self.channel, frame)

    def request(self, method: str, *args: Any, request_id: str = "rpc:x:0", jt: Any = None) -> None:
        self.send(pack_request(request_id, method, args, jt=jt))

    def hello(self, secret: Any = "s", *, jt: Any = None) -> dict[str, Any]:
        """Say hello; the response."""
        greeting = {"secret": secret} if jt is None else {"secret": secret, "jt": jt}
        self.request("wslink.hello", greeting, request_id="system:c0:0")
        (answer,) = self._take(0)
        if "result" in answer:
            self.id = ClientId(answer["result"]["clientID"])
            self.resume = answer["result"].get("jt") or {}
        return answer

    def write(self, *, number: int | None = None, request_id: str = "rpc:x:0", **values: Any) -> None:
        entries = [{"key": key, "value": value} for key, value in values.items()]
        self.request("trame.state.update", entries, request_id=request_id, jt=number)

    def read(self) -> list[dict[str, Any]]:
        """All messages that may leave now."""
        return self._take(self.room)

    def _take(self, room: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for frame in self.bench.replica.frames(self.channel, room):
            payload = self._assembler.feed(bytes(frame))
            if payload is not None:
                found.append(unpack(payload))
        self.got += sum(message["id"] != "system:c0:0" for message in found)
        return found

    def pushes(self) -> list[dict[str, Any]]:
        """The state publications among the messages that may leave now."""
        return [m["result"] for m in self.read() if m["id"] == "publish:trame.state.topic:0"]

    def cut(self, now: float = 0.0) -> None:
        self.bench.replica.disconnect(self.channel, now)

    def leave(self) -> None:
        """Say that nobody will come back; the connection ends."""
        self.send(pack_request(LEAVE_ID, LEAVE))
        self.cut()

    def back(self, *, got: int | None = None, identity: str | None = None, epoch: str = "e1") -> "RawClient":
        """The next connection of this client, which asks for the session of this one."""
        client = RawClient(self.bench, identity=identity)
        own = {"v": 1, "resume": self.resume["resume"], "epoch": epoch, "seq": 0}
        client.hello(jt={**own, "got": self.got if got is None else got})
        client.got = self.got if got is None else got
        return client


def settlements(messages: Iterable[dict[str, Any]]) -> list[int]:
    """Numbers of the own writes that `messages` say are settled, in either form."""
    found = []
    for message in messages:
        if message["id"] == "publish:jupyter_trame.settled:0":
            found.append(message["result"])
        elif message["id"] == "publish:trame.state.topic:0" and len(message["jt"]) == 3:
            found.append(message["jt"][2])
    return found
