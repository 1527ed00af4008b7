"""Events are the things themselves: two alike are two."""

import pytest

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.events import CallEvent, WriteEvent, by_reference, read_call, read_values
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import Call, Commit, Message, Write
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.types import ClientId

CLIENT = ClientId("c1")
LIMITS = Limits(parts=10)


def test_events_are_compared_by_identity() -> None:
    assert WriteEvent(CLIENT, 1, None, {}, {}) != WriteEvent(CLIENT, 1, None, {}, {})
    assert CallEvent(CLIENT, "i", "m", [], {}) != CallEvent(CLIENT, "i", "m", [], {})


def test_a_new_write_is_not_settled() -> None:
    assert not WriteEvent(CLIENT, 1, None, {}, {}).settled


def test_a_call_is_read() -> None:
    event = read_call(Call(CLIENT, pack_request("i", "trame.trigger", ["go", [1]], {"a": 2})), LIMITS)
    assert isinstance(event, CallEvent)
    assert (event.request_id, event.method, event.called) == ("i", "trame.trigger", "go")
    assert (event.args, event.kwargs) == (["go", [1]], {"a": 2})
    assert read_call(Call(CLIENT, pack({"method": "m"})), LIMITS) is None
    with pytest.raises(MalformedMessageError):
        read_call(Call(CLIENT, b"x"), LIMITS)


def test_a_large_call_is_read_alike() -> None:
    data = bytes(1 << 20)
    event = read_call(Call(CLIENT, pack_request("i", "m", ["go", 5, data], {"a": [data]})), Limits())
    assert isinstance(event, CallEvent)
    assert (event.args, event.kwargs) == (["go", 5, data], {"a": [data]})
    with pytest.raises(MalformedMessageError):
        read_call(Call(CLIENT, b"\xc1" * 100_000), LIMITS)


def test_arguments_of_too_many_parts_are_answered() -> None:
    answer = read_call(Call(CLIENT, pack_request("i", "m", [[[]] * 9000])), Limits(parts=100))
    assert isinstance(answer, Message)
    assert answer.client == CLIENT
    assert "more than 100 arrays and maps" in unpack(answer.envelope)["error"]["message"]


def test_values_are_read_and_those_that_hide_members_are_packed_again() -> None:
    values = [("x", pack([1])), ("y", pack({"_filter": ["a"], "a": 1})), ("z", b"\xc1"), ("large", pack(1))]
    event, refused = read_values(Write(CLIENT, 1, "i", values, decoded={"large": 7}))
    assert event.values == {"x": [1], "y": {"_filter": ["a"], "a": 1}, "large": 7}
    assert list(event.packed) == ["x", "large"]
    assert event.method == event.called == "trame.state.update"
    assert [write.key for write in refused] == ["z"]
    commit = by_reference(Commit(2, [("x", values[0][1]), ("new", pack(3))]), event)
    assert commit == Commit(2, [("x", None), ("new", pack(3))], (CLIENT, 1))
