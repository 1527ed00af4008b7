"""What clients send is taken in its order, and a large request keeps nobody else waiting."""

from __future__ import annotations

import msgpack
import pytest

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import Call, ClientClosed, LinkOp, Write
from jupyter_trame.types import ClientId
from tests.protocol.support import Bench, RawClient

LARGE = [{"a": number} for number in range(40_000)]


def read_all(bench: Bench) -> int:
    """How many steps it took until nothing was left to read."""
    count = 0
    while bench.replica.readings:
        bench.replica.read_on(next(iter(bench.replica.readings)))
        count += 1
    return count


def names(ops: list[LinkOp]) -> list[tuple[str, ClientId]]:
    return [(type(op).__name__, op.client) for op in ops if isinstance(op, Write | Call | ClientClosed)]


def test_others_are_served_between_the_steps() -> None:
    bench = Bench(x=1)
    busy, other = bench.native(), bench.native()
    busy.write(number=1, x=LARGE)
    assert bench.take() == []
    other.write(number=1, x=2)
    assert names(bench.take()) == [("Write", other.id)]
    assert read_all(bench) > 30
    assert names(bench.take()) == [("Write", busy.id)]


def test_a_piece_of_a_file_is_read_at_once() -> None:
    bench = Bench(x=1)
    client = bench.native()
    client.request("m", ["a", 5, bytes(1 << 19)], request_id="rpc:x:1")
    assert names(bench.take()) == [("Call", client.id)]
    assert read_all(bench) == 0


def test_large_requests_of_several_clients_go_on_in_turns() -> None:
    bench = Bench(x=1)
    first, second = bench.native(), bench.native()
    first.write(number=1, x=LARGE)
    second.write(number=1, y=LARGE[:3000])
    read_all(bench)
    assert names(bench.take()) == [("Write", second.id), ("Write", first.id)]


def test_what_comes_behind_a_large_request_waits_for_it() -> None:
    bench = Bench(x=1)
    client = bench.native()
    client.write(number=1, x=LARGE)
    client.request("m", request_id="rpc:x:1")
    client.write(number=2, x=LARGE[:2000])
    client.write(number=3, x=3)
    client.request("trame.state.get", request_id="rpc:x:2")
    assert bench.take() == []
    assert client.channel.held > 200_000
    read_all(bench)
    ops = bench.take()
    assert names(ops) == [(kind, client.id) for kind in ("Write", "Call", "Write", "Write")]
    assert [op.number for op in ops if isinstance(op, Write)] == [1, 2, 3]
    assert client.read()[-1]["id"] == "rpc:x:2"
    assert client.channel.held == 0


def test_what_waits_behind_a_large_request_is_bounded() -> None:
    bench = Bench(limits=Limits(message=1 << 20), x=1)
    client = bench.native()
    client.write(number=1, x=LARGE)
    for _ in range(8):
        client.write(number=2, x=bytes(1 << 18))
    assert client.closing == (1013, "too much came before its turn")
    read_all(bench)
    assert bench.take() == []


def test_a_connection_that_breaks_meanwhile_was_not_heard() -> None:
    bench = Bench(x=1)
    client = bench.native()
    client.write(number=1, x=LARGE)
    client.write(number=2, x=2)
    client.cut()
    assert not bench.replica.readings
    back = client.back()
    assert back.resume["received"] == 0
    back.write(number=1, x=LARGE)
    read_all(bench)
    assert names(bench.take()) == [("Write", client.id)]


def test_a_large_request_that_cannot_be_read_ends_its_client_alone() -> None:
    bench = Bench(x=1)
    client, other = bench.native(), bench.native()
    other.write(number=1, x=LARGE)
    with pytest.raises(MalformedMessageError):
        client.send(b"\xc1" * 100_000)
    client.cut()
    read_all(bench)
    assert names(bench.take()) == [("Write", other.id)]


def test_a_fault_behind_a_large_request_ends_the_connection() -> None:
    bench = Bench(x=1)
    client = bench.native()
    client.write(number=1, x=LARGE)
    client.send(msgpack.packb([1]))
    read_all(bench)
    assert client.closing is not None
    assert client.closing[0] == 1007
    assert names(bench.take()) == [("Write", client.id)]


def test_before_the_hello_nothing_is_large() -> None:
    bench = Bench(limits=Limits(hello=1 << 20), x=1)
    client = RawClient(bench)
    client.send(pack_request("system:c0:0", "wslink.hello", [{"secret": "s", "padding": bytes(50_000)}]))
    assert not bench.replica.readings
    assert "result" in client.read()[0]
