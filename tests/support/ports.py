"""Ports for processes that tests start, and that listen only seconds later."""

import os
import random
import socket
from itertools import count

__all__ = ["free_port"]

_FIRST = 12_000
"""The system gives these to nobody who asks for any port: on Linux it takes those from 32768."""
_SLICE = 1_000
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 20

_turns = count(random.randrange(_SLICE))


def free_port() -> int:
    """A TCP port of loopback that nobody listens on now, and that no kernel or other worker is given meanwhile.

    A port that the system picks may be picked again before the process that is told of it listens there.
    """
    for _ in range(_SLICE):
        port = _FIRST + _WORKER * _SLICE + next(_turns) % _SLICE
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError(f"no free port among the {_SLICE} of this worker")
