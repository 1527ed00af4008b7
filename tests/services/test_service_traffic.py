"""Requests for instances, and messages from one to another."""

import asyncio
from typing import Any

from jupyter_trame.services.instance import ServiceFailedError
from jupyter_trame.services.service_messages import AppMessage, ServiceAnswer, ServiceRequest
from tests.services.support import Hosted, app, run, service, turns

REQUEST = ServiceRequest("app", "GET", "calc")


def test_row_9_requests() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        address = hosted.address(rest="calc")
        assert await hosted.host.traffic.answer(address, REQUEST, 1) is None  # it does not run
        await hosted.join()
        instance = hosted.made[0]
        assert await hosted.host.traffic.answer(address, REQUEST, 1) is None  # no handler fits
        instance.answers = ServiceAnswer(200, b"4")
        assert await hosted.host.traffic.answer(address, REQUEST, 1) == ServiceAnswer(200, b"4")

        async def never(request: Any) -> None:
            await asyncio.Event().wait()

        async def die(request: Any) -> None:
            raise ServiceFailedError("the kernel died")

        instance.answers = never
        late = await hosted.host.traffic.answer(address, REQUEST, 0.01)
        assert late is not None
        assert (late.status, late.body) == (504, b"504: the service did not answer within 0.01 seconds")
        instance.answers = die
        dead = await hosted.host.traffic.answer(address, REQUEST, 1)
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
        waiting = [asyncio.create_task(hosted.host.traffic.answer(address, REQUEST, 30)) for _ in range(256)]
        await turns()
        full = await hosted.host.traffic.answer(address, REQUEST, 30)
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
        found = await hosted.host.traffic.answer(hosted.address(rest=f"session/{one.id}/calc"), REQUEST, 1)
        assert found == ServiceAnswer(200, b"one")
        assert (
            await hosted.host.traffic.answer(hosted.address(rest="session/nobody/calc"), REQUEST, 1) is None
        )
        assert await hosted.host.traffic.answer(hosted.address(rest="calc"), REQUEST, 1) is None
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
