"""What a client of a replica hears, and what its server does."""

import re
from dataclasses import replace
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.errors import LinkError, MalformedMessageError, OversizeError, ProtocolError
from jupyter_trame.names import LEAVE, LEAVE_ID
from jupyter_trame.protocol import Limits, Replica, pack, unpack
from jupyter_trame.protocol.chunking import HEADER, split
from jupyter_trame.protocol.envelope import pack_publication, pack_request, pack_result
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
    Taken,
    Vacant,
    Write,
)
from jupyter_trame.types import ClientId, Epoch
from tests.protocol.support import Bench, RawClient, settlements

STOCK_HELLO = bytes.fromhex(
    "04030201000000005300000085a67773 6c696e6ba3312e30a26964ab73797374 656d3a63303a30a66d6574686f64ac77"
    "736c696e6b2e68656c6c6fa461726773 9181a6736563726574ad77736c696e6b 2d736563726574a66b776172677380"
)
"""The hello of the stock JavaScript client, byte for byte."""

STOCK_GET = bytes.fromhex(
    "0d0c0b0a000000005d00000085a67773 6c696e6ba3312e30a26964d927727063 3a636135316135333435303533333466"
    "34656133396432326561376563343838 39613a30a66d6574686f64af7472616d 652e73746174652e676574a461726773"
    "90a66b776172677380"
)


def error(code: int, message: str, request_id: str = "rpc:x:0") -> dict[str, Any]:
    return {"wslink": "1.0", "id": request_id, "error": {"code": code, "message": message}}


def publications(messages: list[dict[str, Any]], topic: str) -> list[Any]:
    return [message["result"] for message in messages if message["id"] == f"publish:{topic}:0"]


# -- hello


def test_the_stock_clients_session_byte_for_byte() -> None:
    client_id = "ca51a534505334f4ea39d22ea7ec4889a"
    replica = Replica(new_client_id=lambda: client_id)
    channel = replica.connect()
    replica.link_attached(lambda _: None)
    values: dict[str, Any] = {"trame__scripts": [], "trame__busy": 1, "trame__favicon": None, "count": 1}
    pairs = [(key, 1, pack(value)) for key, value in values.items()]
    replica.receive_link(Snapshot(Epoch("e"), 1, {"name": "hexdemo", "secret": "wslink-secret"}, pairs))
    replica.receive(channel, STOCK_HELLO)
    (hello,) = replica.frames(channel, 1)
    assert len(hello) == 107
    assert hello[4:12] == bytes.fromhex("000000005f000000")  # type: ignore[index]
    assert hello[12:] == bytes.fromhex(  # type: ignore[index]
        "83a677736c696e6ba3312e30a26964ab73797374656d3a63303a30a6726573756c7482a8636c69656e744944d921"
        "6361353161353334353035333334663465613339643232656137656334383839 61aa6d61784d736753697a65ce00400000"
    )
    replica.receive(channel, STOCK_GET)
    (state,) = replica.frames(channel, 1)
    answer = unpack(state[12:])  # type: ignore[index]
    assert answer["id"] == f"rpc:{client_id}:0"
    assert answer["result"] == {"name": "hexdemo", "state": values}


def test_a_stock_hello_has_no_extension_in_its_answer() -> None:
    answer = RawClient(Bench()).hello()
    assert re.fullmatch("c[0-9a-f]{32}", answer["result"].pop("clientID"))
    assert answer == {"wslink": "1.0", "id": "system:c0:0", "result": {"maxMsgSize": 4_194_304}}


def test_client_ids_are_minted_at_random() -> None:
    replica = Replica()
    replica.link_attached(lambda _: None)
    replica.receive_link(Snapshot(Epoch("e"), 1, {"secret": "s"}, []))
    for _ in range(2):
        replica.receive(
            replica.connect(),
            split([pack_request("system:c0:0", "wslink.hello", [{"secret": "s"}])], 1, 512)[0],
        )
    first, second = replica.sessions
    assert first.client_id != second.client_id
    assert first.token != second.token
    assert re.fullmatch("c[0-9a-f]{32}", first.client_id)


