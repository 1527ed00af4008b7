"""An instance of a service in this process: one thread of its own, and a queue in front of it."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from jupyter_trame.execution.mailbox import ClosedError
from jupyter_trame.execution.workers import Workers
from jupyter_trame.narvi.local_shared import LocalShared
from jupyter_trame.narvi.running_service import RunningService, load_class
from jupyter_trame.narvi.service_threads import enter_service_thread
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import (
    InstanceEvents,
    InstanceKey,
    ServiceFailedError,
    ServiceInstance,
)
from jupyter_trame.services.service_messages import (
    AppMessage,
    Message,
    ServiceAnswer,
    ServiceRequest,
    Visitor,
)

__all__ = ["LocalInstance"]

T = TypeVar("T")

_MOST_WAITING = 1000
"""Calls that may wait for the thread before nothing more of pages is read."""
_ROOM = 16 << 20
"""Bytes of messages that may wait, likewise."""
_ALL_ROOM = 256 << 20
"""Bytes that may wait for all instances of a host: where there are many each has its part of that."""
_LEAST_ROOM = 1 << 18
"""Bytes of that part at least."""

_MOST_APP_MESSAGES = 10_000
"""Calls that may wait before messages of other services are not taken."""


class LocalInstance(ServiceInstance):
    """See `ServiceInstance`."""

    def __init__(
        self,
        key: InstanceKey,
        service: RegisteredService,
        events: InstanceEvents,
        shared: LocalShared,
    ) -> None:
        """`events` are told on the instance's thread, see `ThreadEvents`."""
        self._service = service
        self._mailbox = shared.mailbox
        self._siblings = shared.instances
        self._workers = Workers()
        """Of its own: handlers that never return take no other instance's."""
        self._running = RunningService(key, events, service.complaints)
        self.callbacks = self._running.callbacks
        self._calls: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._came = 0
        """Bytes of messages that came; the loop counts them, and the thread those that it has handed on."""
        self._went = 0
        self._room: asyncio.Future[None] | None = None
        self._ending = False
        self._measuring = False
        self._overview: Mapping[str, Any] | None = None
        """Of the monitor, until the listener gets it."""
        self._thread: threading.Thread | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def metrics_metadata(self) -> Mapping[str, Any] | None:  # type: ignore[override] # it changes
        """See the base."""
        return self.callbacks.metrics_metadata

    @property
    def listens_to_admin(self) -> bool:  # type: ignore[override] # it changes
        """See the base."""
        return self.callbacks.admin is not None

    # -- life

    async def start(self) -> None:
        """See the base."""
        up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        name = f"jupyter-trame-narvi-{self._service.app_service_name}"
        self._thread = threading.Thread(target=self._work, args=(up,), name=name, daemon=True)
        self._siblings.add(self)
        self._thread.start()
        await up

    async def stop(self) -> None:
        """See the base."""
        if self._thread is None:
            return
        if not self._ending:
            self._ending = True
            self._workers.close()
            self._give_room()
            self._calls.put(self._running.end)
            self._calls.put(None)
        await asyncio.shield(self._ended)

    def _work(self, up: asyncio.Future[None]) -> None:
        enter_service_thread()
        try:
            make = self._service.constructor_fn or load_class(self._service.app_cls_name)
            self._running.construct(make, self._service.app_parameters)
        except ServiceFailedError as error:
            failure = error
            self._post(partial(_fail, up, failure))
        else:
            self._post(partial(_settle, up, None))
        while (call := self._calls.get()) is not None:
            call()
            if self._room is not None and not self._is_full(2):
                self._post(self._give_room)
        self._post(self._over)

    def _over(self) -> None:
        self._siblings.discard(self)
        self._ended.set_result(None)

    def _post(self, call: Callable[[], object]) -> None:
        with contextlib.suppress(ClosedError):
            self._mailbox.post(call)

    # -- sessions

    def open_session(self, visitor: Visitor) -> None:
        """See the base."""
        self._calls.put(partial(self._running.open_session, visitor))

    def close_session(self, session_id: str) -> None:
        """See the base."""
        self._calls.put(partial(self._running.close_session, session_id))

    def receive(self, session_id: str, message: Message) -> Awaitable[None] | None:
        """See the base."""
        self._came += len(message)
        self._calls.put(partial(self._receive, session_id, message))
        if not self._is_full():
            return None
        if self._room is None:
            self._room = asyncio.get_running_loop().create_future()
            # The thread may have come to the end meanwhile, and did not see that somebody waits.
            self._calls.put(lambda: None)
        return self._room

    def _receive(self, session_id: str, message: Message) -> None:
        self._went += len(message)
        if not self._ending:
            self._running.receive(session_id, message)

    def _is_full(self, parts: int = 1) -> bool:
        """Whether as much waits as may, or the part of that which `parts` says."""
        room = min(_ROOM, max(_ALL_ROOM // max(len(self._siblings), 1), _LEAST_ROOM))
        return self._calls.qsize() > _MOST_WAITING // parts or self._came - self._went > room // parts

    def _give_room(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    # -- requests

    async def answer(self, request: ServiceRequest) -> ServiceAnswer | None:
        """See the base."""
        found = self.callbacks.requests.find(request)
        if found is None:
            return None
        service, values = found
        answer: asyncio.Future[ServiceAnswer] = asyncio.get_running_loop().create_future()

        def handle() -> None:
            if self._ending:
                stopped = ServiceFailedError("the service was stopped")
                self._post(partial(_fail, answer, stopped))
                return
            given = self._running.handle(service, values, request)
            self._post(partial(_settle, answer, given))

        if service.concurrent:
            self._workers.submit(handle)
        else:
            self._calls.put(handle)
        # One that runs beside the others may go on behind the end.
        ends: list[asyncio.Future[Any]] = [answer, self._ended]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise ServiceFailedError("the service was stopped")
        return answer.result()

    # -- others

    def admits(self, from_workspace: str) -> bool:
        """See the base."""
        waiting = self._calls.qsize() < _MOST_APP_MESSAGES
        return waiting and self.callbacks.admits(self._service.workspace, from_workspace)

    def receive_app_message(self, message: AppMessage) -> None:
        """See the base."""
        self._calls.put(lambda: None if self._ending else self._running.receive_app_message(message))

    def receive_admin(self, overview: Mapping[str, Any]) -> None:
        """See the base."""
        # One that takes long to look gets the newest only.
        before, self._overview = self._overview, overview
        if before is None:
            self._calls.put(self._receive_admin)

    def _receive_admin(self) -> None:
        overview, self._overview = self._overview, None
        if overview is not None:
            self._running.receive_admin(overview)

    async def metrics(self) -> Mapping[str, Any] | None:
        """See the base."""
        if self._measuring:  # the last call has not returned
            return None
        self._measuring = True
        found: asyncio.Future[Mapping[str, Any] | None] = asyncio.get_running_loop().create_future()

        def measure() -> None:
            metrics = self._running.metrics()
            self._measuring = False
            self._post(partial(_settle, found, metrics))

        # A thread of its own: one that never returns takes no other instance's.
        threading.Thread(target=measure, name="jupyter-trame-narvi-metrics", daemon=True).start()
        return await found


def _settle(future: asyncio.Future[T], result: T) -> None:
    """On the loop; whoever waited may have given up."""
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
