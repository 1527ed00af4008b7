"""What a handler sends to its client."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

from jupyter_trame.execution.mailbox import ClosedError, Mailbox
from jupyter_trame.igor.igor_client import IgorClient, wait_in_thread
from jupyter_trame.igor.json_frames import (
    StreamId,
    close_message,
    data_message,
    error_message,
    error_text,
)

__all__ = ["Stream"]

_closing = threading.Lock()


class Stream:
    """The `output` of a handler: any number of `send`, then `close`, which the server does when the handler returns.

    All methods but `drain` may be called on any thread.
    """

    __slots__ = ("_closed", "_mailbox", "client", "stream_id")

    def __init__(self, client: IgorClient, stream_id: StreamId, mailbox: Mailbox) -> None:
        self.stream_id = stream_id
        """As the client chose it."""
        self.client = client
        """Whose it is; has an `id` and an `address`."""
        self._mailbox = mailbox
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more: it was closed, or the client has left."""
        return self._closed or self.client.gone

    def send(self, data: object = None) -> None:
        """Send `data`, any value that JSON has a form for.

        On a thread other than the loop's it waits while the client has a megabyte to read. Raises `ClosedError`,
        `NotJsonError` for a value without a form, and `FloodError` in a coroutine that sends without end and awaits
        nothing; then nothing was sent.
        """
        self._check()
        if self._mailbox.here:
            self.client.check_flood()
        self._put(data_message(self.stream_id, data))

    def send_error(self, error: object) -> None:
        """Send ``str(error)`` as an error; the stream stays open. Raises `ClosedError` and `FloodError`."""
        self._check()
        if self._mailbox.here:
            self.client.check_flood()
        self._put(error_message(self.stream_id, str(error)))

    def close(self) -> None:
        """Send the end of the stream. Raises `ClosedError` when it was closed before."""
        with _closing:
            self._check()
            self._closed = True
        self._put(close_message(self.stream_id))

    async def drain(self) -> None:
        """Wait while the client has a megabyte to read, in a coroutine that sends much. On the server's loop only.

        Cancelling it is safe.
        """
        if self.client.behind:
            done = asyncio.Event()
            self.client.wait_for_room(done.set)
            await done.wait()

    def finish(self, error: BaseException | None = None) -> None:
        """What the server does when the handler is over: send the `error` it raised, and close. Harmless if closed."""
        with _closing:
            if self.closed:
                return
            self._closed = True
        if error is not None:
            self._put(error_message(self.stream_id, error_text(error)))
        self._put(close_message(self.stream_id))

    def _check(self) -> None:
        if self._closed:
            raise ClosedError(f"stream {self.stream_id!r} is closed")
        if self.client.gone:
            raise ClosedError(f"the client of stream {self.stream_id!r} has left")

    def _put(self, frame: str) -> None:
        if self._mailbox.here:
            self.client.send(frame)
            return
        if self.client.behind:
            wait_in_thread(self.client, self._mailbox.post)
        self._mailbox.post(partial(self.client.send, frame), len(frame))