def test_a_native_hello_tells_all_that_is_needed_to_come_back() -> None:
    bench = Bench()
    client = RawClient(bench)
    own = client.hello(jt={"v": 1})["result"]["jt"]
    assert own == {
        "v": 1,
        "epoch": "e1",
        "resume": client.resume["resume"],
        "resumed": False,
        "received": 0,
        "settled": 0,
        "got": 0,
    }
    assert bench.take() == [ClientOpened(client.id, True)]


def test_a_stock_hello_can_be_repeated() -> None:
    bench = Bench()
    client = RawClient(bench)
    first = client.hello()
    assert client.hello() == first
    assert bench.take() == [ClientOpened(client.id, False)]


def test_a_native_hello_without_resume_starts_over() -> None:
    bench = Bench()
    client = RawClient(bench)
    client.hello(jt={"v": 1})
    first = client.id
    client.hello(jt={"v": 1})
    assert client.id != first
    assert bench.take()[1:] == [ClientClosed(first), ClientOpened(client.id, True)]


@pytest.mark.parametrize("secret", ["", "S", "sx", 5, None, b"s", ["s"], {"s": 1}])
def test_a_wrong_secret_can_be_tried_again(secret: Any) -> None:
    bench = Bench()
    client = RawClient(bench)
    assert client.hello(secret) == error(-32000, "Authentication failed", "system:c0:0")
    assert bench.take() == []
    assert "result" in client.hello("s")
    assert client.closing is None


@pytest.mark.parametrize("args", [[], ["s"], [None], [{}], [["secret", "s"]]])
def test_a_hello_without_a_secret(args: list[Any]) -> None:
    client = RawClient(Bench())
    client.request("wslink.hello", *args, request_id="system:c0:0")
    assert client.read() == [error(-32000, "Authentication failed", "system:c0:0")]


def test_without_a_secret_of_its_own_a_server_lets_nobody_in() -> None:
    bench = Bench(join=False)
    bench.join(secret=None)
    assert "error" in RawClient(bench).hello(None)


def test_who_is_trusted_needs_no_secret() -> None:
    client = RawClient(Bench(), trusted=True)
    client.request("wslink.hello", request_id="system:c0:0")
    assert "result" in client.read()[0]


@pytest.mark.parametrize(
    "method", ["trame.state.get", "trame.state.update", "trame.trigger", "wslink.hello", ""]
)
def test_nothing_is_served_before_hello(method: str) -> None:
    bench = Bench(x=1)
    client = RawClient(bench)
    client.request(method)
    assert client.read() == [error(-32000, "Unauthorized: Skip message processing")]
    assert bench.take() == []


def test_nothing_is_published_before_hello() -> None:
    bench = Bench(x=1)
    client = RawClient(bench)
    client.hello("wrong")
    bench.commit(x=2)
    bench.replica.receive_link(Message(pack_publication("t", 1)))
    assert client.read() == []


@pytest.mark.parametrize("method", ["", "wslink.goodbye", "trame.state.get"])
@pytest.mark.parametrize("greeted", [False, True])
def test_other_system_methods(method: str, greeted: bool) -> None:
    client = RawClient(Bench())
    if greeted:
        client.hello()
    client.request(method, request_id="system:c0:1")
    assert client.read() == [error(-32601, "Unknown system method called", "system:c0:1")]


def test_before_hello_512_bytes_are_taken_and_513_are_not() -> None:
    bench = Bench()
    for size in (512, 513):
        client = RawClient(bench)
        base = len(pack_request("system:c0:0", "wslink.hello", [{"secret": "x" * 100}]))
        payload = pack_request("system:c0:0", "wslink.hello", [{"secret": "x" * (100 + size - base - 1)}])
        assert len(payload) == size
        if size == 512:
            client.send(payload)
            assert "error" in client.read()[0]
        else:
            with pytest.raises(OversizeError, match="a message of 513 bytes is over the limit of 512 bytes"):
                client.send(payload)


