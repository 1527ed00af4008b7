"""The lives of instances, under orders of events that a real host brings about seldom."""

import asyncio
import logging
from typing import Any

import pytest

from jupyter_trame.services import service_host
from jupyter_trame.services.instance import ServiceFailedError
from jupyter_trame.services.service_host import ServiceHost
from jupyter_trame.services.service_messages import AppMessage, ServiceAnswer, ServiceRequest
from tests.services.support import FakeInstance, FakePort, Hosted, app, run, service, turns, until

REQUEST = ServiceRequest("app", "GET", "calc")


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
        assert hosted.host.status(hosted.address()) == {"uptime": 0, "session_count": 10}
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
        assert hosted.host.status(hosted.address()) == "no such module"
        hosted.prepare = lambda instance: setattr(instance, "fails", RuntimeError("secret path"))
        with pytest.raises(ServiceFailedError, match=r"the service could not be started: RuntimeError$"):
            await hosted.join()
        hosted.prepare = lambda _: None
        await hosted.join()
        assert len(hosted.made) == 3
        assert hosted.host.status(hosted.address()) == {"uptime": 0, "session_count": 1}
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
        assert hosted.host.statuses("w") == {}
        hosted.made[0].may_stop.set()
        assert await stopping
        assert hosted.host.sessions == 0
        await hosted.host.close()

    run(scenario)


def test_those_who_wait_for_an_instance_count_as_sessions() -> None:
    """Otherwise a constructor that takes long would let any number of them in, each with a thread."""

    async def scenario() -> None:
        hosted = Hosted(service(is_shared_service=False), app(), max_sessions=2)
        hosted.prepare = lambda instance: instance.may_start.clear()
        joining = [asyncio.create_task(hosted.join()) for _ in range(2)]
        await turns()
        assert hosted.host.is_full
        joining.pop().cancel()
        await until(lambda: not hosted.host.is_full)
        hosted.made[0].may_start.set()
        session, _ = await joining[0]
        hosted.prepare = lambda _: None
        reserved = await hosted.admit()
        assert hosted.host.is_full
        reserved.release()
        reserved.release()
        assert not hosted.host.is_full
        session.ended()
        await hosted.host.close()
        assert (hosted.host.sessions, hosted.host.is_full) == (0, False)

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
        assert hosted.host.status(hosted.address()) == {"uptime": 0, "session_count": 2}
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


def test_row_6_idle() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(idle_timeout=0.05), app())
        session, _ = await hosted.join()
        again, _ = await hosted.join()
        session.ended()
        again.ended()
        back, _ = await hosted.join()
        await asyncio.sleep(0.1)
        assert hosted.made[0].count("stop") == 0
        back.ended()
        await until(lambda: hosted.made[0].count("stop"))
        await until(lambda: hosted.host.status(hosted.address()) is None)
        await hosted.join()
        assert len(hosted.made) == 2
        await hosted.host.close()

    run(scenario)


def test_row_6_what_was_started_by_hand_stays() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(idle_timeout=0), app())
        await hosted.host.start("w", "service", "x")
        session, _ = await hosted.join()
        session.ended()
        await turns()
        assert hosted.made[0].count("stop") == 0
        await hosted.host.start("w", "service", "x")
        assert len(hosted.made) == 1
        assert await hosted.host.stop("w", "service", "x") is True
        session, _ = await hosted.join()
        session.ended()
        await until(lambda: hosted.made[1].count("stop"))
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


def test_row_8_restart() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        assert await hosted.host.restart("w", "service", "x") is False
        _, port = await hosted.join()
        assert await hosted.host.restart("w", "service", "x") is True
        assert port.closed is not None
        assert port.closed[0] == 1012
        assert [instance.count("stop") for instance in hosted.made] == [1, 0]
        assert hosted.host.status(hosted.address()) == {"uptime": 0, "session_count": 0}
        for action in (hosted.host.start, hosted.host.stop, hosted.host.restart):
            with pytest.raises(ValueError, match="there is no service 'nothing' in the workspace 'w'"):
                await action("w", "nothing", "x")
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
        await until(lambda: hosted.host.status(hosted.address()) == "the kernel died")
        await hosted.join()
        assert len(hosted.made) == 2
        assert hosted.host.sessions == 1
        await hosted.host.close()

    run(scenario)


def test_one_that_does_not_end_is_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service_host, "_GOODBYE", 0.01)

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


def test_row_4_to_whom_it_sends() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        joined = [await hosted.join() for _ in range(3)]
        events, ids = hosted.made[0].events, [session.id for session, _ in joined]
        events.send("all")
        events.send(b"one", ids[0])
        events.send("but one", None, ids[1])
        events.send("for wins", ids[2], ids[2])
        events.send("nobody", "stranger")
        assert [port.sent[1:] for _, port in joined] == [
            ["all", b"one", "but one"],
            ["all"],
            ["all", "but one", "for wins"],
        ]
        await hosted.host.close()
        assert [port.closed for _, port in joined] == [(1001, "the server has ended")] * 3

    run(scenario)


