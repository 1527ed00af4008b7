"""What is known of the instances of one host: which run, since when, and with whom."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from jupyter_trame.services.addresses import ServiceAddress
from jupyter_trame.services.instance import InstanceKey, ServiceInstance
from jupyter_trame.services.instances import Stage
from jupyter_trame.services.monitoring import Monitor, overview, status
from jupyter_trame.services.service_life import ServiceLife
from jupyter_trame.services.service_lives import ServiceLives
from jupyter_trame.services.service_registry import ServiceRegistry

__all__ = ["ServiceFacts"]


class ServiceFacts:
    """On the loop of a host, the one that turns when it is made."""

    def __init__(self, registry: ServiceRegistry, lives: ServiceLives, monitor: Monitor) -> None:
        self._registry = registry
        self._lives = lives
        self._monitor = monitor
        self._loop = asyncio.get_running_loop()

    def running(self) -> Iterator[tuple[InstanceKey, ServiceInstance]]:
        """All instances that run."""
        for life in self._lives:
            if life.record.stage is Stage.RUNNING:
                yield life.record.key, life.instance

    def runs(self, address: ServiceAddress) -> bool:
        """Whether an instance of the service id of `address` runs."""
        return bool(self._of(address))

    def an_instance(self, address: ServiceAddress) -> ServiceInstance | None:
        """The shared instance of the service id of `address`, or that of any session, if there is one that runs."""
        return next((life.instance for life in self._of(address)), None)

    def status(self, address: ServiceAddress) -> dict[str, Any] | str | None:
        """The status of a service id; why its last start failed; None where it does not run, and did not fail."""
        now = self._loop.time()
        found = [status(life.record, now) for life in self._of(address)]
        if not found:
            return self._lives.failures.get(InstanceKey(*address.service.key, address.service_id))
        return {
            "uptime": max(one["uptime"] for one in found),
            "session_count": sum(one["session_count"] for one in found),
        }

    def overview(self) -> dict[str, Any]:
        """What the admin page says."""
        return overview(self._registry, self._lives.table, self._monitor, self._loop.time())

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

    def _of(self, address: ServiceAddress) -> list[ServiceLife]:
        """Those of the service id of `address` that run."""
        key = InstanceKey(*address.service.key, address.service_id)
        return [life for life in self._lives.of_id(key) if life.record.stage is Stage.RUNNING]
