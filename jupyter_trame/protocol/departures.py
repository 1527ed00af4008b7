"""What a client sends: writes and calls in one order, counted so that a session can be resumed."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_trame.errors import SerializationError
from jupyter_trame.names import STATE_GET, STATE_UPDATE
from jupyter_trame.protocol.call_log import CallLog, ClientCall
from jupyter_trame.protocol.chunking import split
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.packing import pack
from jupyter_trame.protocol.write_log import ClientWrite, WriteLog
from jupyter_trame.types import StateKey

__all__ = ["Departures"]


class Departures:
    """Numbers and keeps what one client sends, over all its connections.

    `js/src/protocol/departures.ts` is its twin.
    """

    def __init__(self, frame_limit: int) -> None:
        """`frame_limit`: bytes of a frame, until the server says how many it takes."""
        self.frame_limit = frame_limit
        self.client_id: str | None = None
        """What the ids of requests say; None until the first hello was answered."""
        self.live = False
        """Whether what is written and called leaves at once."""
        self.stock = False
        """Whether the server is one of trame's own."""
        self.writes = WriteLog()
        self.calls = CallLog()
        self._sent = 0
        """Messages of the session, without hellos."""
        self._order = 0
        """Of the newest write or call."""
        self._ids = itertools.count()
        self._message_ids = itertools.count(1)
        self._output: list[bytes] = []

    # -- frames

    def post(self, payload: bytes) -> None:
        """Send what no session counts."""
        self._output += self._frames(payload)

    def take(self) -> list[bytes]:
        """Frames to send, in order, each once."""
        output, self._output = self._output, []
        return output

    def drop(self) -> None:
        """The connection is gone, and with it what was on its way."""
        self._output = []

    def _frames(self, payload: bytes) -> list[bytes]:
        return split([payload], next(self._message_ids) & 0xFFFFFFFF, self.frame_limit)

    # -- writes and calls

    def write(self, changes: Mapping[StateKey, Any]) -> int:
        """See `ClientSession.write`."""
        number, order = self.writes.number + 1, self._order + 1
        waiting = self.writes.waiting
        if waiting is not None and waiting.order == self._order:
            number, order, changes = waiting.number, waiting.order, {**waiting.changes, **changes}
        entries = [{"key": key, "value": value} for key, value in changes.items()]
        request_id = self._new_id()
        try:
            packed = pack_request(request_id, STATE_UPDATE, [entries], jt=None if self.stock else number)
        except SerializationError:
            for key, value in changes.items():
                pack(value, key)  # names the key, and the place in its value
            raise
        self._order = order
        write = ClientWrite(number, dict(changes), self._frames(packed), order)
        self.writes.add(write)
        if self.live:
            if self.stock:
                answer = ClientCall(
                    request_id, b"", self._next_order(), self._sent, settles=number, sent=True
                )
                self.calls.add(answer)
            self._send_write(write)
        return number

    def call(self, method: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> str:
        """See `ClientSession.call`."""
        request_id = self._new_id()
        self._add_call(request_id, pack_request(request_id, method, args, kwargs))
        return request_id

    def asks_for_state(self, request_id: str) -> bool:
        """Whether that is the id of the session's own request for the state."""
        call = self.calls.get(request_id)
        return call is not None and call.own

    # -- hello is answered

    def resume(self, received: int, got: int) -> None:
        """The session goes on: what comes after write `received`, or after the first `got` messages, leaves again."""
        self.live = True
        self._sent = got
        again: list[ClientWrite | ClientCall] = [*self.writes.after(received)]
        again += [call for call in self.calls if call.index >= got]
        for item in sorted(again, key=lambda item: item.order):
            if isinstance(item, ClientWrite):
                self._send_write(item)
            else:
                self._send_call(item)

    def restart(self, *, again: bool) -> None:
        """A new session asks for the state; calls that have not left follow, with the unsettled writes if `again`."""
        unsettled = self.writes.restart()
        waiting: list[ClientWrite | ClientCall] = [*unsettled] if again else []
        waiting += self.calls.clear()
        self._sent = 0
        self.live = True
        state_id = self._new_id()
        self._add_call(state_id, pack_request(state_id, STATE_GET), own=True)
        for item in sorted(waiting, key=lambda item: item.order):
            if isinstance(item, ClientWrite):
                self.write(item.changes)
            else:
                self._add_call(item.id, item.payload)

    def forget(self) -> None:
        """Nothing of what is not settled or answered is ever sent again."""
        self.writes.restart()
        self.calls.clear()

    def _new_id(self) -> str:
        return f"rpc:{self.client_id or 'c0'}:{next(self._ids)}"

    def _next_order(self) -> int:
        self._order += 1
        return self._order

    def _send(self, frames: list[bytes]) -> None:
        self._sent += 1
        self._output += frames

    def _send_write(self, write: ClientWrite) -> None:
        write.sent = True
        self._send(write.frames)

    def _add_call(self, request_id: str, payload: bytes, *, own: bool = False) -> None:
        call = ClientCall(request_id, payload, self._next_order(), self._sent, own=own)
        self.calls.add(call)
        if self.live:
            self._send_call(call)

    def _send_call(self, call: ClientCall) -> None:
        call.index, call.sent = self._sent, True
        self._send(self._frames(call.payload))
