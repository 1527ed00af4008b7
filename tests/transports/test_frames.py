"""Websocket frames, read back by another implementation."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from jupyter_trame.transports.frames import write_frames
from jupyter_trame.types import Packed


def parse(data: bytes) -> Frame:
    reader = StreamReader()
    reader.feed_data(data)
    parser = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        next(parser)
    return done.value.value


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 1 << 20])
def test_frames_of_every_length(size: int) -> None:
    payload, written = bytes(size), list[Packed]()
    write_frames(written.append, [payload])
    frame = parse(b"".join(written))
    assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.BINARY, True, payload)
    assert len(written) == (2 if size >= 65536 else 1)


def test_a_large_payload_is_not_copied() -> None:
    payload, written = bytearray(1 << 16), list[Packed]()
    write_frames(written.append, [payload])
    view = written[1]
    assert isinstance(view, memoryview)
    assert view.obj is payload
