"""The server's end: order, packing once, settling, and links that lag or break."""

import threading
from typing import Any

import msgpack
import numpy as np
import pytest

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.protocol import CallEvent, Limits, LinkEnd, Primary, WriteEvent, pack, unpack
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.kept import TICKS
from jupyter_trame.protocol.link import (
    Call,
    ClientClosed,
    ClientOpened,
    CloseClient,
    Commit,
    LinkOp,
    Message,
    Resume,
    Resumed,
    Settle,
    Snapshot,
    Stopped,
    Taken,
    Write,
    cost_of,
)
from jupyter_trame.types import ClientId, Epoch, StateKey

A, B = ClientId("a"), ClientId("b")


class Output:
    """A link that takes operations while `room` is left."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.room = room
        self.ops: list[LinkOp] = []
        self.sends = 0
        self.closed: list[str] = []

    def send(self, *ops: LinkOp) -> bool:
        self.sends += 1
        self.ops += ops
        self.room -= len(ops)
        return self.room > 0

    def close(self, reason: str) -> None:
        self.closed.append(reason)

    def take(self) -> list[LinkOp]:
        taken, self.ops = self.ops, []
        return taken


class Bench:
    """A primary, and what its owner loop and its error report were told."""

    def __init__(self, limits: Limits | None = None, **values: Any) -> None:
        self.events: list[Any] = []
        self.errors: list[SerializationError] = []
        self.primary = Primary(
            name="demo",
            slug="demo-1",
            title="Demo",
            secret="s",
            epoch=Epoch("e"),
            on_event=self.events.append,
            on_unpackable=self.errors.append,
            limits=limits,
        )
        if values:
            self.primary.commit(values)

    def link(self, *clients: ClientId, room: int = 1 << 30) -> tuple[Output, LinkEnd]:
        """A link over which `clients` are known."""
        output = Output(room)
        end = self.primary.attach(output)
        for client in clients:
            self.primary.receive(end, ClientOpened(client, True))
        self.events.clear()
        if room > 1:
            output.take()
        return output, end

    def write(self, end: LinkEnd, client: ClientId, number: int = 1, **values: Any) -> WriteEvent:
        pairs = [(key, pack(value)) for key, value in values.items()]
        self.primary.receive(end, Write(client, number, None, pairs))
        event = self.events.pop()
        assert isinstance(event, WriteEvent)
        return event

    def apply(self, write: WriteEvent) -> None:
        with self.primary.applying(write):
            self.primary.commit(write.values)


def commit(seq: int, **values: Any) -> Commit:
    return Commit(seq, [(key, pack(value)) for key, value in values.items()])


# -- commits


def test_the_first_thing_on_a_link_is_what_the_server_holds() -> None:
    bench = Bench(Limits(message=5), x=1)
    bench.primary.commit({"y": 2})
    output = Output()
    bench.primary.attach(output)
    info = {
        "name": "demo",
        "slug": "demo-1",
        "title": "Demo",
        "secret": "s",
        "strict": True,
        "max_message_size": 5,
        "window": 1 << 20,
    }
    assert output.ops == [Snapshot(Epoch("e"), 2, info, [("x", 1, pack(1)), ("y", 2, pack(2))])]


def test_a_commit_goes_to_every_link_packed_once() -> None:
    bench = Bench()
    outputs = [bench.link()[0] for _ in range(3)]
    bench.primary.commit({"x": [1], "y": None})
    assert all(output.ops == [commit(1, x=[1], y=None)] for output in outputs)
    assert len({id(output.ops[0]) for output in outputs}) == 1
    assert bench.primary.seq == 1


@pytest.mark.parametrize(("old", "new"), [(1, 2), (1, True), (1, 1.0), ([1], [1, 2]), (None, 0), ("1", 1)])
def test_a_value_is_sent_when_its_bytes_differ(old: Any, new: Any) -> None:
    bench = Bench(x=old)
    output, _ = bench.link()
    bench.primary.commit({"x": old})
    bench.primary.commit({})
    assert output.ops == []
    assert bench.primary.seq == 1
    bench.primary.commit({"x": new, "y": 1})
    bench.primary.commit({"x": new, "y": 2})
    assert output.ops == [commit(2, x=new, y=1), commit(3, y=2)]


def test_a_value_changed_in_place_is_sent() -> None:
    value = [1]
    bench = Bench(x=value)
    output, _ = bench.link()
    value.append(2)
    bench.primary.commit({"x": value})
    assert output.ops == [commit(2, x=[1, 2])]


def test_arrays_are_compared_by_content() -> None:
    bench = Bench(x=np.arange(5))
    output, _ = bench.link()
    bench.primary.commit({"x": np.arange(5)})
    assert output.ops == []


@pytest.mark.parametrize("number", range(3))
def test_what_cannot_be_packed_is_reported_and_the_rest_is_sent(number: int) -> None:
    holds_itself: list[Any] = []
    holds_itself.append(holds_itself)
    value = [object(), object, holds_itself][number]
    bench = Bench(bad=1)
    output, _ = bench.link()
    bench.primary.commit({"a": 1, "bad": value, "b": 2})
    assert output.ops == [commit(2, a=1, b=2)]
    ((error,),) = (bench.errors,)
    assert (error.key, error.type_name) == ("bad", type(value).__qualname__)


def test_filtered_members_do_not_leave_the_server() -> None:
    bench = Bench()
    output, _ = bench.link()
    file = {"name": "f", "content": b"1", "_filter": ["content", ["no name"]]}
    bench.primary.commit({"file": file, "files": [file], "nested": {"doc": file}})
    shown = {"name": "f", "_filter": ["content", ["no name"]]}
    assert output.ops == [commit(1, file=shown, files=[shown], nested={"doc": file})]
    assert file["content"] == b"1"


def test_push_sends_again_what_is_committed() -> None:
    bench = Bench(x=1, y=2)
    output, _ = bench.link()
    bench.primary.push(["y", "unknown"])
    bench.primary.push(["unknown"])
    assert output.ops == [Commit(2, [("y", pack(2))], None, True)]


def test_a_forgotten_key_is_sent_again_and_stays_whole_meanwhile() -> None:
    bench = Bench(x=1, y=1)
    output, _ = bench.link()
    bench.primary.forget(["x", "unknown"])
    late = Output()
    bench.primary.attach(late)
    (snapshot,) = late.ops
    assert isinstance(snapshot, Snapshot)
    assert snapshot.values == [("x", 1, pack(1)), ("y", 1, pack(1))]
    bench.primary.push(["x"])
    bench.primary.forget(["x"])
    bench.primary.commit({"x": 1, "y": 1})
    bench.primary.commit({"x": 1})
    assert output.ops == [Commit(2, [("x", pack(1))], None, True), commit(3, x=1)]


def test_commits_of_many_threads_have_one_order() -> None:
    bench = Bench()
    outputs = [bench.link()[0] for _ in range(2)]

    def work(name: str) -> None:
        for value in range(200):
            bench.primary.commit({name: value})

    threads = [threading.Thread(target=work, args=(f"k{index}",)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [op.seq for op in outputs[0].ops if isinstance(op, Commit)] == list(range(1, 801))
    assert outputs[0].ops == outputs[1].ops


# -- writes


def test_a_write_comes_as_values_and_is_settled_after_its_commit() -> None:
    bench = Bench(x=1)
    output, end = bench.link(A)
    write = bench.write(end, A, x=2, y=[1])
    assert (write.client, write.number, write.values) == (A, 1, {"x": 2, "y": [1]})
    bench.apply(write)
    assert output.ops == [Commit(2, [("x", None), ("y", None)], (A, 1)), Settle(A, 1, 2)]


def test_what_a_write_causes_leaves_together() -> None:
    bench = Bench()
    output, end = bench.link(A)
    bench.apply(bench.write(end, A, x=1))
    assert len(output.ops) == 2
    assert output.sends == 2, "the snapshot and this"


def test_only_the_link_of_its_author_has_the_value_already() -> None:
    bench = Bench()
    (_, end), (other, _) = bench.link(A), bench.link(B)
    bench.apply(bench.write(end, A, x=2))
    assert other.ops == [commit(1, x=2)]


def test_bytes_that_are_not_as_they_came_are_sent() -> None:
    bench = Bench()
    output, end = bench.link(A)
    file = {"name": "f", "content": b"1", "_filter": ["content"]}
    write = bench.write(end, A, kept=[1], file=file, changed=1)
    assert write.values["file"] == file
    with bench.primary.applying(write):
        bench.primary.commit({**write.values, "changed": 5, "more": 1})
    (op, _) = output.ops
    assert isinstance(op, Commit)
    values = dict(op.values)
    assert values["kept"] is None
    assert unpack(values["file"] or b"") == {"name": "f", "_filter": ["content"]}
    assert (values["changed"], values["more"]) == (pack(5), pack(1))


def test_a_write_that_changes_nothing_is_settled() -> None:
    bench = Bench(x=1)
    output, end = bench.link(A)
    bench.apply(bench.write(end, A, x=1))
    with bench.primary.applying(bench.write(end, A, 2, x=5)):
        pass
    assert output.ops == [Settle(A, 1, 1), Settle(A, 2, 1)]


def test_a_write_is_settled_though_its_application_fails() -> None:
    bench = Bench(x=1)
    output, end = bench.link(A)
    with pytest.raises(ZeroDivisionError), bench.primary.applying(bench.write(end, A, x=2)):
        raise ZeroDivisionError
    assert output.ops == [Settle(A, 1, 1)]


def test_what_listeners_change_comes_after_the_settlement() -> None:
    bench = Bench()
    output, end = bench.link(A)
    write = bench.write(end, A, x=60)
    with bench.primary.applying(write):
        bench.primary.commit(write.values)
        bench.primary.commit({"x": 50})
    assert output.ops == [Commit(1, [("x", None)], (A, 1)), Settle(A, 1, 1), commit(2, x=50)]


def test_a_listener_may_change_the_written_value_in_place() -> None:
    bench = Bench()
    output, end = bench.link(A)
    write = bench.write(end, A, x=[1])
    with bench.primary.applying(write):
        bench.primary.commit(write.values)
        write.values["x"].append(2)
        bench.primary.commit(write.values)
    assert output.ops[2:] == [commit(2, x=[1, 2])]


def test_a_commit_of_another_thread_is_not_the_writes() -> None:
    bench = Bench()
    output, end = bench.link(A)
    write = bench.write(end, A, x=1)
    with bench.primary.applying(write):
        thread = threading.Thread(target=bench.primary.commit, args=({"y": 1},))
        thread.start()
        thread.join()
        assert not write.settled
        bench.primary.commit(write.values)
    assert output.ops == [commit(1, y=1), Commit(2, [("x", None)], (A, 1)), Settle(A, 1, 2)]


def test_a_write_within_a_write() -> None:
    bench = Bench()
    output, end = bench.link(A, B)
    outer, inner = bench.write(end, A, x=1), bench.write(end, B, y=1)
    with bench.primary.applying(outer):
        bench.apply(inner)
        bench.primary.commit(outer.values)
    assert output.ops == [
        Commit(1, [("y", None)], (B, 1)),
        Settle(B, 1, 1),
        Commit(2, [("x", None)], (A, 1)),
        Settle(A, 1, 2),
    ]


def test_a_number_is_applied_once_and_settled_again_when_asked_again() -> None:
    bench = Bench()
    output, end = bench.link(A)
    first = bench.write(end, A, 1, x=1)
    bench.primary.receive(end, Write(A, 1, None, [("x", pack(9))]))
    assert (bench.events, output.ops) == ([], [])
    bench.apply(first)
    output.take()
    bench.primary.receive(end, Write(A, 1, None, [("x", pack(9))]))
    assert (bench.events, output.ops) == ([], [Settle(A, 1, 1)])


def test_a_value_that_cannot_be_read_is_left_out_and_its_author_is_told() -> None:
    bench = Bench(x=1)
    output, end = bench.link(A)
    bench.primary.receive(end, Write(A, 1, None, [("x", b"\xc1"), ("y", pack(2))]))
    (write,) = bench.events
    assert write.values == {"y": 2}
    bench.apply(write)
    refusal, *others = output.ops
    assert others == [Commit(2, [("y", None)], (A, 1)), Settle(A, 1, 2)]
    assert isinstance(refusal, Message)
    assert refusal.client == A
    told = unpack(refusal.envelope)["result"]
    assert told["message"] == "the value of 'x' is refused: not a msgpack document: FormatError"


@pytest.mark.parametrize("when", ["before", "while", "after"])
def test_a_write_is_settled_over_the_next_link(when: str) -> None:
    bench = Bench(x=1)
    _, end = bench.link(A)
    write = bench.write(end, A, x=2)
    if when == "before":
        bench.apply(write)
    bench.primary.detach(end)
    bench.primary.detach(end)
    if when == "while":
        bench.apply(write)
    output, end = bench.link(A)
    bench.primary.receive(end, Write(A, 1, None, [("x", pack(2))]))
    if when == "after":
        bench.apply(write)
        assert output.ops == [Commit(2, [("x", None)], (A, 1)), Settle(A, 1, 2)]
    else:
        assert output.ops == [Settle(A, 1, 2)]
    assert bench.events == []


def test_writes_of_a_client_that_left_are_settled_for_the_others() -> None:
    bench = Bench()
    output, end = bench.link(A)
    writes = [bench.write(end, A, number, x=number) for number in (1, 2)]
    bench.primary.receive(end, ClientClosed(A))
    bench.primary.receive(end, ClientClosed(A))
    assert bench.events == [ClientClosed(A)]
    assert bench.primary.clients == []
    for write in writes:
        bench.apply(write)
    assert [op for op in output.ops if isinstance(op, Settle)] == [Settle(A, 1, 1), Settle(A, 2, 2)]


def test_a_write_of_nobody_is_settled_and_not_applied() -> None:
    bench = Bench(x=1)
    output, end = bench.link()
    bench.primary.receive(end, Write(A, 3, None, [("x", pack(2))]))
    assert output.ops == [Settle(A, 3, 1)]
    assert bench.events == []


# -- clients, calls, messages


def test_clients_come_and_go_once() -> None:
    bench = Bench()
    _, end = bench.link()
    for op in (ClientOpened(A, True), ClientOpened(A, True), ClientClosed(A), ClientClosed(A)):
        bench.primary.receive(end, op)
    assert bench.events == [ClientOpened(A, True), ClientClosed(A)]
    assert bench.primary.clients == []


def test_a_client_comes_back_over_another_link() -> None:
    bench = Bench()
    old, first = bench.link(A)
    bench.primary.detach(first)
    assert bench.primary.clients == [A]
    new, _ = bench.link(A)
    assert bench.events == []
    bench.primary.publish("t", 1, client=A)
    assert old.ops == []
    assert len(new.ops) == 1


def test_clients_of_a_link_that_was_given_up_have_left() -> None:
    bench = Bench()
    _, first = bench.link(A, B)
    bench.primary.detach(first)
    _, second = bench.link(B)
    bench.primary.abandon(first)
    assert bench.events == [ClientClosed(A)]
    assert bench.primary.clients == [B]
    bench.primary.abandon(second)
    assert bench.primary.clients == [B], "that link is there"


def test_who_left_before_its_link_was_given_up_leaves_once() -> None:
    bench = Bench()
    _, end = bench.link(A)
    bench.primary.receive(end, Write(A, 1, None, [("x", pack(1))]))
    bench.primary.receive(end, ClientClosed(A))
    bench.events.clear()
    bench.primary.detach(end)
    bench.primary.abandon(end)
    assert bench.events == []


def test_a_value_that_no_message_can_hold_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_trame.protocol.packing._VALUE_LIMIT", 100)
    bench = Bench()
    output, _ = bench.link()
    bench.primary.commit({"large": bytes(200), "small": 1})
    assert [key for op in output.ops if isinstance(op, Commit) for key, _ in op.values] == ["small"]
    assert "are more than 100" in str(bench.errors[0])


def call(bench: Bench, end: LinkEnd, *args: Any, **kwargs: Any) -> CallEvent:
    bench.primary.receive(end, Call(A, pack_request("rpc:a:1", "the.method", args, kwargs)))
    event = bench.events.pop()
    assert isinstance(event, CallEvent)
    return event


def sent(output: Output) -> list[Any]:
    return [(unpack(op.envelope), op.client, op.skip) for op in output.take() if isinstance(op, Message)]


def test_a_call_and_its_answers() -> None:
    bench = Bench()
    output, end = bench.link(A)
    event = call(bench, end, 1, k=2)
    assert (event.client, event.request_id, event.method) == (A, "rpc:a:1", "the.method")
    assert (event.args, event.kwargs) == ([1], {"k": 2})
    bench.primary.reply(event, {"r": (1,)})
    bench.primary.reply_error(event, -1, "no", "why")
    bench.primary.reply(event, object())
    base = {"wslink": "1.0", "id": "rpc:a:1"}
    unpackable = {"code": -32002, "message": "Method result cannot be serialized", "data": "the.method"}
    assert sent(output) == [
        ({**base, "result": {"r": [1]}}, A, None),
        ({**base, "error": {"code": -1, "message": "no", "data": "why"}}, A, None),
        ({**base, "error": unpackable}, A, None),
    ]
    (error,) = bench.errors
    assert str(error).startswith("the result of 'the.method' (object) cannot be packed: object has no form")


def test_the_author_of_a_trigger_is_told_its_name() -> None:
    bench = Bench()
    _, end = bench.link(A)
    bench.primary.receive(end, Call(A, pack_request("rpc:a:1", "trame.trigger", ["go", [], {}])))
    (event,) = bench.events
    assert isinstance(event, CallEvent)
    bench.primary.reply(event, {object})
    assert "the result of 'go' (set)" in str(bench.errors[0])


def test_a_publication_that_cannot_be_packed_is_named() -> None:
    bench = Bench()
    bench.primary.publish("the.topic", [object()])
    assert "the publication of 'the.topic' (list)" in str(bench.errors[0])


def test_a_write_is_answered_if_its_client_waits() -> None:
    bench = Bench()
    output, end = bench.link(A)
    bench.primary.receive(end, Write(A, 1, "rpc:a:1", []))
    (waits,) = bench.events
    bench.primary.reply(waits, None)
    bench.primary.reply_error(waits, -1, "no")
    silent = bench.write(end, A, 2)
    bench.primary.reply(silent, None)
    bench.primary.reply_error(silent, -1, "no")
    assert [envelope["id"] for envelope, _, _ in sent(output)] == ["rpc:a:1"] * 2


@pytest.mark.parametrize(
    "envelope",
    [b"\xc1", pack(5), pack_request("i", "m", [{"a": 1}]).replace(b"\xa1a", b"\x01\x01")],
    ids=["no msgpack", "no map", "keys that are no str"],
)
def test_a_call_that_cannot_be_read_costs_its_client_the_connection(envelope: bytes) -> None:
    bench = Bench()
    output, end = bench.link(A)
    bench.primary.receive(end, Call(A, envelope))
    (op,) = output.ops
    assert isinstance(op, CloseClient)
    assert (op.client, op.code) == (A, 1007)
    assert bench.events == []


def test_arguments_that_cannot_be_read_cost_their_author_an_answer_alone() -> None:
    bench = Bench()
    output, end = bench.link(A)
    for args in ([msgpack.ExtType(78, b"")], [{(1, 2): 3}]):
        envelope = {"wslink": "1.0", "id": "rpc:a:1", "method": "m", "args": args, "kwargs": {}}
        bench.primary.receive(end, Call(A, msgpack.packb(envelope)))
        ((answer, client, _),) = sent(output)
        assert (client, answer["id"], answer["error"]["code"]) == (A, "rpc:a:1", -32002)
        assert "the arguments of m cannot be read" in answer["error"]["message"]
        output.take()
    assert bench.events == []


def test_a_call_without_an_id_is_ignored() -> None:
    bench = Bench()
    output, end = bench.link(A)
    bench.primary.receive(end, Call(A, pack({"method": "m"})))
    assert (bench.events, output.ops) == ([], [])


def test_what_a_replica_does_not_send() -> None:
    bench = Bench()
    _, end = bench.link()
    with pytest.raises(MalformedMessageError, match="a replica does not send Settle"):
        bench.primary.receive(end, Settle(A, 1, 1))


def test_publications() -> None:
    bench = Bench()
    (first, _), (second, _) = bench.link(A), bench.link(B)
    data = [1]
    bench.primary.publish("t", data)
    data.append(2)
    bench.primary.publish("t", 2, skip=A)
    bench.primary.publish("t", 3, client=B)
    bench.primary.publish("t", 4, client=ClientId("gone"))
    base = {"wslink": "1.0", "id": "publish:t:0"}
    to_all = [({**base, "result": [1]}, None, None), ({**base, "result": 2}, None, A)]
    assert sent(first) == to_all
    assert sent(second) == [*to_all, ({**base, "result": 3}, B, None)]


def test_a_publication_that_cannot_be_packed_is_an_error_for_all() -> None:
    bench = Bench()
    output, _ = bench.link()
    bench.primary.publish("t", object())
    error = {"code": -32002, "message": "Method result cannot be serialized"}
    assert sent(output) == [({"wslink": "1.0", "id": "publish:t:0", "error": error}, None, None)]
    assert [error.key for error in bench.errors] == ["t"]


def test_ending_clients_and_the_server() -> None:
    bench = Bench()
    (first, _), (second, _) = bench.link(A), bench.link(B)
    bench.primary.close_client(A, 1008, "no")
    bench.primary.close_client(ClientId("gone"), 1008, "no")
    bench.primary.stop()
    assert first.ops == [CloseClient(A, 1008, "no"), Stopped(1001, "Server shutdown")]
    assert second.ops == [Stopped(1001, "Server shutdown")]


# -- links that lag


def test_a_full_link_conflates_values_and_keeps_messages_in_order() -> None:
    bench = Bench(x=0, y=0)
    output, end = bench.link(A, room=2)
    bench.primary.commit({"x": 1})
    output.take()
    bench.primary.commit({"x": 2})
    bench.primary.publish("t", 1)
    bench.primary.commit({"x": 3, "y": 3})
    bench.primary.publish("t", 2)
    bench.apply(bench.write(end, A, x=4))
    bench.primary.commit({"x": 5})
    assert output.ops == []
    output.room = 1 << 30
    bench.primary.drained(end)
    commits = [dict(op.values) for op in output.ops if isinstance(op, Commit)]
    assert commits == [{"x": pack(5)}, {"y": pack(3)}]
    assert [type(op).__name__ for op in output.ops] == ["Commit", "Message", "Commit", "Message", "Settle"]
    output.take()
    bench.primary.commit({"x": 6})
    assert output.ops == [commit(bench.primary.seq, x=6)]


def test_draining_stops_where_the_link_is_full_again() -> None:
    bench = Bench()
    output, end = bench.link(room=2)
    bench.primary.publish("t", 0)
    output.take()
    for number in (1, 2, 3):
        bench.primary.publish("t", number)
    for number in (1, 2, 3):
        output.room = 1
        bench.primary.drained(end)
        assert [envelope["result"] for envelope, _, _ in sent(output)] == [number]
    output.room = 1
    bench.primary.drained(end)
    assert output.ops == []


def test_a_link_with_too_many_messages_is_dropped() -> None:
    bench = Bench(Limits(link_queue=1000))
    slow, _ = bench.link(room=1)
    other, _ = bench.link()
    for _ in range(5):
        bench.primary.publish("t", "x" * 400)
    assert slow.closed == ["over 1000 bytes wait for the replica: it is too slow"]
    assert len(slow.ops) == 1
    assert len(other.ops) == 5
    bench.primary.commit({"x": 1})
    assert len(slow.ops) == 1


def test_values_for_a_full_link_take_no_room() -> None:
    bench = Bench(Limits(link_queue=1000))
    output, end = bench.link(room=1)
    output.take()
    for number in range(100):
        bench.primary.commit({"x": [number] * 1000})
    output.room = 9
    bench.primary.drained(end)
    assert output.ops == [commit(100, x=[99] * 1000)]
    assert output.closed == []


def keys_of(op: LinkOp) -> list[StateKey]:
    assert isinstance(op, Commit)
    return [key for key, _ in op.values]


def test_a_stalled_link_does_not_stop_the_others() -> None:
    bench = Bench()
    stalled, _ = bench.link(room=1)
    stalled.take()
    other, _ = bench.link()
    for number in range(1, 51):
        bench.primary.commit({"x": number, "y": number})
    assert [keys_of(op) for op in other.ops] == [["x", "y"]] * 50
    assert stalled.ops == []


# -- the window


def test_what_the_loop_has_come_to_is_told_to_the_replica_that_sent_it() -> None:
    bench = Bench(Limits(window=4000))
    output, end = bench.link(A)
    bench.link(B)
    output.take()
    write = bench.write(end, A, x="x" * 1000)
    assert output.take() == []
    bench.apply(write)
    assert Taken({A: write.cost}) in output.take()


def test_what_nobody_has_to_work_on_is_told_at_once() -> None:
    bench = Bench(Limits(window=4))
    output, end = bench.link()
    stranger = Write(A, 1, None, [("x", pack(1))])
    bench.primary.receive(end, stranger)
    call = Call(A, pack({"method": "m"}))
    bench.primary.receive(end, call)
    told = [op for op in output.take() if isinstance(op, Taken)]
    assert told == [Taken({A: cost_of(stranger)}), Taken({A: cost_of(call)})]


def test_a_call_is_taken_once() -> None:
    bench = Bench(Limits(window=4))
    output, end = bench.link(A)
    bench.primary.receive(end, Call(A, pack_request("i", "m")))
    (event,) = [event for event in bench.events if isinstance(event, CallEvent)]
    output.take()
    bench.primary.taken(event)
    bench.primary.taken(event)
    assert output.take() == [Taken({A: event.cost})]


# -- clients whose replica died


class Survivor:
    """A client of ours over a replica in another process, which is dead by now."""

    def __init__(self, limits: Limits | None = None, **values: Any) -> None:
        self.bench = Bench(limits, **values)
        self.primary = self.bench.primary
        self.output = Output()
        self.end = self.primary.attach(self.output, remote=True)
        self.primary.receive(self.end, ClientOpened(A, True, b"hash", "me"))

    def call(self, number: int, index: int) -> CallEvent:
        envelope = pack_request(f"rpc:a:{number}", "m")
        self.primary.receive(self.end, Call(A, envelope, index))
        event = self.bench.events.pop()
        assert isinstance(event, CallEvent)
        return event

    def die(self) -> None:
        self.primary.detach(self.end)

    def resume(self, heard: int = 0, token: bytes = b"hash", identity: str = "me") -> list[LinkOp]:
        """What another replica is answered, and told."""
        self.end = self.primary.attach(output := Output(), remote=True)
        output.take()
        self.primary.receive(self.end, Resume(1, token, identity, heard))
        self.output = output
        return output.take()


def found(
    received: int = 0, settled: int = 0, got: int = 0, calls: list[str] | None = None, client: ClientId = A
) -> Resumed:
    """What is said of a session without open writes."""
    return Resumed(1, client, received, settled, got, calls or [], [])


def test_a_session_goes_on_over_another_replica() -> None:
    one = Survivor(x=1)
    answered, waiting = one.call(1, 1), one.call(2, 2)
    one.primary.publish("t", 1)
    one.primary.reply(answered, "first")
    one.primary.publish("t", 2, skip=A)
    one.primary.publish("t", 3, client=A)
    write = one.bench.write(one.end, A, 5, x=7, y=8)
    assert [m.number for m in one.output.ops if isinstance(m, Message)] == [1, 2, 3, 4]
    one.die()
    one.primary.publish("t", 5)
    resumed, *missed = one.resume(heard=1)
    assert resumed == Resumed(1, A, 5, 0, 2, ["rpc:a:2", "rpc:a:1"], [(5, [("x", pack(7)), ("y", pack(8))])])
    assert all(isinstance(m, Message) and m.client == A for m in missed)
    assert [(m.number, unpack(m.envelope)["result"]) for m in missed] == [(2, "first"), (4, 3), (5, 5)]
    one.bench.apply(write)
    one.primary.reply(waiting, "second")
    commit, settle, answer = one.output.take()
    assert commit == Commit(2, [("x", None), ("y", None)], (A, 5))
    assert settle == Settle(A, 5, 2)
    assert isinstance(answer, Message)
    assert answer.number == 6
    one.die()
    assert one.resume(heard=6) == [found(5, 5, 2)]
    assert [event for event in one.bench.events if isinstance(event, ClientOpened)] == [ClientOpened(A, True)]


def test_a_session_is_for_its_own_alone_and_for_one_replica() -> None:
    one = Survivor()
    assert one.resume() == [Resumed(1)], "its replica lives"
    one = Survivor()
    one.die()
    assert one.resume(token=b"other") == [Resumed(1)]
    assert one.resume(identity="you") == [Resumed(1)]
    assert one.resume() == [found()]
    assert one.resume() == [Resumed(1)], "it is at the other one by now"


def test_a_session_with_a_message_that_is_not_kept_is_over() -> None:
    one = Survivor(Limits(history=1000))
    one.primary.publish("t", "x" * 2000)
    one.die()
    assert one.resume(heard=0) == [Resumed(1)]
    assert one.resume(heard=1) == [found()]
    one = Survivor()
    one.primary.publish("t", 1, client=A)
    one.die()
    for _ in range(TICKS + 1):
        one.primary.tick()
    assert one.resume(heard=0) == [Resumed(1)]


def test_who_came_later_does_not_need_what_was_said_before() -> None:
    one = Survivor(Limits(history=1000))
    for _ in range(3):
        one.primary.publish("t", "x" * 2000)
    one.primary.receive(one.end, ClientOpened(B, True, b"later", "me"))
    one.die()
    assert one.resume(token=b"later") == [found(client=B)]


def test_who_is_found_again_has_not_left_with_the_first_link() -> None:
    one = Survivor()
    first = one.end
    one.bench.events.clear()
    one.die()
    assert one.resume() == [found()]
    one.primary.abandon(first)
    one.primary.receive(first, ClientClosed(A))
    assert one.bench.events == []
    one.primary.receive(one.end, ClientClosed(A))
    assert one.bench.events == [ClientClosed(A)]


def test_a_replica_of_this_process_dies_with_the_server() -> None:
    bench = Bench()
    end = bench.primary.attach(Output())
    bench.primary.receive(end, ClientOpened(A, True, b"hash"))
    bench.primary.publish("t", 1, client=A)
    known = bench.primary._clients.get(A)
    assert known is not None
    assert known.kept is None
    assert bench.primary._kept is None


def test_the_calls_that_are_known_to_be_open_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_trame.protocol.primary._CALLS", 3)
    one = Survivor()
    for number in range(5):
        one.call(number, number + 1)
    one.die()
    assert one.resume() == [found(got=5, calls=["rpc:a:2", "rpc:a:3", "rpc:a:4"])]
