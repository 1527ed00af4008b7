"""The server's end: order, packing once, settling, and links that lag or break."""

import threading
from typing import Any

import numpy as np
import pytest

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.protocol import Limits, pack, unpack
from jupyter_trame.protocol.link import (
    ClientClosed,
    ClientOpened,
    CloseClient,
    Commit,
    LinkOp,
    Settle,
    Snapshot,
    Stopped,
    Write,
)
from jupyter_trame.types import ClientId, Epoch, StateKey
from tests.protocol.primary_bench import Bench, Output, sent

A, B = ClientId("a"), ClientId("b")


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
        "started": 0.0,
        "secret": "s",
        "strict": True,
        "tracebacks": False,
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
    bench.primary.messages.publish("t", 1, client=A)
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


def test_what_a_replica_does_not_send() -> None:
    bench = Bench()
    _, end = bench.link()
    with pytest.raises(MalformedMessageError, match="a replica does not send Settle"):
        bench.primary.receive(end, Settle(A, 1, 1))


def test_ending_clients_and_the_server() -> None:
    bench = Bench()
    (first, _), (second, _) = bench.link(A), bench.link(B)
    bench.primary._audience.close_client(A, 1008, "no")
    bench.primary._audience.close_client(ClientId("gone"), 1008, "no")
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
    bench.primary.messages.publish("t", 1)
    bench.primary.commit({"x": 3, "y": 3})
    bench.primary.messages.publish("t", 2)
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
    bench.primary.messages.publish("t", 0)
    output.take()
    for number in (1, 2, 3):
        bench.primary.messages.publish("t", number)
    for number in (1, 2, 3):
        output.room = 1
        bench.primary.drained(end)
        assert [envelope["result"] for envelope, _, _ in sent(output)] == [number]
    output.room = 1
    bench.primary.drained(end)
    assert output.ops == []


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
