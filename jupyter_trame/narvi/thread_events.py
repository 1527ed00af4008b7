"""What the code of a service tells its host, from whatever thread, on its way to the host's loop."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from jupyter_trame.execution.mailbox import ClosedError
from jupyter_trame.narvi.local_shared import LocalShared
from jupyter_trame.services.instance import InstanceEvents, InstanceKey
from jupyter_trame.services.service_messages import Message
from jupyter_trame.transports.outgoing import FINAL_BINARY, FINAL_TEXT, frame_header

__all__ = ["ThreadEvents"]

T = TypeVar("T")

_SHORT = 1 << 18
"""Bytes, or characters, of a message that leaves on the thread that sends it."""


class ThreadEvents:
    """See `InstanceEvents`. Any thread; what is said when the host has ended is lost."""

    def __init__(self, key: InstanceKey, events: InstanceEvents, shared: LocalShared) -> None:
        self._key = key
        self._events = events
        self._mailbox = shared.mailbox
        self._slow = shared.slow
        self._lines = shared.lines
        self._counting = threading.Lock()
        self._posted = 0
        """What was given to the loop, and what of that it has done: while these differ nothing may overtake."""
        self._done = 0

    def send(
        self, message: Message, for_session_id: str | None = None, except_session_id: str | None = None
    ) -> None:
        """See `InstanceEvents`; whoever sends to sessions that are behind waits for them, but on the loop."""
        if for_session_id is not None and self._write_now(message, for_session_id):
            return
        with contextlib.suppress(ClosedError):
            self._post(partial(self._events.send, message, for_session_id, except_session_id), len(message))
            if self._mailbox.here:
                return
            if for_session_id is not None:
                self._slow.wait_for(self._key, for_session_id)
            else:
                self._slow.wait_for_all(self._key, but=except_session_id)

    def session_opened(self, session_id: str) -> None:
        """See `InstanceEvents`."""
        with contextlib.suppress(ClosedError):
            self._post(partial(self._events.session_opened, session_id))

    def _write_now(self, message: Message, session_id: str) -> bool:
        """Write a short message to the socket itself, if nothing of this instance is on its way to the loop."""
        line = self._lines.get(session_id)
        if line is None or self._posted != self._done or len(message) > _SHORT:
            return False
        if isinstance(message, str):
            data = message.encode()
            return line.write_now(frame_header(len(data), FINAL_TEXT) + data)
        return line.write_now(frame_header(len(message), FINAL_BINARY) + message)

    def _post(self, call: Callable[[], object], size: int = 0) -> None:
        with self._counting:
            self._posted += 1
        self._mailbox.post(partial(self._run, call), size)

    def _run(self, call: Callable[[], object]) -> None:
        """On the loop."""
        try:
            call()
        finally:
            self._done += 1

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
