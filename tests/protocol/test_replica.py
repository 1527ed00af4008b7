"""What a client of a replica hears, and what its server does."""

from dataclasses import replace
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.errors import LinkError, ProtocolError
from jupyter_trame.protocol import Limits, pack
from jupyter_trame.protocol.chunking import HEADER
from jupyter_trame.protocol.envelope import pack_publication, pack_request
from jupyter_trame.protocol.link import (
    Call,
    ClientClosed,
    ClientOpened,
    CloseClient,
    Commit,
    Join,
    LinkOp,
    Message,
    Seen,
    Snapshot,
    Stopped,
    Vacant,
    Write,
)
from jupyter_trame.types import ClientId, Epoch
from tests.protocol.support import Bench, RawClient


def error(code: int, message: str, request_id: str = "rpc:x:0") -> dict[str, Any]:
    return {"wslink": "1.0", "id": request_id, "error": {"code": code, "message": message}}


def publications(messages: list[dict[str, Any]], topic: str) -> list[Any]:
    return [message["result"] for message in messages if message["id"] == f"publish:{topic}:0"]


# -- before the first snapshot


def test_requests_wait_for_the_first_snapshot() -> None:
    bench = Bench(join=False, x=1)
    early, broken, late = (RawClient(bench) for _ in range(3))
    for client in (early, late):
        client.request("wslink.hello", {"secret": "s"}, request_id="system:c0:0")
        client.request("trame.state.get")
    broken.send(
        msgpack.packb({"id": "system:c0:0", "method": "wslink.hello", "args": [msgpack.ExtType(78, b"")]})
    )
    assert early.read() == []
    bench.join()
    for client in (early, late):
        hello, state = client.read()
        assert "result" in hello
        assert state["result"]["state"] == {"x": 1}
    assert broken.closing is not None
    assert broken.closing[0] == 1007


def test_what_waits_for_the_first_snapshot_is_bounded() -> None:
    bench = Bench(join=False)
    client = RawClient(bench)
    for _ in range(1000):
        client.request("m")
    assert client.closing == (1013, "too much came before its turn")
    assert len(client.channel.backlog) == 64


# -- commits


def test_a_commit_goes_to_all_in_the_same_frames() -> None:
    bench = Bench(x=1)
    clients = [bench.stock() if index % 2 else bench.native() for index in range(100)]
    bench.commit(x=b"z" * 10_000_000)
    sent = [tuple(bench.replica.frames(client.channel, 1 << 30)) for client in clients]
    assert all(len(frames) == 3 for frames in sent)
    for index in range(3):
        assert len({id(frames[index]) for frames in sent}) == 1


def test_only_who_has_something_to_send_is_ready() -> None:
    bench = Bench(x=1)
    first, second = bench.stock(), bench.stock()
    bench.replica.take_ready()
    bench.commit(x=2)
    assert list(bench.replica.take_ready()) == [first.channel, second.channel]
    assert list(bench.replica.take_ready()) == []


def test_a_commit_that_refers_to_nothing_drops_the_link() -> None:
    bench = Bench(x=1)
    with pytest.raises(LinkError, match="refers to a write that is not known"):
        bench.commit(x=..., origin=(ClientId("nobody"), 1))
    with pytest.raises(LinkError):
        bench.commit(x=...)


@pytest.mark.parametrize(
    "op", [Join("r", "s", bytes(32)), ClientOpened(ClientId("c"), True), Write(ClientId("c"), 1, None, [])]
)
def test_what_a_server_does_not_send(op: LinkOp) -> None:
    with pytest.raises(LinkError, match=f"does not send {type(op).__name__}"):
        Bench().replica.receive_link(op)


# -- calls and messages


def test_messages_to_one_and_to_all_but_one() -> None:
    bench = Bench()
    clients = [bench.stock() for _ in range(3)]
    bench.replica.receive_link(Message(pack_publication("t", 1), client=clients[0].id))
    bench.replica.receive_link(Message(pack_publication("t", 2), skip=clients[0].id))
    bench.replica.receive_link(Message(pack_publication("t", 3), client=ClientId("gone")))
    assert [publications(client.read(), "t") for client in clients] == [[1], [2], [2]]


def test_a_message_to_all_is_made_once() -> None:
    bench = Bench()
    clients = [bench.stock() for _ in range(3)]
    bench.replica.receive_link(Message(pack_publication("t", 1)))
    assert len({id(next(iter(bench.replica.frames(client.channel, 1)))) for client in clients}) == 1


def test_the_server_ends_a_connection() -> None:
    bench = Bench()
    client, other = bench.stock(), bench.stock()
    bench.replica.receive_link(CloseClient(client.id, 1008, "no"))
    bench.replica.receive_link(CloseClient(ClientId("gone"), 1008, "no"))
    assert client.closing == (1008, "no")
    assert other.closing is None