def test_our_own_hello_fits_with_room_to_spare() -> None:
    own = {"v": 1, "resume": "x" * 43, "epoch": "y" * 43, "seq": 2**63, "got": 2**63}
    assert len(pack_request("system:c0:0", "wslink.hello", [{"secret": "z" * 64, "jt": own}])) < 400


def test_after_hello_the_limit_is_the_servers() -> None:
    client = RawClient(Bench(limits=Limits(message=1000)))
    client.hello()
    client.request("m", "x" * 800)
    with pytest.raises(OversizeError, match="limit of 1000 bytes"):
        client.request("m", "x" * 1000)


def test_answers_that_nobody_reads_are_bounded() -> None:
    client = RawClient(Bench())
    for _ in range(64):
        client.request("m")
    assert client.closing is None
    client.request("m")
    assert client.closing == (1013, "over 64 answers wait for this client: it is too slow")
    assert len(client.read()) == 64


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


# -- state.get


def test_the_state_is_answered_by_the_replica() -> None:
    bench = Bench(x=1, y={"a": [1]})
    client = RawClient(bench)
    client.hello()
    bench.take()
    client.request("trame.state.get", request_id="rpc:c:7")
    assert client.read() == [
        {
            "wslink": "1.0",
            "id": "rpc:c:7",
            "jt": ["e1", 1],
            "result": {"name": "demo", "state": {"x": 1, "y": {"a": [1]}}},
        }
    ]
    assert bench.take() == []


def test_the_state_of_many_keys() -> None:
    values: dict[str, Any] = {f"k{index}": index for index in range(70_000)}
    bench = Bench(join=False)
    bench.values = values
    bench.join()
    client = RawClient(bench)
    client.hello()
    client.request("trame.state.get")
    assert client.read()[0]["result"]["state"] == values


def test_the_state_is_as_new_as_its_departure() -> None:
    bench = Bench(x=1)
    client = bench.stock()
    client.request("trame.state.get")
    bench.commit(x=2)
    state, *rest = client.read()
    assert state["result"]["state"] == {"x": 2}
    assert all(message["result"] == {"x": 2} for message in rest)


def test_two_commits_of_one_number_are_two_commits() -> None:
    bench = Bench(x=1, y=1)
    bench.commit(x=2)
    bench.stock()
    bench.seq -= 1
    bench.commit(y=2)
    client = RawClient(bench)
    client.hello()
    client.request("trame.state.get")
    assert client.read()[0]["result"]["state"] == {"x": 2, "y": 2}


def test_a_native_client_gets_no_changes_before_the_state() -> None:
    bench = Bench(x=1)
    client = RawClient(bench)
    client.hello(jt={"v": 1})
    bench.commit(x=2)
    assert client.read() == []
    client.request("trame.state.get")
    bench.commit(x=3)
    assert client.read()[0]["result"]["state"] == {"x": 3}


def test_a_stock_client_gets_changes_from_hello_on() -> None:
    bench = Bench(x=1)
    client = RawClient(bench)
    client.hello()
    bench.commit(x=2)
    assert client.pushes() == [{"x": 2}]


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


# -- writes


def test_a_write_goes_to_the_server_and_at_once_to_the_others() -> None:
    bench = Bench(x=1)
    author, other = bench.native(), bench.stock()
    author.write(number=1, x=2)
    assert bench.take() == [Write(author.id, 1, None, [("x", pack(2))])]
    assert other.pushes() == [{"x": 2}]
    assert author.read() == []


def test_the_author_hears_of_the_commit_and_not_of_its_value() -> None:
    bench = Bench(x=1)
    author, other = bench.native(), bench.native()
    author.write(number=1, x=2)
    other.read()
    bench.commit(x=..., origin=(author.id, 1))
    bench.settle(author.id, 1)
    messages = author.read()
    assert settlements(messages) == [1]
    assert all(message["result"] in (1, {}) for message in messages)
    assert other.read() == []


