"""Makes the golden vectors from the Python code: ``python -m tests.vectors.generate``."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import numpy as np

from jupyter_trame.doctor.report import DataPath, Environment, Finding, Limit, Report, RoundTrip
from jupyter_trame.errors import ProtocolError
from jupyter_trame.names import HELLO_ID
from jupyter_trame.protocol.chunking import HEADER, Assembler, split
from jupyter_trame.protocol.client_events import ClientEvent
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.protocol.envelope import (
    numbered,
    pack_error,
    pack_publication,
    pack_request,
    pack_result,
    state_head,
    state_response_head,
)
from jupyter_trame.protocol.handshake import prove
from jupyter_trame.protocol.link import (
    Call,
    Challenge,
    ClientClosed,
    ClientOpened,
    CloseClient,
    Commit,
    Fetch,
    File,
    Folder,
    Join,
    LinkOp,
    Message,
    PageFiles,
    Parcel,
    Ping,
    Pong,
    Pressure,
    Proof,
    Resume,
    Resumed,
    Seen,
    Settle,
    Snapshot,
    Stopped,
    Taken,
    Vacant,
    Write,
)
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.protocol.packing import pack, pack_key, unpack
from jupyter_trame.transports.comm_bytes import carry
from jupyter_trame.types import ClientId, Epoch
from tests.vectors.tagged import to_json

FOLDER = Path(__file__).parent

Cases = list[dict[str, Any]]


def chunks() -> Cases:
    """Messages that fit one frame, that just do not, and that need several."""
    return [
        {
            "name": f"{size} bytes in frames of {limit}",
            "payload": (payload := bytes(i % 251 for i in range(size))).hex(),
            "id": 0x01020304,
            "limit": limit,
            "frames": [frame.hex() for frame in split([payload], 0x01020304, limit)],
        }
        for size, limit in [(1, 64), (52, 64), (53, 64), (200, 64), (3, 13), (0, 64)]
    ]


def streams() -> Cases:
    """Chunks that may come, in any order, and those for which a connection ends."""
    first, second, third, fourth = split([bytes(range(100))], 1, 40)
    other = split([bytes(60)], 1, 40)
    starts = [split([bytes(50)], number, 40)[0] for number in range(5)]
    scenes: dict[str, list[bytes]] = {
        "in order": [first, second, third, fourth],
        "in another order": [third, first, fourth, second],
        "from the end": [fourth, third, second, first],
        "the first twice": [first, second, first],
        "the last twice": [fourth, fourth],
        "twice, which makes the sum of a whole message": [first, second, first, first],
        "two that overlap": [second, HEADER.pack(1, 50, 100) + bytes(28)],
        "one around another": [second, HEADER.pack(1, 20, 100) + bytes(40)],
        "another total": [first, other[1]],
        "behind the end": [HEADER.pack(1, 90, 100) + bytes(20)],
        "without a byte": [HEADER.pack(1, 0, 100)],
        "without a header": [bytes(11)],
        "four incomplete messages": starts[:4],
        "five incomplete messages": starts,
    }
    cases = []
    for name, frames in scenes.items():
        assembler, whole, closes = Assembler(1000, 4), [], None
        try:
            for frame in frames:
                payload = assembler.feed(frame)
                whole += [] if payload is None else [bytes(payload).hex()]
        except ProtocolError as error:
            closes = error.close_code
        sent = [frame.hex() for frame in frames]
        cases.append(
            {"name": name, "limit": 1000, "incomplete": 4, "frames": sent, "whole": whole, "closes": closes}
        )
    return cases


def comm() -> Cases:
    """What a message of a widget's comm says and has, so that some frames arrive."""
    scenes = {"no frame": [], "one": [b"\x00\xff"], "two": [b"jt", bytes(range(256))], "an empty one": [b""]}
    cases = []
    for name, frames in scenes.items():
        for form, as_text in (("buffers", False), ("text", True)):
            content, buffers = carry(frames, as_text=as_text)
            cases.append(
                {
                    "name": f"{name}, as {form}",
                    "frames": [frame.hex() for frame in frames],
                    "content": content,
                    "buffers": [bytes(buffer).hex() for buffer in buffers],
                }
            )
    return cases