def test_who_reads_too_slowly_is_closed_and_its_memory_given_back() -> None:
    bench = Bench(limits=Limits(client_queue=1000), x=1)
    slow, other = bench.native(), bench.stock()
    slow.room = 0
    for _ in range(3):
        bench.replica.receive_link(Message(pack_publication("t", "x" * 400)))
        assert len(publications(other.read(), "t")) == 1
    assert slow.closing == (1013, "over 1000 bytes wait for this client: it is too slow")
    assert bench.take() == [ClientClosed(slow.id)]
    assert [session.client_id for session in bench.replica.sessions] == [other.id]
    slow.room = 1
    assert slow.read() == []


def test_values_for_a_slow_client_take_no_room() -> None:
    bench = Bench(limits=Limits(client_queue=1000), x=1)
    slow = bench.stock()
    slow.room = 0
    for value in range(1000):
        bench.commit(x=[value] * 1000)
        slow.read()
    slow.room = 1 << 30
    assert slow.pushes() == [{"x": [999] * 1000}]
    assert slow.closing is None


# -- the link


def test_a_lost_link_is_shown_and_stock_clients_reconnect() -> None:
    bench = Bench(x=1)
    native, stock = bench.native(), bench.stock()
    bench.replica.link_lost("the kernel died")
    bench.replica.link_lost("the kernel died")
    status = {"state": "lost", "message": "the kernel died"}
    assert publications(native.read(), "jupyter_trame.status") == [status]
    assert native.closing is None
    assert stock.closing == (1012, "the kernel died")
    late = RawClient(bench)
    late.hello(jt={"v": 1})
    assert publications(late.read(), "jupyter_trame.status") == [status]
    late.request("trame.state.get")
    assert late.read()[0]["result"]["state"] == {"x": 1}
    bench.join()
    live = {"state": "live", "message": ""}
    assert publications(native.read(), "jupyter_trame.status") == [live]
    assert bench.replica.status == ("live", "")


def test_nothing_is_said_of_a_link_that_is_fine() -> None:
    bench = Bench(x=1)
    client = RawClient(bench)
    client.hello(jt={"v": 1})
    assert client.read() == []


def test_the_same_server_again_brings_what_changed_meanwhile() -> None:
    bench = Bench(x=1, y=1)
    client = bench.native()
    bench.replica.link_lost("cut")
    client.read()
    bench.values["y"], bench.seq = 2, 5
    bench.replica.link_attached(bench.sent.append)
    pairs = [("x", 1, pack(1)), ("y", 5, pack(2))]
    bench.replica.receive_link(Snapshot(Epoch("e1"), 5, {"name": "demo", "secret": "s"}, pairs))
    assert client.pushes() == [{"y": 2}]


def test_writes_are_sent_again_over_the_next_link() -> None:
    bench = Bench(x=1)
    client = bench.native()
    client.write(number=1, x=2)
    bench.take()
    bench.replica.link_lost("cut")
    client.write(number=2, x=3)
    assert bench.take() == []
    bench.join()
    writes = [Write(client.id, number, None, [("x", pack(number + 1))]) for number in (1, 2)]
    assert bench.take() == [ClientOpened(client.id, True), *writes]
    bench.commit(x=..., origin=(client.id, 1))
    bench.settle(client.id, 1)
    bench.settle(client.id, 2)
    bench.replica.link_lost("cut")
    bench.join()
    assert bench.take() == [ClientOpened(client.id, True)]


def test_a_server_that_is_being_started() -> None:
    bench = Bench(x=1)
    native, stock = bench.native(), bench.stock()
    reason = "the server is being started"
    bench.replica.receive_link(Vacant(reason))
    status = {"state": "lost", "message": reason}
    assert publications(native.read(), "jupyter_trame.status") == [status]
    assert stock.closing == (1012, reason)
    native.request("m")
    native.write(number=1, x=2)
    assert native.read()[0]["error"] == {"code": -32004, "message": reason}
    late = RawClient(bench)
    late.hello(jt={"v": 1})
    assert publications(late.read(), "jupyter_trame.status") == [status]
    assert bench.take() == []
    bench.snapshot("e2")
    assert bench.take()[0] == Seen(Epoch("e2"))
    told = publications(native.read(), "jupyter_trame.status")
    assert [status["state"] for status in told] == ["restarted", "live"]
    native.hello(jt={"v": 1})
    native.request("m")
    assert [type(op) for op in bench.take()][-2:] == [ClientOpened, Call]


def test_a_server_that_is_back_after_all_gets_what_was_written() -> None:
    bench = Bench(x=1)
    client = bench.native()
    bench.replica.receive_link(Vacant("it is away"))
    client.write(number=1, x=2)
    bench.snapshot()
    assert [op.number for op in bench.take() if isinstance(op, Write)] == [1]


