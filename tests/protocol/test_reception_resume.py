"""Sessions that go on over another connection."""

from typing import Any

import pytest

from jupyter_trame.names import LEAVE, LEAVE_ID
from jupyter_trame.protocol import Limits, pack
from jupyter_trame.protocol.envelope import pack_publication, pack_request
from jupyter_trame.protocol.link import ClientClosed, Message, Write
from tests.protocol.support import Bench, RawClient


def error(code: int, message: str, request_id: str = "rpc:x:0") -> dict[str, Any]:
    return {"wslink": "1.0", "id": request_id, "error": {"code": code, "message": message}}


def publications(messages: list[dict[str, Any]], topic: str) -> list[Any]:
    return [message["result"] for message in messages if message["id"] == f"publish:{topic}:0"]


def test_a_resumed_client_gets_what_changed_and_nothing_else() -> None:
    bench = Bench(x=1, y=1)
    client = bench.native()
    client.cut()
    bench.commit(y=2)
    again = client.back()
    assert again.resume["resumed"]
    assert again.id == client.id
    assert again.pushes() == [{"y": 2}]
    assert bench.take() == []


def test_what_was_lost_in_flight_is_sent_again() -> None:
    bench = Bench(x=1, y=1)
    client = bench.native()
    read = client.got
    bench.commit(x=2)
    bench.replica.receive_link(Message(pack_publication("t", 1)))
    bench.commit(x=3, y=3)
    assert len(client.read()) == 3
    client.cut()
    again = client.back(got=read)
    messages = again.read()
    assert publications(messages, "trame.state.topic") == [{"x": 3, "y": 3}]
    assert publications(messages, "t") == [1]


def test_a_lost_state_is_sent_again_as_it_is_now() -> None:
    bench = Bench(x=1)
    client = RawClient(bench)
    client.hello(jt={"v": 1})
    client.request("trame.state.get")
    client.read()
    client.cut()
    bench.commit(x=2)
    messages = client.back(got=0).read()
    assert [m["result"]["state"] for m in messages if m["id"] == "rpc:x:0"] == [{"x": 2}]


def test_what_was_read_is_not_sent_again() -> None:
    bench = Bench(x=1)
    client = bench.native()
    bench.replica.receive_link(Message(pack_publication("t", 1)))
    client.read()
    client.cut()
    bench.replica.receive_link(Message(pack_publication("t", 2)))
    again = client.back()
    assert publications(again.read(), "t") == [2]
    again.cut()
    assert again.back().read() == []


def test_the_answer_to_hello_counts_calls_and_writes() -> None:
    bench = Bench(x=1)
    client = bench.native()
    client.request("m")
    client.write(number=1, x=2)
    client.write(number=2, x=3)
    bench.settle(client.id, 1)
    client.cut()
    own = client.back().resume
    assert (own["got"], own["received"], own["settled"]) == (4, 2, 1)


def test_a_settlement_is_not_lost_with_the_connection() -> None:
    bench = Bench(x=1)
    client = bench.native()
    client.write(number=1, x=2)
    client.cut()
    bench.settle(client.id, 1)
    again = client.back()
    assert again.resume["settled"] == 1
    assert publications(again.read(), "trame.state.topic") == [{"x": 1}]


@pytest.mark.parametrize("read", [True, False])
def test_a_value_that_takes_a_write_back_is_not_lost_with_the_connection(read: bool) -> None:
    bench = Bench(x=1)
    author, other = bench.native(), bench.native()
    author.write(number=1, x=2)
    assert other.pushes() == [{"x": 2}]
    before = other.got
    if not read:
        other.cut()
    bench.settle(author.id, 1)
    if read:
        assert other.pushes() == [{"x": 1}]
        other.cut()
    assert other.back(got=before).pushes() == [{"x": 1}]


def test_the_old_connection_is_closed() -> None:
    bench = Bench(x=1)
    client = bench.native()
    again = client.back()
    assert again.resume["resumed"]
    assert client.closing == (1008, "the session went on over another connection")
    bench.commit(x=2)
    assert client.read() == []
    client.cut()
    assert again.pushes() == [{"x": 2}]
    assert bench.take() == []


