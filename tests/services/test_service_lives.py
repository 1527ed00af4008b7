"""The lives of instances, under orders of events that a real host brings about seldom."""

import asyncio
import logging
from typing import Any

import pytest

from jupyter_trame.services import service_lives
from jupyter_trame.services.instance import ServiceFailedError
from jupyter_trame.services.service_lives import TooManyInstancesError
from tests.services.support import FakeInstance, FakePort, Hosted, app, run, service, turns, until


def test_row_8_ten_that_come_at_once_start_one() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        hosted.prepare = lambda instance: instance.may_start.clear()
        joining = [asyncio.create_task(hosted.join()) for _ in range(10)]
        await turns()
        assert len(hosted.made) == 1
        assert not any(task.done() for task in joining)
        hosted.made[0].may_start.set()
        sessions = [session for session, _ in await asyncio.gather(*joining)]
        assert len({session.id for session in sessions}) == 10
        assert hosted.host.sessions == 10
        assert hosted.host.known.status(hosted.address()) == {"uptime": 0, "session_count": 10}
        for session in sessions:
            session.ended()
        assert hosted.host.sessions == 0
        await hosted.host.close()

    run(scenario)


def test_a_start_that_fails_fails_for_all_and_the_next_one_is_new(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        hosted.prepare = lambda instance: setattr(instance, "fails", ServiceFailedError("no such module"))
        found = await asyncio.gather(hosted.join(), hosted.join(), return_exceptions=True)
        assert [str(error) for error in found] == ["no such module"] * 2
        await until(lambda: hosted.made[0].count("stop"))
        assert hosted.host.known.status(hosted.address()) == "no such module"
        hosted.prepare = lambda instance: setattr(instance, "fails", RuntimeError("secret path"))
        with pytest.raises(ServiceFailedError, match=r"the service could not be started: RuntimeError$"):
            await hosted.join()
        hosted.prepare = lambda _: None
        await hosted.join()
        assert len(hosted.made) == 3
        assert hosted.host.known.status(hosted.address()) == {"uptime": 0, "session_count": 1}
        await hosted.host.close()

    run(scenario)
    assert "secret path" in caplog.text


def test_who_comes_to_one_that_is_stopped_as_it_comes_up_is_told() -> None:
    """They were let into an instance that heard of nobody any more."""

    async def scenario() -> None:
        hosted = Hosted(service(), app())
        hosted.prepare = lambda instance: (instance.may_start.clear(), instance.may_stop.clear())
        joining = asyncio.create_task(hosted.join())
        await turns()
        stopping = asyncio.create_task(hosted.host.stop("w", "service", "x"))
        hosted.made[0].may_start.set()  # the stop comes first, and then the start is over
        with pytest.raises(ServiceFailedError, match="the service was stopped while it started"):
            await joining
        assert hosted.host.known.statuses("w") == {}
        hosted.made[0].may_stop.set()
        assert await stopping
        assert hosted.host.sessions == 0
        await hosted.host.close()

    run(scenario)


def test_who_gives_up_does_not_stop_the_start_of_others() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(idle_timeout=0), app())
        hosted.prepare = lambda instance: instance.may_start.clear()
        first, second = asyncio.create_task(hosted.join()), asyncio.create_task(hosted.join())
        await turns()
        first.cancel()
        await turns()
        hosted.made[0].may_start.set()
        session, _ = await second
        assert session.is_open
        session.ended()
        await until(lambda: len(hosted.made[0].calls) and hosted.made[0].count("stop"))
        await hosted.host.close()

    run(scenario)


def test_row_5_each_session_of_its_own() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(is_shared_service=False), app())
        (one, _), (two, _) = await hosted.join(), await hosted.join()
        assert [instance.key.session_id for instance in hosted.made] == [one.id, two.id]
        assert hosted.host.known.status(hosted.address()) == {"uptime": 0, "session_count": 2}
        one.ended()
        await until(lambda: hosted.made[0].count("stop"))
        assert hosted.made[0].calls[-2:] == [("close", one.id), ("stop",)]
        assert two.is_open
        (await hosted.admit()).release()
        await until(lambda: hosted.made[2].count("stop"))
        with pytest.raises(ValueError, match="is not shared: an instance of it starts with its session"):
            await hosted.host.start("w", "service", "x")
        await hosted.host.close()
        assert hosted.made[1].count("stop") == 1

    run(scenario)


def test_row_5_a_session_that_gives_up_ends_what_began_for_it() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(is_shared_service=False), app())
        hosted.prepare = lambda instance: instance.may_start.clear()
        joining = asyncio.create_task(hosted.join())
        await turns()
        joining.cancel()
        await until(lambda: hosted.made[0].count("stop"))
        await hosted.host.close()

    run(scenario)


def test_row_6_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    def pass_by(seconds: float) -> None:
        """Have the loop's clock go on."""
        now = asyncio.get_running_loop().time
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now() + seconds)

    async def scenario() -> None:
        hosted = Hosted(service(idle_timeout=10), app())
        session, _ = await hosted.join()
        again, _ = await hosted.join()
        session.ended()
        again.ended()
        back, _ = await hosted.join()
        pass_by(11)
        await turns()
        assert hosted.made[0].count("stop") == 0
        back.ended()
        await turns()
        assert hosted.made[0].count("stop") == 0
        pass_by(11)
        await until(lambda: hosted.made[0].count("stop"))
        await until(lambda: hosted.host.known.status(hosted.address()) is None)
        await hosted.join()
        assert len(hosted.made) == 2
        await hosted.host.close()

    run(scenario)


