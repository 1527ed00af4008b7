"""From the frames of clients to their requests, in the order in which each client sent them.

What comes before its turn waits: behind a hello that is being decided about, and behind a large request, which is read
in steps so that nobody else waits for it.
"""

from __future__ import annotations

from collections.abc import Callable

from jupyter_trame.errors import ProtocolError
from jupyter_trame.protocol.envelope import Request, read_request
from jupyter_trame.protocol.large_requests import LARGE, read_large
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.session import Channel
from jupyter_trame.protocol.walk import STEP
from jupyter_trame.types import Packed

__all__ = ["Intake"]


class Intake:
    """Puts the frames of clients together to requests; each replica has one.

    ``handle(channel, request, payload)`` takes each request.
    """

    def __init__(
        self,
        limits: Limits,
        handle: Callable[[Channel, Request, Packed], None],
        close: Callable[[Channel, int, str], None],
        hello_limit: Callable[[], int],
    ) -> None:
        """`hello_limit` gives the bytes that a hello may have."""
        self._limits = limits
        self._handle = handle
        self._close = close
        self._hello_limit = hello_limit
        self.open = False
        """Whether a hello can be answered."""
        self.decode = False
        """Whether the server takes large values decoded."""
        self.readings: dict[Channel, None] = {}
        """Channels with a large request that is being read, in the order of their turns."""

    def receive(self, channel: Channel, frame: Packed) -> None:
        """See `Replica.receive`."""
        if channel.closing is not None:
            return  # the client sends it again, together with what made this connection end
        if not self.open or channel.hello is not None or channel.reading is not None:
            if not channel.put_off(frame):
                self._close(channel, 1013, "too much came before its turn")
            return
        if channel.session is None:
            channel.assembler.limit = self._hello_limit()  # the secret may have come, or changed, meanwhile
        payload = channel.assembler.feed(frame)
        if payload is None:
            return
        if len(payload) >= LARGE and channel.session is not None:
            channel.reading, channel.read = read_large(payload, self._limits, decode=self.decode), payload
            self._read_step(channel)  # which is all where the bytes of a file are most of it
            return
        request = read_request(payload)
        if request is not None:
            self._handle(channel, request, payload)

    def read_on(self, channel: Channel) -> None:
        """A step in the request of `channel`, or several that are little together; what came behind it follows when it
        is read. Raises `ProtocolError`.
        """
        if channel not in self.readings:
            return
        del self.readings[channel]
        self._read_step(channel)
        if channel.reading is None:
            self.work_off(channel)

    def _read_step(self, channel: Channel) -> None:
        reading, payload = channel.reading, channel.read
        assert reading is not None
        assert payload is not None
        try:
            work = 0
            while work < STEP:
                work += next(reading)
        except StopIteration as end:
            channel.reading = channel.read = None
            if channel.closing is None and end.value is not None:
                self._handle(channel, end.value, payload)
        except ProtocolError:
            channel.reading = channel.read = None
            raise
        else:
            self.readings[channel] = None

    def work_off(self, channel: Channel) -> None:
        """Handle what `channel` sent while it had to wait."""
        try:
            while channel.backlog and channel.hello is None and channel.reading is None:
                self.receive(channel, channel.take_back())
        except ProtocolError as error:  # it is this client's fault, not its caller's
            self._close(channel, error.close_code, str(error))

    def forget(self, channel: Channel) -> None:
        """The connection is gone: what is not read counts as not received."""
        self.readings.pop(channel, None)
        channel.reading = channel.read = None
