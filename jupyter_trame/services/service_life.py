"""One instance from its start to its end, as its host keeps it: its sessions, and what the instance says."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from jupyter_trame.services.instance import InstanceFactory, InstanceKey, ServiceInstance
from jupyter_trame.services.instances import InstanceRecord
from jupyter_trame.services.service_messages import Message
from jupyter_trame.services.service_session import ServiceSession

__all__ = ["LifeHost", "ServiceLife"]


class LifeHost(Protocol):
    """What a life tells its host, on the host's loop."""

    def pass_on(self, sender: InstanceKey, workspace: str, app_name: str, service_id: str, data: Any) -> bool:
        """See `ServiceTraffic.pass_on`."""

    def administer(self, action: str, workspace: str, service_name: str, service_id: str) -> None:
        """See `ServiceHost.administer`."""

    def tell_admin(self, instance: ServiceInstance) -> None:
        """See `ServiceHost.tell_admin`."""

    def lost(self, life: ServiceLife, reason: str) -> None:
        """See `ServiceHost.lost`."""


class ServiceLife:
    """One instance, from its start to its end, with its sessions. It is what the instance tells its host by."""

    def __init__(self, host: LifeHost, record: InstanceRecord, make: InstanceFactory) -> None:
        self.host = host
        self.record = record
        self.sessions: dict[str, ServiceSession] = {}
        """Those that are open, by id."""
        self.requests = 0
        """Those that wait for an answer."""
        self.up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when it runs; its exception is why it does not."""
        self.up.add_done_callback(lambda up: up.exception())  # there may be nobody who waits
        self.start: asyncio.Task[None] | None = None
        self.end: asyncio.Task[None] | None = None
        """None until it is to end."""
        self.instance: ServiceInstance = make(record.key, record.service, self)

    def close_sessions(self, code: int, reason: str) -> None:
        """Say goodbye to all pages, for whom their sessions end now."""
        for session in list(self.sessions.values()):
            session.close(code, reason[:100])

    # -- see `InstanceEvents`

    def send(
        self, message: Message, for_session_id: str | None = None, except_session_id: str | None = None
    ) -> None:
        """See `InstanceEvents`."""
        text = isinstance(message, str)
        data = message.encode() if isinstance(message, str) else message
        if for_session_id is not None:
            session = self.sessions.get(for_session_id)
            if session is not None:
                session.send(data, text=text)
            return
        for session in list(self.sessions.values()):
            if session.id != except_session_id:
                session.send(data, text=text)

    def session_opened(self, session_id: str) -> None:
        """See `InstanceEvents`."""
        session = self.sessions.get(session_id)
        if session is not None:
            session.greet()

    def send_to_app(self, workspace: str, app_name: str, service_id: str, data: Any) -> bool:
        """See `InstanceEvents`."""
        return self.host.pass_on(self.record.key, workspace, app_name, service_id, data)

    def administer(self, action: str, workspace: str, service: str, service_id: str) -> None:
        """See `InstanceEvents`."""
        self.host.administer(action, workspace, service, service_id)

    def admin_listening(self) -> None:
        """See `InstanceEvents`."""
        asyncio.get_running_loop().call_soon(self.host.tell_admin, self.instance)

    def ended(self, reason: str) -> None:
        """See `InstanceEvents`."""
        self.host.lost(self, reason)
