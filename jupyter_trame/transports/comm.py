"""A client over the custom messages of an anywidget model (PROTOCOL.md, section 4).

Everything that one turn of the loop brings travels in one message. What a connection may not send yet waits in the
replica, where values conflate; an answer takes along whatever waits.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame.errors import ProtocolError
from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.chunking import Frame
from jupyter_trame.transports.comm_bytes import carried, carry
from jupyter_trame.transports.pace import MessageRate, PacedTransport
from jupyter_trame.types import Packed

__all__ = ["CommTransport"]

_logger = logging.getLogger(__name__)
_ROOM = 4 << 20
_LOST = 1006
"""The close code of a connection that broke, after which a client resumes."""


class CommTransport(PacedTransport):
    """One view of one page. Everything runs on the thread of the pump's loop.

    `post(content, buffers)` sends a custom message of the model, which reaches every page; `view` says whom it is for.
    """

    def __init__(
        self,
        view: str,
        post: Callable[[Mapping[str, Any], Sequence[Packed]], None],
        loop: asyncio.AbstractEventLoop,
        rate: MessageRate,
        *,
        as_text: bool = False,
        beat: tuple[float, float] | None = None,
    ) -> None:
        """`as_text`: frames leave as base64, since buffers do not arrive.

        `beat`: after how many seconds of silence the page is to give a sign of life, and for how many after the last
        frames; None for one that cannot.
        """
        super().__init__(loop, rate)
        self.view = view
        self._post = post
        self._as_text = as_text
        self._beat = beat
        self._frames: list[Packed] = []
        self._size = 0
        self.sent = 0
        """Messages with frames so far."""
        self._received = 0
        self._scheduled = False

    @property
    def beats(self) -> bool:
        """Whether the page knows how often it is to give a sign of life."""
        return self._beat is not None and self.sent > 0

    def room(self) -> int:
        """Nothing while no message may leave, unless an answer waits."""
        return 0 if self._in_line or not self._is_due else _ROOM - self._size

    def send(self, frame: Frame) -> None:
        """Take one frame; all of one turn of the loop leave together."""
        if self._closed:
            return
        self._frames.append(bytes(frame))
        self._size += len(frame)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    def close(self, code: int, reason: str) -> None:
        """End the connection; the page is told."""
        if self._closed:
            return
        self._send_now()
        self._end()
        self._send_message({"jt": "close", "view": self.view, "code": code, "reason": reason}, ())

    @property
    def fresh(self) -> bool:
        """Whether the page has sent nothing yet."""
        return self._received == 0

    def receive(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        """A message of the page with its number. A gap ends the connection: the client resumes."""
        port = self.port
        number = content.get("n")
        if self._closed or port is None:
            return
        if number != self._received:
            self.lost(f"message {self._received} was expected and {foreign(number)} came")
            return
        try:
            frames = carried(content, buffers)
        except ProtocolError as error:
            self.lost(str(error))
            return
        self._received += 1
        for frame in frames:
            port.receive(frame)

    def lost(self, reason: str) -> None:
        """The connection broke: the client resumes if it is there."""
        if not self._closed:
            if self.port is not None:
                self.port.closed()
            self.close(_LOST, reason)

    def _flush(self) -> None:
        if self._closed:
            return
        if self._rate.take(self._granted):
            self._leave()
        else:
            self._in_line = True

    def _granted(self) -> None:
        self._in_line = False
        self._ask()  # what came meanwhile goes with it
        self._leave()

    def _leave(self) -> None:
        self._scheduled = False
        self._send_now()
        if self._is_urgent:  # more than one message holds
            self._ask()

    def _send_now(self) -> None:
        if not self._frames or self._closed:
            return
        self._pace.sent()
        frames, self._frames, self._size = self._frames, [], 0
        number, self.sent = self.sent, self.sent + 1
        text, buffers = carry(frames, as_text=self._as_text)
        content: dict[str, Any] = {"jt": "frames", "view": self.view, "n": number, **text}
        if number == 0 and self._beat is not None:
            content["beat"] = list(self._beat)
        self._send_message(content, buffers)

    def _send_message(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        try:
            self._post(content, buffers)
        except Exception:  # the comm was closed under us, or the kernel is on its way out
            _logger.debug("a message of a view was not sent", exc_info=True)