def test_a_stock_clients_write_is_answered_by_the_server() -> None:
    bench = Bench(x=1)
    author = bench.stock()
    author.write(request_id="rpc:c:5", x=2)
    (write,) = bench.take()
    assert write == Write(author.id, 1, "rpc:c:5", [("x", pack(2))])
    bench.commit(x=..., origin=(author.id, 1))
    bench.settle(author.id, 1)
    bench.replica.receive_link(Message(pack_result("rpc:c:5", None), client=author.id))
    assert author.read() == [{"wslink": "1.0", "id": "rpc:c:5", "result": None}]


def test_a_correction_reaches_everybody() -> None:
    bench = Bench(x=1)
    author, other = bench.stock(), bench.stock()
    for value in (50, 60):
        author.write(x=value)
        assert other.pushes() == [{"x": value}]
        write = bench.take()[0]
        assert isinstance(write, Write)
        bench.commit(x=..., origin=(author.id, write.number))
        bench.settle(author.id, write.number)
        bench.commit(x=10)
        assert author.pushes()[-1] == {"x": 10}
        assert other.pushes() == [{"x": 10}]


def test_a_refused_write_is_taken_back() -> None:
    bench = Bench(x=1)
    author, other = bench.native(), bench.stock()
    author.write(number=1, x=2)
    other.read()
    bench.settle(author.id, 1)
    messages = author.read()
    assert settlements(messages) == [1]
    assert publications(messages, "trame.state.topic") == [{"x": 1}]
    assert other.pushes() == [{"x": 1}]


def test_filtered_members_go_to_the_server_only() -> None:
    bench = Bench(file=None)
    author, other = bench.stock(), bench.stock()
    file = {"name": "f", "content": b"123", "_filter": ["content"]}
    author.write(file=file)
    (write,) = bench.take()
    assert isinstance(write, Write)
    assert unpack(write.values[0][1]) == file
    assert other.pushes() == [{"file": {"name": "f", "_filter": ["content"]}}]


@pytest.mark.parametrize("strict", [True, False])
def test_code_of_a_client_is_not_shown_to_others(strict: bool) -> None:
    bench = Bench(join=False, trame__template_main="", x=1)
    bench.join(strict=strict)
    author, other = bench.stock(), bench.stock()
    author.write(trame__template_main="<script>", x=2)
    assert other.pushes() == [{"x": 2} if strict else {"trame__template_main": "<script>", "x": 2}]


def test_a_number_is_taken_once() -> None:
    bench = Bench(x=1)
    author, other = bench.native(), bench.stock()
    for number, value in [(1, 1), (2, 2), (2, 3), (1, 4), (3, 5)]:
        author.write(number=number, x=value)
    writes = [op.number for op in bench.take() if isinstance(op, Write)]
    assert writes == [1, 2, 3]
    assert other.pushes() == [{"x": 5}]


@pytest.mark.parametrize("number", [0, -1, 2**53, 2**64 - 1])
def test_a_number_that_cannot_be_one(number: int) -> None:
    author = Bench(x=1).native()
    with pytest.raises(MalformedMessageError, match="counts from 1"):
        author.write(number=number, x=1)


@pytest.mark.parametrize("jt", [True, 1.0, "1", [1], None])
def test_a_write_without_a_number_is_answered_by_the_server(jt: Any) -> None:
    bench = Bench(x=1)
    author = bench.native()
    author.request("trame.state.update", [{"key": "x", "value": 2}], request_id="rpc:c:1", jt=jt)
    assert bench.take() == [Write(author.id, 1, "rpc:c:1", [("x", pack(2))])]


# -- while the server takes nothing

TIGHT = Limits(window=1, client_waiting=2000, waiting=4000)
"""One write fills the window; in front of the server three more have room, and those of two clients."""


def taken(bench: Bench, client: RawClient, size: int = 1 << 20) -> None:
    """The server's loop has come to what `client` sent."""
    bench.replica.receive_link(Taken({client.id: size}))


