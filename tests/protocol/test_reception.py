"""Who is let in, with which answer."""

import re
from typing import Any

import pytest

from jupyter_trame.errors import OversizeError
from jupyter_trame.protocol import Limits, Replica, pack, unpack
from jupyter_trame.protocol.chunking import split
from jupyter_trame.protocol.envelope import pack_publication, pack_request
from jupyter_trame.protocol.link import ClientClosed, ClientOpened, Message, Snapshot
from jupyter_trame.types import Epoch
from tests.protocol.support import Bench, RawClient


def error(code: int, message: str, request_id: str = "rpc:x:0") -> dict[str, Any]:
    return {"wslink": "1.0", "id": request_id, "error": {"code": code, "message": message}}


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
