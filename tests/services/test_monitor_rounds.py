"""Contract c.5 row 12: who raises or never answers affects itself alone."""

import asyncio
import logging

import pytest

from jupyter_trame.services.monitoring import Monitor
from tests.services.support import Hosted, app, run, service, until


def test_row_12_each_answers_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app(), monitor=Monitor(100, 1000, logging.getLogger("monitor")))
        for service_id in ("good", "raises", "never", "without"):
            await hosted.join(service_id)
        good, raises, never, _ = hosted.made
        for instance in (good, raises, never):
            instance.metrics_metadata = {}
        good.found_metrics = {"a": 1}
        raises.found_metrics = RuntimeError("no metrics")
        never.found_metrics = asyncio.Event()
        good.listens_to_admin = True
        await hosted.host.rounds.go(0.01)
        found = {instance.key.service_id: hosted.monitor.samples(instance.key) for instance in hosted.made}
        assert {name: [metrics for _, metrics in samples] for name, samples in found.items()} == {
            "good": [{"a": 1}],
            "raises": [None],
            "never": [None],
            "without": [],
        }
        assert good.calls[-1] == ("admin", hosted.host.known.overview())
        await hosted.host.stop("w", "service", "good")
        await hosted.host.rounds.go(0.01)
        assert [metrics for _, metrics in hosted.monitor.samples(good.key)] == [None, {"a": 1}]
        await hosted.host.close()

    run(scenario)
    assert "no metrics" in caplog.text


def test_rounds_come_at_their_interval_until_the_end() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app(), monitor=Monitor(0.01, 1, logging.getLogger("monitor")))
        await hosted.join()
        hosted.made[0].listens_to_admin = True
        hosted.host.rounds.begin()
        hosted.host.rounds.begin()
        await until(lambda: hosted.made[0].count("admin") >= 3)
        await hosted.host.close()
        seen = hosted.made[0].count("admin")
        await asyncio.sleep(0.05)
        assert hosted.made[0].count("admin") == seen

    run(scenario)


def test_without_an_interval_there_are_none() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        hosted.host.rounds.begin()
        assert len(asyncio.all_tasks()) == 1
        await hosted.join()
        hosted.made[0].events.admin_listening()
        await until(lambda: hosted.made[0].count("admin") == 1)
        await hosted.host.close()

    run(scenario)