def values() -> Cases:
    """Every kind of value, at the borders where the packed form changes."""
    plain: list[Any] = [None, True, False, 0, 127, 128, -1, -32, -33, 255, 256, 65535, 65536, -128, -129]
    plain += [
        2**31,
        2**32 - 1,
        0.5,
        -1.25,
        float("nan"),
        float("inf"),
        "",
        "é",
        "x" * 31,
        "x" * 32,
        "x" * 256,
    ]
    plain += [2**53 - 1, 2**53, 2**63, 2**64 - 1, 1 - 2**53, -(2**53), -(2**63)]
    plain += [b"", b"\x00\xff", [], [1, [2, [3]]], {}, {"a": {"b": None}}, list(range(16)), b"x" * 256]
    cases = [
        {"name": repr(value)[:40], "value": to_json(value), "packed": pack(value).hex()} for value in plain
    ]
    for dtype in ("<f8", "<f4", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "|b1"):
        array = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
        cases.append({"name": f"array {dtype}", "value": to_json(array), "packed": pack(array).hex()})
    for kind in ("<M8[ns]", "<m8[D]", "<c8", "<U2"):
        array = np.array([1, 2, 3]).astype(kind)
        cases.append({"name": f"array {kind}", "value": to_json(array), "packed": pack(array).hex()})
    empty = np.zeros((0, 3), "<f4")
    cases.append({"name": "array without items", "value": to_json(empty), "packed": pack(empty).hex()})
    scalar = np.array(7, "<i4")
    cases.append({"name": "array of no dimension", "value": to_json(scalar), "packed": pack(scalar).hex()})
    moment = msgpack.Timestamp(1_700_000_000, 250_000_000)
    cases.append({"name": "a Date", "value": to_json(moment), "packed": pack(moment).hex()})
    for name, value, sent in _python_values():
        cases.append({"name": name, "value": to_json(sent), "packed": pack(value).hex()})
    return cases


@dataclass
class _Point:
    x: int
    tags: set[str]


def _python_values() -> list[tuple[str, Any, Any]]:
    """What only Python has, and what it is on the wire."""
    moment = dt.datetime(2024, 2, 29, 12, 30, 15, 250_000, dt.timezone(dt.timedelta(hours=2)))
    return [
        ("a set", {3, 1, 2}, [1, 2, 3]),
        ("a frozenset", frozenset("ba"), ["a", "b"]),
        ("an instance of a dataclass", _Point(1, {"t"}), {"x": 1, "tags": ["t"]}),
        ("a datetime", moment, msgpack.Timestamp(1_709_202_615, 250_000_000)),
        ("a datetime before 1970", dt.datetime(1969, 12, 31, tzinfo=dt.UTC), msgpack.Timestamp(-86_400, 0)),
    ]


def envelopes() -> Cases:
    """One message of each kind."""
    epoch, pair = Epoch("e1"), pack_key("x") + pack(5)
    messages = {
        "hello": pack_request(HELLO_ID, "wslink.hello", [{"secret": "s", "jt": {"v": 1}}]),
        "update": pack_request("rpc:c1:0", "trame.state.update", [[{"key": "x", "value": 5}]], jt=1),
        "trigger": pack_request("rpc:c1:1", "trame.trigger", ["go", [1], {"k": 2}]),
        "result": pack_result("rpc:c1:1", {"ok": True}),
        "error": pack_error("rpc:c1:1", -32001, "Exception raised", {"method": "m"}),
        "publication": pack_publication(
            "trame.actions.topic", [{"type": "method", "ref": "r", "method": "focus", "args": []}]
        ),
        "state": state_head(epoch, 7, 1) + pair,
        "state response": state_response_head("rpc:c1:2", "demo", epoch, 7, 1) + pair,
        "settled": pack_publication("jupyter_trame.settled", 3, [epoch, 7]),
    }
    return [
        {"name": name, "value": to_json(unpack(packed)), "packed": packed.hex()}
        for name, packed in messages.items()
    ]


def link() -> Cases:
    """One operation of each kind."""
    client = ClientId("c1")
    five, six = pack(5), pack("six")
    ops: list[LinkOp] = [
        begin := Join("r1", "demo", bytes(range(32)), package="1.2.3"),
        Challenge(nonce := bytes(range(32, 64)), prove("secret", "kernel", begin, nonce)),
        Proof(prove("secret", "replica", begin, nonce)),
        ClientOpened(client, True, bytes(range(64, 96)), "user one", "1.2.3"),
        ClientOpened(ClientId("c2"), False),
        ClientClosed(client),
        Write(client, 1, None, [("x", five), ("y", six)]),
        Write(client, 2, "rpc:c1:4", [("x", five)]),
        Call(client, pack_request("rpc:c1:1", "m"), 4),
        Snapshot(Epoch("e1"), 4, {"name": "demo"}, [("x", 3, five), ("y", 4, six)]),
        Commit(5, [("x", five)]),
        Commit(6, [("x", None), ("y", six)], (client, 1)),
        Commit(7, [("x", five)], None, True),
        Settle(client, 1, 6),
        Message(pack_result("rpc:c1:1", None), client, number=7),
        Message(pack_publication("t", 1), None, client, 8),
        CloseClient(client, 1008, "no"),
        Stopped(1001, "Server shutdown"),
        Fetch(1, "__pkg_1.0/style.css", 0, 65_536),
        Pressure(8),
        PageFiles(
            {"": Folder("/srv/www", 66, 1201), "__pkg_1.0": Folder("/srv/pkg", 66, 1202)},
            {"X-One": "1"},
            False,
            ("https://t.example",),
            ("https://p.example",),
        ),
        File(1, 200, 9, 1_700_000_000_000_000_000, b"p { x: 1"),
        File(2, 404),
        Taken({client: 70_000}),
        Seen(Epoch("e2")),
        Vacant("the server is being started"),
        Resume(1, bytes(range(64, 96)), "user one", 7),
        Resumed(1, client, 3, 1, 4, ["rpc:c1:1"], [(2, [("x", five)]), (3, [("y", None), ("x", six)])]),
        Resumed(2),
        Parcel(["sent", None, 3], b"as it came"),
        Ping(1),
        Pong(1),
    ]
    return [
        {"name": f"{index}: {type(op).__name__}", "frame": b"".join(encode_op(op)).hex()}
        for index, op in enumerate(ops)
    ]


