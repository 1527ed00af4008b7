"""Frames in, answers out, on a socket in memory."""

import asyncio
import logging
import threading
from typing import Any

import pytest

from jupyter_trame.igor.actions import read_api
from jupyter_trame.igor.igor_client import IgorClient
from jupyter_trame.igor.service import Service
from jupyter_trame.igor.sessions import IgorSessions
from tests.igor.support import MemoryTransport, run, turns

ADDRESS = ("127.0.0.1", 1)


def make(api: dict[str, Any], grace: float = 10) -> tuple[Service, IgorSessions[IgorClient], list[bool]]:
    sessions: IgorSessions[IgorClient] = IgorSessions(grace)
    exits: list[bool] = []
    logger = logging.getLogger(__name__)
    return Service(read_api(api), sessions, {}, logger, lambda: exits.append(True)), sessions, exits


async def answered(transport: MemoryTransport, count: int) -> list[Any]:
    while len(transport.messages) < count:  # noqa: ASYNC110 - a thread brings it about
        await asyncio.sleep(0)
    return transport.messages


def test_an_unknown_action_and_a_known_one() -> None:
    async def echo(output: Any, data: Any) -> None:
        output.send(data)

    async def scenario() -> None:
        service, _, _ = make({"echo": echo})
        transport = MemoryTransport()
        client = service.connect(ADDRESS, transport)
        service.receive(client, '{"streamId": 1, "action": "ecko"}')
        service.receive(client, '{"streamId": 2, "action": "echo", "data": 5}')
        refusal, *rest = await answered(transport, 3)
        assert (refusal["streamId"], refusal["code"]) == (1, 400)
        assert rest == [{"streamId": 2, "data": 5}, {"streamId": 2, "close": True}]
        assert not service.streams
        await service.close()
        assert transport.closed == (1001, "the server stops")

    run(scenario)


def test_coroutines_begin_in_the_order_in_which_they_were_asked_for() -> None:
    async def scenario() -> None:
        go_on = asyncio.Event()

        async def at_once(output: Any, data: Any) -> None:
            output.send(data)

        async def waits(output: Any, data: Any) -> None:
            output.send(data)
            await go_on.wait()

        service, _, _ = make({"at_once": at_once, "waits": waits})
        transport = MemoryTransport()
        client = service.connect(ADDRESS, transport)
        for number, action in enumerate(["waits", "at_once", "waits", "at_once"]):
            service.receive(client, f'{{"streamId": {number}, "action": "{action}", "data": {number}}}')
        assert len(service.streams) == 2, "what awaits nothing is over"
        go_on.set()
        messages = await answered(transport, 8)
        assert [message["data"] for message in messages if "data" in message] == [0, 1, 2, 3]
        assert [message["streamId"] for message in messages if "close" in message] == [1, 3, 0, 2]
        await service.close()

    run(scenario)


def test_a_coroutine_that_begins_while_another_runs() -> None:
    """A handler that lets its own client be displaced, and one that fails, disturb nobody in the middle of a read."""

    async def scenario() -> None:
        current: list[object] = []

        async def fail(output: Any, data: Any) -> None:
            raise LookupError("why")

        async def leave(output: Any, data: Any) -> None:
            output.client.close(1000, "bye")
            output.send("nobody reads it")

        async def look(output: Any, data: Any) -> None:
            current.append(asyncio.current_task())

        service, _, _ = make({"fail": fail, "leave": leave, "look": look})
        outer = asyncio.current_task()
        transport, other = MemoryTransport(), MemoryTransport()
        client = service.connect(ADDRESS, transport)
        for action in ("fail", "look", "leave", "look"):
            service.receive(client, f'{{"streamId": "{action}", "action": "{action}"}}')
            assert asyncio.current_task() is outer
        assert transport.closed == (1000, "bye")
        assert [list(message) for message in transport.messages] == [
            ["streamId", "error"],
            ["streamId", "close"],
            ["streamId", "close"],
        ]
        assert len(current) == 1
        assert current[0] is not outer
        service.receive(service.connect(ADDRESS, other), '{"streamId": 1, "action": "look"}')
        assert len(await answered(other, 1)) == 1
        await service.close()

    run(scenario)


def test_what_a_coroutine_waits_for_is_cancelled_when_the_service_closes_in_the_same_turn() -> None:
    async def scenario() -> None:
        seen: list[str] = []

        async def waits(output: Any, data: Any) -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        service, _, _ = make({"waits": waits})
        service.receive(service.connect(ADDRESS, MemoryTransport()), '{"streamId": 1, "action": "waits"}')
        await service.close()
        assert seen == ["cancelled"]
        assert not service.streams

    run(scenario)