def test_a_connection_that_resumes_leaves_its_own_session() -> None:
    bench = Bench(x=1)
    client, other = bench.native(), bench.native()
    client.cut()
    other.hello(jt={"v": 1, "resume": client.resume["resume"], "epoch": "e1", "seq": 0, "got": client.got})
    assert other.id == client.id
    assert len(bench.take()) == 1
    assert len(list(bench.replica.sessions)) == 1


@pytest.mark.parametrize("identity", ["eve", None])
def test_another_identity_cannot_take_a_session_over(identity: str | None) -> None:
    bench = Bench(x=1)
    client = RawClient(bench, identity="me")
    client.hello(jt={"v": 1})
    client.request("trame.state.get")
    client.read()
    eve = client.back(identity=identity)
    assert not eve.resume["resumed"]
    assert eve.id != client.id
    assert client.closing is None
    assert client.back(identity="me").id == client.id


@pytest.mark.parametrize(
    "own",
    [
        {"resume": "other"},
        {"resume": None},
        {"resume": ["t0"]},
        {"epoch": "e0"},
        {"epoch": None},
        {"got": None},
        {"got": "1"},
        {"got": -1},
        {"got": 99},
    ],
)
def test_what_cannot_be_resumed_starts_over(own: dict[str, Any]) -> None:
    bench = Bench(x=1)
    client = bench.native()
    client.cut()
    hello = {"v": 1, "resume": client.resume["resume"], "epoch": "e1", "seq": 0, "got": client.got, **own}
    again = RawClient(bench)
    again.hello(jt=hello)
    assert not again.resume["resumed"]
    assert again.id != client.id


def test_a_client_that_never_had_the_state_starts_over() -> None:
    bench = Bench(x=1)
    client = RawClient(bench)
    client.hello(jt={"v": 1})
    client.cut()
    assert not client.back().resume["resumed"]


def test_a_history_that_is_too_short_is_no_resume() -> None:
    bench = Bench(limits=Limits(history=1000), x=1)
    client = bench.native()
    read = client.got
    for _ in range(3):
        bench.replica.receive_link(Message(pack_publication("t", "x" * 400)))
    client.read()
    client.cut()
    assert not client.back(got=read).resume["resumed"]


def test_a_session_ends_with_its_grace_time() -> None:
    bench = Bench(limits=Limits(grace=60), x=1)
    first, second = bench.native(), bench.native()
    assert bench.replica.expire(0) is None
    first.cut(now=0)
    second.cut(now=10)
    assert bench.replica.expire(59.9) == 60
    assert bench.replica.expire(60) == 70
    assert bench.take() == [ClientClosed(first.id)]
    assert not first.back().resume["resumed"]
    assert second.back().resume["resumed"]
    assert bench.replica.expire(1000) is None


def test_a_goodbye_and_a_stock_clients_end_are_final() -> None:
    bench = Bench(x=1)
    native, stock = bench.native(), bench.stock()
    native.leave()
    assert native.closing == (1000, "the client left")
    stock.cut()
    assert bench.take() == [ClientClosed(native.id), ClientClosed(stock.id)]
    assert not native.back().resume["resumed"]


def test_what_was_sent_before_the_goodbye_counts_and_what_follows_does_not() -> None:
    bench = Bench(x=1)
    client = bench.native()
    client.write(number=1, x=2)
    client.send(pack_request(LEAVE_ID, LEAVE))
    client.write(number=2, x=3)
    client.send(pack_request(LEAVE_ID, LEAVE))
    assert bench.take() == [Write(client.id, 1, None, [("x", pack(2))]), ClientClosed(client.id)]
    assert client.read() == []


def test_only_who_has_a_session_can_leave_it() -> None:
    bench = Bench(x=1)
    stranger = RawClient(bench)
    stranger.send(pack_request(LEAVE_ID, LEAVE))
    assert stranger.read() == [error(-32601, "Unknown system method called", LEAVE_ID)]
    gone = bench.native()
    back = gone.back()
    gone.send(pack_request(LEAVE_ID, LEAVE))
    assert bench.take() == [], "the session went on over another connection"
    back.cut()
    assert back.back().resume["resumed"]


def test_who_is_away_too_long_with_too_much_waiting_starts_over() -> None:
    bench = Bench(limits=Limits(client_queue=1000), x=1)
    client = bench.native()
    client.cut()
    for _ in range(3):
        bench.replica.receive_link(Message(pack_publication("t", "x" * 400)))
    assert bench.take() == [ClientClosed(client.id)]
    assert not client.back().resume["resumed"]
