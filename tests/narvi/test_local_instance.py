"""An instance on its thread: order, bounds, and what does not end."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from jupyter_trame.narvi import local_instance as module
from jupyter_trame.narvi.local_instance import LocalInstance
from jupyter_trame.narvi.local_shared import LocalShared
from jupyter_trame.narvi.service_threads import in_service_thread
from jupyter_trame.narvi.thread_events import ThreadEvents
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import ServiceFailedError
from jupyter_trame.services.service_messages import AppMessage, ServiceRequest
from tests.narvi.support import KEY, TIMEOUT, FakeEvents, run, until, visitor
from tests.services.support import service

REQUEST = ServiceRequest("app", "GET", "x")


def _make(registered: RegisteredService, events: FakeEvents, shared: LocalShared) -> LocalInstance:
    """An instance as the local host makes it."""
    return LocalInstance(KEY, registered, ThreadEvents(KEY, events, shared), shared)


@asynccontextmanager
async def running(make: Callable[[Any], object]) -> AsyncIterator[tuple[LocalInstance, FakeEvents]]:
    """An instance that `make` has made of its services, until the end of the block."""
    events = FakeEvents()
    registered = service(constructor_fn=make)
    instance = _make(registered, events, LocalShared())
    await instance.start()
    try:
        yield instance, events
    finally:
        await instance.stop()
        await instance.stop()


def test_all_callbacks_run_on_one_thread_in_order() -> None:
    seen: list[Any] = []

    def note(*args: Any) -> None:
        assert in_service_thread()
        seen.append((threading.get_ident(), *args))

    def make(services: Any) -> None:
        note("made")
        services.add_session_open_listener(lambda *args: note("open", args[1]))
        services.add_message_listener(note)
        services.add_session_close_listener(lambda session: note("close", session))
        services.add_app_close_listener(lambda: note("end"))
        services.set_app2app_message_callback(note)
        services.set_admin_listener(note)

    async def scenario() -> None:
        async with running(make) as (instance, events):
            assert not in_service_thread()
            instance.open_session(visitor())
            instance.receive("s1", "a")
            instance.receive_app_message(AppMessage("w", "other", "y", 1))
            instance.receive("s1", b"b")
            instance.receive_admin({"w": {}})
            instance.close_session("s1")
            assert instance.admits("w")
            assert instance.listens_to_admin
            await until(lambda: len(seen) == 7)
            assert events.opened == ["s1"]
        assert {thread for thread, *_ in seen} != {threading.get_ident()}
        assert len({thread for thread, *_ in seen}) == 1
        assert [what for _, *what in seen] == [
            ["made"],
            ["open", "s1"],
            ["a", "s1"],
            ["w", "other", "y", 1],
            [b"b", "s1"],
            [{"w": {}}],
            ["close", "s1"],
            ["end"],
        ]

    run(scenario)


def test_a_constructor_that_raises() -> None:
    async def scenario() -> None:
        def make(services: Any) -> None:
            raise RuntimeError("no database")

        registered = service(constructor_fn=make)
        instance = _make(registered, FakeEvents(), LocalShared())
        with pytest.raises(ServiceFailedError, match="no database"):
            await instance.start()
        await instance.stop()

    run(scenario)


def test_one_that_never_started_ends() -> None:
    async def scenario() -> None:
        await _make(service(), FakeEvents(), LocalShared()).stop()

    run(scenario)


def test_pages_wait_while_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 10)
    monkeypatch.setattr(module, "_ROOM", 1000)

    async def scenario() -> None:
        go, seen = threading.Event(), []

        def make(services: Any) -> None:
            services.add_message_listener(lambda msg, _: (go.wait(10), seen.append(msg)))

        async with running(make) as (instance, _):
            rooms = [instance.receive("s1", str(number)) for number in range(20)]
            assert rooms[:5] == [None] * 5
            assert rooms[-1] is not None
            waiting = asyncio.ensure_future(rooms[-1])
            await asyncio.sleep(0.01)
            assert not waiting.done()
            go.set()
            await waiting
            await until(lambda: len(seen) == 20)
            go.clear()
            assert instance.receive("s1", "x" * 1001) is not None
            go.set()
            await until(lambda: len(seen) == 21)
            assert instance.receive("s1", "y") is None

    run(scenario)


def test_many_instances_share_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ALL_ROOM", 1000)
    monkeypatch.setattr(module, "_LEAST_ROOM", 200)
    may_go = threading.Event()

    def make(services: Any) -> None:
        services.add_message_listener(lambda *_: may_go.wait(TIMEOUT))

    async def scenario() -> None:
        shared, others = LocalShared(), [object() for _ in range(3)]
        instance = _make(service(constructor_fn=make), FakeEvents(), shared)
        await instance.start()
        instance.receive("s", b"")  # which the thread is busy with
        assert instance.receive("s", bytes(900)) is None
        shared.instances.update(others)
        room = instance.receive("s", b"")
        assert room is not None
        may_go.set()
        await room
        shared.instances.update(object() for _ in range(100))
        may_go.clear()
        instance.receive("s", b"")
        assert instance.receive("s", bytes(200)) is None
        room = instance.receive("s", b".")
        assert room is not None
        may_go.set()
        await room
        await instance.stop()
        assert instance not in shared.instances

    run(scenario)


def test_requests() -> None:
    def make(services: Any) -> None:
        services.create_request_service("app", "x", lambda *_: (200, b"x", "text/plain", {}))

    async def scenario() -> None:
        async with running(make) as (instance, _):
            answer = await instance.answer(REQUEST)
            assert answer is not None
            assert answer.body == b"x"
            assert await instance.answer(ServiceRequest("app", "POST", "x")) is None

    run(scenario)


def test_concurrent_handlers_run_beside_the_others() -> None:
    go = threading.Event()

    def make(services: Any) -> None:
        services.add_message_listener(lambda *_: go.wait(10))
        services.create_request_service("app", "x", lambda *_: (200, b"x", "text/plain", {}), concurrent=True)

    async def scenario() -> None:
        async with running(make) as (instance, _):
            instance.receive("s1", "wait")
            answer = await instance.answer(REQUEST)
            assert answer is not None
            go.set()

    run(scenario)


def test_concurrent_handlers_that_never_return_stop_none_of_other_instances() -> None:
    go = threading.Event()

    def make_stuck(services: Any) -> None:
        services.create_request_service("app", "x", lambda *_: go.wait(20), concurrent=True)

    def make_fine(services: Any) -> None:
        services.create_request_service("app", "x", lambda *_: (200, b"x", "text/plain", {}), concurrent=True)

    async def scenario() -> None:
        async with running(make_stuck) as (stuck, _), running(make_fine) as (fine, _):
            asking = [asyncio.ensure_future(stuck.answer(REQUEST)) for _ in range(40)]
            await asyncio.sleep(0)
            answer = await fine.answer(REQUEST)
            assert answer is not None
            assert not any(one.done() for one in asking)
            go.set()
            await asyncio.wait(asking)

    run(scenario)


def test_messages_of_others_that_wait_when_it_ends_are_dropped() -> None:
    """Two that answer each other would have held up the end until all of it was said."""
    go, seen = threading.Event(), []

    def make(services: Any) -> None:
        services.add_message_listener(lambda msg, _: (seen.append(msg), go.wait(10)))
        services.set_app2app_message_callback(lambda *_: seen.append("told"))
        services.add_app_close_listener(lambda: seen.append("closed"))

    async def scenario() -> None:
        async with running(make) as (instance, _):
            instance.receive("s1", "first")
            instance.receive_app_message(AppMessage("w", "other", "y", "late"))
            await until(lambda: seen == ["first"])
            ending = asyncio.ensure_future(instance.stop())
            await asyncio.sleep(0)
            go.set()
            await ending
        assert seen == ["first", "closed"]

    run(scenario)


def test_what_waits_when_it_ends_is_answered_and_not_run() -> None:
    go, seen = threading.Event(), []

    def make(services: Any) -> None:
        services.add_message_listener(lambda msg, _: (seen.append(msg), go.wait(10)))
        services.add_session_close_listener(seen.append)
        services.create_request_service("app", "x", lambda *_: seen.append("handled"))

    async def scenario() -> None:
        async with running(make) as (instance, _):
            instance.open_session(visitor())
            instance.receive("s1", "first")
            instance.receive("s1", "second")
            asking = asyncio.ensure_future(instance.answer(REQUEST))
            await until(lambda: seen == ["first"])
            instance.close_session("s1")
            stopping = asyncio.ensure_future(instance.stop())
            await asyncio.sleep(0)
            go.set()
            with pytest.raises(ServiceFailedError, match="the service was stopped"):
                await asking
            await stopping
            assert seen == ["first", "s1"]

    run(scenario)


def test_a_concurrent_handler_that_goes_on_behind_the_end() -> None:
    go = threading.Event()

    def make(services: Any) -> None:
        services.create_request_service("app", "x", lambda *_: go.wait(10), concurrent=True)

    async def scenario() -> None:
        async with running(make) as (instance, _):
            asking = asyncio.ensure_future(instance.answer(REQUEST))
            await asyncio.sleep(0)
            await instance.stop()
            with pytest.raises(ServiceFailedError, match="the service was stopped"):
                await asking
            go.set()

    run(scenario)


def test_metrics_that_never_come_are_asked_for_once() -> None:
    go, asked = threading.Event(), []

    def make(services: Any) -> None:
        services.set_metrics_callback(lambda: (asked.append(1), go.wait(10), {"a": 1})[2], {"a": {}})

    async def scenario() -> None:
        async with running(make) as (instance, _):
            assert instance.metrics_metadata == {"a": {}}
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await instance.metrics()
            assert await instance.metrics() is None
            assert asked == [1]
            go.set()
            found = None
            while found is None:
                await asyncio.sleep(0)
                found = await instance.metrics()
            assert found == {"a": 1}

    run(scenario)


def test_one_that_is_busy_gets_the_newest_overview_only() -> None:
    go, seen = threading.Event(), []

    def make(services: Any) -> None:
        services.add_message_listener(lambda *_: go.wait(10))
        services.set_admin_listener(seen.append)

    async def scenario() -> None:
        async with running(make) as (instance, _):
            instance.receive("s1", "wait")
            for number in range(5):
                instance.receive_admin({"n": number})
            go.set()
            await until(lambda: seen == [{"n": 4}])

    run(scenario)


def test_messages_of_others_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_APP_MESSAGES", 3)
    go = threading.Event()

    def make(services: Any) -> None:
        services.set_app2app_message_callback(lambda *_: go.wait(10))

    async def scenario() -> None:
        async with running(make) as (instance, _):
            taken = 0
            while instance.admits("w"):
                instance.receive_app_message(AppMessage("w", "other", "y", 1))
                taken += 1
            assert 3 <= taken <= 4
            go.set()
            await until(lambda: instance.admits("w"))

    run(scenario)
