"""Websocket frames, read back by another implementation."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from jupyter_trame.protocol.chunking import Gathered
from jupyter_trame.transports.outgoing import frame_parts


def parse(data: bytes) -> Frame:
    reader = StreamReader()
    reader.feed_data(data)
    parser = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        next(parser)
    return done.value.value


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 1 << 20])
def test_frames_of_every_length(size: int) -> None:
    payload = bytes(size)
    for form in (payload, Gathered((payload[: size // 3], payload[size // 3 :]))):
        frame = parse(b"".join(frame_parts([form])))
        assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.BINARY, True, payload)


def test_a_large_payload_is_not_copied() -> None:
    payload = bytes(1 << 16)
    assert frame_parts([payload])[1] is payload
    assert frame_parts([Gathered((b"head", payload))])[2] is payload
    many = frame_parts([payload, *[b"small"] * 1000])
    assert len(many) == 3
    assert many[1] is payload