def test_row_8_who_comes_while_it_stops_gets_the_next_one() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        session, port = await hosted.join()
        hosted.made[0].may_stop.clear()
        stopping = asyncio.create_task(hosted.host.stop("w", "service", "x"))
        await turns()
        assert port.closed == (1000, "the service was stopped")
        assert not session.is_open
        joining = asyncio.create_task(hosted.join())
        await turns()
        assert len(hosted.made) == 1
        hosted.made[0].may_stop.set()
        await joining
        assert await stopping is True
        assert len(hosted.made) == 2
        assert await hosted.host.stop("w", "service", "nobody") is False
        await hosted.host.close()

    run(scenario)


def test_a_stop_during_the_start() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        hosted.prepare = lambda instance: instance.may_start.clear()
        joining = asyncio.create_task(hosted.join())
        await turns()
        assert await hosted.host.stop("w", "service", "x") is True
        with pytest.raises(ServiceFailedError, match="was stopped while it started"):
            await joining
        assert hosted.made[0].count("stop") == 1
        await hosted.host.close()

    run(scenario)


def test_an_instance_that_ends_by_itself() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        session, port = await hosted.join()
        admission = await hosted.admit()
        hosted.made[0].events.ended("the kernel died")
        hosted.made[0].events.ended("twice")
        assert port.closed == (1012, "the kernel died")
        assert hosted.made[0].calls[-1] == ("close", session.id)
        late = FakePort()
        assert not admission.open(late).is_open
        assert late.closed == (1012, "the service has ended")
        await until(lambda: hosted.host.known.status(hosted.address()) == "the kernel died")
        await hosted.join()
        assert len(hosted.made) == 2
        assert hosted.host.sessions == 1
        await hosted.host.close()

    run(scenario)


def test_one_that_does_not_end_is_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service_lives, "_GOODBYE", 0.01)

    async def scenario() -> None:
        hosted = Hosted(service(), app())
        await hosted.join()
        hosted.made[0].may_stop.clear()
        assert await hosted.host.stop("w", "service", "x")
        await hosted.join()
        assert len(hosted.made) == 2
        await hosted.host.close()

    run(scenario)
    assert "does not end, and is left" in caplog.text


def test_after_the_end_nobody_comes() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        await hosted.host.close()
        with pytest.raises(ServiceFailedError, match="the server has ended"):
            await hosted.admit()

    run(scenario)


def test_the_end_does_not_wait_for_what_starts() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        hosted.prepare = lambda instance: instance.may_start.clear()
        joining = asyncio.create_task(hosted.join())
        await turns()
        await hosted.host.close()
        with pytest.raises(ServiceFailedError, match="stopped while it started"):
            await joining

    run(scenario)


def test_failures_that_are_remembered_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_lives, "_FAILURES", 2)

    async def scenario() -> None:
        hosted = Hosted(service(), app())
        hosted.prepare = lambda instance: setattr(instance, "fails", ServiceFailedError("no"))
        for service_id in "abc":
            with pytest.raises(ServiceFailedError):
                await hosted.join(service_id)
        assert [hosted.host.known.status(hosted.address(one)) for one in "abc"] == [None, "no", "no"]
        await hosted.host.close()

    run(scenario)


def test_one_that_does_not_end_well_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())

        async def fail() -> None:
            raise RuntimeError("broken")

        await hosted.join()
        hosted.made[0].stop = fail  # type: ignore[method-assign]
        assert await hosted.host.stop("w", "service", "x")
        await hosted.host.close()

    with caplog.at_level(logging.ERROR):
        run(scenario)
    assert "did not end well" in caplog.text


def test_pages_start_so_many_instances() -> None:
    async def scenario() -> None:
        fixed = service("fixed", fixed_service_id="x")
        hosted = Hosted(service(idle_timeout=0), app(), fixed, app("home", "fixed"), max_instances=2)
        first, _ = await hosted.join("a")
        await hosted.join("b")
        refused = hosted.host.objection(hosted.address("c"))
        assert refused is not None
        assert (refused.status, refused.retry_after) == (503, 10)
        with pytest.raises(TooManyInstancesError, match="too many services run here"):
            await hosted.join("c")
        # What runs, what the program wants, and what there is only one of, is let in all the same.
        assert hosted.host.objection(hosted.address("a")) is None
        await hosted.join("a")
        await hosted.host.start("w", "service", "d")
        failed: list[Any] = []
        await hosted.host.start_fixed({""}, lambda *one: failed.append(one))
        assert len(hosted.made) == 4
        assert not failed
        await hosted.host.stop("w", "service", "d")
        await hosted.host.stop("w", "fixed", "x")
        first.ended()
        await hosted.host.stop("w", "service", "a")
        await hosted.join("c")
        await hosted.host.close()

    run(scenario)


def test_services_of_one_id_that_fail_keep_no_other_from_starting() -> None:
    async def scenario() -> None:
        names = ("one", "two", "three")
        hosted = Hosted(*(service(name, fixed_service_id="x") for name in names))

        def prepare(instance: FakeInstance) -> None:
            if instance.key.service != "two":
                instance.fails = ServiceFailedError(f"{instance.key.service} has no database")

        hosted.prepare = prepare
        failed: list[tuple[str, str]] = []
        await hosted.host.start_fixed({""}, lambda key, error: failed.append((key.service, str(error))))
        assert failed == [("one", "one has no database"), ("three", "three has no database")]
        assert hosted.host.known.statuses("w").keys() == {"two"}
        await hosted.host.close()

    run(scenario)
