"""Runs the instances of one host: starts each once, lets sessions in, and ends what is idle, stopped or dead."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from jupyter_trame.log_text import foreign
from jupyter_trame.services.addresses import ServiceAddress
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import (
    InstanceFactory,
    InstanceKey,
    ServiceFailedError,
    ServiceInstance,
)
from jupyter_trame.services.instances import InstanceTable, Stage
from jupyter_trame.services.monitor_rounds import MonitorRounds
from jupyter_trame.services.monitoring import Monitor, overview, status
from jupyter_trame.services.service_life import ServiceLife
from jupyter_trame.services.service_messages import (
    AppMessage,
    ServiceAnswer,
    ServiceRequest,
    Visitor,
)
from jupyter_trame.services.service_registry import ServiceRegistry
from jupyter_trame.services.service_session import (
    GOING_AWAY,
    RESTARTED,
    STOPPED,
    ServiceSession,
    SessionPort,
)

__all__ = ["ReservedSession", "ServiceHost"]

_logger = logging.getLogger("jupyter_trame.narvi")

_GOODBYE = 10.0
"""Seconds in which the code of an instance has to end; then its host goes on without it."""
_REQUESTS = 256
"""Requests of an instance that may wait for an answer."""
_FAILURES = 100
"""Starts that have failed and are remembered, for pages that ask why."""


class ReservedSession:
    """A client whose instance runs, and that is about to open its session. One of `open` and `release` follows."""

    def __init__(
        self, host: ServiceHost, life: ServiceLife, visitor: Visitor, address: ServiceAddress
    ) -> None:
        self._host = host
        self._life: ServiceLife | None = life
        self._parameters = {} if address.app is None else address.app.app_parameters
        self.visitor = visitor
        self.instance = life.record.key
        """Which instance."""

    def open(self, port: SessionPort) -> ServiceSession:
        """The client is there. An instance that has ended meanwhile closes it at once."""
        life, self._life = self._life, None
        assert life is not None
        return self._host.open(life, self.visitor, port, self._parameters)

    def release(self) -> None:
        """The client does not come; harmless when it has."""
        life, self._life = self._life, None
        if life is not None:
            self._host.leave(life)


class ServiceHost:
    """All on one loop, the one that turns when it is made."""

    def __init__(
        self,
        registry: ServiceRegistry,
        make_instance: InstanceFactory,
        monitor: Monitor,
        *,
        max_sessions: int = 4096,
    ) -> None:
        """`max_sessions`: that may be open at once."""
        self.registry = registry
        self.monitor = monitor
        self._make_instance = make_instance
        self._max_sessions = max_sessions
        self._loop = asyncio.get_running_loop()
        self._table = InstanceTable()
        self._lives: dict[InstanceKey, ServiceLife] = {}
        self._failures: OrderedDict[InstanceKey, str] = OrderedDict()
        self._idle: asyncio.TimerHandle | None = None
        self.rounds = MonitorRounds(monitor, self._running, self.overview)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._coming = 0
        """Clients whose instance starts, or that are about to open their session."""
        self.sessions = 0
        """How many are open."""

    # -- sessions

    async def admit(self, address: ServiceAddress, visitor: Visitor) -> ReservedSession:
        """Have an instance of `address`, whose service id was accepted, and keep it for a client until that has come.

        Raises `ServiceFailedError` where it does not start. Cancelling is safe: the start goes on for others.
        """
        service = address.service
        session_id = None if service.is_shared_service else visitor.session_id
        key = InstanceKey(*service.key, address.service_id, session_id)
        life = await self._have(key, service, visiting=True)
        return ReservedSession(self, life, visitor, address)

    @property
    def is_full(self) -> bool:
        """Whether no session can be opened now."""
        return self.sessions + self._coming >= self._max_sessions

    @staticmethod
    def new_session_id() -> str:
        """An id that nobody can guess."""
        return str(uuid4())

    def open(self, life: ServiceLife, visitor: Visitor, port: SessionPort, parameters: Any) -> ServiceSession:
        """See `ReservedSession.open`."""
        session = ServiceSession(
            visitor, life.instance, port, parameters, lambda session: self._session_ended(life, session)
        )
        self._coming -= 1
        if life.record.stage is not Stage.RUNNING:
            self._table.leave(life.record, self._loop.time())
            session.turn_away(RESTARTED, "the service has ended")
            return session
        self._table.open(life.record, visitor.session_id, visitor.app_name, self._loop.time())
        self.sessions += 1
        life.sessions[session.id] = session
        life.instance.open_session(visitor)
        return session

    def leave(self, life: ServiceLife) -> None:
        """See `ReservedSession.release`."""
        self._coming -= 1
        self._table.leave(life.record, self._loop.time())
        self._look_after(life)

    def _session_ended(self, life: ServiceLife, session: ServiceSession) -> None:
        del life.sessions[session.id]
        self.sessions -= 1
        self._table.close(life.record, session.id, self._loop.time())
        self._look_after(life)

    def _look_after(self, life: ServiceLife) -> None:
        """Somebody has left `life`."""
        record = life.record
        if record.key.session_id is not None and not record.sessions and not record.visits:
            self._stop_soon(life)
        self._watch_idle()

    # -- what runs

    async def start(
        self, workspace: str, service_name: str, service_id: str, *, by_hand: bool = True
    ) -> None:
        """Have an instance, which lives until it is stopped where it is started `by_hand`.

        Raises `ServiceFailedError`, and `ValueError` for a service that is not there, or not shared.
        """
        service = self.service(workspace, service_name)
        if not service.is_shared_service:
            raise ValueError(
                f"the service {service_name!r} is not shared: an instance of it starts with its session"
            )
        key = InstanceKey(workspace, service_name, service_id)
        if by_hand:
            self._table.keep(key)
        try:
            await self._have(key, service)
        except ServiceFailedError:
            self._table.forget(key)
            raise

    async def stop(self, workspace: str, service_name: str, service_id: str) -> bool:
        """End the instances of an id; whether there were any. Raises `ValueError` for a service that is not there."""
        self.service(workspace, service_name)
        key = InstanceKey(workspace, service_name, service_id)
        self._table.forget(key)
        for record in self._table.of_id(key):
            self._close_sessions(self._lives[record.key], "the service was stopped", STOPPED)
        return await self._stop_all(key)

    async def restart(self, workspace: str, service_name: str, service_id: str) -> bool:
        """End the instances of an id, and start one again if it is shared; False where none runs. Raises as `start`."""
        service = self.service(workspace, service_name)
        key = InstanceKey(workspace, service_name, service_id)
        if not await self._stop_all(key):
            return False
        if service.is_shared_service:
            await self._have(key, service)
        return True

    async def retire(self, service: RegisteredService) -> None:
        """End all instances of a service that was replaced or taken out."""
        lives = [life for life in self._lives.values() if life.record.service is service]
        await self._end_all(lives)

    def administer(self, action: str, workspace: str, service_name: str, service_id: str) -> None:
        """``"stop"`` or ``"restart"``, soon. Raises `ValueError`."""
        actions = {"stop": self.stop, "restart": self.restart}
        if action not in actions:
            raise ValueError(f"an action is 'stop' or 'restart', not {action!r}")
        self.service(workspace, service_name)
        task = self._loop.create_task(actions[action](workspace, service_name, service_id))
        self._keep(task)

    def service(self, workspace: str, name: str) -> RegisteredService:
        """The service of that name. Raises `ValueError`."""
        found = self.registry.service(workspace, name)
        if found is None:
            raise ValueError(f"there is no service {name!r} in the workspace {workspace!r}")
        return found

    async def close(self) -> None:
        """End all instances; no new one starts."""
        self._closed = True
        self.rounds.end()
        if self._idle is not None:
            self._idle.cancel()
        for life in list(self._lives.values()):
            for session in list(life.sessions.values()):
                session.close(GOING_AWAY, "the server has ended")
        await self._end_all(list(self._lives.values()))
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _have(
        self, key: InstanceKey, service: RegisteredService, *, visiting: bool = False
    ) -> ServiceLife:
        while True:
            life = self._lives.get(key)
            if life is not None and life.end is not None:
                await asyncio.wait([life.end])
                continue
            if self._closed:
                raise ServiceFailedError("the server has ended")
            if life is None:
                life = self._begin(key, service)
            if visiting:
                self._coming += 1
                self._table.visit(life.record)
            try:
                await asyncio.shield(life.up)
            except BaseException:
                if visiting:
                    self.leave(life)
                raise
            return life

    def _begin(self, key: InstanceKey, service: RegisteredService) -> ServiceLife:
        life = ServiceLife(self, self._table.begin(key, service), self._make_instance)
        self._lives[key] = life
        life.start = self._loop.create_task(self._start(life))
        self._keep(life.start)
        return life

    async def _start(self, life: ServiceLife) -> None:
        try:
            await life.instance.start()
        except ServiceFailedError as error:
            self._fail(life, error)
        except asyncio.CancelledError:
            self._forget(life)
            life.up.set_exception(ServiceFailedError("the service was stopped while it started"))
            raise
        except Exception as error:
            _logger.exception("an instance of %s could not be started", life.record.key.service)
            self._fail(life, ServiceFailedError(f"the service could not be started: {type(error).__name__}"))
        else:
            if life.end is not None:  # it was stopped in the very turn in which it came up
                life.up.set_exception(ServiceFailedError("the service was stopped while it started"))
                return
            self._failures.pop(life.record.key.shared, None)
            self._table.started(life.record, self._loop.time())
            life.up.set_result(None)
            self._watch_idle()

    def _fail(self, life: ServiceLife, error: ServiceFailedError) -> None:
        self._failures[life.record.key.shared] = str(error)
        while len(self._failures) > _FAILURES:
            self._failures.popitem(last=False)
        life.up.set_exception(error)
        self._forget(life)
        self._stop_soon(life)  # what it has begun is to end

    def tell_admin(self, instance: ServiceInstance) -> None:
        """Hand the overview to an instance that has just said that it wants it."""
        self.rounds.tell(instance)

    def lost(self, life: ServiceLife, reason: str) -> None:
        """See `InstanceEvents.ended`."""
        if life.end is None and self._lives.get(life.record.key) is life:
            _logger.warning("an instance of %s has ended: %s", life.record.key.service, foreign(reason))
            self._failures[life.record.key.shared] = reason
            self._close_sessions(life, reason)
            self._stop_soon(life)

    def _stop_soon(self, life: ServiceLife) -> asyncio.Task[None]:
        if life.end is None:
            self._table.stopping(life.record)
            life.end = self._loop.create_task(self._end(life))
            self._keep(life.end)
        return life.end

    async def _stop_all(self, key: InstanceKey) -> bool:
        lives = [self._lives[record.key] for record in self._table.of_id(key)]
        await self._end_all(lives)
        return bool(lives)

    async def _end_all(self, lives: list[ServiceLife]) -> None:
        ends = [self._stop_soon(life) for life in lives]
        if ends:
            await asyncio.wait(ends)

    async def _end(self, life: ServiceLife) -> None:
        try:
            if life.start is not None and not life.start.done():
                life.start.cancel()
                await asyncio.wait([life.start])
            self._close_sessions(life, "the service was stopped")
            async with asyncio.timeout(_GOODBYE):
                await life.instance.stop()
        except TimeoutError:
            _logger.error("an instance of %s does not end, and is left", life.record.key.service)  # noqa: TRY400
        except Exception:
            _logger.exception("an instance of %s did not end well", life.record.key.service)
        finally:
            self._forget(life)

    def _close_sessions(self, life: ServiceLife, reason: str, code: int = RESTARTED) -> None:
        for session in list(life.sessions.values()):
            session.close(code, reason[:100])

    def _forget(self, life: ServiceLife) -> None:
        self._table.ended(life.record)
        if self._lives.get(life.record.key) is life:
            del self._lives[life.record.key]
        self._watch_idle()

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.error("a service: %s", foreign(error))

    def _running(self) -> Iterator[tuple[InstanceKey, ServiceInstance]]:
        for life in list(self._lives.values()):
            if life.record.stage is Stage.RUNNING:
                yield life.record.key, life.instance

    # -- the idle time

    def _watch_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        due = self._table.next_due()
        if due is not None and not self._closed:
            self._idle = self._loop.call_at(due, self._end_idle)

    def _end_idle(self) -> None:
        self._idle = None
        for record in self._table.due(self._loop.time()):
            self._stop_soon(self._lives[record.key])
        self._watch_idle()

    # -- requests, and messages of other services

    async def answer(
        self, address: ServiceAddress, request: ServiceRequest, patience: float
    ) -> ServiceAnswer | None:
        """What an instance answers within `patience` seconds; None where none runs, or none of its handlers fits."""
        life = self._lives.get(self._key_of(address))
        if life is None or life.record.stage is not Stage.RUNNING:
            return None
        if life.requests >= _REQUESTS:
            busy = ServiceAnswer.refused(
                HTTPStatus.SERVICE_UNAVAILABLE, "too many requests wait for this service"
            )
            return ServiceAnswer(busy.status, busy.body, headers={"Retry-After": "1"})
        life.requests += 1
        try:
            async with asyncio.timeout(patience):
                return await life.instance.answer(request)
        except TimeoutError:
            text = f"the service did not answer within {patience:g} seconds"
            return ServiceAnswer.refused(HTTPStatus.GATEWAY_TIMEOUT, text)
        except ServiceFailedError as error:
            return ServiceAnswer.refused(HTTPStatus.BAD_GATEWAY, str(error))
        finally:
            life.requests -= 1

    def pass_on(self, sender: InstanceKey, workspace: str, app_name: str, service_id: str, data: Any) -> bool:
        """Hand `data` to the shared instance behind an app, if that runs and takes it; whether it does."""
        app = self.registry.app(workspace, app_name)
        service = None if app is None else self.registry.service_of(app)
        if service is None:
            return False
        life = self._lives.get(InstanceKey(*service.key, service_id))
        if (
            life is None
            or life.record.stage is not Stage.RUNNING
            or not life.instance.admits(sender.workspace)
        ):
            return False
        life.instance.receive_app_message(
            AppMessage(sender.workspace, sender.service, sender.service_id, data)
        )
        return True

    def _key_of(self, address: ServiceAddress) -> InstanceKey:
        """The instance that a request is for: of those that are not shared its address names the session."""
        first, _, rest = address.rest.partition("/")
        session_id = rest.partition("/")[0] if first == "session" else ""
        own = None if address.service.is_shared_service else session_id
        return InstanceKey(*address.service.key, address.service_id, own)

    # -- what is known

    def runs(self, address: ServiceAddress) -> bool:
        """Whether an instance of the service id of `address` runs."""
        key = InstanceKey(*address.service.key, address.service_id)
        return any(record.stage is Stage.RUNNING for record in self._table.of_id(key))

    def instance(self, address: ServiceAddress) -> ServiceInstance | None:
        """The shared instance of the service id of `address`, or the only one, if it runs."""
        key = InstanceKey(*address.service.key, address.service_id)
        running = [record for record in self._table.of_id(key) if record.stage is Stage.RUNNING]
        return self._lives[running[0].key].instance if len(running) == 1 else None

    def status(self, address: ServiceAddress) -> dict[str, Any] | str | None:
        """The status of a service id; why its last start failed; None where it does not run, and did not fail."""
        key = InstanceKey(*address.service.key, address.service_id)
        now = self._loop.time()
        found = [status(record, now) for record in self._table.of_id(key) if record.stage is Stage.RUNNING]
        if not found:
            return self._failures.get(key)
        return {
            "uptime": max(one["uptime"] for one in found),
            "session_count": sum(one["session_count"] for one in found),
        }

    def overview(self) -> dict[str, Any]:
        """What the admin page says."""
        return overview(self.registry, self._table, self.monitor, self._loop.time())

    def statuses(self, workspace: str) -> dict[str, Any]:
        """Service -> its instances that run; without apps."""
        found = self.overview().get(workspace, {})
        for entry in found.values():
            entry["apps"] = []
            entry["instances"] = {
                service_id: alive
                for service_id, infos in entry["instances"].items()
                if (alive := [info for info in infos if "stopped" not in info])
            }
        return {name: entry for name, entry in found.items() if entry["instances"]}
