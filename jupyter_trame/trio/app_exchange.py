"""What a trio client and its server say to each other, over one connection after the other."""

from __future__ import annotations

from jupyter_trame.client.common_exchange import CommonExchange, OnEvents
from jupyter_trame.errors import ProtocolError
from jupyter_trame.trio.app_connection import AppConnection
from jupyter_trame.trio.event_results import EventResult
from jupyter_trame.trio.nurseries import open_quiet_nursery
from jupyter_trame.trio.trio_owner import TrioOwner
from jupyter_trame.trio.websockets import WebSocketClientProtocol

__all__ = ["AppExchange"]


class AppExchange(CommonExchange[AppConnection]):
    """A `CommonExchange` in a trio run."""

    def __init__(self, owner: TrioOwner) -> None:
        """What other threads write leaves in the trio run of `owner`."""
        super().__init__(EventResult)
        self._owner = owner

    async def serve(self, websocket: WebSocketClientProtocol, on_events: OnEvents) -> str | None:
        """See `CommonExchange.serve`."""
        connection = self.connection = AppConnection(websocket, self._take, self._leave)
        try:
            self._connected()
            async with open_quiet_nursery() as nursery:
                nursery.start_soon(connection.send)
                try:
                    while (frame := await connection.receive()) is not None:
                        self._receive(frame, on_events)
                except ProtocolError as error:
                    await connection.close(error.close_code)
                    raise ConnectionError(f"the server broke the protocol: {error}") from error
                connection.end()
        finally:
            self.connection = None
            try:
                await websocket.fail_connection(1000)
            finally:
                self._disconnected()
        return self._refusal(*connection.ending)

    def leave(self) -> None:
        """See `CommonExchange.leave`."""
        if self.connection is not None:
            self.connection.leave()

    def end(self) -> None:
        """See `CommonExchange.end`."""
        if self.connection is not None:
            self.connection.end()

    def _take(self) -> list[bytes]:
        with self._lock:
            return self.session.take_output()

    def _leave(self) -> None:
        with self._lock:
            self.session.leave()

    def _send(self) -> None:
        if self.connection is not None:
            self.connection.wake()

    def _send_from_any_thread(self) -> None:
        self._owner.call_in_run(self._send)
