"""An instance of a service as its host sees it, wherever it runs: in this process, or in a kernel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from jupyter_trame.errors import TrameError
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.service_messages import (
    AppMessage,
    Message,
    ServiceAnswer,
    ServiceRequest,
    Visitor,
)

__all__ = ["InstanceEvents", "InstanceFactory", "InstanceKey", "ServiceFailedError", "ServiceInstance"]


class ServiceFailedError(TrameError):
    """An instance could not be started, or has ended where it was needed; the text is the reason, for whoever asks."""

    status = HTTPStatus.BAD_GATEWAY
    """What a request gets that needed it."""
    retry_after: int | None = None
    """Seconds after which it may be otherwise."""


@dataclass(frozen=True, slots=True)
class InstanceKey:
    """Which instance."""

    workspace: str
    service: str
    service_id: str
    session_id: str | None = None
    """The only session of an instance that is not shared."""

    @property
    def shared(self) -> InstanceKey:
        """The key without the session."""
        return InstanceKey(self.workspace, self.service, self.service_id)


class InstanceEvents(Protocol):
    """What an instance tells its host. Any thread, unless it is said."""

    def send(
        self, message: Message, for_session_id: str | None = None, except_session_id: str | None = None
    ) -> None:
        """Send `message` to one session, to all but one, or to all; `for_session_id` goes before the other."""

    def session_opened(self, session_id: str) -> None:
        """The open listeners have run: the page is greeted, then gets what they sent."""

    def send_to_app(self, workspace: str, app_name: str, service_id: str, data: Any) -> bool:
        """Hand `data` to another instance; whether there is one that takes it. It may block: never on the loop."""

    def administer(self, action: str, workspace: str, service: str, service_id: str) -> None:
        """``"stop"`` or ``"restart"`` an instance, soon; what does not exist is let be. Raises `ValueError`."""

    def admin_listening(self) -> None:
        """The instance has a listener for the overview now, and wants to hear it."""

    def ended(self, reason: str) -> None:
        """The instance has ended by itself, and nothing more is to be asked of it. On the host's loop."""


class ServiceInstance(ABC):
    """One instance. Everything is called on the host's loop, and returns at once or is awaited; nothing blocks."""

    metrics_metadata: Mapping[str, Any] | None = None
    """How the metrics are drawn; None: there are none."""
    listens_to_admin = False
    """Whether it wants the overview at each round of the monitor."""

    @abstractmethod
    async def start(self) -> None:
        """Run, so that sessions can be opened. Raises `ServiceFailedError`; cancelling ends what began."""

    @abstractmethod
    def open_session(self, visitor: Visitor) -> None:
        """A page has come. `InstanceEvents.session_opened` follows when the open listeners have run."""

    @abstractmethod
    def close_session(self, session_id: str) -> None:
        """A page has gone: close listeners run, and request services of that session go."""

    @abstractmethod
    def receive(self, session_id: str, message: Message) -> Awaitable[None] | None:
        """Hand a message of a page to the listeners. What to wait for before the next one is read; None: nothing."""

    @abstractmethod
    async def answer(self, request: ServiceRequest) -> ServiceAnswer | None:
        """What the first request service that fits answers; None where none does. Raises `ServiceFailedError`.

        Cancelling gives the answer up; the handler goes on.
        """

    @abstractmethod
    def admits(self, from_workspace: str) -> bool:
        """Whether it takes messages of services of `from_workspace`."""

    @abstractmethod
    def receive_app_message(self, message: AppMessage) -> None:
        """Another service says something."""

    @abstractmethod
    async def metrics(self) -> Mapping[str, Any] | None:
        """What its metrics callback returns; None where it has none, raised, or has not returned from the last call."""

    @abstractmethod
    def receive_admin(self, overview: Mapping[str, Any]) -> None:
        """The monitor has been round."""

    @abstractmethod
    async def stop(self) -> None:
        """Run the close listeners of the app and end; returns when it has. Its sessions were closed before.

        Again is harmless. Cancelling leaves it to end by itself.
        """


class InstanceFactory(Protocol):
    """What a host makes instances with; on its loop."""

    def __call__(
        self, key: InstanceKey, service: RegisteredService, events: InstanceEvents, /
    ) -> ServiceInstance: ...