def test_row_9_requests() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        address = hosted.address(rest="calc")
        assert await hosted.host.answer(address, REQUEST, 1) is None  # it does not run
        await hosted.join()
        instance = hosted.made[0]
        assert await hosted.host.answer(address, REQUEST, 1) is None  # no handler fits
        instance.answers = ServiceAnswer(200, b"4")
        assert await hosted.host.answer(address, REQUEST, 1) == ServiceAnswer(200, b"4")

        async def never(request: Any) -> None:
            await asyncio.Event().wait()

        async def die(request: Any) -> None:
            raise ServiceFailedError("the kernel died")

        instance.answers = never
        late = await hosted.host.answer(address, REQUEST, 0.01)
        assert late is not None
        assert (late.status, late.body) == (504, b"504: the service did not answer within 0.01 seconds")
        instance.answers = die
        dead = await hosted.host.answer(address, REQUEST, 1)
        assert dead is not None
        assert (dead.status, dead.body) == (502, b"502: the kernel died")
        await hosted.host.close()

    run(scenario)


def test_row_9_so_many_requests_may_wait() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        await hosted.join()
        answered = asyncio.Event()

        async def wait(request: Any) -> ServiceAnswer:
            await answered.wait()
            return ServiceAnswer(200)

        hosted.made[0].answers = wait
        address = hosted.address(rest="calc")
        waiting = [asyncio.create_task(hosted.host.answer(address, REQUEST, 30)) for _ in range(256)]
        await turns()
        full = await hosted.host.answer(address, REQUEST, 30)
        assert full is not None
        assert (full.status, full.headers) == (503, {"Retry-After": "1"})
        answered.set()
        assert {answer.status for answer in await asyncio.gather(*waiting) if answer} == {200}
        await hosted.host.close()

    run(scenario)


def test_row_9_requests_of_a_session_reach_its_own_instance() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(is_shared_service=False), app())
        (one, _), _ = await hosted.join(), await hosted.join()
        hosted.made[0].answers = ServiceAnswer(200, b"one")
        found = await hosted.host.answer(hosted.address(rest=f"session/{one.id}/calc"), REQUEST, 1)
        assert found == ServiceAnswer(200, b"one")
        assert await hosted.host.answer(hosted.address(rest="session/nobody/calc"), REQUEST, 1) is None
        assert await hosted.host.answer(hosted.address(rest="calc"), REQUEST, 1) is None
        await hosted.host.close()

    run(scenario)


def test_row_10_app_to_app() -> None:
    async def scenario() -> None:
        hosted = Hosted(
            service(),
            app(),
            service("own", is_shared_service=False),
            app("own_app", "own"),
            service("other", "v"),
        )
        await hosted.join()
        await hosted.host.start("v", "other", "y")
        receiver, sender = hosted.made
        sent = (sender.events.send_to_app, "w")
        assert sent[0]("w", "app", "x", 1) is False  # it has not agreed
        receiver.admitted = {"v"}
        assert sender.events.send_to_app("w", "app", "x", [1]) is True
        assert receiver.calls[-1] == ("app message", AppMessage("v", "other", "y", [1]))
        for target in (("w", "app", "z"), ("w", "nobody", "x"), ("w", "own_app", "x"), ("v", "app", "x")):
            assert sender.events.send_to_app(*target, 1) is False
        await hosted.host.close()

    run(scenario)


def test_services_can_stop_and_restart_others() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        await hosted.join()
        hosted.host.administer("restart", "w", "service", "x")
        await until(lambda: len(hosted.made) == 2)
        hosted.host.administer("stop", "w", "service", "x")
        await until(lambda: hosted.made[1].count("stop"))
        with pytest.raises(ValueError, match="'stop' or 'restart', not 'kill'"):
            hosted.host.administer("kill", "w", "service", "x")
        await hosted.host.close()

    run(scenario)


def test_a_service_that_is_replaced_ends() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        await hosted.join()
        before = hosted.registry.add_service(service())
        assert before is not None
        await hosted.host.retire(before)
        assert hosted.made[0].count("stop") == 1
        await hosted.host.close()

    run(scenario)


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


def test_so_many_sessions_may_be_open() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app(), max_sessions=2)
        session, _ = await hosted.join()
        assert not hosted.host.is_full
        await hosted.join()
        assert hosted.host.is_full
        session.ended()
        assert not hosted.host.is_full
        await hosted.host.close()

    run(scenario)


def test_ids_of_sessions_are_uuids() -> None:
    assert len({ServiceHost.new_session_id() for _ in range(100)}) == 100
    assert len(ServiceHost.new_session_id()) == 36


def test_statuses_of_a_workspace() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app(), service("idle"))
        session, _ = await hosted.join()
        assert hosted.host.statuses("w") == {
            "service": {
                "instances": {
                    "x": [{"uptime": 0, "sessions": {session.id: {"app_name": "app", "uptime": 0}}}]
                },
                "apps": [],
            }
        }
        assert hosted.host.statuses("nowhere") == {}
        await hosted.host.close()

    run(scenario)


def test_failures_that_are_remembered_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_host, "_FAILURES", 2)

    async def scenario() -> None:
        hosted = Hosted(service(), app())
        hosted.prepare = lambda instance: setattr(instance, "fails", ServiceFailedError("no"))
        for service_id in "abc":
            with pytest.raises(ServiceFailedError):
                await hosted.join(service_id)
        assert [hosted.host.status(hosted.address(one)) for one in "abc"] == [None, "no", "no"]
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


def test_the_instance_of_a_test_is_one() -> None:
    assert FakeInstance.__abstractmethods__ == frozenset()
