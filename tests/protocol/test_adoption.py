"""Clients of a replica that died come to another one: what it asks, and what it makes of the answer."""

from typing import Any

import pytest

from jupyter_trame.protocol import pack
from jupyter_trame.protocol.link import (
    Call,
    ClientClosed,
    ClientOpened,
    LinkOp,
    Message,
    Resume,
    Resumed,
    Vacant,
    Write,
)
from jupyter_trame.protocol.session import token_hash
from jupyter_trame.types import ClientId
from tests.protocol.support import Bench, RawClient

A = ClientId("a")
HELLO = "system:c0:0"
OWN = {"v": 1, "resume": "token", "epoch": "e1", "seq": 1, "got": 7, "heard": 3}


def come(bench: Bench, **own: Any) -> RawClient:
    """Somebody says hello who was a client of another replica."""
    client = RawClient(bench, identity="me")
    client.request("wslink.hello", {"secret": "s", "jt": OWN | own}, request_id=HELLO)
    return client


def asked(bench: Bench) -> Resume:
    (op,) = bench.take()
    assert isinstance(op, Resume)
    return op


def greeting(client: RawClient) -> dict[str, Any]:
    first, *_ = messages = client.read()
    assert first["id"] == HELLO, messages
    return dict(first["result"]["jt"])


def found(op: Resume, **told: Any) -> Resumed:
    return Resumed(op.request, A, 4, 3, 5, **told)


def test_the_session_goes_on() -> None:
    bench = Bench(x=1, y=2)
    client = come(bench)
    op = asked(bench)
    assert (op.token, op.identity, op.heard) == (token_hash("token"), "me", 3)
    assert client.read() == [], "nothing is said before the server has answered"
    client.request("m", request_id="rpc:a:9")
    assert bench.take() == [], "what follows the hello waits"
    bench.replica.receive_link(found(op, calls=["rpc:a:1"], writes=[(4, [("y", pack(5)), ("up", None)])]))
    hello, state = client.read()
    assert hello["result"]["clientID"] == A
    assert hello["result"]["jt"] == {
        "v": 1,
        "epoch": "e1",
        "resume": "token",
        "resumed": True,
        "received": 4,
        "settled": 3,
        "got": 5,
        "calls": ["rpc:a:1"],
    }
    assert state["result"] == {"x": 1}, "all keys but those with a write of its own on its way"
    (call,) = bench.take()
    assert isinstance(call, Call)
    assert (call.client, call.index) == (A, 6)
    bench.commit(origin=(A, 4), y=..., up=9)
    assert client.pushes() == []
    bench.settle(A, 4)
    assert client.pushes() == [{"up": 9}]


def test_it_may_be_resumed_here_as_one_that_began_here() -> None:
    bench = Bench(x=1)
    client = come(bench)
    bench.replica.receive_link(found(asked(bench)))
    client.resume, client.got = greeting(client), 8
    client.cut()
    bench.replica.receive_link(Message(pack({"wslink": "1.0", "id": "rpc:a:1", "result": 1}), A, number=4))
    back = RawClient(bench, identity="me")
    assert back.hello(jt=OWN | {"got": 8})["result"]["jt"]["resumed"]
    assert back.resume["calls"] == [], "nobody knows whether it was read the first time"
    assert back.read() == [{"wslink": "1.0", "id": "rpc:a:1", "result": 1, "jt": 4}]
    back.leave()
    assert bench.take() == [ClientClosed(A)]


def test_nobody_knows_it() -> None:
    bench = Bench(x=1)
    client = come(bench)
    bench.replica.receive_link(Resumed(asked(bench).request))
    own = greeting(client)
    assert (own["resumed"], "calls" in own) == (False, False)
    (op,) = bench.take()
    assert isinstance(op, ClientOpened)
    assert (op.token, op.identity) == (token_hash(own["resume"]), "me")


@pytest.mark.parametrize(
    "own",
    [
        {"epoch": "e0"},
        {"seq": 0},
        {"heard": None},
        {"heard": -1},
        {"got": True},
        {"resume": 5},
        {"seq": 1 << 60},
    ],
    ids=str,
)
def test_what_names_no_session_is_not_asked_for(own: dict[str, Any]) -> None:
    bench = Bench(x=1)
    client = come(bench, **own)
    assert not greeting(client)["resumed"]
    assert [type(op) for op in bench.take()] == [ClientOpened]


