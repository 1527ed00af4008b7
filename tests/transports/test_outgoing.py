"""A queue of bytes against one that copies."""

from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.transports.outgoing import Outgoing

steps = st.lists(st.binary(max_size=20) | st.integers(0, 30), max_size=40)


@given(steps, st.booleans())
def test_bytes_come_out_in_the_order_in_which_they_were_added(steps: list[bytes | int], whole: bool) -> None:
    outgoing, expected = Outgoing(), b""
    for step in steps:
        if isinstance(step, bytes):
            outgoing.add((step[:5], step[5:]))
            expected += step
        elif whole:
            if outgoing:
                piece = bytes(outgoing.take(step + 1))
                assert piece == expected[: step + 1]
                expected = expected[len(piece) :]
        else:
            parts = b"".join(outgoing.peek(step))
            assert parts == expected[:step]
            sent = len(parts) // 2
            outgoing.advance(sent)
            expected = expected[sent:]
        assert outgoing.size == len(expected)
        assert bool(outgoing) == bool(expected)
    outgoing.clear()
    assert not outgoing
    assert outgoing.peek(100) == []


def test_nothing_large_is_copied() -> None:
    value, outgoing = bytes(1000), Outgoing()
    outgoing.add((b"head", value))
    assert outgoing.peek(2000)[1] is value
    outgoing.advance(104)
    (rest,) = outgoing.peek(500)
    assert isinstance(rest, memoryview)
    assert rest.obj is value
    piece = outgoing.take(10)
    assert isinstance(piece, memoryview)
    assert piece.obj is value


def test_a_system_call_gets_as_many_buffers_as_it_takes() -> None:
    outgoing = Outgoing()
    outgoing.add([b"x"] * 5000)
    assert len(outgoing.peek(1 << 20)) == 512
