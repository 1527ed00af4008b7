"""Starts and restarts that are under way: whoever has asked for one may wait for it in several requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias
from uuid import uuid4

from jupyter_trame.extension.api_handler import ApiError
from jupyter_trame.extension.server_models import ServerModel
from jupyter_trame.log_text import foreign

__all__ = ["Address", "Start", "Starts"]

Address: TypeAlias = tuple[str, str]
"""A kernel and the slug of a server in it."""

_KEPT = 60.0
"""Seconds that the outcome is kept for who asks again, since an answer was lost."""


@dataclass(frozen=True, slots=True)
class Start:
    """The start of an app, or of one that has an address already."""

    id: str
    what: str
    """As messages call it."""
    address: Address | None
    """Where it starts again; None for one that is new."""
    task: asyncio.Task[ServerModel]

    async def wait(self, seconds: float) -> ServerModel | None:
        """The server, None while it is not up after `seconds`. Cancelling is safe; the start goes on.

        Raises what the start did, and `ApiError` for one that was stopped.
        """
        await asyncio.wait([self.task], timeout=seconds)
        if not self.task.done():
            return None
        if self.task.cancelled():
            raise ApiError(HTTPStatus.CONFLICT, f"the start of {self.what} was stopped")
        return self.task.result()


class Starts:
    """Runs each to its end, whether anybody waits or not. On jupyter-server's loop."""

    def __init__(self, *, kept: float = _KEPT) -> None:
        """`kept`: seconds that an outcome can be asked for."""
        self._kept = kept
        self._starts: dict[str, Start] = {}

    def begin(
        self, what: str, start: Callable[[], Coroutine[Any, Any, ServerModel]], address: Address | None = None
    ) -> Start:
        """Call `start` and run what it gives; where the app at `address` is starting again already, join that."""
        under_way = self._at(address)
        if under_way is not None:
            return under_way
        begun = Start(uuid4().hex, what, address, asyncio.get_running_loop().create_task(start()))
        self._starts[begun.id] = begun
        begun.task.add_done_callback(lambda _: self._ended(begun))
        return begun

    def find(self, start_id: str) -> Start:
        """The start with this id. Raises `ApiError` where there is none, or it ended long ago."""
        try:
            return self._starts[start_id]
        except KeyError:
            raise ApiError(
                HTTPStatus.NOT_FOUND, f"there is no start {foreign(start_id)!r}, or it ended a while ago"
            ) from None

    async def stop(self, start: Start) -> ServerModel | None:
        """End it; the server, where that was up before. Returns when what it had begun is undone."""
        start.task.cancel()
        await asyncio.wait([start.task])
        if start.task.cancelled() or start.task.exception() is not None:
            return None
        return start.task.result()

    async def stop_at(self, address: Address) -> None:
        """End the restart that is under way there, if there is one."""
        start = self._at(address)
        if start is not None:
            await self.stop(start)

    async def close(self) -> None:
        """End all that are under way."""
        for start in list(self._starts.values()):
            await self.stop(start)
        self._starts.clear()

    def _at(self, address: Address | None) -> Start | None:
        if address is None:
            return None
        starts = self._starts.values()
        return next((each for each in starts if each.address == address and not each.task.done()), None)

    def _ended(self, start: Start) -> None:
        if not start.task.cancelled():
            start.task.exception()  # Who waits is told; where nobody does, the log has nothing of it.
        start.task.get_loop().call_later(self._kept, self._starts.pop, start.id, None)
