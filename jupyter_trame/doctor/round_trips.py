"""Measures how long answers take: back to back, and with pauses, in which processors and radios go to sleep."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median

from jupyter_trame.doctor.report import RoundTrip

__all__ = ["measure"]

_COUNT = 10
_PAUSE = 0.05


async def measure(
    between: str, ask: Callable[[], Awaitable[object]], *, count: int = _COUNT, pause: float = _PAUSE
) -> RoundTrip:
    """Call `ask` twice `count` times: at once after each answer, then with `pause` seconds in between.

    Raises what `ask` raises. Cancelling is safe.
    """
    close = [await _time(ask) for _ in range(count)]
    apart = []
    for _ in range(count):
        await asyncio.sleep(pause)
        apart.append(await _time(ask))
    return RoundTrip(between, count, median(close), median(apart), max(*close, *apart))


async def _time(ask: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    await ask()
    return (time.perf_counter() - start) * 1000
