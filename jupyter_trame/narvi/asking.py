"""Validators of this process are asked on threads: they are code of the user, and may take their time."""

from __future__ import annotations

import asyncio
import contextlib

from jupyter_trame.execution.mailbox import ClosedError, Mailbox
from jupyter_trame.execution.workers import Workers
from jupyter_trame.services.entries import RegisteredService

__all__ = ["AskInThread"]

_THREADS = 4
"""Questions of one service at a time; more wait for their turn."""


class AskInThread:
    """See `Ask`. One that never returns costs its thread, of which each service has some of its own."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._workers: dict[tuple[str, str], Workers] = {}

    def close(self) -> None:
        """Threads end as soon as they have nothing to do."""
        for workers in self._workers.values():
            workers.close()

    async def __call__(self, service: RegisteredService, service_id: str) -> bool:
        """Whether the validator of `service` accepts `service_id`. Cancelling leaves it to end by itself."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def ask() -> None:
            found = False
            try:
                found = service.validate_service_id(service_id)
            finally:  # what is no `Exception` either counts as refused, and the worker logs it
                with contextlib.suppress(ClosedError):
                    self._mailbox.post(lambda: None if answer.done() else answer.set_result(found))

        self._workers.setdefault(service.key, Workers(_THREADS)).submit(ask)
        return await answer
