import pytest

from jupyter_trame.errors import ProtocolError
from jupyter_trame.transports.message_hello import PROBE, announced, announcement
from jupyter_trame.transports.rendezvous import MESSAGES, Record, ServerEntry
from jupyter_trame.types import Epoch


def test_a_record_arrives_as_it_was() -> None:
    record = Record(1, MESSAGES, "secret", (ServerEntry("a", "A", "An app", Epoch("e")),), ("a.service",))
    assert announced(announcement(record)) == record
    assert announced(announcement(None)) is None


@pytest.mark.parametrize("document", [7, "x", {}, {"pid": "1", "address": "", "secret": "", "servers": []}])
def test_anything_else_is_refused(document: object) -> None:
    with pytest.raises(ProtocolError, match="the kernel's record is not understood"):
        announced(document)


def test_the_probe_is_no_text() -> None:
    with pytest.raises(UnicodeDecodeError):
        PROBE.decode()
