"""What clients ask, answered by the replica or passed on."""

from typing import Any

import msgpack
import pytest

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.protocol import pack, unpack
from jupyter_trame.protocol.envelope import pack_request, pack_result
from jupyter_trame.protocol.link import Call, Message, Write
from tests.protocol.support import Bench, RawClient, settlements


def error(code: int, message: str, request_id: str = "rpc:x:0") -> dict[str, Any]:
    return {"wslink": "1.0", "id": request_id, "error": {"code": code, "message": message}}


def publications(messages: list[dict[str, Any]], topic: str) -> list[Any]:
    return [message["result"] for message in messages if message["id"] == f"publish:{topic}:0"]


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


MALFORMED = [
    {None: 1},
    {"a": {"__proto__": 1}},
    [{(1, 2): 3}],
    msgpack.ExtType(78, b""),
    [msgpack.ExtType(78, b"x")],
]


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


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("shown", [True, False, None])
def test_a_malformed_write_is_answered_with_its_traceback_where_the_server_says_so(
    strict: bool, shown: bool | None
) -> None:
    """A rule of its own, whatever clients may write; a server that does not speak of it shows none."""
    bench = Bench(join=False, x=1)
    info: dict[str, Any] = {} if shown is None else {"tracebacks": shown}
    bench.join(strict=strict, **info)
    author = bench.stock()
    author.request("trame.state.update", 7)
    (answer,) = author.read()
    assert (answer["error"]["code"], answer["error"]["message"]) == (-32001, "Exception raised")
    data = answer["error"]["data"]
    assert data.keys() == {"method", "exception"} | ({"trace"} if shown else set())
    assert bench.take() == []
