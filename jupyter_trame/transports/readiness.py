"""Which loop tells when a socket can be read.

The usual loop of Windows works with completion ports and has no ``add_reader``; jupyter-server's may be one, which
depends on its version and on who runs it. tornado keeps a thread with a selector beside each such loop. That thread
may still wait for a socket that was closed a moment ago: it forgives a number that is no longer open, and ends, with
all that it waits for, at a closed socket object. So sockets are watched by their numbers.
"""

import asyncio

__all__ = ["selector_of"]


def selector_of(loop: asyncio.AbstractEventLoop) -> asyncio.AbstractEventLoop:
    """What has ``add_reader`` and ``add_writer`` and calls back on `loop`, which turns on this thread."""
    if type(loop).add_reader is not asyncio.AbstractEventLoop.add_reader:
        return loop
    from tornado.ioloop import IOLoop

    found: asyncio.AbstractEventLoop = IOLoop.current().selector_loop  # type: ignore[attr-defined]
    return found
