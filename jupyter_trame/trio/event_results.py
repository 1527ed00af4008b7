"""A result that another task of a trio run will have."""

from typing import Any

import trio

__all__ = ["EventResult"]


class EventResult:
    """A `PendingResult` of one trio run; any number of tasks may wait for it."""

    def __init__(self) -> None:
        self._settled = trio.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def set(self, value: Any = None) -> None:
        """See `PendingResult`."""
        if not self._settled.is_set():
            self._value = value
            self._settled.set()

    def fail(self, error: BaseException) -> None:
        """See `PendingResult`."""
        if not self._settled.is_set():
            self._error = error
            self._settled.set()

    async def wait(self) -> Any:
        """See `PendingResult`."""
        await self._settled.wait()
        if self._error is not None:
            raise self._error
        return self._value
