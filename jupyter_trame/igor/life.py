"""One life of a server: its thread and loop, from the moment at which it listens until all has ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from jupyter_trame.execution.endings import cancel_all
from jupyter_trame.execution.loop_life import LoopLife
from jupyter_trame.igor.service import Service

__all__ = ["Life", "Place"]

_GOODBYE = 2.0
"""Seconds in which clients have to answer that their connection was closed."""


class Place(Protocol):
    """Where clients reach a service. All on its loop."""

    @property
    def url(self) -> str:
        """Where a client connects."""

    @property
    def file_url(self) -> str | None:
        """Where files are; None where it has none."""

    async def open(self, service: Service) -> None:
        """Let clients in. Raises `OSError` when that is not possible."""

    def close(self) -> None:
        """Let nobody in any more. The goodbyes of the service follow."""

    async def closed(self) -> None:
        """End what is left."""


class Life(LoopLife[Service]):
    """Ended by `stop`, or by a handler that exits."""

    def __init__(
        self,
        make_service: Callable[[], Service],
        places: list[Place],
        on_up: Callable[[Service], object],
        on_ending: Callable[[], list[asyncio.Task[None]]],
        on_ended: Callable[[], object],
        logger: logging.Logger,
    ) -> None:
        """On the loop: `make_service` before it listens, `on_up` after; `on_ending` gives tasks to cancel.

        On the thread, when its loop is no more: `on_ended`.
        """
        super().__init__("the Igor server", "jupyter-trame-igor", logger)
        self._make_service = make_service
        self._places = places
        self._on_up = on_up
        self._on_ending = on_ending
        self._on_ended = on_ended

    async def live(self, up: Callable[[Service], None], stopping: asyncio.Event) -> None:
        """See `LoopLife`."""
        service = self._make_service()
        opened: list[Place] = []
        try:
            for place in self._places:
                await place.open(service)
                opened.append(place)
            self._on_up(service)
            up(service)
            await stopping.wait()
        finally:
            for place in opened:
                place.close()
            tasks = self._on_ending()
            await service.close()
            await cancel_all(tasks, self._logger)
            await self._say_goodbye(service)
            for place in opened:
                await place.closed()

    def on_ended(self) -> None:
        """See `LoopLife`."""
        self._on_ended()

    async def _say_goodbye(self, service: Service) -> None:
        """Wait until all connections have ended, for a moment at most."""
        try:
            async with asyncio.timeout(_GOODBYE):
                await service.deserted()
        except TimeoutError:
            service.abort()
