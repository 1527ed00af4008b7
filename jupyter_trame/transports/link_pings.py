"""How long the way to the other end of a link is, beside whatever its server is busy with."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.link import LinkOp, Ping, Pong

__all__ = ["LinkPings"]

_TIMEOUT = 5.0


class LinkPings:
    """Asks the other end of one link, and answers it. Everything is called on the thread of the link's loop."""

    def __init__(self, send: Callable[[LinkOp], object], *, timeout: float = _TIMEOUT) -> None:
        """`send` reaches the other end; `timeout` in seconds, for an answer."""
        self._send = send
        self._timeout = timeout
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[None]] = {}

    async def ask(self) -> None:
        """Return when the other end has answered. Raises `LinkError`; cancelling is safe.

        Ask nobody who did not say which version of the package it has: earlier ones drop the link.
        """
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            self._send(Ping(number))
            async with asyncio.timeout(self._timeout):
                await answer
        except TimeoutError:
            raise LinkError(f"the other end of the link did not answer within {self._timeout:g} s") from None
        finally:
            del self._asked[number]

    def receive(self, op: Ping | Pong) -> None:
        """The other end asks, or answers."""
        if isinstance(op, Ping):
            self._send(Pong(op.number))
            return
        answer = self._asked.get(op.number)
        if answer is not None and not answer.done():
            answer.set_result(None)