def test_writes_of_a_client_become_one_while_the_server_is_busy() -> None:
    bench = Bench(limits=TIGHT, x=0, y=0)
    author, other = bench.native(), bench.native()
    for number in range(1, 10_001):
        author.write(number=number, **{"xy"[number % 2]: number})  # type: ignore[arg-type]
    assert author.closing is None
    assert bench.take() == [Write(author.id, 1, None, [("y", pack(1))])]
    assert other.pushes() == [{"y": 9999, "x": 10_000}]
    taken(bench, author)
    (rest,) = bench.take()
    assert rest == Write(author.id, 10_000, None, [("x", pack(10_000)), ("y", pack(9999))])
    bench.settle(author.id, 1)
    bench.commit(x=..., y=..., origin=(author.id, 10_000))
    bench.settle(author.id, 10_000)
    assert settlements(author.read()) == [10_000]
    assert other.read() == []
    assert not bench.replica.waits


def test_the_kernel_says_how_much_it_takes() -> None:
    bench = Bench(join=False)
    bench.join(window=1)
    author = bench.native()
    author.write(number=1, x=1)
    author.write(number=2, x=2)
    assert [op.number for op in bench.take() if isinstance(op, Write)] == [1]


def test_who_is_away_sees_the_last_value_of_writes_that_became_one() -> None:
    bench = Bench(limits=TIGHT, x=0)
    author, away = bench.native(), bench.native()
    author.write(number=1, x=1)
    author.write(number=2, x=2)
    assert away.pushes() == [{"x": 2}]
    away.cut()
    author.write(number=3, x=3)
    back = away.back()
    assert back.pushes() == [{"x": 3}]


@pytest.mark.parametrize("limits", [None, TIGHT], ids=["on their way", "waiting"])
def test_who_comes_while_the_server_is_busy_sees_what_the_others_see(limits: Limits | None) -> None:
    bench = Bench(limits=limits, x=0, y=0)
    author, other = bench.native(), bench.native()
    author.write(number=1, x=1)
    author.write(number=2, x=2, new=3)
    other.write(number=1, y=4)
    author.leave()
    late = RawClient(bench)
    late.hello(jt={"v": 1})
    late.request("trame.state.get")
    assert late.read()[0]["result"]["state"] == {"x": 2, "y": 4, "new": 3}
    bench.commit(x=2, new=3, y=5)
    assert late.pushes() == []
    bench.settle(author.id, 2)
    bench.settle(other.id, 1)
    assert late.pushes() == [{"y": 5}]


def test_who_was_away_while_the_server_is_busy_sees_what_the_others_see() -> None:
    bench = Bench(x=0)
    author, away = bench.native(), bench.native()
    away.cut()
    author.write(number=1, x=1)
    assert away.back().pushes() == [{"x": 1}]


def test_a_call_goes_behind_the_writes_of_its_client() -> None:
    bench = Bench(limits=TIGHT, x=0)
    author = bench.native()
    for number in (1, 2, 3):
        author.write(number=number, x=number)
    author.request("m")
    author.write(number=4, x=4)
    sent = [op.number if isinstance(op, Write) else type(op) for op in bench.take()]
    assert sent == [1, 3, Call]


def test_a_call_that_is_too_much_is_told_that_the_server_is_busy() -> None:
    bench = Bench(limits=TIGHT, x=0)
    client, other = bench.native(), bench.native()
    for _ in range(5):
        client.request("m", "x" * 100, request_id="rpc:c:1")
    busy = error(
        -32009, "busy: the server has not come to what it was asked before; try again later", "rpc:c:1"
    )
    assert client.read() == [busy, busy]
    assert client.closing is None
    other.request("m")
    assert [op.client for op in bench.take()] == [client.id] * 3 + [other.id]
    taken(bench, client)
    client.request("m")
    assert len(bench.take()) == 1


def test_a_large_call_alone_is_not_too_much() -> None:
    bench = Bench(limits=TIGHT)
    client = bench.native()
    client.request("m", "x" * 10_000)
    assert len(bench.take()) == 1


def test_a_write_that_cannot_become_part_of_another_one_has_its_bound() -> None:
    bench = Bench(limits=TIGHT, x=0)
    author = bench.native()
    for number in range(1, 6):
        author.write(number=number, x={"n": number, "hidden": "x" * 100, "_filter": ["hidden"]})
    assert author.closing == (1013, "busy: too much waits for the server")
    author.write(number=6, x=6)
    assert [op.received for op in bench.replica.sessions] == [4], "what was not taken comes again"


