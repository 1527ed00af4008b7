"""What a replica knows of its server."""

import pytest

from jupyter_trame.protocol import unpack
from jupyter_trame.protocol.holdings import ServerView, pack_status


@pytest.mark.parametrize(
    ("info", "strict"),
    [({}, True), ({"strict": True}, True), ({"strict": False}, False), ({"strict": 0}, False)],
)
def test_a_server_is_strict_unless_it_says_otherwise(info: dict[str, object], strict: bool) -> None:
    assert ServerView(info).strict is strict


def test_the_status_is_a_publication() -> None:
    envelope = unpack(pack_status("lost", "the kernel died"))
    assert envelope["id"] == "publish:jupyter_trame.status:0"
    assert envelope["result"] == {"state": "lost", "message": "the kernel died"}
