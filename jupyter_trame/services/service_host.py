"""The services of one host: who is let in to which instance, and which start and end because somebody says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from jupyter_trame.services.addresses import ServiceAddress
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.id_expressions import IdExpressions
from jupyter_trame.services.instance import (
    InstanceFactory,
    InstanceKey,
    ServiceFailedError,
    ServiceInstance,
)
from jupyter_trame.services.instances import Stage
from jupyter_trame.services.monitor_rounds import MonitorRounds
from jupyter_trame.services.monitoring import Monitor
from jupyter_trame.services.service_facts import ServiceFacts
from jupyter_trame.services.service_life import ServiceLife
from jupyter_trame.services.service_lives import ServiceLives
from jupyter_trame.services.service_messages import Visitor
from jupyter_trame.services.service_registry import ServiceRegistry
from jupyter_trame.services.service_session import (
    GOING_AWAY,
    RESTARTED,
    STOPPED,
    ServiceSession,
    SessionPort,
)
from jupyter_trame.services.service_traffic import ServiceTraffic

__all__ = ["ReservedSession", "ServiceHost", "TooManySessionsError"]


class TooManySessionsError(ServiceFailedError):
    """A client came when as many sessions were open as may be."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 10


class ReservedSession:
    """A client whose instance runs, and that is about to open its session. One of `open` and `release` follows."""

    def __init__(
        self, host: ServiceHost, life: ServiceLife, visitor: Visitor, address: ServiceAddress
    ) -> None:
        self._host = host
        self._life: ServiceLife | None = life
        self._parameters = {} if address.app is None else address.app.app_parameters
        self.visitor = visitor
        self.key = life.record.key
        """Which instance."""
        self.instance = life.instance

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
        max_instances: int = 1024,
    ) -> None:
        """`max_sessions`: that may be open at once. `max_instances`: from which on pages start no more of them."""
        self.registry = registry
        self.monitor = monitor
        self._max_sessions = max_sessions
        self._loop = asyncio.get_running_loop()
        self._lives = ServiceLives(self, make_instance, max_instances)
        self.traffic = ServiceTraffic(registry, self._lives)
        self.known = ServiceFacts(registry, self._lives, monitor)
        self.rounds = MonitorRounds(monitor, self.known.running, self.known.overview)
        self.expressions = IdExpressions()
        self.sessions = 0
        """How many are open."""

    # -- sessions

    async def admit(self, address: ServiceAddress, visitor: Visitor) -> ReservedSession:
        """Have an instance of `address`, whose service id was accepted, and keep it for a client until that has come.

        Raises `ServiceFailedError` where it does not start, or nobody more is let in. Cancelling is safe: the start
        goes on for others.
        """
        service = address.service
        objection = self._full()
        if objection is not None:
            raise objection
        life = await self._lives.have(self._key(address, visitor.session_id), service, visiting=True)
        return ReservedSession(self, life, visitor, address)

    def objection(self, address: ServiceAddress) -> ServiceFailedError | None:
        """Why a client of `address` would not be let in now; None where it would, as far as is known."""
        return self._full() or self._lives.objection(self._key(address, ""), address.service)

    @staticmethod
    def new_session_id() -> str:
        """An id that nobody can guess."""
        return str(uuid4())

    def open(self, life: ServiceLife, visitor: Visitor, port: SessionPort, parameters: Any) -> ServiceSession:
        """See `ReservedSession.open`."""
        session = ServiceSession(
            visitor, life.instance, port, parameters, lambda session: self._session_ended(life, session)
        )
        table = self._lives.table
        self._lives.coming -= 1
        if life.record.stage is not Stage.RUNNING:
            table.leave(life.record, self._loop.time())
            session.turn_away(RESTARTED, "the service has ended")
            return session
        table.open(life.record, visitor.session_id, visitor.app_name, self._loop.time())
        self.sessions += 1
        life.sessions[session.id] = session
        life.instance.open_session(visitor)
        return session

    def leave(self, life: ServiceLife) -> None:
        """See `ReservedSession.release`."""
        self._lives.leave(life)

    def _session_ended(self, life: ServiceLife, session: ServiceSession) -> None:
        del life.sessions[session.id]
        self.sessions -= 1
        self._lives.table.close(life.record, session.id, self._loop.time())
        self._lives.look_after(life)

    def _full(self) -> TooManySessionsError | None:
        is_full = self.sessions + self._lives.coming >= self._max_sessions
        return TooManySessionsError("too many sessions are open") if is_full else None

    @staticmethod
    def _key(address: ServiceAddress, session_id: str) -> InstanceKey:
        """Which instance a session is for."""
        own = None if address.service.is_shared_service else session_id
        return InstanceKey(*address.service.key, address.service_id, own)

    # -- what is to run

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
            self._lives.table.keep(key)
        try:
            await self._lives.have(key, service)
        except ServiceFailedError:
            self._lives.table.forget(key)
            raise

    async def start_fixed(
        self, owners: Collection[str], on_failed: Callable[[InstanceKey, ServiceFailedError], object]
    ) -> None:
        """Start the shared services of `owners` that have one id, all at once; `on_failed` hears of what does not."""

        async def start(service: RegisteredService, service_id: str) -> None:
            key = InstanceKey(*service.key, service_id)
            try:
                await self._lives.have(key, service)
            except ServiceFailedError as error:
                on_failed(key, error)

        await asyncio.gather(
            *(
                start(service, service.fixed_service_id)
                for service in self.registry.services
                if service.owner in owners
                and service.is_shared_service
                and service.fixed_service_id is not None
            )
        )

    async def stop(self, workspace: str, service_name: str, service_id: str) -> bool:
        """End the instances of an id; whether there were any. Raises `ValueError` for a service that is not there."""
        self.service(workspace, service_name)
        key = InstanceKey(workspace, service_name, service_id)
        self._lives.table.forget(key)
        for life in self._lives.of_id(key):
            life.close_sessions(STOPPED, "the service was stopped")
        return await self._end(key)

    async def restart(self, workspace: str, service_name: str, service_id: str) -> bool:
        """End the instances of an id, and start one again if it is shared; False where none runs. Raises as `start`."""
        service = self.service(workspace, service_name)
        key = InstanceKey(workspace, service_name, service_id)
        if not await self._end(key):
            return False
        if service.is_shared_service:
            await self._lives.have(key, service)
        return True

    async def retire(self, service: RegisteredService) -> None:
        """End all instances of a service that was replaced or taken out."""
        await self._lives.end_all([life for life in self._lives if life.record.service is service])

    def service(self, workspace: str, name: str) -> RegisteredService:
        """The service of that name. Raises `ValueError`."""
        found = self.registry.service(workspace, name)
        if found is None:
            raise ValueError(f"there is no service {name!r} in the workspace {workspace!r}")
        return found

    async def close(self) -> None:
        """End all instances; no new one starts."""
        self.rounds.end()
        for life in self._lives:
            life.close_sessions(GOING_AWAY, "the server has ended")
        self.expressions.close()
        await self._lives.close()

    async def _end(self, key: InstanceKey) -> bool:
        lives = self._lives.of_id(key)
        await self._lives.end_all(lives)
        return bool(lives)

    # -- see `LifeHost`

    def administer(self, action: str, workspace: str, service_name: str, service_id: str) -> None:
        """``"stop"`` or ``"restart"``, soon. Raises `ValueError`."""
        actions = {"stop": self.stop, "restart": self.restart}
        if action not in actions:
            raise ValueError(f"an action is 'stop' or 'restart', not {action!r}")
        self.service(workspace, service_name)
        self._lives.keep(self._loop.create_task(actions[action](workspace, service_name, service_id)))

    def pass_on(self, sender: InstanceKey, workspace: str, app_name: str, service_id: str, data: Any) -> bool:
        """See `ServiceTraffic.pass_on`."""
        return self.traffic.pass_on(sender, workspace, app_name, service_id, data)

    def tell_admin(self, instance: ServiceInstance) -> None:
        """Hand the overview to an instance that has just said that it wants it."""
        self.rounds.tell(instance)

    def lost(self, life: ServiceLife, reason: str) -> None:
        """See `InstanceEvents.ended`."""
        self._lives.lost(life, reason)
