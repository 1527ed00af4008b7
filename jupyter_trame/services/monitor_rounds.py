"""The rounds of the monitor: all instances are asked at once, none for long, and who wants to know is told."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jupyter_trame.services.instance import InstanceKey, ServiceInstance
from jupyter_trame.services.monitoring import Monitor

__all__ = ["MonitorRounds"]

_logger = logging.getLogger("jupyter_trame.narvi")

_PATIENCE = 5.0
"""Seconds in which metrics have to be there, if the rounds are not closer."""


class MonitorRounds:
    """On the loop of a host, from `begin` to `end`."""

    def __init__(
        self,
        monitor: Monitor,
        running: Callable[[], Iterable[tuple[InstanceKey, ServiceInstance]]],
        overview: Callable[[], dict[str, Any]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`running` gives the instances that run; `clock`: the unix time, in seconds."""
        self._monitor = monitor
        self._running = running
        self._overview = overview
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Go round from now on, if anything is to be monitored."""
        interval = self._monitor.interval
        if interval is not None and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._go_round(interval))

    def end(self) -> None:
        """Go round no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def tell(self, instance: ServiceInstance) -> None:
        """Hand the overview to an instance that has just said that it wants it."""
        instance.receive_admin(self._overview())

    async def go(self, patience: float = _PATIENCE) -> None:
        """One round; `patience`: seconds that an instance has. Cancelling leaves the samples as they were."""
        running = list(self._running())
        asked = [(key, one, one.metrics_metadata) for key, one in running if one.metrics_metadata is not None]
        answers = await asyncio.gather(*(_metrics(instance, patience) for _, instance, _ in asked))
        now = self._clock()
        for (key, _, metadata), metrics in zip(asked, answers, strict=True):
            self._monitor.record(key, now, metrics, metadata)
        self._monitor.end_round(now, [key for key, _ in self._running()])
        listeners = [instance for _, instance in self._running() if instance.listens_to_admin]
        if listeners:
            overview = self._overview()
            for instance in listeners:
                instance.receive_admin(overview)

    async def _go_round(self, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            try:
                await self.go(min(interval, _PATIENCE))
            except Exception:
                _logger.exception("a round of the monitor failed")


async def _metrics(instance: ServiceInstance, patience: float) -> Mapping[str, Any] | None:
    try:
        async with asyncio.timeout(patience):
            return await instance.metrics()
    except TimeoutError:
        return None
    except Exception:
        _logger.exception("metrics could not be had")
        return None