def test_an_action_that_is_added_later_and_one_that_is_replaced() -> None:
    async def scenario() -> None:
        api: dict[str, Any] = {}
        sessions: IgorSessions[IgorClient] = IgorSessions(1)
        service = Service(api, sessions, {}, logging.getLogger(__name__), lambda: None)
        transport = MemoryTransport()
        client = service.connect(ADDRESS, transport)

        async def one(output: Any, data: Any) -> None:
            output.send("one")

        api.update(read_api({"a": one}))
        service.receive(client, '{"streamId": 1, "action": "a"}')
        assert (await answered(transport, 2))[0]["data"] == "one"
        await service.close()

    run(scenario)


@pytest.mark.parametrize("kind", ["function", "coroutine"])
def test_an_exit(kind: str) -> None:
    def leave(output: Any, data: Any) -> None:
        raise SystemExit

    async def leave_later(output: Any, data: Any) -> None:
        raise SystemExit

    async def scenario() -> None:
        service, _, exits = make({"leave": leave if kind == "function" else leave_later})
        transport = MemoryTransport()
        service.receive(service.connect(ADDRESS, transport), '{"streamId": 1, "action": "leave"}')
        assert await answered(transport, 1) == [{"streamId": 1, "close": True}]
        while not exits:  # noqa: ASYNC110 - a thread brings it about
            await asyncio.sleep(0)
        assert exits == [True]
        await service.close()

    run(scenario)


def test_what_runs_when_the_service_closes() -> None:
    go_on, sent = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def slow(output: Any, data: Any) -> None:
        assert go_on.wait(10)
        try:
            output.send(1)
        except Exception as error:
            errors.append(error)
        sent.set()

    async def endless(output: Any, data: Any) -> None:
        await asyncio.Event().wait()

    async def scenario() -> None:
        service, _, _ = make({"slow": slow, "endless": endless})
        client = service.connect(ADDRESS, MemoryTransport())
        service.receive(client, '{"streamId": 1, "action": "slow"}')
        service.receive(client, '{"streamId": 2, "action": "endless"}')
        await turns()
        assert len(service.streams) == 2
        await service.close()
        assert [stream.stream_id for stream in service.streams] == [1]
        go_on.set()
        assert await asyncio.to_thread(sent.wait, 10)
        assert len(errors) == 1

    run(scenario)


def test_a_frame_after_the_goodbye_is_dropped() -> None:
    async def scenario() -> None:
        service, _, _ = make({})
        transport = MemoryTransport()
        client = service.connect(ADDRESS, transport)
        client.close(4001, "displaced")
        assert service.receive(client, "garbage") is None
        await turns()
        assert transport.messages == []
        service.disconnect(client)
        await service.deserted()
        await service.close()

    run(scenario)


def test_the_session_that_a_process_deleted_is_there_again() -> None:
    seen: list[Any] = []

    async def look(output: Any, data: Any, *, session: Any) -> None:
        seen.append(session)

    async def scenario() -> None:
        service, sessions, _ = make({"look": look})
        transport = MemoryTransport()
        client = service.connect(ADDRESS, transport)
        del sessions.data[client.id]
        service.receive(client, '{"streamId": 1, "action": "look"}')
        await answered(transport, 1)
        assert seen == [{}]
        await service.close()

    run(scenario)


def test_the_grace_ends_by_itself() -> None:
    async def scenario() -> None:
        service, sessions, _ = make({}, grace=0.05)
        for _ in range(3):
            service.disconnect(service.connect(ADDRESS, MemoryTransport()))
        assert len(sessions.data) == 3
        async with asyncio.timeout(10):
            while sessions.data:  # noqa: ASYNC110 - the clock brings it about
                await asyncio.sleep(0.005)
        await service.close()

    run(scenario)


@pytest.mark.parametrize("is_async", [False, True])
def test_an_error_without_a_text_ends_its_stream_alone(is_async: bool) -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def fail(output: Any, data: Any) -> None:
        raise MuteError

    async def fail_later(output: Any, data: Any) -> None:
        raise MuteError

    async def scenario() -> None:
        service, _, _ = make({"fail": fail_later if is_async else fail})
        transport = MemoryTransport()
        client = service.connect(ADDRESS, transport)
        for stream_id in (1, 2):
            service.receive(client, f'{{"streamId": {stream_id}, "action": "fail"}}')
        messages = await answered(transport, 4)
        assert [message["streamId"] for message in messages if "error" in message] == [1, 2]
        while service.streams:  # noqa: ASYNC110 - a thread brings it about
            await asyncio.sleep(0)
        await service.close()

    run(scenario)


def test_a_refusal_does_not_send_all_of_a_long_name_back() -> None:
    async def scenario() -> None:
        service, _, _ = make({})
        transport = MemoryTransport()
        service.receive(service.connect(ADDRESS, transport), f'{{"streamId": 1, "action": "{"e" * 10_000}"}}')
        (refusal,) = await answered(transport, 1)
        assert "eee" in refusal["error"]
        assert len(refusal["error"]) < 300
        await service.close()

    run(scenario)
