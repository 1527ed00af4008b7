"""What a client sends, and in which order."""

from typing import Any

import pytest

from jupyter_trame.errors import SerializationError
from jupyter_trame.protocol import unpack
from jupyter_trame.protocol.chunking import Assembler
from jupyter_trame.protocol.departures import Departures


def taken(departures: Departures) -> list[Any]:
    """Methods that were called and numbers that were written, in order."""
    receiver = Assembler(1 << 30, 4)
    payloads = [receiver.feed(frame) for frame in departures.take()]
    envelopes = [unpack(payload) for payload in payloads if payload is not None]
    return [envelope.get("jt") or envelope["method"] for envelope in envelopes]


def test_nothing_leaves_before_hello_is_answered() -> None:
    departures = Departures(1 << 20)
    departures.write({"x": 1})
    departures.call("m")
    assert taken(departures) == []
    departures.restart(again=True)
    assert taken(departures) == ["trame.state.get", 1, "m"]


def test_writes_become_one_until_a_call_comes_between() -> None:
    departures = Departures(1 << 20)
    assert [departures.write({"x": 1}), departures.write({"y": 1})] == [1, 1]
    departures.call("m")
    assert departures.write({"x": 2}) == 2
    departures.resume(0, 0)
    assert taken(departures) == [1, "m", 2]


def test_what_was_received_does_not_leave_again() -> None:
    departures = Departures(1 << 20)
    departures.live = True
    departures.write({"x": 1})
    departures.call("first")
    departures.write({"x": 2})
    departures.call("second")
    assert taken(departures) == [1, "first", 2, "second"]
    departures.resume(1, 3)
    assert taken(departures) == [2, "second"]


def test_another_life_of_the_server_is_not_told_of_writes() -> None:
    departures = Departures(1 << 20)
    departures.write({"x": 1})
    departures.call("m")
    departures.restart(again=False)
    assert taken(departures) == ["trame.state.get", "m"]


def test_what_cannot_be_packed_changes_nothing() -> None:
    departures = Departures(1 << 20)
    departures.write({"x": 1})
    with pytest.raises(SerializationError, match="'y'"):
        departures.write({"y": object()})
    departures.resume(0, 0)
    assert taken(departures) == [1]
    assert departures.writes.pending == {"x": 1}


def test_a_stock_server_is_sent_no_numbers_and_its_answer_settles() -> None:
    departures = Departures(1 << 20)
    departures.stock = departures.live = True
    departures.write({"x": 1})
    assert taken(departures) == ["trame.state.update"]
    (call,) = departures.calls
    assert call.settles == 1


def test_who_forgets_sends_nothing_again() -> None:
    departures = Departures(1 << 20)
    departures.live = True
    departures.write({"x": 1})
    departures.call("m")
    departures.drop()
    departures.forget()
    departures.restart(again=True)
    assert taken(departures) == ["trame.state.get"]
