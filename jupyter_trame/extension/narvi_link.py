"""A link to what a kernel has of services: an instance, or what its code registers. Questions go both ways."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.link import LinkOp, Parcel
from jupyter_trame.services import words
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports.joining import join
from jupyter_trame.transports.stream import StreamLink

__all__ = ["AnsweredError", "NarviLink"]

_logger = logging.getLogger(__name__)


class AnsweredError(LinkError):
    """The other side answered a question with an error; `kind` is the name of its class."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class NarviLink:
    """One link. On the thread of its loop.

    * `on_parcel(parcel)`: what comes and is no answer of ours, questions included.
    * `on_closed(reason)`: once, at the end.
    """

    def __init__(self, *, on_parcel: Callable[[Parcel], object], on_closed: Callable[[str], object]) -> None:
        self._on_parcel = on_parcel
        self._on_closed = on_closed
        self._link: StreamLink | None = None
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Parcel]] = {}
        self._room = asyncio.Event()
        self._room.set()
        self._complaints = Complaints(_logger)

    @property
    def closed(self) -> bool:
        """Whether it has ended, or has not begun."""
        return self._link is None or self._link.closed

    async def join(self, kernels: Kernels, kernel_id: str, slug: str) -> None:
        """Link to `slug` of the kernel. Raises `LinkError`; cancelling is safe."""
        record = await kernels.look_up(kernel_id)
        if record is None or slug not in record.services:
            raise LinkError("the kernel has nothing of services")
        sock = await join(record, slug, "", connect=partial(kernels.connect, kernel_id))
        self._link = StreamLink(
            sock,
            asyncio.get_running_loop(),
            on_ops=self._on_ops,
            on_closed=self._ended,
            on_drained=self._room.set,
        )

    def tell(self, parcel: Parcel) -> None:
        """Send `parcel`; nothing is said where the link has ended, which is told by `on_closed`."""
        if self._link is not None and not self._link.send(parcel):
            self._room.clear()

    def room(self) -> Awaitable[object] | None:
        """What to wait for before more is sent; None: nothing."""
        return None if self._room.is_set() else self._room.wait()

    async def ask(self, *question: Any, payload: bytes = b"") -> Parcel:
        """The answer to a question. Raises `AnsweredError`, `LinkError` where the link ends; cancelling is safe."""
        if self.closed:
            raise LinkError("the kernel does not answer")
        number = next(self._numbers)
        answer: asyncio.Future[Parcel] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        self.tell(Parcel([words.ASK, number, *question], payload))
        try:
            return await answer
        finally:
            self._asked.pop(number, None)

    def answer(self, number: int, *answer: Any) -> None:
        """Answer a question of the kernel."""
        self.tell(Parcel([words.ANSWER, number, *answer]))

    def refuse(self, number: int, error: Exception) -> None:
        """Answer it with an error."""
        self.tell(Parcel([words.FAILED, number, type(error).__name__, str(error)]))

    def close(self, reason: str) -> None:
        """End the link. More than once is harmless."""
        if self._link is not None:
            self._link.close(reason)

    def _on_ops(self, ops: list[LinkOp]) -> None:
        for op in ops:
            if not isinstance(op, Parcel):
                raise LinkError(f"a service says parcels, not {type(op).__name__}")
            try:
                self._take(op)
            except (LookupError, TypeError, ValueError) as error:
                self._complaints.warn(
                    "a word of a kernel about services is not understood: %s", foreign(error)
                )

    def _take(self, parcel: Parcel) -> None:
        kind = parcel.header[0]
        if kind in {words.ANSWER, words.FAILED}:
            answer = self._asked.get(parcel.header[1])
            if answer is None or answer.done():
                return
            if kind == words.ANSWER:
                answer.set_result(parcel)
            else:
                answer.set_exception(AnsweredError(str(parcel.header[2]), str(parcel.header[3])))
        else:
            self._on_parcel(parcel)

    def _ended(self, reason: str) -> None:
        self._room.set()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(LinkError("the kernel of the service has ended"))
        self._on_closed(reason)