@pytest.mark.parametrize("end", ["link", "vacant", "snapshot"])
def test_an_answer_that_cannot_come_is_not_waited_for(end: str) -> None:
    bench = Bench(x=1)
    client = come(bench)
    op = asked(bench)
    if end == "link":
        bench.replica.link_lost("cut")
    elif end == "vacant":
        bench.replica.receive_link(Vacant("soon"))
    else:
        bench.snapshot()
    assert not greeting(client)["resumed"]
    bench.replica.receive_link(found(op))
    assert len(list(bench.replica.sessions)) == 1, "an answer that comes late is none"


def test_who_is_away_again_has_the_grace_time() -> None:
    bench = Bench(x=1)
    client = come(bench)
    op = asked(bench)
    client.cut(now=100.0)
    bench.replica.receive_link(found(op))
    assert bench.replica.expire(159.0) == 160.0
    assert bench.replica.expire(160.0) is None
    assert bench.take() == [ClientClosed(A)]


def test_after_the_next_link_the_server_is_told_of_it_as_of_all_others() -> None:
    bench = Bench(x=1)
    client = come(bench)
    op = asked(bench)
    bench.replica.receive_link(found(op, writes=[(4, [("x", pack(5))])]))
    assert greeting(client)["resumed"]
    bench.replica.link_lost("cut")
    bench.join()
    ops: list[LinkOp] = bench.take()
    assert ops == [ClientOpened(A, True), Write(A, 4, None, [("x", pack(5))])]
    (opened, _) = ops
    assert isinstance(opened, ClientOpened)
    assert (opened.token, opened.identity) == (token_hash("token"), "me")


def test_what_is_answered_is_told_until_it_was_read() -> None:
    """Or a call that no replica knows of would wait for ever: the first telling may be lost with its connection."""
    bench = Bench(x=1)
    client = come(bench)
    bench.replica.receive_link(found(asked(bench), calls=["rpc:a:1"]))
    client.cut()
    for _ in range(2):
        client = come(bench)
        assert greeting(client)["calls"] == ["rpc:a:1"]
        client.cut()
    client = come(bench)
    client.request("m", request_id="rpc:a:9")
    client.cut()
    assert "calls" not in greeting(come(bench))


def test_values_of_others_on_their_way_are_seen() -> None:
    """Whoever of the two comes first: both views show what they showed before."""
    bench = Bench(x=1, up=1)
    first = come(bench, resume="first")
    bench.replica.receive_link(Resumed(asked(bench).request, A, 0, 0, 5))
    assert first.pushes() == [{"x": 1, "up": 1}]
    author = come(bench, resume="author")
    bench.replica.receive_link(
        Resumed(asked(bench).request, ClientId("b"), 4, 3, 5, (), [(4, [("x", pack(5)), ("up", None)])])
    )
    assert first.pushes() == [{"x": 5}]
    assert author.pushes() == []
    last = come(bench, resume="last")
    bench.replica.receive_link(Resumed(asked(bench).request, ClientId("c"), 0, 0, 5))
    assert last.pushes() == [{"x": 5, "up": 1}]
    bench.replica.link_lost("cut")
    bench.join()
    writes = [op for op in bench.take() if isinstance(op, Write)]
    assert writes == [Write(ClientId("b"), 4, None, [("x", pack(5))])], "with what is known of it"


@pytest.mark.parametrize("noticed", [True, False])
def test_who_comes_again_before_the_answer_gets_the_session(noticed: bool) -> None:
    bench = Bench(x=1)
    first = come(bench)
    op = asked(bench)
    if noticed:
        first.cut(now=100.0)
    second = come(bench)
    assert bench.take() == [], "once is enough"
    bench.replica.receive_link(found(op))
    assert greeting(second)["resumed"]
    assert first.closing == (None if noticed else (1008, "the session went on over another connection"))
    first.cut(now=101.0)
    assert bench.replica.expire(1000.0) is None
