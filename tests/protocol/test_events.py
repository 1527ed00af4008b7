"""Events are the things themselves: two alike are two."""

from jupyter_trame.protocol.events import CallEvent, WriteEvent
from jupyter_trame.types import ClientId

CLIENT = ClientId("c1")


def test_events_are_compared_by_identity() -> None:
    assert WriteEvent(CLIENT, 1, None, {}, {}) != WriteEvent(CLIENT, 1, None, {}, {})
    assert CallEvent(CLIENT, "i", "m", [], {}) != CallEvent(CLIENT, "i", "m", [], {})


def test_a_new_write_is_not_settled() -> None:
    assert not WriteEvent(CLIENT, 1, None, {}, {}).settled
