"""What a client and its server say to each other, over one connection after the other."""

import asyncio

from jupyter_trame.client.common_exchange import CommonExchange, OnEvents
from jupyter_trame.client.connections import Connection
from jupyter_trame.client.pending_results import FutureResult
from jupyter_trame.errors import ProtocolError
from jupyter_trame.execution.owner import OwnerLoop

__all__ = ["Exchange"]


class Exchange(CommonExchange[Connection]):
    """A `CommonExchange` on an asyncio loop."""

    def __init__(self, owner: OwnerLoop) -> None:
        """What other threads write leaves on the loop of `owner`."""
        super().__init__(FutureResult)
        self._owner = owner

    async def serve(self, connection: Connection, on_events: OnEvents) -> str | None:
        """See `CommonExchange.serve`."""
        self.connection = connection
        try:
            self._connected()
            self._send()
            while (frame := await connection.receive()) is not None:
                self._receive(frame, on_events)
            code, reason = connection.ending
        except ProtocolError as error:
            connection.close(error.close_code)
            raise ConnectionError(f"the server broke the protocol: {error}") from error
        except asyncio.CancelledError:
            self.leave()
            raise
        finally:
            self.connection = None
            connection.close()
            self._disconnected()
        return self._refusal(code, reason)

    def leave(self) -> None:
        """See `CommonExchange.leave`."""
        connection = self.connection
        if connection is None:
            return
        with self._lock:
            self.session.leave()
        self._send()
        connection.close()

    def end(self) -> None:
        """See `CommonExchange.end`."""
        if self.connection is not None:
            self.connection.close()

    def _send(self) -> None:
        with self._lock:
            frames = self.session.take_output() if self.connection is not None else []
        for frame in frames:
            if self.connection is not None:
                self.connection.send(frame)

    def _send_from_any_thread(self) -> None:
        if self._owner.owns_thread():
            self._send()
        else:
            self._owner.submit(self._send)
