"""Who is let in, and what starts and ends because somebody says so."""

import asyncio

import pytest

from jupyter_trame.services.service_host import ServiceHost, TooManySessionsError
from tests.services.support import FakeInstance, Hosted, app, run, service, turns, until


def full(hosted: Hosted) -> bool:
    objection = hosted.host.objection(hosted.address())
    assert objection is None or (objection.status, objection.retry_after) == (503, 10)
    return objection is not None


def test_those_who_wait_for_an_instance_count_as_sessions() -> None:
    """Otherwise a constructor that takes long would let any number of them in, each with a thread."""

    async def scenario() -> None:
        hosted = Hosted(service(is_shared_service=False), app(), max_sessions=2)
        hosted.prepare = lambda instance: instance.may_start.clear()
        joining = [asyncio.create_task(hosted.join()) for _ in range(2)]
        await turns()
        assert full(hosted)
        joining.pop().cancel()
        await until(lambda: not full(hosted))
        hosted.made[0].may_start.set()
        session, _ = await joining[0]
        hosted.prepare = lambda _: None
        reserved = await hosted.admit()
        assert full(hosted)
        reserved.release()
        reserved.release()
        assert not full(hosted)
        session.ended()
        await hosted.host.close()
        assert (hosted.host.sessions, full(hosted)) == (0, False)

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


def test_row_8_restart() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        assert await hosted.host.restart("w", "service", "x") is False
        _, port = await hosted.join()
        assert await hosted.host.restart("w", "service", "x") is True
        assert port.closed is not None
        assert port.closed[0] == 1012
        assert [instance.count("stop") for instance in hosted.made] == [1, 0]
        assert hosted.host.known.status(hosted.address()) == {"uptime": 0, "session_count": 0}
        for action in (hosted.host.start, hosted.host.stop, hosted.host.restart):
            with pytest.raises(ValueError, match="there is no service 'nothing' in the workspace 'w'"):
                await action("w", "nothing", "x")
        await hosted.host.close()

    run(scenario)


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


def test_so_many_sessions_may_be_open() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app(), max_sessions=2)
        session, _ = await hosted.join()
        assert not full(hosted)
        await hosted.join()
        assert full(hosted)
        with pytest.raises(TooManySessionsError, match="too many sessions are open"):
            await hosted.join()
        session.ended()
        assert not full(hosted)
        await hosted.host.close()

    run(scenario)


def test_ids_of_sessions_are_uuids() -> None:
    assert len({ServiceHost.new_session_id() for _ in range(100)}) == 100
    assert len(ServiceHost.new_session_id()) == 36


def test_the_instance_of_a_test_is_one() -> None:
    assert FakeInstance.__abstractmethods__ == frozenset()
