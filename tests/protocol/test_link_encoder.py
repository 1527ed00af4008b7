"""Operations of the Link as the buffers of a frame."""

import struct

import pytest

from jupyter_trame.errors import OversizeError
from jupyter_trame.protocol.link import Commit, File, LinkOp, Message
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.protocol.packing import pack
from jupyter_trame.types import ClientId, Packed


def encoded(op: LinkOp) -> bytes:
    return b"".join(encode_op(op))


class Huge(bytes):
    """As long as one likes, without taking the room."""

    def __len__(self) -> int:
        return 1 << 32


def test_values_are_not_copied_into_the_frame() -> None:
    value = bytes(10_000)
    assert any(buffer is value for buffer in encode_op(Commit(1, [("x", value)])))
    assert any(buffer is value for buffer in encode_op(Message(value)))
    assert any(buffer is value for buffer in encode_op(File(1, 200, 10_000, 0, value)))


def test_the_frame_is_what_the_contract_says() -> None:
    header = pack([17, 5, False, ["c1", 2], [["x", -1], ["y", 3]]])
    expected = struct.pack("<II", 4 + len(header) + 3, len(header)) + header + b"\xa2ab"
    assert encoded(Commit(5, [("x", None), ("y", b"\xa2ab")], (ClientId("c1"), 2))) == expected


def test_what_no_frame_can_hold_is_refused() -> None:
    huge: Packed = Huge()
    with pytest.raises(OversizeError, match=r"a link frame \(Commit\) of 42949673\d\d bytes"):
        encode_op(Commit(1, [("x", huge)]))
