"""Results that clients wait for: what all of them have, and the one of asyncio."""

import asyncio
from typing import Any, Protocol

__all__ = ["FutureResult", "PendingResult"]


class PendingResult(Protocol):
    """Settled once, by `set` or `fail`; later ones count for nothing. All on one loop, or in one trio run."""

    def set(self, value: Any = None) -> None:
        """Have `wait` return `value`."""

    def fail(self, error: BaseException) -> None:
        """Have `wait` raise `error`."""

    async def wait(self) -> Any:
        """What it is settled with. Cancelling is safe."""


class FutureResult:
    """A `PendingResult` of the loop that turns on this thread."""

    def __init__(self) -> None:
        self._future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def set(self, value: Any = None) -> None:
        """See `PendingResult`."""
        if not self._future.done():
            self._future.set_result(value)

    def fail(self, error: BaseException) -> None:
        """See `PendingResult`."""
        if not self._future.done():
            self._future.set_exception(error)

    async def wait(self) -> Any:
        """See `PendingResult`; one task may wait."""
        return await self._future
