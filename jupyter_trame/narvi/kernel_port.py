"""The kernel's end of an instance's links: what the Jupyter server says becomes calls of the instance, and back."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from typing import Any

from jupyter_trame.errors import LinkError
from jupyter_trame.kernel.output import Output
from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.link import LinkOp, Parcel
from jupyter_trame.services import words
from jupyter_trame.services.instance import ServiceInstance
from jupyter_trame.services.monitoring import clean_metrics
from jupyter_trame.services.service_messages import AppMessage, Message, ServiceRequest, Visitor
from jupyter_trame.services.words import cost, data_parcel, message_parcel, read_data, read_message
from jupyter_trame.system.log_limits import Complaints

__all__ = ["InstancePort"]

_logger = logging.getLogger("jupyter_trame.narvi")

_DELIVERY = 10.0
"""Seconds that the Jupyter server has to hand a message to another service."""
_PATIENCE = 30.0
"""Seconds for which whoever sends waits for pages; then their sockets have given them up."""
_NEWS = words.WINDOW // 16
"""Bytes that are taken before the Jupyter server is told."""


class InstancePort:
    """A `LinkService` and the `InstanceEvents` of one instance. The newest Jupyter server is the one that counts.

    All on the thread of `loop`, but for what `InstanceEvents` says.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        facts: Callable[[], Mapping[str, Any]],
        on_stop: Callable[[], Awaitable[None]],
    ) -> None:
        """`facts()` is what the Jupyter server is told of the instance; `on_stop()` ends it."""
        self.instance: ServiceInstance | None = None
        """Set before the port is offered."""
        self._loop = loop
        self._facts = facts
        self._on_stop = on_stop
        self._began = time.monotonic()
        self._output: Output | None = None
        self._sessions: set[str] = set()
        self._told: dict[str, Any] = {}
        self._taken = 0
        self._numbers = itertools.count(1)
        self._asked: dict[int, Future[bool]] = {}
        self._lock = threading.Lock()
        self._going = 0
        """Bytes of messages that no page has come to, as far as is known."""
        self._going_less = threading.Condition()
        self._thread: int | None = None
        """That of the loop, once it is known."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._complaints = Complaints(_logger)

    # -- LinkService

    def add(self, output: Output) -> None:
        """See `LinkService`."""
        if self._output is not None:
            self._output.close("another Jupyter server has taken up the service")
        self._forget()
        self._thread = threading.get_ident()
        self._output = output
        self._told = dict(self._facts())
        output.send(self._hello())

    def remove(self, output: Output) -> None:
        """See `LinkService`. Pages come through the Jupyter server, so that they are gone as well."""
        if self._output is output:
            self._output = None
            self._forget()

    def drained(self, output: Output) -> None:
        """See `LinkService`."""

    def receive(self, output: Output, op: LinkOp) -> None:
        """See `LinkService`."""
        if not isinstance(op, Parcel):
            raise LinkError(f"the Jupyter server says parcels to a service, not {type(op).__name__}")
        if output is not self._output or self.instance is None:
            return
        try:
            self._take(self.instance, op)
        except (LookupError, TypeError, ValueError) as error:
            self._complaints.warn("a word of the Jupyter server is not understood: %s", foreign(error))

    # -- InstanceEvents

    def send(
        self, message: Message, for_session_id: str | None = None, except_session_id: str | None = None
    ) -> None:
        """See `InstanceEvents`. Who sends faster than anybody reads waits, for half a minute at most."""
        parcel = message_parcel(message, for_session_id, except_session_id)
        with self._going_less:
            if self._going > words.WINDOW and threading.get_ident() != self._thread:
                self._going_less.wait_for(self._may_go, _PATIENCE)
            self._going += cost(parcel)
        self._say(parcel)

    def session_opened(self, session_id: str) -> None:
        """See `InstanceEvents`."""
        self._say(Parcel([words.OPENED, session_id]))

    def send_to_app(self, workspace: str, app_name: str, service_id: str, data: Any) -> bool:
        """See `InstanceEvents`. Raises `TypeError` for what is neither JSON nor bytes."""
        number = next(self._numbers)
        parcel = data_parcel([words.ASK, number, "send_to_app", workspace, app_name, service_id], data)
        answer: Future[bool] = Future()
        with self._lock:
            if self._output is None:
                return False
            self._asked[number] = answer
        self._say(parcel)
        try:
            return answer.result(_DELIVERY)
        except TimeoutError:
            return False
        finally:
            self._asked.pop(number, None)

    def administer(self, action: str, workspace: str, service: str, service_id: str) -> None:
        """See `InstanceEvents`."""
        if action not in {"stop", "restart"}:
            raise ValueError(f'an instance is told to "stop" or to "restart"; got {action!r}')
        self._say(Parcel([words.ADMINISTER, action, workspace, service, service_id]))

    def admin_listening(self) -> None:
        """See `InstanceEvents`."""
        self.look()

    def ended(self, reason: str) -> None:
        """See `InstanceEvents`."""
        self._say(Parcel([words.ENDED, reason]))

    def look(self) -> None:
        """What is told of the instance may have changed. Any thread."""
        with contextlib.suppress(RuntimeError):  # its loop is closed: the process ends
            self._loop.call_soon_threadsafe(self._look)

    # -- on the loop

    def _look(self) -> None:
        facts = dict(self._facts())
        if facts != self._told:
            self._told = facts
            self._say(self._hello())

    def _hello(self) -> Parcel:
        return Parcel([words.HELLO, {**self._told, "uptime": time.monotonic() - self._began}])

    def _say(self, parcel: Parcel) -> None:
        output = self._output
        if output is not None:
            output.send(parcel)

    def _may_go(self) -> bool:
        return self._going <= words.WINDOW

    def _went(self, size: int) -> None:
        with self._going_less:
            self._going = max(self._going - size, 0)
            self._going_less.notify_all()

    def _forget(self) -> None:
        """The sessions of the Jupyter server that was there."""
        self._went(self._going)
        sessions, self._sessions = self._sessions, set()
        if self.instance is not None:
            for session_id in sessions:
                self.instance.close_session(session_id)
        with self._lock:
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_result(False)
            self._asked.clear()

    def _take(self, instance: ServiceInstance, parcel: Parcel) -> None:
        header = parcel.header
        kind = header[0]
        if kind in {words.TEXT, words.BINARY}:
            message = read_message(kind, parcel.payload)
            self._taken_when(instance.receive(str(header[1]), message), cost(parcel))
            return
        match kind:
            case words.OPEN:
                _, session_id, app_name, query, headers = header
                self._sessions.add(session_id)
                instance.open_session(Visitor(session_id, app_name, query, headers))
            case words.CLOSE:
                self._sessions.discard(header[1])
                instance.close_session(header[1])
            case words.WENT:
                self._went(int(header[1]))
            case words.ASK:
                self._start(self._answer(instance, header[1], header[2], parcel))
            case words.ANSWER:
                answer = self._asked.get(header[1])
                if answer is not None and not answer.done():
                    answer.set_result(header[2] is True)
            case words.APP_MESSAGE:
                _, workspace, service, service_id, _ = header
                instance.receive_app_message(AppMessage(workspace, service, service_id, read_data(parcel)))
            case words.ADMIN:
                instance.receive_admin(json.loads(bytes(parcel.payload)))
            case _:
                raise ValueError(f"{foreign(kind)} is no word for an instance")

    def _taken_when(self, room: Awaitable[None] | None, size: int) -> None:
        if room is None:
            self._count(size)
            return

        async def wait() -> None:
            await room
            self._count(size)

        self._start(wait())

    def _count(self, size: int) -> None:
        self._taken += size
        if self._taken >= _NEWS:
            self._say(Parcel([words.TAKEN, self._taken]))
            self._taken = 0

    async def _answer(self, instance: ServiceInstance, number: int, what: str, parcel: Parcel) -> None:
        output = self._output
        try:
            answer = await self._do(instance, what, parcel)
        except Exception as error:
            _logger.exception("what the Jupyter server asked of a service failed")
            answer = Parcel([words.FAILED, number, type(error).__name__, foreign(error)])
        else:
            answer.header[:0] = [words.ANSWER, number]
        if output is not None:
            output.send(answer)

    async def _do(self, instance: ServiceInstance, what: str, parcel: Parcel) -> Parcel:
        if what == "stop":
            await self._on_stop()
            return Parcel([])
        if what == "metrics":
            metrics = await instance.metrics()
            return Parcel([None if metrics is None else clean_metrics(metrics)])
        if what != "answer":
            raise ValueError(f"{foreign(what)} is no question for an instance")
        _, _, _, app_name, method, path, query, headers = parcel.header
        request = ServiceRequest(app_name, method, path, query, headers, bytes(parcel.payload))
        answer = await instance.answer(request)
        if answer is None:
            return Parcel([])
        return Parcel([answer.status, answer.media_type, dict(answer.headers)], answer.body)

    def _start(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
