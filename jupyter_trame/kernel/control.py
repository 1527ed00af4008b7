"""Stops and restarts servers of this kernel when its Jupyter server asks, and tells who looks at them over comms."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_trame.errors import LinkError
from jupyter_trame.execution.error_reports import trace_of
from jupyter_trame.kernel.output import Output
from jupyter_trame.log_text import MESSAGE_LENGTH, TRACE_LENGTH, foreign, shortened
from jupyter_trame.protocol.link import LinkOp, Parcel
from jupyter_trame.runtime import registry
from jupyter_trame.transports.control_words import (
    ABSENT,
    BEGUN,
    BUSY,
    DONE,
    FAILED,
    LISTED,
    RESTART,
    STOP,
    VIEWERS,
)

if TYPE_CHECKING:
    from jupyter_trame.kernel.endpoint import KernelEndpoint
    from jupyter_trame.runtime.ended import Ended
    from jupyter_trame.runtime.lifecycle import LifeCycle

__all__ = ["Control", "find_life"]


class Control:
    """A `LinkService`: what is asked is done on the kernel's main loop, where servers live, or not at all.

    Who asks is told when the main thread does not come to it in time, and nothing is done later then.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        main: asyncio.AbstractEventLoop,
        find: Callable[[str], LifeCycle | None],
        endpoints: Mapping[str, KernelEndpoint],
    ) -> None:
        """`loop` is that of the I/O thread, `main` the kernel's. ``find(slug)`` is called on the main thread.

        `endpoints`, by slug, are looked at on the I/O thread.
        """
        self._loop = loop
        self._main = main
        self._find = find
        self._endpoints = endpoints
        self._waiting: dict[Output, threading.Lock] = {}
        """What is asked and not begun: who takes the lock decides about it."""
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, output: Output) -> None:
        """See `LinkService`."""

    def drained(self, output: Output) -> None:
        """See `LinkService`."""

    def remove(self, output: Output) -> None:
        """See `LinkService`. Nobody waits for the answer: what has not begun does not begin."""
        claim = self._waiting.pop(output, None)
        if claim is not None:
            claim.acquire(blocking=False)

    def receive(self, output: Output, op: LinkOp) -> None:
        """See `LinkService`."""
        match op:
            case Parcel(header=[str(verb), str(slug), int() | float() as patience]) if verb in {
                STOP,
                RESTART,
            }:
                self._ask(output, verb, slug, patience)
            case Parcel(header=[verb, str(slug), int() | float()]) if verb == VIEWERS:
                output.send(Parcel(self._viewers(slug)))
            case Parcel():
                raise LinkError(f"{foreign(op.header)} is nothing that a kernel is asked of its servers")
            case _:
                raise LinkError(f"the Jupyter server says parcels here, not {type(op).__name__}")

    def _viewers(self, slug: str) -> list[Any]:
        endpoint = self._endpoints.get(slug)
        if endpoint is None or endpoint.primary is None:
            return [ABSENT]
        return [LISTED, [list(each) for each in endpoint.viewers]]

    def _ask(self, output: Output, verb: str, slug: str, patience: float) -> None:
        claim = self._waiting[output] = threading.Lock()

        def give_up() -> None:
            if claim.acquire(blocking=False):
                self._waiting.pop(output, None)
                output.send(Parcel([BUSY]))

        timer = self._loop.call_later(patience, give_up)

        def begin() -> None:
            if claim.acquire(blocking=False):
                self._loop.call_soon_threadsafe(timer.cancel)
                self._begin(output, verb, slug)

        try:
            self._main.call_soon_threadsafe(begin)
        except RuntimeError as error:  # its loop is closed: the process ends
            timer.cancel()
            raise LinkError("the kernel ends") from error

    # -- on the main thread

    def _begin(self, output: Output, verb: str, slug: str) -> None:
        life = self._find(slug)
        if life is None or not life.runtime.stage:
            output.send(Parcel([ABSENT]))
            return
        output.send(Parcel([BEGUN]))
        # At once: who asks a moment later finds it gone.
        task = self._main.create_task(self._do(output, verb, life, life.end()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, output: Output, verb: str, life: LifeCycle, ended: Ended) -> None:
        try:
            await ended
            if verb == RESTART:
                life.start_again()
        except Exception as error:  # noqa: BLE001 - it is the user's code, whose errors are told to who asked
            message = foreign(f"{type(error).__name__}: {error}", MESSAGE_LENGTH)
            output.send(Parcel([FAILED, message, shortened(trace_of(error), TRACE_LENGTH)]))
        else:
            output.send(Parcel([DONE]))


def find_life(slug: str) -> LifeCycle | None:
    """The life of the server `slug` of this process, None where there is none. Main thread."""
    # Whoever asks has servers; a kernel that has a service alone loads none of this.
    from jupyter_trame.server.server import life_cycle_of

    lives = (life_cycle_of(server) for server in list(registry.current().servers.values()))
    return next((life for life in lives if life.runtime.slug == slug), None)
