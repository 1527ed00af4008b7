"""Requests for the instances of one host, and messages from one to another."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from jupyter_trame.services.addresses import ServiceAddress
from jupyter_trame.services.instance import InstanceKey, ServiceFailedError
from jupyter_trame.services.service_lives import ServiceLives
from jupyter_trame.services.service_messages import AppMessage, ServiceAnswer, ServiceRequest
from jupyter_trame.services.service_registry import ServiceRegistry

__all__ = ["ServiceTraffic"]

_REQUESTS = 256
"""Requests of an instance that may wait for an answer."""


class ServiceTraffic:
    """On the loop of a host."""

    def __init__(self, registry: ServiceRegistry, lives: ServiceLives) -> None:
        self._registry = registry
        self._lives = lives

    async def answer(
        self, address: ServiceAddress, request: ServiceRequest, patience: float
    ) -> ServiceAnswer | None:
        """What an instance answers within `patience` seconds; None where none runs, or none of its handlers fits."""
        life = self._lives.running(_key_of(address))
        if life is None:
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
        app = self._registry.app(workspace, app_name)
        service = None if app is None else self._registry.service_of(app)
        life = None if service is None else self._lives.running(InstanceKey(*service.key, service_id))
        if life is None or not life.instance.admits(sender.workspace):
            return False
        life.instance.receive_app_message(
            AppMessage(sender.workspace, sender.service, sender.service_id, data)
        )
        return True


def _key_of(address: ServiceAddress) -> InstanceKey:
    """The instance that a request is for: of those that are not shared its address names the session."""
    first, _, rest = address.rest.partition("/")
    session_id = rest.partition("/")[0] if first == "session" else ""
    own = None if address.service.is_shared_service else session_id
    return InstanceKey(*address.service.key, address.service_id, own)
