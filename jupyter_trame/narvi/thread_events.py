"""What the code of a service tells its host, from whatever thread, on its way to the host's loop."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from jupyter_trame.execution.mailbox import ClosedError, Mailbox
from jupyter_trame.narvi.slow_sessions import SlowSessions
from jupyter_trame.services.instance import InstanceEvents, InstanceKey
from jupyter_trame.services.service_messages import Message

__all__ = ["ThreadEvents"]

T = TypeVar("T")


class ThreadEvents:
    """See `InstanceEvents`. Any thread; what is said when the host has ended is lost."""

    def __init__(
        self, key: InstanceKey, events: InstanceEvents, mailbox: Mailbox, slow: SlowSessions
    ) -> None:
        self._key = key
        self._events = events
        self._mailbox = mailbox
        self._slow = slow

    def send(
        self, message: Message, for_session_id: str | None = None, except_session_id: str | None = None
    ) -> None:
        """See `InstanceEvents`; whoever sends to sessions that are behind waits for them, but on the loop."""
        call = partial(self._events.send, message, for_session_id, except_session_id)
        with contextlib.suppress(ClosedError):
            self._mailbox.post(call, len(message))
            if self._mailbox.here:
                return
            if for_session_id is not None:
                self._slow.wait_for(self._key, for_session_id)
            else:
                self._slow.wait_for_all(self._key, but=except_session_id)

    def session_opened(self, session_id: str) -> None:
        """See `InstanceEvents`."""
        with contextlib.suppress(ClosedError):
            self._mailbox.post(lambda: self._events.session_opened(session_id))

    def send_to_app(self, workspace: str, app_name: str, service_id: str, data: Any) -> bool:
        """See `InstanceEvents`; it waits for the loop."""
        call = partial(self._events.send_to_app, workspace, app_name, service_id, data)
        return self._ask(call, otherwise=False)

    def administer(self, action: str, workspace: str, service: str, service_id: str) -> None:
        """See `InstanceEvents`; it waits for the loop, and what is wrong is said to the caller."""
        call = partial(self._events.administer, action, workspace, service, service_id)
        self._ask(call, otherwise=None)

    def admin_listening(self) -> None:
        """See `InstanceEvents`."""
        with contextlib.suppress(ClosedError):
            self._mailbox.post(self._events.admin_listening)

    def ended(self, reason: str) -> None:
        """See `InstanceEvents`."""
        with contextlib.suppress(ClosedError):
            self._mailbox.post(lambda: self._events.ended(reason))

    def _ask(self, call: Callable[[], T], otherwise: T) -> T:
        found: Future[T] = Future()

        def ask() -> None:
            try:
                found.set_result(call())
            except Exception as error:  # noqa: BLE001 - it is the caller's
                found.set_exception(error)

        try:
            self._mailbox.post(ask)
        except ClosedError:
            return otherwise
        return found.result()
