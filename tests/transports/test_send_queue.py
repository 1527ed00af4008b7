"""What the system holds of a connection."""

import runpy
import socket
import sys

import pytest

from jupyter_trame.transports import send_queue as module
from jupyter_trame.transports.send_queue import send_queue


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_what_the_other_end_has_not_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert send_queue(ours) == 0
        ours.send(b"x" * 1000)
        assert send_queue(ours) >= 1000
        assert len(theirs.recv(2000)) == 1000
        assert send_queue(ours) == 0


def test_a_socket_that_is_closed() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    ours.close()
    assert send_queue(ours) == 0


def test_a_system_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Windows, which has no module `fcntl`."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.send(b"x" * 1000)
        assert runpy.run_path(module.__file__)["send_queue"](ours) == 0