def test_two_that_write_one_key_in_turn_keep_their_order_and_then_their_connection() -> None:
    bench = Bench(limits=TIGHT, x=0)
    a, b = bench.native(), bench.native()
    for number in range(1, 101):
        for client in (a, b):
            client.write(number=number, x=f"{client.id[-1]}{number}")
    assert a.closing is b.closing is None
    found = bench.take()
    while bench.replica.waits:
        taken(bench, a)
        taken(bench, b)
        found += bench.take()
    writes = [op for op in found if isinstance(op, Write)]
    assert [(op.client, op.number) for op in writes[-2:]] == [(a.id, 100), (b.id, 100)]
    assert [op.number for op in writes if op.client == a.id][:3] == [1, 2, 3], (
        "each is seen while there is room"
    )


def test_writes_without_a_number_that_became_one_are_all_answered() -> None:
    bench = Bench(limits=TIGHT, x=0)
    author = bench.stock()
    for number in range(1, 5):
        author.write(request_id=f"rpc:c:{number}", x=number)
    taken(bench, author)
    assert [(op.number, op.request_id) for op in bench.take() if isinstance(op, Write)] == [
        (1, "rpc:c:1"),
        (4, "rpc:c:4"),
    ]
    author.read()
    bench.settle(author.id, 4)
    answers = [(m["id"], m["result"]) for m in author.read() if m["id"].startswith("rpc")]
    assert answers == [("rpc:c:2", None), ("rpc:c:3", None)]


def test_what_the_server_may_refuse_stays_by_itself() -> None:
    bench = Bench(limits=TIGHT, x=0)
    author = bench.native()
    for number in (1, 2, 3):
        author.write(number=number, x=number)
    author.write(number=4, trame__template_main="<p/>")
    author.write(number=5, x=5)
    taken(bench, author)
    taken(bench, author)
    taken(bench, author)
    assert [op.number for op in bench.take() if isinstance(op, Write)] == [1, 3, 4, 5]


@pytest.mark.parametrize(("key", "sent"), [("name", [1, 4]), ("throttle", [1, 2, 3, 4])])
def test_a_name_that_templates_know_is_like_any_other_where_the_app_has_it(key: str, sent: list[int]) -> None:
    bench = Bench(limits=TIGHT, name="")
    author = bench.native()
    for number in range(1, 5):
        author.write(number=number, **{key: number})  # type: ignore[arg-type]
    for _ in range(5):
        taken(bench, author)
    assert [op.number for op in bench.take() if isinstance(op, Write)] == sent


def test_writes_wait_for_the_next_link_and_become_one() -> None:
    bench = Bench(x=0)
    author = bench.native()
    author.write(number=1, x=1)
    bench.take()
    bench.replica.link_lost("the kernel hangs")
    for number in range(2, 20_000):
        author.write(number=number, x=number)
    assert author.closing is None
    bench.join()
    assert bench.take() == [
        ClientOpened(author.id, True),
        Write(author.id, 1, None, [("x", pack(1))]),
        Write(author.id, 19_999, None, [("x", pack(19_999))]),
    ]


# -- calls and messages


def test_a_call_goes_to_the_server_as_it_came() -> None:
    bench = Bench()
    client = bench.stock()
    payload = pack_request("rpc:c:1", "trame.trigger", ["go", [1], {}])
    client.send(payload)
    assert bench.take() == [Call(client.id, payload)]


def test_a_call_without_a_method() -> None:
    bench = Bench()
    client = bench.stock()
    client.send(pack({"wslink": "1.0", "id": "rpc:c:1"}))
    assert client.read() == [error(-32601, "Unregistered method called", "rpc:c:1")]
    assert bench.take() == []


def test_a_call_without_a_link_is_refused_with_the_reason() -> None:
    bench = Bench()
    client = bench.native()
    bench.replica.link_lost("the kernel died")
    client.request("m")
    assert error(-32004, "the kernel died") in client.read()


