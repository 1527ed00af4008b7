"""What replicas send of writes and calls, read and counted."""

import msgpack
import pytest

from jupyter_trame.protocol import pack, unpack
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.link import Call, CloseClient, Commit, Message, Settle, Write
from jupyter_trame.types import ClientId
from tests.protocol.primary_bench import Bench, sent

A, B = ClientId("a"), ClientId("b")


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


def test_a_write_of_nobody_is_settled_and_not_applied() -> None:
    bench = Bench(x=1)
    output, end = bench.link()
    bench.primary.receive(end, Write(A, 3, None, [("x", pack(2))]))
    assert output.ops == [Settle(A, 3, 1)]
    assert bench.events == []


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