class _Recorder:
    """Runs a client session and writes down what it was told and what it did."""

    def __init__(self) -> None:
        self.session = ClientSession(secret="s")
        self.steps: Cases = []
        self._received = 0

    def do(self, step: dict[str, Any], action: Callable[[], object]) -> None:
        events = action()
        assembler = Assembler(1 << 20, 4)
        payloads = [assembler.feed(frame) for frame in self.session.take_output()]
        self.steps.append(
            {
                **step,
                "sends": [to_json(unpack(payload)) for payload in payloads if payload is not None],
                "events": [_event(event) for event in events] if isinstance(events, list) else [],
                "pending": dict(self.session.pending),
                "seq": self.session.seq,
            }
        )

    def connected(self) -> None:
        self.do({"do": "connected"}, self.session.connected)

    def disconnected(self) -> None:
        self.do({"do": "disconnected"}, self.session.disconnected)

    def leave(self) -> None:
        self.do({"do": "leave"}, self.session.leave)

    def write(self, changes: dict[str, Any]) -> None:
        self.do({"do": "write", "changes": to_json(changes)}, lambda: self.session.write(changes))

    def call(self, method: str, *args: Any) -> None:
        self.do(
            {"do": "call", "method": method, "args": to_json(args)}, lambda: self.session.call(method, args)
        )

    def receive(self, payload: bytes) -> None:
        self._received += 1
        frame = split([payload], self._received, 1 << 20)[0]
        self.do({"do": "receive", "payload": payload.hex()}, lambda: self.session.receive(frame))

    def hello(
        self,
        *,
        epoch: str = "e1",
        resumed: bool = False,
        received: int = 0,
        settled: int = 0,
        got: int = 0,
        **more: Any,
    ) -> None:
        own = {"v": 1, "epoch": epoch, "resume": "t1", "resumed": resumed} | more
        own |= {"received": received, "settled": settled, "got": got}
        self.receive(pack_result(HELLO_ID, {"clientID": "c1", "maxMsgSize": 4194304, "jt": own}))

    def state(self, seq: int, *, settled: int | None = None, **changes: Any) -> None:
        pairs = b"".join(pack_key(key) + pack(value) for key, value in changes.items())
        self.receive(state_head(Epoch("e1"), seq, len(changes), settled) + pairs)

    def snapshot(self, request: int, seq: int, *, epoch: str = "e1", **changes: Any) -> None:
        pairs = b"".join(pack_key(key) + pack(value) for key, value in changes.items())
        head = state_response_head(f"rpc:c1:{request}", "demo", Epoch(epoch), seq, len(changes))
        self.receive(head + pairs)

    def settled(self, number: int, seq: int) -> None:
        self.receive(pack_publication("jupyter_trame.settled", number, ["e1", seq]))

    def status(self, state: str, message: str) -> None:
        self.receive(pack_publication("jupyter_trame.status", {"state": state, "message": message}))


def _event(event: ClientEvent) -> dict[str, Any]:
    fields = {name: to_json(getattr(event, name)) for name in event.__slots__}
    return {"event": type(event).__name__, **fields}


def _writing(r: _Recorder) -> None:
    r.connected()
    r.hello()
    r.snapshot(0, 3, x=1, y=2)
    r.write({"x": 5})
    r.state(4, x=4, y=3)
    r.write({"x": 6})
    r.settled(1, 5)
    r.state(6, x=0)
    r.settled(2, 7)
    r.state(8, x=9)
    r.write({"x": 1, "y": 1})
    r.state(9, settled=3, x=2)
    r.receive(pack_publication("trame.actions.topic", [{"type": "method"}]))