def test_a_message_without_an_id_is_ignored() -> None:
    bench = Bench()
    client = bench.stock()
    client.send(pack({"method": "m"}))
    assert client.read() == []
    assert bench.take() == []


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


# -- resume


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
    assert [op for op in bench.replica.sessions if op.view] == []


def test_sessions_and_info_can_be_looked_at() -> None:
    bench = Bench(join=False)
    assert bench.replica.epoch is None
    assert bench.replica.status[0] == "lost"
    bench.join(title="Demo")
    assert bench.replica.epoch == "e1"
    assert bench.replica.info["title"] == "Demo"
    bench.replica.receive_link(Commit(9, []))


def test_the_server_hears_of_a_write_before_the_other_clients() -> None:
    bench = Bench(x=1)
    author, other = bench.native(), bench.native()
    bench.replica.take_ready()
    told: list[bool] = []
    bench.replica.link_attached(lambda op: told.append(other.channel.has_output))
    bench.snapshot()
    told.clear()
    author.write(number=1, x=2)
    assert told == [False]
    assert other.pushes() == [{"x": 2}]


MALFORMED = [
    {None: 1},
    {"a": {"__proto__": 1}},
    [{(1, 2): 3}],
    msgpack.ExtType(78, b""),
    [msgpack.ExtType(78, b"x")],
]


def raw_write(value: Any, jt: Any = None, padding: int = 0) -> bytes:
    entries = [
        {"key": "x", "value": value},
        {"key": "y", "value": 2},
        {"key": "pad", "value": bytes(padding)},
    ]
    envelope = {
        "wslink": "1.0",
        "id": "rpc:x:7",
        "method": "trame.state.update",
        "args": [entries],
        "kwargs": {},
    }
    return bytes(msgpack.packb(envelope if jt is None else {**envelope, "jt": jt}))


@pytest.mark.parametrize("padding", [0, 5000])
@pytest.mark.parametrize("value", MALFORMED, ids=repr)
def test_a_value_that_some_client_could_not_read_is_refused_to_its_author_alone(
    value: Any, padding: int
) -> None:
    bench = Bench(x=1, y=1)
    author, other, stock = bench.native(), bench.native(), bench.stock()
    author.send(raw_write(value, 1, padding))
    (op,) = bench.take()
    assert isinstance(op, Write)
    assert [key for key, _ in op.values] == ["y", "pad"]
    for viewer in (other, stock):
        (message,) = viewer.read()  # and no word of the refusal
        assert message["id"] == "publish:trame.state.topic:0"
        assert message["result"] == {"y": 2, "pad": bytes(padding)}
    (told,) = author.read()
    assert told["id"] == "publish:jupyter_trame.error:0"
    assert "the value of 'x' is refused: " in told["result"]["message"]
    assert author.closing is None
    bench.commit(origin=(author.id, 1), y=...)
    bench.settle(author.id, 1)
    messages = author.read()
    assert settlements(messages) == [1]
    assert messages[-1]["result"] == {"x": 1}, "the server's value again"
    assert other.read() == []


@pytest.mark.parametrize("value", MALFORMED, ids=repr)
def test_a_stock_author_of_such_a_value_gets_an_error_as_its_answer(value: Any) -> None:
    bench = Bench(x=1, y=1)
    author, other = bench.stock(), bench.native()
    author.send(raw_write(value))
    (op,) = bench.take()
    assert isinstance(op, Write)
    assert op.request_id is None
    (answer,) = author.read()
    assert (answer["id"], answer["error"]["code"]) == ("rpc:x:7", -32002)
    bench.settle(author.id, 1)
    assert author.pushes()[0]["x"] == 1
    (message,) = other.read()
    assert "x" not in message["result"]
    assert author.closing is None


def test_a_malformed_argument_goes_on_to_the_server() -> None:
    bench = Bench()
    client = bench.native()
    envelope = {"wslink": "1.0", "id": "rpc:x:7", "method": "m", "args": [{(1, 2): 3}], "kwargs": {}}
    client.send(msgpack.packb(envelope))
    assert [type(op) for op in bench.take()] == [Call]
    assert client.closing is None
