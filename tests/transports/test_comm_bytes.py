"""Bytes in messages of a comm."""

import pytest

from jupyter_trame.errors import ProtocolError
from jupyter_trame.transports.comm_bytes import carried, carry

PARTS = [b"", b"\x00\xff", bytes(range(256)) * 300]


@pytest.mark.parametrize("as_text", [False, True])
def test_what_is_carried_arrives(as_text: bool) -> None:
    content, buffers = carry(PARTS, as_text=as_text)
    assert [bytes(part) for part in carried(content, buffers)] == PARTS
    assert bool(buffers) is not as_text


def test_text_has_no_buffers_and_is_a_third_longer() -> None:
    content, buffers = carry([bytes(3000)], as_text=True)
    assert (len(content["text"][0]), len(buffers)) == (4000, 0)


@pytest.mark.parametrize("text", ["YQ==", ["%"], ["YQ"], [None], 7])
def test_what_is_no_base64_is_refused(text: object) -> None:
    with pytest.raises(ProtocolError, match="text of a message is"):
        carried({"text": text}, [])
