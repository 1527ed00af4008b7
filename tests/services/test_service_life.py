"""What an instance says reaches its sessions and its host; orders of events are in test_service_host.py."""

from typing import Any

import pytest

from jupyter_trame.services.instance import InstanceKey
from jupyter_trame.services.instances import InstanceRecord
from jupyter_trame.services.service_life import ServiceLife
from jupyter_trame.services.service_messages import Visitor
from jupyter_trame.services.service_session import ServiceSession
from tests.services.support import FakeInstance, FakePort, run, service, turns

KEY = InstanceKey("w", "service", "x")


class FakeHost:
    """See `LifeHost`: what was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def pass_on(self, *args: Any) -> bool:
        self.told.append(args)
        return True

    def administer(self, *args: Any) -> None:
        self.told.append(args)

    def tell_admin(self, instance: Any) -> None:
        self.told.append(instance)

    def lost(self, life: Any, reason: str) -> None:
        self.told.append((life, reason))


def test_what_it_says() -> None:
    async def scenario() -> None:
        host = FakeHost()
        life = ServiceLife(host, InstanceRecord(KEY, service()), FakeInstance)
        ports = {}
        for name in ("s1", "s2"):
            port = ports[name] = FakePort()
            life.sessions[name] = ServiceSession(
                Visitor(name, "app"), life.instance, port, {}, lambda _: None
            )
            life.session_opened(name)
        life.session_opened("nobody")
        life.send("all")
        life.send(b"one", "s1")
        life.send("other", None, "s1")
        life.send("nobody", "s3")
        assert [port.sent[1:] for port in ports.values()] == [["all", b"one"], ["all", "other"]]
        assert life.send_to_app("v", "app", "y", 1) is True
        life.administer("stop", "w", "service", "x")
        life.ended("it broke")
        life.admin_listening()
        await turns()
        assert host.told == [
            (KEY, "v", "app", "y", 1),
            ("stop", "w", "service", "x"),
            (life, "it broke"),
            life.instance,
        ]

    run(scenario)


def test_a_start_that_nobody_waits_for_may_fail() -> None:
    async def scenario() -> None:
        life = ServiceLife(FakeHost(), InstanceRecord(KEY, service()), FakeInstance)
        life.up.set_exception(ValueError("no"))
        await turns()
        with pytest.raises(ValueError, match="no"):
            await life.up

    run(scenario)
