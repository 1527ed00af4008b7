"""The calls of a client that have no answer yet."""

from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.client_events import Replied

__all__ = ["CallLog", "ClientCall"]


@dataclass(slots=True)
class ClientCall:
    """A request whose answer is awaited."""

    id: str
    payload: bytes
    order: int
    """Its place among everything that leaves, writes included."""
    index: int
    """How many messages of the session left before it."""
    own: bool = False
    """Whether the session itself asks, with ``trame.state.get``."""
    settles: int = 0
    """Of a stock server: the write that the answer settles."""
    sent: bool = False
    """Whether it left over any connection: then nobody can tell that it did not run."""


class CallLog:
    """Calls by id, oldest first. `js/src/protocol/call-log.ts` is its twin."""

    def __init__(self) -> None:
        self._calls: dict[str, ClientCall] = {}

    def __iter__(self) -> Iterator[ClientCall]:
        return iter([*self._calls.values()])

    def add(self, call: ClientCall) -> None:
        """An answer to `call` is awaited."""
        self._calls[call.id] = call

    def get(self, request_id: str) -> ClientCall | None:
        """The call of that id."""
        return self._calls.get(request_id)

    def take(self, request_id: str) -> ClientCall | None:
        """The call of that id, which is answered."""
        return self._calls.pop(request_id, None)

    def clear(self) -> list[ClientCall]:
        """Forget all; those that are not the session's own."""
        calls = [call for call in self._calls.values() if not (call.own or call.settles)]
        self._calls = {}
        return calls

    def fail(self, reason: str, *, sent: bool = False) -> list[Replied]:
        """End all calls but the session's own, or those that were `sent`."""
        return self._end(
            reason, [call for call in self if not (call.own or call.settles) and (call.sent or not sent)]
        )

    def fail_unknown(self, got: int, known: set[str]) -> list[Replied]:
        """Another replica has the session: of what left before its first `got` messages were there, the answers of
        `known` calls come, and no others.
        """
        lost = [call for call in self if call.sent and call.index < got and call.id not in known]
        return self._end("the Jupyter server was restarted", lost)

    def _end(self, reason: str, lost: list[ClientCall]) -> list[Replied]:
        told = []
        for call in lost:
            del self._calls[call.id]
            message = f"{reason}; the call may have run" if call.sent else reason
            told.append(Replied(call.id, None, {"code": LinkError.code, "message": message}))
        return told
