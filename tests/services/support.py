"""Services, apps and instances for tests of the core."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_trame.services.addresses import ServiceAddress, meaning
from jupyter_trame.services.entries import RegisteredService, ServiceApp
from jupyter_trame.services.instance import InstanceEvents, InstanceKey, ServiceInstance
from jupyter_trame.services.monitoring import Monitor
from jupyter_trame.services.service_host import ReservedSession, ServiceHost
from jupyter_trame.services.service_messages import (
    AppMessage,
    Message,
    ServiceAnswer,
    ServiceRequest,
    Visitor,
)
from jupyter_trame.services.service_registry import ServiceRegistry
from jupyter_trame.services.service_session import ServiceSession

CLASS = "package.module.Class"


def service(name: str = "service", workspace: str = "w", **options: Any) -> RegisteredService:
    return RegisteredService(workspace=workspace, app_service_name=name, **{"app_cls_name": CLASS, **options})


def app(name: str = "app", of: str = "service", workspace: str = "w", **options: Any) -> ServiceApp:
    return ServiceApp(workspace=workspace, app_name=name, service_name=of, **options)


def registry_with(*entries: Any, **options: Any) -> ServiceRegistry:
    found = ServiceRegistry(**options)
    for entry in entries:
        if isinstance(entry, RegisteredService):
            found.add_service(entry)
        elif isinstance(entry, ServiceApp):
            found.add_app(entry)
        else:
            found.add_redirection(entry)
    return found


class FakeInstance(ServiceInstance):
    """An instance of a test: what it was asked, and what the test lets it do."""

    def __init__(self, key: InstanceKey, registered: RegisteredService, events: InstanceEvents) -> None:
        self.key = key
        self.events = events
        self.calls: list[tuple[Any, ...]] = []
        self.may_start = asyncio.Event()
        self.may_start.set()
        self.may_stop = asyncio.Event()
        self.may_stop.set()
        self.fails: Exception | None = None
        self.answers: Any = None
        self.found_metrics: Any = None
        self.admitted: set[str] = set()

    async def start(self) -> None:
        self.calls.append(("start",))
        await self.may_start.wait()
        if self.fails is not None:
            raise self.fails

    def open_session(self, visitor: Visitor) -> None:
        self.calls.append(("open", visitor.session_id))
        self.events.session_opened(visitor.session_id)

    def close_session(self, session_id: str) -> None:
        self.calls.append(("close", session_id))

    def receive(self, session_id: str, message: Message) -> None:
        self.calls.append(("receive", session_id, message))

    async def answer(self, request: ServiceRequest) -> ServiceAnswer | None:
        self.calls.append(("answer", request))
        found = self.answers
        return await found(request) if callable(found) else found

    def admits(self, from_workspace: str) -> bool:
        return from_workspace in self.admitted

    def receive_app_message(self, message: AppMessage) -> None:
        self.calls.append(("app message", message))

    async def metrics(self) -> Any:
        found = self.found_metrics
        if isinstance(found, Exception):
            raise found
        return await found.wait() if isinstance(found, asyncio.Event) else found

    def receive_admin(self, overview: Any) -> None:
        self.calls.append(("admin", overview))

    async def stop(self) -> None:
        self.calls.append(("stop",))
        await self.may_stop.wait()

    def count(self, what: str) -> int:
        return sum(call[0] == what for call in self.calls)


class FakePort:
    """See `SessionPort`: what was sent."""

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []
        self.closed: tuple[int, str] | None = None

    def send(self, data: bytes, *, text: bool) -> None:
        self.sent.append(data.decode() if text else data)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


class Hosted:
    """A host of fake instances; made on a loop."""

    def __init__(self, *entries: Any, monitor: Monitor | None = None, **options: Any) -> None:
        self.registry = registry_with(*entries)
        self.made: list[FakeInstance] = []
        self.prepare: Callable[[FakeInstance], object] = lambda _: None
        """Called with each instance before it starts."""
        self.monitor = monitor or Monitor(None, None, logging.getLogger("monitor"))
        self.host = ServiceHost(self.registry, self._make, self.monitor, **options)
        self._sessions = itertools.count(1)

    def _make(self, key: InstanceKey, service: RegisteredService, events: InstanceEvents) -> FakeInstance:
        instance = FakeInstance(key, service, events)
        self.prepare(instance)
        self.made.append(instance)
        return instance

    def address(self, service_id: str = "x", rest: str = "connect", app_name: str = "app") -> ServiceAddress:
        found = meaning(self.registry, f"/narvi/w/{app_name}/{service_id}/{rest}")
        assert isinstance(found, ServiceAddress)
        return found

    async def admit(self, service_id: str = "x") -> ReservedSession:
        visitor = Visitor(f"s{next(self._sessions)}", "app")
        return await self.host.admit(self.address(service_id), visitor)

    async def join(self, service_id: str = "x") -> tuple[ServiceSession, FakePort]:
        port = FakePort()
        return (await self.admit(service_id)).open(port), port


async def turns(count: int = 5) -> None:
    """Let the loop turn."""
    for _ in range(count):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object]) -> None:
    """Wait for what the loop brings about."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.002)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run `scenario` on a loop of its own."""

    async def main() -> None:
        async with asyncio.timeout(30):
            await scenario()

    asyncio.run(main())
