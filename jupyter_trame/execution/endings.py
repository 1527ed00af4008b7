"""How coroutines of a program are ended: those that take no cancelling hold nothing up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Coroutine
from typing import Any

from jupyter_trame.log_text import foreign

__all__ = ["cancel_all", "run_to_end"]

_PATIENCE = 2.0
"""Seconds in which a coroutine that was cancelled has to end."""


async def cancel_all(tasks: Collection[asyncio.Task[Any]], logger: logging.Logger) -> None:
    """Cancel `tasks` and return when they have ended. Who goes on after some seconds is left, and named in the log."""
    for task in tasks:
        task.cancel()
    if not tasks:
        return
    _, left = await asyncio.wait(tasks, timeout=_PATIENCE)
    for task in left:
        logger.error("%s was cancelled and goes on; the server ends without it", foreign(task.get_name()))


def run_to_end(main: Coroutine[Any, Any, None]) -> None:
    """Run `main` on a loop of its own, as `asyncio.run`, which would wait for a task that goes on for ever."""
    # The usual loop of Windows has no `add_reader`, which tornado needs.
    loop = asyncio.SelectorEventLoop()
    try:
        loop.run_until_complete(main)
    finally:
        try:
            loop.run_until_complete(_tidy(loop))
        finally:
            loop.close()


async def _tidy(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=_PATIENCE)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
