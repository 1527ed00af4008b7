"""Who decides about a hello, and when."""

from typing import Any

import pytest

from jupyter_trame.protocol import Hello
from jupyter_trame.protocol.link import ClientOpened, Write
from jupyter_trame.protocol.session import read_greeting
from tests.protocol.support import Bench, RawClient


class Door:
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[Hello] = []
        self.verdict: bool | None = None

    def __call__(self, hello: Hello) -> bool | None:
        self.asked.append(hello)
        return self.verdict


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def bench(door: Door) -> Bench:
    return Bench(x=1, validate=door)


def knock(client: RawClient, secret: Any = "s", jt: Any = None) -> None:
    greeting = {"secret": secret} | ({} if jt is None else {"jt": jt})
    client.request("wslink.hello", greeting, request_id="system:c0:0")


def opened(bench: Bench) -> list[str]:
    return [op.client for op in bench.take() if isinstance(op, ClientOpened)]


@pytest.mark.parametrize("args", [[], [None], ["s"], [[]]])
def test_a_greeting_that_is_no_map_says_nothing(args: list[Any]) -> None:
    assert read_greeting(args) == {}


def test_the_validator_replaces_the_secret(bench: Bench, door: Door) -> None:
    door.verdict = True
    client = RawClient(bench)
    answer = client.hello("not the secret")
    assert answer["result"]["clientID"] == door.asked[0].client
    assert door.asked[0].secret == "not the secret"
    door.verdict = False
    assert RawClient(bench).hello("s")["error"]["message"] == "Authentication failed"


def test_who_is_trusted_is_not_asked_about(bench: Bench, door: Door) -> None:
    assert "result" in RawClient(bench, trusted=True).hello("?")
    assert not door.asked


@pytest.mark.parametrize("jt", [None, {"v": 1}])
def test_a_decision_may_come_later(bench: Bench, door: Door, jt: Any) -> None:
    client = RawClient(bench)
    knock(client, jt=jt)
    client.request("trame.state.get", request_id="rpc:x:1")
    assert client.read() == []
    assert opened(bench) == []
    bench.replica.admit(door.asked[0], True)
    hello, state = client.read()
    assert hello["result"]["clientID"] == door.asked[0].client
    assert state["result"]["state"] == {"x": 1}
    assert opened(bench) == [door.asked[0].client]
    assert list(bench.replica.take_ready()) == [client.channel]


def test_a_refusal_may_come_later_and_be_tried_again(bench: Bench, door: Door) -> None:
    client = RawClient(bench)
    knock(client, "wrong")
    client.request("trame.state.get", request_id="rpc:x:1")
    bench.replica.admit(door.asked[0], False)
    refused, unauthorized = client.read()
    assert refused["error"]["message"] == "Authentication failed"
    assert unauthorized["error"]["message"] == "Unauthorized: Skip message processing"
    knock(client, "right")
    bench.replica.admit(door.asked[1], True)
    assert "result" in client.read()[0]


def test_a_decision_about_somebody_who_left_is_ignored(bench: Bench, door: Door) -> None:
    client = RawClient(bench)
    knock(client)
    client.cut()
    bench.replica.admit(door.asked[0], True)
    assert opened(bench) == []
    assert list(bench.replica.sessions) == []


def test_a_decision_counts_once(bench: Bench, door: Door) -> None:
    client = RawClient(bench)
    knock(client)
    bench.replica.admit(door.asked[0], True)
    bench.replica.admit(door.asked[0], True)
    assert len(client.read()) == 1


def test_hello_again_keeps_the_client(bench: Bench, door: Door) -> None:
    door.verdict = True
    client = RawClient(bench)
    first = client.hello()
    assert client.hello() == first
    assert len({hello.client for hello in door.asked}) == 1


def test_who_is_decided_about_may_not_flood(bench: Bench, door: Door) -> None:
    client = RawClient(bench)
    knock(client)
    for number in range(64):
        client.request("m", request_id=f"rpc:x:{number}")
    assert client.closing is None
    client.request("m", request_id="rpc:x:64")
    assert client.closing == (1013, "too much came before its turn")


def test_who_is_decided_about_may_not_fill_the_memory(bench: Bench, door: Door) -> None:
    client = RawClient(bench)
    knock(client)
    client.request("m", bytes(4 << 20), request_id="rpc:x:1")
    assert client.closing == (1013, "too much came before its turn")


def test_what_comes_behind_a_hello_may_be_large_where_it_is_accepted(bench: Bench, door: Door) -> None:
    client = RawClient(bench)
    knock(client)
    client.request("trame.state.update", [{"key": "x", "value": "y" * 600}], request_id="rpc:x:1")
    bench.replica.admit(door.asked[0], True)
    assert [message["id"] for message in client.read()] == ["system:c0:0"]
    assert [op.request_id for op in bench.take() if isinstance(op, Write)] == ["rpc:x:1"]


def test_what_comes_behind_a_hello_is_too_large_where_it_is_refused(bench: Bench, door: Door) -> None:
    client = RawClient(bench)
    knock(client)
    client.request("trame.state.update", [{"key": "x", "value": "y" * 600}], request_id="rpc:x:1")
    bench.replica.admit(door.asked[0], False)
    assert client.closing is not None
    assert client.closing[0] == 1009


def test_two_hellos_are_decided_one_after_the_other(bench: Bench, door: Door) -> None:
    client = RawClient(bench)
    knock(client, 1)
    knock(client, 2)
    assert [hello.secret for hello in door.asked] == [1]
    bench.replica.admit(door.asked[0], False)
    assert [hello.secret for hello in door.asked] == [1, 2]


def test_the_default_is_the_secret_of_the_server() -> None:
    bench = Bench()
    assert "error" in RawClient(bench).hello("t")
    assert "result" in RawClient(bench).hello("s")


@pytest.mark.parametrize(
    ("said", "heard"), [("1.2.0", "1.2.0"), ("", ""), (None, ""), (7, ""), ("9" * 65, ""), ('9"; evil', "")]
)
def test_what_a_client_says_of_its_version_reaches_the_server(said: Any, heard: str) -> None:
    bench = Bench(x=1)
    knock(RawClient(bench), jt={"v": 1, "package": said})
    (op,) = [op for op in bench.take() if isinstance(op, ClientOpened)]
    assert op.package == heard


def test_a_client_is_told_the_versions_of_its_host_and_of_the_server() -> None:
    bench = Bench(x=1, version="1.3.0")
    client = RawClient(bench)
    knock(client, jt={"v": 1})
    (hello,) = client.read()
    assert hello["result"]["jt"]["packages"] == ["1.3.0", ""]
    stock = RawClient(bench)
    knock(stock)
    assert "jt" not in stock.read()[0]["result"]
