"""The instances of one host while they live: each is started once, and ends when it is idle, stopped or dead."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

from jupyter_trame.log_text import foreign
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import InstanceFactory, InstanceKey, ServiceFailedError
from jupyter_trame.services.instances import InstanceTable, Stage
from jupyter_trame.services.service_life import LifeHost, ServiceLife
from jupyter_trame.services.service_session import RESTARTED

__all__ = ["ServiceLives", "TooManyInstancesError"]

_logger = logging.getLogger("jupyter_trame.narvi")

_GOODBYE = 10.0
"""Seconds in which the code of an instance has to end; then its host goes on without it."""
_FAILURES = 100
"""Starts that have failed and are remembered, for pages that ask why."""


class TooManyInstancesError(ServiceFailedError):
    """A page asked for an instance that does not run, and as many run as may."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 10


class ServiceLives:
    """All on one loop, the one that turns when it is made."""

    def __init__(self, host: LifeHost, make_instance: InstanceFactory, most: int) -> None:
        """`most`: instances from which pages start no more."""
        self.table = InstanceTable()
        self.failures: OrderedDict[InstanceKey, str] = OrderedDict()
        """Why the last start of a service id failed."""
        self.coming = 0
        """Clients whose instance starts, or that are about to open their session."""
        self._host = host
        self._make_instance = make_instance
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._lives: dict[InstanceKey, ServiceLife] = {}
        self._idle: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    # -- which there are

    def __iter__(self) -> Iterator[ServiceLife]:
        return iter(list(self._lives.values()))

    def of_id(self, key: InstanceKey) -> list[ServiceLife]:
        """All of a service id: one that is shared, or one for each session."""
        return [self._lives[record.key] for record in self.table.of_id(key)]

    def running(self, key: InstanceKey) -> ServiceLife | None:
        """That of `key`, if it runs."""
        life = self._lives.get(key)
        return life if life is not None and life.record.stage is Stage.RUNNING else None

    def objection(self, key: InstanceKey, service: RegisteredService) -> TooManyInstancesError | None:
        """Why no page may start the instance of `key`; None where it may, or need not."""
        is_expected = service.is_shared_service and service.fixed_service_id is not None
        if is_expected or key in self._lives or len(self._lives) < self._most:
            return None
        return TooManyInstancesError("too many services run here")

    # -- how they begin

    async def have(
        self, key: InstanceKey, service: RegisteredService, *, visiting: bool = False
    ) -> ServiceLife:
        """One that runs. `visiting`: for a client, for whom it stays until `leave`, or until its session has opened.

        Raises `ServiceFailedError` where it does not start. Cancelling is safe: the start goes on for others.
        """
        while True:
            life = self._lives.get(key)
            if life is not None and life.end is not None:
                await asyncio.wait([life.end])
                continue
            if self._closed:
                raise ServiceFailedError("the server has ended")
            if life is None:
                objection = self.objection(key, service) if visiting else None
                if objection is not None:
                    raise objection
                life = self._begin(key, service)
            if visiting:
                self.coming += 1
                self.table.visit(life.record)
            try:
                await asyncio.shield(life.up)
            except BaseException:
                if visiting:
                    self.leave(life)
                raise
            return life

    def leave(self, life: ServiceLife) -> None:
        """A client who was about to come does not."""
        self.coming -= 1
        self.table.leave(life.record, self._loop.time())
        self.look_after(life)

    def look_after(self, life: ServiceLife) -> None:
        """Somebody has left `life`."""
        record = life.record
        if record.key.session_id is not None and not record.sessions and not record.visits:
            self.end_soon(life)
        self._watch_idle()

    def _begin(self, key: InstanceKey, service: RegisteredService) -> ServiceLife:
        life = ServiceLife(self._host, self.table.begin(key, service), self._make_instance)
        self._lives[key] = life
        life.start = self._loop.create_task(self._start(life))
        self.keep(life.start)
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
            self.failures.pop(life.record.key.shared, None)
            self.table.started(life.record, self._loop.time())
            life.up.set_result(None)
            self._watch_idle()

    def _fail(self, life: ServiceLife, error: ServiceFailedError) -> None:
        self._remember(life, str(error))
        life.up.set_exception(error)
        self._forget(life)
        self.end_soon(life)  # what it has begun is to end

    def _remember(self, life: ServiceLife, reason: str) -> None:
        self.failures[life.record.key.shared] = reason
        while len(self.failures) > _FAILURES:
            self.failures.popitem(last=False)

    # -- how they end

    def lost(self, life: ServiceLife, reason: str) -> None:
        """See `InstanceEvents.ended`."""
        if life.end is None and self._lives.get(life.record.key) is life:
            _logger.warning("an instance of %s has ended: %s", life.record.key.service, foreign(reason))
            self._remember(life, reason)
            life.close_sessions(RESTARTED, reason)
            self.end_soon(life)

    def end_soon(self, life: ServiceLife) -> asyncio.Task[None]:
        """Begin to end `life`, if that has not begun; the task is done when it has ended."""
        if life.end is None:
            self.table.stopping(life.record)
            life.end = self._loop.create_task(self._end(life))
            self.keep(life.end)
        return life.end

    async def end_all(self, lives: Iterable[ServiceLife]) -> None:
        """End `lives`, all at once. Cancelling leaves them to end by themselves."""
        ends = [self.end_soon(life) for life in lives]
        if ends:
            await asyncio.wait(ends)

    async def close(self) -> None:
        """End all instances; no new one starts."""
        self._closed = True
        if self._idle is not None:
            self._idle.cancel()
        await self.end_all(self)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _end(self, life: ServiceLife) -> None:
        try:
            if life.start is not None and not life.start.done():
                life.start.cancel()
                await asyncio.wait([life.start])
            life.close_sessions(RESTARTED, "the service was stopped")
            async with asyncio.timeout(_GOODBYE):
                await life.instance.stop()
        except TimeoutError:
            _logger.error("an instance of %s does not end, and is left", life.record.key.service)  # noqa: TRY400
        except Exception:
            _logger.exception("an instance of %s did not end well", life.record.key.service)
        finally:
            self._forget(life)

    def _forget(self, life: ServiceLife) -> None:
        self.table.ended(life.record)
        if self._lives.get(life.record.key) is life:
            del self._lives[life.record.key]
        self._watch_idle()

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Have `task` end with the host; what it raises is logged."""
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.error("a service: %s", foreign(error))

    # -- the idle time

    def _watch_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        due = self.table.next_due()
        if due is not None and not self._closed:
            self._idle = self._loop.call_at(due, self._end_idle)

    def _end_idle(self) -> None:
        self._idle = None
        for record in self.table.due(self._loop.time()):
            self.end_soon(self._lives[record.key])
        self._watch_idle()
