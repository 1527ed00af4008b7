"""The loop of a host: how it begins, and that it ends."""

import asyncio
import logging
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.narvi import local_life as module
from jupyter_trame.narvi.local_gate import LocalGate
from jupyter_trame.narvi.local_life import LocalLife, LocalSettings, start_first
from jupyter_trame.services.instance import InstanceKey, ServiceFailedError
from jupyter_trame.services.monitoring import Monitor
from jupyter_trame.services.service_registry import ServiceRegistry
from tests.narvi.support import run
from tests.services.support import Hosted, service


def make(port: int = 0, first: Any = None) -> LocalLife:
    async def nothing(_: Any) -> None:
        pass

    settings = LocalSettings("localhost", port, LocalGate("localhost"), 1000, 1.0, 10, 10)
    monitor = Monitor(None, None, logging.getLogger("monitor"))
    return LocalLife(settings, ServiceRegistry(), monitor, first or nothing)


def test_it_listens_and_ends() -> None:
    life = make()
    host = life.start()
    assert life.port > 0
    assert not life.wait(0.01)

    async def ask() -> Any:
        return host.known.overview()

    assert life.begin(ask()).result(10) == {}
    life.stop()
    life.stop()
    assert life.wait(10)
    with pytest.raises(ServerError, match="the Narvi server does not run"):
        life.begin(ask())
    life.stop()


def test_a_port_that_is_taken() -> None:
    one = make()
    one.start()
    other = make(one.port)
    with pytest.raises(OSError, match="address already in use"):
        other.start()
    assert other.wait(10)
    one.stop()
    assert one.wait(10)


def test_what_fails_before_it_listens() -> None:
    async def fail(_: Any) -> None:
        raise RuntimeError("no way")

    life = make(first=fail)
    with pytest.raises(RuntimeError, match="no way"):
        life.start()
    assert life.wait(10)


def test_what_is_started_first(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST", 0.05)

    async def scenario() -> None:
        hosted = Hosted(
            service("fixed", fixed_service_id="main"),
            service("own", fixed_service_id="main", is_shared_service=False),
            service("free"),
            service("bad", fixed_service_id="main"),
            service("slow", fixed_service_id="main"),
        )

        def prepare(instance: Any) -> None:
            if instance.key.service == "bad":
                instance.fails = ServiceFailedError("no database")
            if instance.key.service == "slow":
                instance.may_start.clear()

        hosted.prepare = prepare
        await start_first(hosted.host, [InstanceKey("w", "free", "x"), InstanceKey("w", "gone", "x")])
        names = [instance.key.service for instance in hosted.made]
        assert sorted(names) == ["bad", "fixed", "free", "slow"]
        assert hosted.host.known.statuses("w").keys() == {"fixed", "free"}
        await hosted.host.close()
        await asyncio.sleep(0)

    run(scenario)
    assert "the service bad was not started: no database" in caplog.text
    assert "the service gone was not started" in caplog.text


def test_nothing_is_started_first_where_nothing_is() -> None:
    async def scenario() -> None:
        await start_first(Hosted().host, [])

    run(scenario)
