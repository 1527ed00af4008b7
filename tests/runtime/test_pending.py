"""What is on its way."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.runtime.pending import NetworkMonitor
from jupyter_trame.server import Server, runtime_of
from tests.support.servers import TIMEOUT, App, turn


def test_calls_and_messages_are_counted() -> None:
    undelivered = 2
    monitor = NetworkMonitor(lambda: undelivered)
    assert monitor.pending == 2
    with monitor as same:
        assert same is monitor
        assert monitor.pending == 3
    undelivered = 0
    assert monitor.pending == 0
    monitor.exit()
    assert monitor.pending == 0


def test_a_block_that_raises_is_over() -> None:
    async def scenario() -> None:
        monitor = NetworkMonitor()
        with pytest.raises(ValueError, match="x"):
            async with monitor:
                assert monitor.pending == 1
                raise ValueError("x")
        assert monitor.pending == 0

    asyncio.run(scenario())


def test_listeners_hear_of_begin_and_end() -> None:
    monitor, heard = NetworkMonitor(), list[str]()
    number = monitor.add_listener(lambda: heard.append("in"), lambda: heard.append("out"))
    with monitor:
        assert heard == ["in"]
    assert heard == ["in", "out"]
    monitor.remove_listener(number)
    monitor.remove_listener(number)
    with monitor:
        pass
    assert heard == ["in", "out"]


def test_completion_waits_for_calls_and_messages() -> None:
    async def scenario() -> None:
        undelivered = 1
        monitor = NetworkMonitor(lambda: undelivered)
        monitor.enter()
        done = asyncio.create_task(monitor.completion())
        await turn()
        monitor.exit()
        await turn()
        assert not done.done()
        undelivered = 0
        thread = threading.Thread(target=monitor.changed)
        thread.start()
        async with asyncio.timeout(TIMEOUT):
            await done
        thread.join()

    asyncio.run(scenario())


def test_who_waits_inside_a_call_does_not_wait_for_it_nor_for_others_who_wait() -> None:
    async def scenario() -> None:
        monitor = NetworkMonitor()

        async def call() -> None:
            async with monitor:
                await monitor.completion()

        async with asyncio.timeout(TIMEOUT):
            await asyncio.gather(call(), call())
        assert monitor.pending == 0

    asyncio.run(scenario())


def test_who_gives_up_waiting_is_forgotten() -> None:
    async def scenario() -> None:
        monitor = NetworkMonitor()
        monitor.enter()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await monitor.completion()
        monitor.exit()
        await monitor.completion()
        assert not monitor._waiters

    asyncio.run(scenario())


def test_a_trigger_may_wait_for_the_network(start: Callable[..., App]) -> None:
    async def scenario() -> None:
        server = Server("app")
        pending: list[int] = []
        begun = asyncio.Event()

        @server.trigger("wait")
        async def wait() -> str:
            pending.append(server.context.network_monitor.pending)
            begun.set()
            await server.network_completion
            return "complete"

        app = start(server)
        client = await app.client()
        app.backend.undelivered = 1
        reply = asyncio.create_task(client.trigger("wait"))
        await begun.wait()
        assert pending == [2]
        await turn()
        assert not reply.done()
        app.backend.undelivered = 0
        runtime_of(server).network.changed()
        assert (await reply).result == "complete"
        assert server.protocol is not None
        await turn()
        assert server.protocol.network_monitor.pending == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("method", ["no.such", "trame.trigger", "application.exit"])
def test_every_call_is_over_in_the_end(start: Callable[..., App], method: str) -> None:
    async def scenario() -> None:
        server = Server("app")
        seen: list[Any] = []
        runtime_of(server).network.add_listener(lambda: seen.append("in"), lambda: seen.append("out"))
        client = await start(server).client()
        await client.call(method)
        await turn()
        assert seen == ["in", "out"]

    asyncio.run(scenario())


def test_a_call_that_the_end_of_the_server_cancels_is_over(start: Callable[..., App]) -> None:
    async def scenario() -> None:
        server = Server("app")
        begun = asyncio.Event()

        @server.trigger("hang")
        async def hang() -> None:
            begun.set()
            await asyncio.Event().wait()

        client = await start(server).client()
        client.session.call("trame.trigger", ["hang", [], {}])
        client._send()
        await begun.wait()
        assert runtime_of(server).network.pending == 1
        await server.stop()
        await turn()
        assert runtime_of(server).network.pending == 0

    asyncio.run(scenario())


def test_a_call_may_wait_while_others_wait_for_it(start: Callable[..., App]) -> None:
    async def scenario() -> None:
        server = Server("app", compat="trame")

        @server.trigger("wait")
        async def wait() -> str:
            await turn(10)
            await server.network_completion
            return "complete"

        server.trigger("next")(lambda: "next")
        client = await start(server).client()
        replies = await asyncio.gather(client.trigger("wait"), client.trigger("next"))
        assert [reply.result for reply in replies] == ["complete", "next"]

    asyncio.run(scenario())
