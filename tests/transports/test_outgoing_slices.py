"""What both websockets share, against a stream that takes what the test says."""

from dataclasses import dataclass, field
from unittest.mock import Mock

import pytest

from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.transports.outgoing import Outgoing, SlicedTransport


@dataclass
class Written:
    """What a stream has taken."""

    data: bytes = b""
    takes: list[int] = field(default_factory=list)
    """Bytes of the next slices; a stream that took 0 has something to write."""


class Sliced(SlicedTransport):
    def __init__(self, written: Written, limit: int = 1000) -> None:
        super().__init__(Outgoing(limit))
        self._written = written

    def send_all(self, frames: list[Frame]) -> None:  # type: ignore[override] # as tests call it
        self._add(map(bytes, frames))

    def _write_slice(self, outgoing: Outgoing) -> None:
        size = self._written.takes.pop(0)
        if size:
            self._written.data += bytes(outgoing.take(size))
        else:
            self._blocked = True

    def written(self) -> None:
        self._go_on()

    def close(self, code: int, reason: str) -> None:
        raise AssertionError("nobody closes it")

    abort = Mock()


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def transport(written: Written) -> Sliced:
    transport = Sliced(written)
    transport.port = Mock()
    return transport


def test_what_the_stream_takes_leaves_in_the_call(transport: Sliced, written: Written) -> None:
    written.takes = [10]
    transport.send(b"0123456789")
    assert written.data == b"0123456789"
    assert transport.room() == 1000
    assert not transport.holds_more
    assert transport.send_more() == 0
    transport.port.writable.assert_not_called()


def test_one_slice_leaves_and_the_pump_asks_for_more(transport: Sliced, written: Written) -> None:
    written.takes = [4, 4, 4]
    transport.send(b"0123456789")
    assert written.data == b"0123"
    assert transport.room() == 0
    assert transport.holds_more
    transport.port.writable.assert_called_once_with()
    assert [transport.send_more(), transport.send_more()] == [4, 2]
    assert written.data == b"0123456789"
    assert transport.room() == 1000


def test_nothing_is_written_while_the_stream_has_something(transport: Sliced, written: Written) -> None:
    written.takes = [0, 5]
    transport.send(b"12345")
    assert not transport.holds_more
    assert transport.send_more() == 0
    transport.port.writable.assert_not_called()
    transport.written()
    transport.port.writable.assert_called_once_with()
    assert transport.holds_more
    assert transport.send_more() == 5
    assert written.data == b"12345"


def test_there_is_no_room_until_the_stream_has_written_the_last_slice(
    transport: Sliced, written: Written
) -> None:
    written.takes = [0]
    transport.send(b"1")
    transport._outgoing.clear()
    assert transport.room() == 0
    transport.written()
    assert transport.room() == 1000
