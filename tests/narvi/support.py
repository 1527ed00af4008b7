"""Instances of services for tests, without a host."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_trame.services.instance import InstanceKey
from jupyter_trame.services.service_messages import Message, Visitor

TIMEOUT = 20.0
KEY = InstanceKey("w", "service", "x")


class FakeEvents:
    """See `InstanceEvents`: what was told."""

    def __init__(self) -> None:
        self.sent: list[tuple[Message, str | None, str | None]] = []
        self.opened: list[str] = []
        self.to_apps: list[tuple[str, str, str, Any]] = []
        self.administered: list[tuple[str, str, str, str]] = []
        self.admin = 0
        self.reasons: list[str] = []

    def send(
        self, message: Message, for_session_id: str | None = None, except_session_id: str | None = None
    ) -> None:
        self.sent.append((message, for_session_id, except_session_id))

    def session_opened(self, session_id: str) -> None:
        self.opened.append(session_id)

    def send_to_app(self, workspace: str, app_name: str, service_id: str, data: Any) -> bool:
        self.to_apps.append((workspace, app_name, service_id, data))
        return True

    def administer(self, action: str, workspace: str, service: str, service_id: str) -> None:
        self.administered.append((action, workspace, service, service_id))

    def admin_listening(self) -> None:
        self.admin += 1

    def ended(self, reason: str) -> None:
        self.reasons.append(reason)


def visitor(session_id: str = "s1", app_name: str = "app", **options: Any) -> Visitor:
    return Visitor(session_id, app_name, **options)


async def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread brings about."""
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run `scenario`, within the time that a test may take."""

    async def main() -> None:
        async with asyncio.timeout(TIMEOUT):
            await scenario()

    asyncio.run(main())
