"""What a server says beside its state."""

from typing import Any

from jupyter_trame.protocol import CallEvent, LinkEnd
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.link import Call, Write
from jupyter_trame.types import ClientId
from tests.protocol.primary_bench import Bench, sent

A, B = ClientId("a"), ClientId("b")


def call(bench: Bench, end: LinkEnd, *args: Any, **kwargs: Any) -> CallEvent:
    bench.primary.receive(end, Call(A, pack_request("rpc:a:1", "the.method", args, kwargs)))
    event = bench.events.pop()
    assert isinstance(event, CallEvent)
    return event


def test_a_call_and_its_answers() -> None:
    bench = Bench()
    output, end = bench.link(A)
    event = call(bench, end, 1, k=2)
    assert (event.client, event.request_id, event.method) == (A, "rpc:a:1", "the.method")
    assert (event.args, event.kwargs) == ([1], {"k": 2})
    bench.primary.messages.reply(event, {"r": (1,)})
    bench.primary.messages.reply_error(event, -1, "no", "why")
    bench.primary.messages.reply(event, object())
    base = {"wslink": "1.0", "id": "rpc:a:1"}
    unpackable = {"code": -32002, "message": "Method result cannot be serialized", "data": "the.method"}
    assert sent(output) == [
        ({**base, "result": {"r": [1]}}, A, None),
        ({**base, "error": {"code": -1, "message": "no", "data": "why"}}, A, None),
        ({**base, "error": unpackable}, A, None),
    ]
    (error,) = bench.errors
    assert str(error).startswith("the result of 'the.method' (object) cannot be packed: object has no form")


def test_the_author_of_a_trigger_is_told_its_name() -> None:
    bench = Bench()
    _, end = bench.link(A)
    bench.primary.receive(end, Call(A, pack_request("rpc:a:1", "trame.trigger", ["go", [], {}])))
    (event,) = bench.events
    assert isinstance(event, CallEvent)
    bench.primary.messages.reply(event, {object})
    assert "the result of 'go' (set)" in str(bench.errors[0])


def test_a_publication_that_cannot_be_packed_is_named() -> None:
    bench = Bench()
    bench.primary.messages.publish("the.topic", [object()])
    assert "the publication of 'the.topic' (list)" in str(bench.errors[0])


def test_a_write_is_answered_if_its_client_waits() -> None:
    bench = Bench()
    output, end = bench.link(A)
    bench.primary.receive(end, Write(A, 1, "rpc:a:1", []))
    (waits,) = bench.events
    bench.primary.messages.reply(waits, None)
    bench.primary.messages.reply_error(waits, -1, "no")
    silent = bench.write(end, A, 2)
    bench.primary.messages.reply(silent, None)
    bench.primary.messages.reply_error(silent, -1, "no")
    assert [envelope["id"] for envelope, _, _ in sent(output)] == ["rpc:a:1"] * 2


def test_publications() -> None:
    bench = Bench()
    (first, _), (second, _) = bench.link(A), bench.link(B)
    data = [1]
    bench.primary.messages.publish("t", data)
    data.append(2)
    bench.primary.messages.publish("t", 2, skip=A)
    bench.primary.messages.publish("t", 3, client=B)
    bench.primary.messages.publish("t", 4, client=ClientId("gone"))
    base = {"wslink": "1.0", "id": "publish:t:0"}
    to_all = [({**base, "result": [1]}, None, None), ({**base, "result": 2}, None, A)]
    assert sent(first) == to_all
    assert sent(second) == [*to_all, ({**base, "result": 3}, B, None)]


def test_a_publication_that_cannot_be_packed_is_an_error_for_all() -> None:
    bench = Bench()
    output, _ = bench.link()
    bench.primary.messages.publish("t", object())
    error = {"code": -32002, "message": "Method result cannot be serialized"}
    assert sent(output) == [({"wslink": "1.0", "id": "publish:t:0", "error": error}, None, None)]
    assert [error.key for error in bench.errors] == ["t"]
