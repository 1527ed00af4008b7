"""The headless client; tests/vectors/sessions.json has its life in scenes, read here too."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.errors import MalformedMessageError, ProtocolError, SerializationError
from jupyter_trame.names import HELLO_ID, SETTLED_TOPIC, STATE_TOPIC, STATUS_TOPIC
from jupyter_trame.protocol.chunking import Assembler, split
from jupyter_trame.protocol.client_events import (
    Published,
    Ready,
    Refused,
    Replied,
    Settled,
    StateChanged,
    StatusChanged,
)
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.protocol.envelope import pack_error, pack_publication, pack_request, pack_result
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.protocol.salvage import Lost
from tests.vectors.tagged import from_json, to_json

SCENES = json.loads((Path(__file__).parent.parent / "vectors" / "sessions.json").read_text("utf-8"))


class Bench:
    """A session and a replica that the test plays."""

    def __init__(self, **options: Any) -> None:
        self.session = ClientSession(secret="s", **options)
        self.sent: list[dict[str, Any]] = []

    def take(self) -> list[dict[str, Any]]:
        """What the session sends now, decoded."""
        receiver = Assembler(1 << 30, 4)
        payloads = [receiver.feed(frame) for frame in self.session.take_output()]
        return [unpack(payload) for payload in payloads if payload is not None]

    def receive(self, payload: bytes) -> list[Any]:
        return [event for frame in split([payload], 1, 1 << 20) for event in self.session.receive(frame)]

    def hello(self, *, epoch: str = "e", frame: int = 1 << 20, **own: Any) -> list[Any]:
        jt = {
            "v": 1,
            "epoch": epoch,
            "resume": "t",
            "resumed": False,
            "received": 0,
            "settled": 0,
            "got": 0,
            **own,
        }
        return self.receive(pack_result(HELLO_ID, {"clientID": "c1", "maxMsgSize": frame, "jt": jt}))

    def start(self, **state: Any) -> "Bench":
        self.session.connected()
        self.take()
        self.hello()
        (get,) = self.take()
        self.state_response(get["id"], 1, **state)
        return self

    def state_response(self, request_id: str, seq: int, **state: Any) -> list[Any]:
        result = {"name": "demo", "state": state}
        return self.receive(pack({"wslink": "1.0", "id": request_id, "jt": ["e", seq], "result": result}))

    def state(self, seq: int, **changes: Any) -> list[Any]:
        return self.receive(pack_publication("trame.state.topic", changes, ["e", seq]))

    def settled(self, number: int, seq: int = 1) -> list[Any]:
        return self.receive(pack_publication("jupyter_trame.settled", number, ["e", seq]))

    def status(self, state: str, message: str = "") -> list[Any]:
        return self.receive(pack_publication("jupyter_trame.status", {"state": state, "message": message}))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene["name"])
def test_the_golden_scenes(scene: dict[str, Any]) -> None:
    bench = Bench()
    for number, step in enumerate(scene["steps"], start=1):
        events: Any = []
        match step:
            case {"do": "receive", "payload": payload}:
                events = bench.receive(bytes.fromhex(payload))
            case {"do": "write", "changes": changes}:
                bench.session.write(from_json(changes))
            case {"do": "call", "method": method, "args": args}:
                bench.session.call(method, from_json(args))
            case {"do": what}:
                getattr(bench.session, what)()
        told = [
            {
                "event": type(event).__name__,
                **{f.name: to_json(getattr(event, f.name)) for f in fields(event)},
            }
            for event in events
        ]
        assert told == step["events"], number
        assert to_json(bench.take()) == step["sends"], number
        assert bench.session.pending == step["pending"], number
        assert bench.session.seq == step["seq"], number


def test_hello_then_the_state() -> None:
    bench = Bench()
    bench.session.connected()
    (hello,) = bench.take()
    assert hello["args"] == [{"secret": "s", "jt": {"v": 1}}]
    assert not bench.session.live
    assert bench.hello() == []
    assert bench.session.live
    assert bench.session.client_id == "c1"
    (get,) = bench.take()
    assert (get["id"], get["method"]) == ("rpc:c1:0", "trame.state.get")
    assert bench.state_response(get["id"], 3, x=1) == [
        StateChanged({"x": 1}, snapshot=True),
        Ready(False, "demo"),
    ]
    assert (bench.session.epoch, bench.session.seq) == ("e", 3)
    assert bench.take() == []


def test_a_refusal() -> None:
    bench = Bench()
    bench.session.connected()
    (event,) = bench.receive(pack_error(HELLO_ID, -32000, "Authentication failed"))
    assert event == Refused({"code": -32000, "message": "Authentication failed"})
    assert not bench.session.live


def stock() -> Bench:
    bench = Bench()
    bench.session.connected()
    bench.take()
    assert bench.receive(pack_result(HELLO_ID, {"clientID": "c1", "maxMsgSize": 1 << 20})) == []
    (get,) = bench.take()
    assert get["method"] == "trame.state.get"
    events = bench.receive(pack_result(get["id"], {"name": "demo", "state": {"x": 1}}))
    assert events == [StateChanged({"x": 1}, snapshot=True), Ready(False, "demo")]
    assert (bench.session.stock, bench.session.name) == (True, "demo")
    return bench


def test_the_answer_of_a_stock_server_settles_a_write() -> None:
    bench = stock()
    bench.session.write({"x": 2})
    bench.session.write({"x": 3, "y": 1})
    first, second = bench.take()
    assert "jt" not in first
    changed = pack_publication("trame.state.topic", {"x": 9, "z": 9})
    assert bench.receive(changed) == [StateChanged({"z": 9}, snapshot=False)]
    assert bench.receive(pack_result(first["id"], None)) == [Settled(1)]
    assert bench.session.pending == {"x": 2, "y": 2}
    assert bench.receive(pack_error(second["id"], -1, "no")) == [Settled(2)]
    assert bench.receive(changed) == [StateChanged({"x": 9, "z": 9}, snapshot=False)]


def test_a_lost_stock_server_gets_what_it_did_not_answer_again() -> None:
    bench = stock()
    bench.session.write({"x": 2})
    lost = bench.session.call("m")
    bench.take()
    bench.session.disconnected()
    bench.session.write({"y": 3})
    bench.session.connected()
    (hello,) = bench.take()
    assert hello["args"][0]["jt"] == {"v": 1}
    (reply,) = bench.receive(pack_result(HELLO_ID, {"clientID": "c2", "maxMsgSize": 1 << 20}))
    assert isinstance(reply, Replied)
    assert reply.id == lost
    get, *writes = bench.take()
    assert [write["args"] for write in writes] == [
        [[{"key": "x", "value": 2}]],
        [[{"key": "y", "value": 3}]],
    ]
    events = bench.receive(pack_result(get["id"], {"name": "demo", "state": {"x": 1, "z": 1}}))
    assert events[0] == StateChanged({"z": 1}, snapshot=True)
    assert bench.receive(pack_result(writes[0]["id"], None)) == [Settled(1)]
    assert bench.receive(pack_result(writes[1]["id"], None)) == [Settled(2)]


def test_the_hello_says_more() -> None:
    bench = Bench(greeting={"user": "me", "secret": "not this"})
    bench.session.connected()
    (hello,) = bench.take()
    assert hello["args"] == [{"user": "me", "secret": "s", "jt": {"v": 1}}]


def test_frames_are_as_large_as_the_server_wants_them() -> None:
    bench = Bench()
    bench.session.connected()
    bench.hello(frame=100)
    bench.session.take_output()
    bench.session.write({"x": "x" * 500})
    frames = bench.session.take_output()
    assert len(frames) == 7
    assert max(map(len, frames)) == 100


# -- writes


def test_own_keys_are_kept_until_the_write_is_settled() -> None:
    bench = Bench().start(x=1, y=1)
    assert bench.session.write({"x": 2}) == 1
    assert bench.session.write({"x": 3}) == 2
    assert [message["jt"] for message in bench.take()] == [1, 2]
    assert bench.session.pending == {"x": 2}
    assert bench.state(2, x=9, y=9) == [StateChanged({"y": 9}, snapshot=False)]
    assert bench.state(3, x=9) == []
    assert bench.settled(1) == [Settled(1)]
    assert bench.state(4, x=9) == []
    assert bench.settled(2) == [Settled(2)]
    assert bench.session.pending == {}
    assert bench.state(5, x=9) == [StateChanged({"x": 9}, snapshot=False)]
    assert bench.session.seq == 5


def test_a_settlement_of_nothing_is_no_event() -> None:
    assert Bench().start().settled(0) == []


def test_what_cannot_be_packed_changes_nothing() -> None:
    bench = Bench().start()
    with pytest.raises(SerializationError, match=r"the value of 'x'"):
        bench.session.write({"x": object()})
    with pytest.raises(SerializationError, match=r"the\.method"):
        bench.session.call("the.method", [object()])
    assert bench.take() == []
    assert bench.session.pending == {}
    assert bench.session.write({"x": 1}) == 1


def test_a_value_that_cannot_be_packed_is_named_by_its_key() -> None:
    session = ClientSession()
    with pytest.raises(
        SerializationError, match=r"the value of 'bad' .* at \['a'\]\[1\]: a map's key must be"
    ):
        session.write({"good": 1, "bad": {"a": [0, {None: 1}]}})


def test_writes_without_a_connection_are_sent_later() -> None:
    bench = Bench()
    bench.session.write({"x": 1})
    assert bench.session.take_output() == []
    bench.session.connected()
    bench.take()
    bench.hello()
    assert [message["method"] for message in bench.take()] == ["trame.state.get", "trame.state.update"]


def test_resume_sends_what_was_not_received_in_the_order_it_was_made() -> None:
    bench = Bench().start(x=1)
    bench.session.write({"a": 1})
    first = bench.session.call("first")
    bench.session.write({"b": 2})
    bench.take()
    bench.session.disconnected()
    second = bench.session.call("second")
    bench.session.write({"c": 3})
    assert bench.take() == []
    bench.session.connected()
    (hello,) = bench.take()
    assert hello["args"][0]["jt"] == {
        "v": 1,
        "resume": "t",
        "epoch": "e",
        "seq": 1,
        "got": 1,
        "heard": 0,
    }
    events = bench.hello(resumed=True, received=1, settled=1, got=2)
    assert events == [Settled(1), Ready(True, "demo")]
    sent = bench.take()
    assert [message.get("jt", message["id"]) for message in sent] == [first, 2, second, 3]
    assert bench.session.pending == {"b": 2, "c": 3}
    bench.session.disconnected()
    bench.session.connected()
    bench.take()
    bench.hello(resumed=True, received=3, settled=3, got=6)
    assert bench.take() == []
    assert bench.session.pending == {}
    assert bench.receive(pack_result(first, 5)) == [Replied(first, 5, None)]


def test_writes_without_a_connection_do_not_pile_up() -> None:
    bench = Bench().start(x=1)
    bench.session.write({"x": 2})
    bench.take()
    bench.session.disconnected()
    assert [bench.session.write({"x": value, "y": -value}) for value in range(1000)] == [2] * 1000
    assert bench.session.pending == {"x": 2, "y": 2}
    bench.session.call("m")
    assert bench.session.write({"x": 0}) == 3, "the call is to see the values before"
    bench.session.connected()
    bench.take()
    bench.hello(resumed=True, received=1, settled=1, got=2)
    first, call, second = bench.take()
    assert first["args"] == [[{"key": "x", "value": 999}, {"key": "y", "value": -999}]]
    assert (call["method"], second["args"]) == ("m", [[{"key": "x", "value": 0}]])
    assert bench.session.write({"x": 5}) == 4


def test_a_value_that_cannot_be_packed_leaves_a_waiting_write_as_it_is() -> None:
    bench = Bench().start(x=1)
    bench.session.disconnected()
    bench.session.write({"x": 2})
    with pytest.raises(SerializationError):
        bench.session.write({"x": object()})
    bench.session.connected()
    bench.take()
    bench.hello(resumed=True, got=1)
    (write,) = bench.take()
    assert write["args"] == [[{"key": "x", "value": 2}]]


def test_a_lost_session_writes_again_and_reports_its_calls() -> None:
    bench = Bench().start(x=1)
    bench.session.write({"x": 2})
    lost = bench.session.call("m")
    bench.session.disconnected()
    bench.session.connected()
    bench.take()
    (reply,) = bench.hello()
    assert isinstance(reply, Replied)
    assert (reply.id, reply.result, (reply.error or {})["code"]) == (lost, None, -32004)
    get, write = bench.take()
    assert get["method"] == "trame.state.get"
    assert (write["jt"], write["args"]) == (1, [[{"key": "x", "value": 2}]])
    assert bench.state_response(get["id"], 5, x=1, y=1)[0] == StateChanged({"y": 1}, snapshot=True)


def test_calls_before_the_first_hello_leave_with_the_session_that_it_starts() -> None:
    bench = Bench()
    first = bench.session.call("first")
    bench.session.write({"x": 1})
    bench.session.call("second")
    bench.session.write({"x": 2})
    assert bench.session.take_output() == []
    bench.session.connected()
    bench.take()
    assert bench.hello() == []
    sent = [(message["method"], message["args"]) for message in bench.take()]
    assert sent == [
        ("trame.state.get", []),
        ("first", []),
        ("trame.state.update", [[{"key": "x", "value": 1}]]),
        ("second", []),
        ("trame.state.update", [[{"key": "x", "value": 2}]]),
    ]
    assert bench.receive(pack_result(first, 5)) == [Replied(first, 5, None)]


def test_a_call_may_have_run_only_if_it_left() -> None:
    bench = Bench().start(x=1)
    sent = bench.session.call("sent")
    bench.session.disconnected()
    waiting = bench.session.call("waiting")
    bench.session.connected()
    bench.take()
    (reply,) = bench.hello()
    assert isinstance(reply, Replied)
    assert reply.id == sent
    assert "may have run" in (reply.error or {})["message"]
    assert [message["method"] for message in bench.take()] == ["trame.state.get", "waiting"]
    bench.session.disconnected()
    late = bench.session.call("late")
    bench.session.connected()
    bench.take()
    first, second = bench.hello(epoch="f")
    assert isinstance(first, Replied)
    assert isinstance(second, Replied)
    assert (first.id, second.id) == (waiting, late)
    assert (second.error or {})["message"] == "the server was started again; the call was not made"
    assert [message["method"] for message in bench.take()] == ["trame.state.get"]


def test_only_the_answer_to_the_last_hello_starts_a_session() -> None:
    bench = Bench().start(x=1)
    bench.status("restarted")
    bench.status("restarted")
    bench.take()
    assert bench.hello(epoch="f") == []
    assert (bench.session.live, bench.take()) == (False, [])
    bench.hello(epoch="g")
    assert [message["method"] for message in bench.take()] == ["trame.state.get"]
    assert bench.session.epoch == "g"


def test_who_leaves_on_purpose_sends_nothing_again() -> None:
    bench = Bench().start(x=1)
    bench.session.write({"x": 2})
    bench.session.disconnected()
    bench.session.forget()
    bench.session.write({"y": 3})
    bench.session.connected()
    (hello,) = bench.take()
    assert hello["args"][0]["jt"] == {"v": 1}
    bench.hello()
    assert [message["method"] for message in bench.take()] == ["trame.state.get", "trame.state.update"]
    assert bench.session.pending == {"y": 1}


def test_another_epoch_forgets_the_writes() -> None:
    bench = Bench().start(x=1)
    bench.session.write({"x": 2})
    bench.take()
    assert bench.status("restarted") == [StatusChanged("restarted", "")]
    assert not bench.session.live
    (hello,) = bench.take()
    assert hello["args"][0]["jt"] == {"v": 1}, "the session is gone with the server"
    bench.hello(epoch="f")
    assert [message["method"] for message in bench.take()] == ["trame.state.get"]
    assert (bench.session.pending, bench.session.epoch, bench.session.seq) == ({}, "f", 0)


def test_a_mark_of_another_epoch_does_not_count() -> None:
    bench = Bench().start()
    bench.receive(pack_publication("trame.state.topic", {"x": 1}, ["f", 99]))
    bench.receive(pack_publication("trame.state.topic", {"x": 1}))
    assert bench.session.seq == 1


# -- calls and publications


def test_calls() -> None:
    bench = Bench().start()
    good, bad = bench.session.call("m", [1], {"k": 2}), bench.session.call("m")
    assert good != bad
    sent = bench.take()
    assert (sent[0]["id"], sent[0]["args"], sent[0]["kwargs"]) == (good, [1], {"k": 2})
    error = {"code": -1, "message": "no"}
    assert bench.receive(pack_error(bad, -1, "no")) == [Replied(bad, None, error)]
    assert bench.receive(pack_result(good, 5)) == [Replied(good, 5, None)]
    assert bench.receive(pack_result(good, 5)) == [], "nobody waits for it"


@pytest.mark.parametrize("state", ["lost", "stopped"])
def test_calls_end_with_the_link(state: str) -> None:
    bench = Bench().start()
    call = bench.session.call("m")
    status, reply = bench.status(state, "the kernel died")
    assert status == StatusChanged(state, "the kernel died")
    assert reply.id == call
    assert reply.error == {"code": -32004, "message": "the kernel died; the call may have run"}
    assert bench.status("live") == [StatusChanged("live", "")]


def test_publications() -> None:
    bench = Bench().start()
    assert bench.receive(pack_publication("a.b", [1])) == [Published("a.b", [1])]
    assert bench.receive(pack_error("publish:a.b:0", -32002, "cannot be serialized")) == []
    assert bench.receive(pack_publication("trame.state.topic", {1: 2}, ["e", 1])) == [
        StateChanged({1: 2}, snapshot=False)  # type: ignore[dict-item]
    ]


# -- what a server should not send


@pytest.mark.parametrize(
    "payload",
    [
        b"\xc1",
        pack(5),
        pack({}),
        pack({"id": 5}),
        pack_result(HELLO_ID, 5),
        pack_result(HELLO_ID, {"jt": {}}),
        pack_result("rpc:c1:0", {"state": {}}),
        pack_result("rpc:c1:0", {"name": "n", "state": 5}),
        pack_publication("jupyter_trame.status", {}),
        pack_publication("jupyter_trame.status", 5),
        pack_publication("jupyter_trame.settled", "x"),
        pack_publication("trame.state.topic", 5),
    ],
)
def test_malformed_messages(payload: bytes) -> None:
    bench = Bench()
    bench.session.connected()
    bench.hello()
    bench.session.write({"x": 1})
    with pytest.raises(MalformedMessageError):
        bench.receive(payload)


@given(st.data())
def test_only_protocol_errors_come_out(data: st.DataObject) -> None:
    bench = Bench().start(x=1)
    bench.session.write({"x": 2})
    samples = [
        pack_result(HELLO_ID, {"clientID": "c", "maxMsgSize": 9, "jt": {"resumed": True, "got": 0}}),
        pack_publication("trame.state.topic", {"x": 1}, ["e", 2, 1]),
        pack_publication("jupyter_trame.settled", 1, ["e", 2]),
        pack_publication("jupyter_trame.status", {"state": "lost", "message": ""}),
        pack_request("rpc:c1:0", "m"),
    ]
    payload = bytearray(data.draw(st.sampled_from(samples)))
    for _ in range(data.draw(st.integers(0, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    try:
        bench.receive(bytes(payload))
    except ProtocolError as error:
        refused: ProtocolError | None = error
    else:
        refused = None
    assert refused is None or refused.close_code in {1002, 1007, 1009}


def test_a_message_over_the_limit_is_refused() -> None:
    bench = Bench(limits=Limits(message=100))
    with pytest.raises(ProtocolError, match="limit of 100 bytes"):
        bench.receive(pack_result("i", "x" * 100))


BAD = b"\xc7\x03\xff\0\0\1"
"""A timestamp of three bytes, which no reader takes."""


def damaged(packed: bytes) -> bytes:
    """`packed`, whose texts "BAD" are that."""
    return packed.replace(b"\xa3BAD", BAD)


def test_a_value_that_cannot_be_read_is_lost_alone() -> None:
    bench = Bench()
    bench.hello()
    (asked,) = [message for message in bench.take() if message["method"] == "trame.state.get"]
    state = {"name": "app", "state": {"a": {"deep": [0, "BAD"]}, "b": 1}}
    events = bench.receive(damaged(pack_result(asked["id"], state)))
    assert isinstance(events[0], Lost)
    assert events[0].where == "state"
    assert events[0].message.startswith("the value of 'a' cannot be read, at ['deep'][1]: ")
    assert events[1:] == [StateChanged({"b": 1}, snapshot=True), Ready(False, "app")]
    events = bench.receive(damaged(pack_publication(STATE_TOPIC, {"a": ["BAD"], "c": "BAD", "b": 2})))
    assert [event.message.partition(",")[0] for event in events[:2]] == [
        "the value of 'a' cannot be read",
        "the value of 'c' cannot be read",
    ]
    assert events[2:] == [StateChanged({"b": 2}, snapshot=False)]
    assert bench.session.live


def test_a_result_or_publication_that_cannot_be_read_is_told_so() -> None:
    bench = Bench()
    bench.hello()
    call = bench.session.call("m")
    (reply,) = bench.receive(damaged(pack_result(call, [1, "BAD"])))
    assert isinstance(reply, Replied)
    assert reply.error is not None
    assert reply.error["code"] == SerializationError.code
    assert reply.error["message"].startswith("the result cannot be read, at [1]: ")
    got = bench.session._got
    (lost,) = bench.receive(damaged(pack_publication("my.topic", {"x": "BAD"})))
    assert isinstance(lost, Lost)
    assert (lost.where, bench.session._got) == ("my.topic", got + 1)
    assert "at ['x']: " in lost.message


@pytest.mark.parametrize(
    "packed",
    [
        pack_publication(STATE_TOPIC, "BAD"),
        pack_publication(SETTLED_TOPIC, "BAD"),
        pack_publication(STATUS_TOPIC, {"state": "live", "message": "BAD"}),
        pack_result(HELLO_ID, {"clientID": "BAD"}),
        pack(["BAD"]),
        pack({"id": "BAD"}),
        pack({"id": "publish:x:0", "jt": "BAD", "result": 1}),
    ],
)
def test_where_more_than_a_value_is_lost_the_connection_ends(packed: bytes) -> None:
    bench = Bench()
    bench.hello()
    with pytest.raises(MalformedMessageError):
        bench.receive(damaged(packed))


def test_what_shows_a_session_shows_no_secret() -> None:
    assert "private" not in repr(ClientSession("private", greeting={"token": "private"}))
