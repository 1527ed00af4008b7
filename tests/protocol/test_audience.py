"""Links on which too much waits, and what replicas are told of their window."""

from jupyter_trame.protocol import CallEvent, Limits, pack
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.link import Call, Taken, Write, cost_of
from jupyter_trame.types import ClientId
from tests.protocol.primary_bench import Bench

A, B = ClientId("a"), ClientId("b")


def test_a_link_with_too_many_messages_is_dropped() -> None:
    bench = Bench(Limits(link_queue=1000))
    slow, _ = bench.link(room=1)
    other, _ = bench.link()
    for _ in range(5):
        bench.primary.messages.publish("t", "x" * 400)
    assert slow.closed == ["over 1000 bytes wait for the replica: it is too slow"]
    assert len(slow.ops) == 1
    assert len(other.ops) == 5
    bench.primary.commit({"x": 1})
    assert len(slow.ops) == 1


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
