"""An instance of a service in a kernel of its own, as the Jupyter server sees it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping
from typing import Any

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.narvi_backlogs import Backlogs, Going
from jupyter_trame.extension.narvi_kernels import NarviKernels
from jupyter_trame.extension.narvi_link import NarviLink
from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.link import Parcel
from jupyter_trame.services import words
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import InstanceEvents, InstanceKey, ServiceFailedError, ServiceInstance
from jupyter_trame.services.service_messages import (
    AppMessage,
    Message,
    ServiceAnswer,
    ServiceRequest,
    Visitor,
)
from jupyter_trame.services.words import cost, data_parcel, message_parcel, read_data, read_message

__all__ = ["KernelInstance", "ask_who"]

_logger = logging.getLogger(__name__)

_GOODBYE = 5.0
"""Seconds that a kernel has for the close listeners of its service."""
_METRICS = 5.0
"""Seconds in which metrics have to come."""


class KernelInstance(ServiceInstance):
    """See `ServiceInstance`. It ends with its link: a kernel that is gone or was started again is no more."""

    def __init__(
        self,
        key: InstanceKey,
        service: RegisteredService,
        events: InstanceEvents,
        kernels: NarviKernels,
        backlogs: Backlogs,
        *,
        runs_in: str | None = None,
    ) -> None:
        """`backlogs`: how far pages are behind. `runs_in`: the kernel that has the instance already.

        It is taken up when the instance starts.
        """
        self.kernel_id: str | None = None
        """None while it starts."""
        self._key = key
        self._service = service
        self._events = events
        self._kernels = kernels
        self._runs_in = runs_in
        self._link = NarviLink(on_parcel=self._on_parcel, on_closed=self._on_closed)
        self._greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._admits: frozenset[str] | None = None
        self._measuring: asyncio.Task[Mapping[str, Any] | None] | None = None
        self._sessions: set[str] = set()
        self._going = Going(backlogs, lambda size: self._link.tell(Parcel([words.WENT, size])))
        self._untaken = 0
        self._room = asyncio.Event()
        self._room.set()
        self._stopping: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self.uptime = 0.0
        """Seconds for which it had run when it said hello."""
        self.trame_slug: str | None = None
        """Where it is a trame app: the server in its kernel."""

    async def start(self) -> None:
        """See `ServiceInstance`."""
        kernel_id = self._runs_in
        if kernel_id is None:
            kernel_id = await self._kernels.start(self._key, self._service)
        self.kernel_id = kernel_id
        self._kernels.adopt(kernel_id)
        try:
            await self._link.join(self._kernels.kernels, kernel_id, words.INSTANCE)
            async with asyncio.timeout(_GOODBYE):
                await self._greeted
        except BaseException as error:
            self._stopping = asyncio.ensure_future(self._kernels.end(kernel_id))
            self._link.close("it was given up")
            await asyncio.shield(self._stopping)
            if isinstance(error, LinkError | TimeoutError):
                raise ServiceFailedError(f"the service does not answer: {error}") from error
            raise

    def open_session(self, visitor: Visitor) -> None:
        """See `ServiceInstance`."""
        query, headers = dict(visitor.query), dict(visitor.headers)
        self._sessions.add(visitor.session_id)
        self._link.tell(Parcel([words.OPEN, visitor.session_id, visitor.app_name, query, headers]))

    def close_session(self, session_id: str) -> None:
        """See `ServiceInstance`."""
        self._sessions.discard(session_id)
        self._link.tell(Parcel([words.CLOSE, session_id]))

    def receive(self, session_id: str, message: Message) -> Awaitable[None] | None:
        """See `ServiceInstance`."""
        parcel = message_parcel(message, session_id)
        self._untaken += cost(parcel)
        self._link.tell(parcel)
        if self._untaken > words.WINDOW:
            self._room.clear()
        return None if self._room.is_set() and self._link.room() is None else self._until_room()

    async def _until_room(self) -> None:
        await self._room.wait()
        room = self._link.room()
        if room is not None:
            await room

    async def answer(self, request: ServiceRequest) -> ServiceAnswer | None:
        """See `ServiceInstance`."""
        query, headers = dict(request.query), dict(request.headers)
        try:
            answer = await self._link.ask(
                *("answer", request.app_name, request.method, request.path, query, headers),
                payload=request.body,
            )
        except LinkError as error:
            raise ServiceFailedError(str(error)) from error
        if len(answer.header) == 2:
            return None
        _, _, status, media_type, answered = answer.header
        return ServiceAnswer(status, bytes(answer.payload), media_type, answered)

    def admits(self, from_workspace: str) -> bool:
        """See `ServiceInstance`."""
        admitted = self._admits
        return admitted is not None and bool({from_workspace, "*"} & admitted)

    def receive_app_message(self, message: AppMessage) -> None:
        """See `ServiceInstance`."""
        sender = (message.from_workspace, message.from_service, message.from_service_id)
        self._link.tell(data_parcel([words.APP_MESSAGE, *sender], message.data))

    async def metrics(self) -> Mapping[str, Any] | None:
        """See `ServiceInstance`."""
        if self._measuring is not None and not self._measuring.done():
            return None
        self._measuring = asyncio.ensure_future(self._measure())
        try:
            async with asyncio.timeout(_METRICS):
                return await asyncio.shield(self._measuring)
        except TimeoutError:
            return None

    def receive_admin(self, overview: Mapping[str, Any]) -> None:
        """See `ServiceInstance`."""
        self._link.tell(Parcel([words.ADMIN], json.dumps(overview).encode()))

    async def stop(self) -> None:
        """See `ServiceInstance`."""
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self._stop())
        await asyncio.shield(self._stopping)

    # -- its end

    async def _stop(self) -> None:
        try:
            async with asyncio.timeout(_GOODBYE):
                await self._link.ask("stop")
        except (LinkError, TimeoutError) as error:
            _logger.debug("a service did not say goodbye: %s", error)
        self._link.close("the instance was stopped")
        if self.kernel_id is not None:
            await self._kernels.end(self.kernel_id)

    def _on_closed(self, reason: str) -> None:
        self._room.set()
        self._going.close()
        if not self._greeted.done():
            self._greeted.set_exception(LinkError(reason))
            self._greeted.exception()  # somebody may have given up before
        if self._stopping is None and self.kernel_id is not None:
            self._end("the kernel of the service has ended")

    def _end(self, reason: str) -> None:
        # The process may have been started again meanwhile, as jupyter-server does for who dies: it runs nothing.
        assert self.kernel_id is not None
        self._stopping = asyncio.ensure_future(self._kernels.end(self.kernel_id))
        self._events.ended(reason)

    # -- what it says

    async def _measure(self) -> Mapping[str, Any] | None:
        try:
            answer = await self._link.ask("metrics")
        except LinkError:
            return None
        found = answer.header[2]
        return found if isinstance(found, Mapping) else None

    def _on_parcel(self, parcel: Parcel) -> None:
        header = parcel.header
        kind = header[0]
        if kind in {words.TEXT, words.BINARY}:
            self._events.send(read_message(kind, parcel.payload), header[1], header[2])
            self._going.sent(cost(parcel), self._readers(header[1], header[2]))
            return
        match kind:
            case words.OPENED:
                self._events.session_opened(str(header[1]))
            case words.TAKEN:
                self._untaken -= int(header[1])
                if self._untaken <= words.WINDOW // 2:
                    self._room.set()
            case words.HELLO:
                self._greet(header[1])
            case words.ASK:
                self._asked(header, parcel)
            case words.ADMINISTER:
                self._events.administer(*map(str, header[1:5]))
            case words.ENDED:
                if self._stopping is None:
                    self._end(foreign(header[1]))
            case _:
                raise ValueError(f"{foreign(kind)} is no word of an instance")

    def _readers(self, only: str | None, but: str | None) -> set[str]:
        return {only} if only is not None else self._sessions - {but}

    def _greet(self, facts: Mapping[str, Any]) -> None:
        metadata = facts["metrics_metadata"]
        self.metrics_metadata = metadata if isinstance(metadata, Mapping) else None
        admits = facts["admits"]
        self._admits = None if admits is None else frozenset(map(str, admits))
        listens, self.listens_to_admin = self.listens_to_admin, bool(facts["listens_to_admin"])
        self.uptime = float(facts["uptime"])
        slug = facts.get("trame_slug")
        self.trame_slug = None if slug is None else str(slug)
        if not self._greeted.done():
            self._greeted.set_result(None)
        if self.listens_to_admin and not listens:
            self._events.admin_listening()

    def _asked(self, header: list[Any], parcel: Parcel) -> None:
        _, number, what, workspace, app_name, service_id, _ = header
        if what != "send_to_app":
            raise ValueError(f"{foreign(what)} is no question of an instance")

        async def send() -> None:
            found = self._events.send_to_app(workspace, app_name, service_id, read_data(parcel))
            self._link.answer(number, found)

        task = asyncio.ensure_future(send())
        task.add_done_callback(_look)


def _look(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _logger.warning("a word of a service was not handled", exc_info=error)


async def ask_who(kernels: Kernels, kernel_id: str) -> InstanceKey:
    """Which instance runs in the kernel. Raises `LinkError`, and `TimeoutError` where it does not say."""
    said: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()

    def hear(parcel: Parcel) -> None:
        if parcel.header[0] == words.HELLO and not said.done():
            said.set_result(parcel.header[1])

    link = NarviLink(on_parcel=hear, on_closed=_logger.debug)
    await link.join(kernels, kernel_id, words.INSTANCE)
    try:
        async with asyncio.timeout(_GOODBYE):
            facts = await said
    finally:
        link.close("it was asked who it is")
    session_id = facts["session_id"]
    workspace, service, service_id = (str(facts[name]) for name in ("workspace", "service", "service_id"))
    return InstanceKey(workspace, service, service_id, None if session_id is None else str(session_id))