def test_the_end_of_a_server() -> None:
    bench = Bench(x=1)
    native, stock = bench.native(), bench.stock()
    bench.replica.receive_link(Stopped(1001, "Server shutdown"))
    status = {"state": "stopped", "message": "Server shutdown"}
    assert publications(native.read(), "jupyter_trame.status") == [status]
    assert stock.closing == (1001, "Server shutdown")
    native.request("m")
    assert error(-32004, "Server shutdown") in native.read()


def test_another_life_of_the_server() -> None:
    bench = Bench(x=1, gone=1)
    native, away, stock = bench.native(), bench.native(), bench.stock()
    native.write(number=1, x=5)
    away.cut()
    bench.take()
    del bench.values["gone"]
    bench.snapshot("e2")
    messages = native.read()
    assert publications(messages, "jupyter_trame.status") == [{"state": "restarted", "message": ""}]
    assert publications(messages, "trame.state.topic") == []
    assert stock.closing == (1012, "the server was started again")
    assert bench.take() == [Seen(Epoch("e2"))], "it hears of clients that have said hello to it"
    native.write(number=2, x=6)
    native.request("m")
    native.request("trame.state.get", request_id="rpc:x:1")
    assert bench.take() == [], "they belong to the life before"
    assert native.read() == [error(-32004, "the server was started again; the call was not made")]
    bench.replica.link_lost("cut")
    bench.join("e2")
    assert bench.take() == [], "still not"
    old = native.id
    native.hello(jt={"v": 1})
    assert bench.take() == [ClientOpened(native.id, True)]
    assert native.resume["epoch"] == "e2"
    assert native.id != old
    native.request("trame.state.get")
    assert native.read()[-1]["result"]["state"] == {"x": 1}
    native.write(number=1, x=7)
    assert isinstance(bench.take()[-1], Write)
    assert not away.back().resume["resumed"]


def test_who_goes_before_it_has_said_hello_to_another_life_is_gone() -> None:
    """There is nothing to resume, and that life never hears of it."""
    bench = Bench(x=1)
    client = bench.native()
    bench.snapshot("e2")
    client.cut()
    assert list(bench.replica.sessions) == []
    assert bench.replica.expire(0.0) is None


def test_who_left_while_the_link_was_down_is_told_of_afterwards() -> None:
    bench = Bench(x=1)
    client = bench.native()
    client.write(number=1, x=2)
    bench.take()
    bench.replica.link_lost("cut")
    client.leave()
    bench.join()
    assert bench.take() == [Write(client.id, 1, None, [("x", pack(2))]), ClientClosed(client.id)]


# -- whatever comes


@given(st.data())
def test_only_protocol_errors_come_out(data: st.DataObject) -> None:
    bench = Bench(limits=replace(Limits(), message=4096), x=1)
    client = bench.native() if data.draw(st.booleans()) else bench.stock()
    method = data.draw(st.sampled_from(["trame.state.update", "trame.state.get", "wslink.hello", "m", ""]))
    entry = {"key": "x", "value": {"_filter": ["a"], "a": [1, b"\x00"]}}
    payload = bytearray(
        pack_request(data.draw(st.sampled_from(["system:c0:0", "i"])), method, [[entry]], jt=1)
    )
    for _ in range(data.draw(st.integers(0, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    header = data.draw(
        st.just(HEADER.pack(1, 0, len(payload)))
        | st.binary(min_size=12, max_size=12)
        | st.binary(max_size=11)
    )
    refused = None
    try:
        bench.replica.receive(client.channel, header + bytes(payload))
    except ProtocolError as error:
        refused = error
    assert refused is None or refused.close_code in {1002, 1007, 1009}
    client.read()
    bench.commit(x=3)


def test_a_hundred_clients_see_the_same() -> None:
    bench = Bench(x=0)
    clients = [bench.native() if index % 2 else bench.stock() for index in range(100)]
    shown = [0] * 100
    for value, author in enumerate(clients[:20], start=1):
        author.write(number=1 if author.resume else None, x=value)
        bench.commit(x=..., origin=(author.id, 1))
        bench.settle(author.id, 1)
        shown[value - 1] = value
        for index, client in enumerate(clients):
            for push in client.pushes():
                shown[index] = push["x"]
    assert shown == [20] * 100
    assert [op for op in bench.replica.sessions if op.provisional] == []


def test_sessions_and_info_can_be_looked_at() -> None:
    bench = Bench(join=False)
    assert bench.replica.epoch is None
    assert bench.replica.status[0] == "lost"
    bench.join(title="Demo")
    assert bench.replica.epoch == "e1"
    assert bench.replica.info["title"] == "Demo"
    bench.replica.receive_link(Commit(9, []))
