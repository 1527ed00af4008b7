"""Service ids that a regular expression decides on: anybody may name any id, and none may keep the host waiting."""

from __future__ import annotations

import asyncio
import contextlib

from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.system.expression_process import ExpressionProcess

__all__ = ["IdExpressions"]


class IdExpressions:
    """They belong to one host, on whose loop all is called. Each service has a process of its own while it is asked."""

    def __init__(self) -> None:
        self._processes: dict[tuple[str, str], ExpressionProcess] = {}

    async def accept(self, service: RegisteredService, service_id: str) -> bool:
        """Whether the expression of `service` fits `service_id`; not if that takes too long. Cancelling is safe."""
        expression = service.id_rule.expression
        assert expression is not None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool | None] = loop.create_future()

        def settle(found: bool | None) -> None:
            if not answer.done():
                answer.set_result(found)

        def tell(found: bool | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(settle, found)

        process = self._processes.setdefault(service.key, ExpressionProcess())
        process.ask(expression, service_id, tell, answer.done)
        found = await answer
        if found is None:
            service.complaints.warn(
                "the expression of service %s takes too long over some service ids, which counts as refused",
                service.app_service_name,
            )
        return found is True

    def close(self) -> None:
        """End the processes, soon."""
        for process in self._processes.values():
            process.close()
