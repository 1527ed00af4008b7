"""The writes of a client that are not settled."""

from dataclasses import dataclass
from typing import Any

from jupyter_trame.types import StateKey

__all__ = ["ClientWrite", "WriteLog"]


@dataclass(slots=True)
class ClientWrite:
    """One ``trame.state.update`` that the server has not committed yet."""

    number: int
    changes: dict[StateKey, Any]
    frames: list[bytes]
    order: int
    """Its place among everything that leaves, calls included."""
    sent: bool = False
    """Whether it left over any connection; while it has not, later writes may become part of it."""


class WriteLog:
    """Writes by number, oldest first, and what they keep pending. `js/src/protocol/write-log.ts` is its twin."""

    def __init__(self) -> None:
        self.number = 0
        """Of the newest write."""
        self.pending: dict[StateKey, int] = {}
        """Keys with an unsettled write, and the number of the newest."""
        self._writes: dict[int, ClientWrite] = {}

    @property
    def waiting(self) -> ClientWrite | None:
        """The newest write, if it has not left yet."""
        last = self._writes.get(self.number)
        return last if last is not None and not last.sent else None

    def add(self, write: ClientWrite) -> None:
        """`write` is made, or has become more."""
        self.number = write.number
        self._writes[write.number] = write
        self.pending.update(dict.fromkeys(write.changes, write.number))

    def after(self, received: int) -> list[ClientWrite]:
        """Writes that the other side has not received, oldest first."""
        return [write for number, write in self._writes.items() if number > received]

    def settle(self, number: int) -> bool:
        """Forget the writes up to `number`; False where none was unsettled."""
        if not self._writes:
            return False
        self._writes = {n: write for n, write in self._writes.items() if n > number}
        self.pending = {key: n for key, n in self.pending.items() if n > number}
        return True

    def restart(self) -> list[ClientWrite]:
        """Start again at number 1; what is not settled, oldest first."""
        unsettled = [*self._writes.values()]
        self._writes, self.pending, self.number = {}, {}, 0
        return unsettled