def _calling(r: _Recorder) -> None:
    r.connected()
    r.hello()
    r.snapshot(0, 0)
    r.call("trame.trigger", "go", [1], {})
    r.receive(pack_result("rpc:c1:1", 7))
    r.call("trame.trigger", "bad", [], {})
    r.receive(pack_error("rpc:c1:2", -32001, "Exception raised"))
    r.call("slow")
    r.status("lost", "the kernel died")


def _resuming(r: _Recorder) -> None:
    r.connected()
    r.hello()
    r.snapshot(0, 3, x=1)
    r.write({"x": 2})
    r.write({"y": 3})
    r.call("late")
    r.disconnected()
    r.write({"z": 4})
    r.connected()
    r.hello(resumed=True, received=1, settled=1, got=2)
    r.state(5, x=2)


def _going_on_with_another_replica(r: _Recorder) -> None:
    r.connected()
    r.hello()
    r.snapshot(0, 3, x=1)
    for name in ("answered", "on its way", "nobody knows", "never came"):
        r.call(name)
    r.write({"x": 2})
    r.receive(b"".join(map(bytes, numbered(pack_result("rpc:c1:1", 1), 9))))
    r.receive(b"".join(map(bytes, numbered(pack_publication("t", 1), 12))))
    r.disconnected()
    r.connected()
    r.hello(resumed=True, received=1, settled=1, got=4, calls=["rpc:c1:2"])
    r.receive(b"".join(map(bytes, numbered(pack_result("rpc:c1:2", 2), 13))))
    r.disconnected()
    r.connected()


def _losing_the_session(r: _Recorder) -> None:
    r.connected()
    r.hello()
    r.snapshot(0, 3, x=1)
    r.write({"x": 2})
    r.call("late")
    r.disconnected()
    r.connected()
    r.hello()
    r.snapshot(3, 3, x=1)


def _restarting(r: _Recorder) -> None:
    r.connected()
    r.hello()
    r.snapshot(0, 3, x=1)
    r.write({"x": 2})
    r.status("restarted", "")
    r.hello(epoch="e2")
    r.snapshot(2, 1, epoch="e2", x=0)


def _leaving(r: _Recorder) -> None:
    r.connected()
    r.hello()
    r.snapshot(0, 3, x=1)
    r.write({"x": 2})
    r.leave()
    r.disconnected()
    r.connected()


def _leaving_a_stock_server(r: _Recorder) -> None:
    r.connected()
    r.receive(pack_result(HELLO_ID, {"clientID": "c1", "maxMsgSize": 4194304}))
    r.leave()


def _refused(r: _Recorder) -> None:
    r.connected()
    r.receive(pack_error(HELLO_ID, -32000, "Authentication failed"))


def sessions() -> Cases:
    """The life of a client in a few scenes."""
    cases = []
    scenes = (
        _writing,
        _calling,
        _resuming,
        _going_on_with_another_replica,
        _losing_the_session,
        _restarting,
        _leaving,
        _leaving_a_stock_server,
        _refused,
    )
    for scene in scenes:
        recorder = _Recorder()
        scene(recorder)
        cases.append({"name": scene.__name__.strip("_").replace("_", " "), "steps": recorder.steps})
    return cases


def report() -> Cases:
    """A doctor's report, and what is shown of it, by Python and by a view."""
    found = Report(
        "app demo in kernel k",
        (
            Environment(
                "Jupyter server", "1.2.0", {"Python": "3.12.3", "jupyterlab": "4.6.4"}, "/opt/python"
            ),
            Environment("kernel", ""),
        ),
        (DataPath("websocket"), DataPath("comm", "the websocket was refused")),
        (RoundTrip("kernel and page", 10, 0.4121, 12.345, 1234.5), RoundTrip("a and b", 2, 0.0, 100.0, 0.05)),
        (Limit("largest message", "1 GiB"),),
        (Finding("note", "fine"), Finding("error", "<old>", '%pip install "x==1"', "in a cell")),
    )
    return [
        {
            "name": each.subject,
            "report": each.as_dict(),
            "sections": [list(section) for section in each.sections],
        }
        for each in (found, Report("nothing"))
    ]


FILES: dict[str, Callable[[], Cases]] = {
    "chunks.json": chunks,
    "streams.json": streams,
    "values.json": values,
    "envelopes.json": envelopes,
    "comm.json": comm,
    "link.json": link,
    "sessions.json": sessions,
    "report.json": report,
}


def render(cases: Cases) -> str:
    """The text of a vector file: a case a line."""
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, allow_nan=False) for case in cases)
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    for name, make in FILES.items():
        (FOLDER / name).write_text(render(make()), encoding="utf-8")
