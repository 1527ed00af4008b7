"""A result that another task will have."""

from typing import Any

import trio

__all__ = ["PendingResult"]


class PendingResult:
    """Settled once, by `set` or `fail`; later ones count for nothing. All in one trio run."""

    def __init__(self) -> None:
        self._settled = trio.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def set(self, value: Any = None) -> None:
        """Have `wait` return `value`."""
        if not self._settled.is_set():
            self._value = value
            self._settled.set()

    def fail(self, error: BaseException) -> None:
        """Have `wait` raise `error`."""
        if not self._settled.is_set():
            self._error = error
            self._settled.set()

    async def wait(self) -> Any:
        """What it is settled with. Cancelling is safe."""
        await self._settled.wait()
        if self._error is not None:
            raise self._error
        return self._value
