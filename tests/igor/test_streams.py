"""What a handler may do with its output."""

import asyncio
import threading
from typing import Any

import pytest

from jupyter_trame.execution.mailbox import ClosedError, Mailbox
from jupyter_trame.igor.json_frames import NotJsonError
from jupyter_trame.igor.streams import Stream
from tests.igor.support import run, turns
from tests.igor.test_igor_client import MEGABYTE, make


def test_any_use_after_closing_raises() -> None:
    async def scenario() -> None:
        client, transport = make()
        stream = Stream(client, "s", Mailbox())
        stream.send()
        stream.send_error(ValueError("v"))
        stream.close()
        assert stream.closed
        uses: list[Any] = [stream.close, lambda: stream.send(1), lambda: stream.send_error("x")]
        for use in uses:
            with pytest.raises(ClosedError, match="'s' is closed"):
                use()
        stream.finish(RuntimeError())
        await turns()
        assert transport.messages == [
            {"streamId": "s", "data": None},
            {"streamId": "s", "error": "v"},
            {"streamId": "s", "close": True},
        ]

    run(scenario)


def test_the_end_of_a_handler() -> None:
    async def scenario() -> None:
        client, transport = make()
        Stream(client, 1, Mailbox()).finish()
        Stream(client, 2, Mailbox()).finish(KeyError())
        await turns()
        assert transport.messages == [
            {"streamId": 1, "close": True},
            {"streamId": 2, "error": "KeyError"},
            {"streamId": 2, "close": True},
        ]

    run(scenario)


def test_a_client_that_left() -> None:
    async def scenario() -> None:
        client, _ = make()
        stream = Stream(client, 1, Mailbox())
        client.ended()
        assert stream.closed
        with pytest.raises(ClosedError, match="has left"):
            stream.send(1)
        stream.finish()

    run(scenario)


def test_a_value_without_a_form_sends_nothing() -> None:
    async def scenario() -> None:
        client, transport = make()
        stream = Stream(client, 1, Mailbox())
        with pytest.raises(NotJsonError):
            stream.send(object())
        stream.send("fine")
        await turns()
        assert [message["data"] for message in transport.messages] == ["fine"]

    run(scenario)


def test_a_thread_that_sends_much_waits() -> None:
    async def scenario() -> None:
        client, transport = make()
        transport.stuck = True
        stream = Stream(client, 1, Mailbox())
        sent: list[int] = []

        def work() -> None:
            for number in range(10):
                stream.send(MEGABYTE)
                sent.append(number)

        worker = threading.Thread(target=work)
        worker.start()
        while not client.behind:  # noqa: ASYNC110 - the thread brings it about
            await asyncio.sleep(0)
        await turns(50)
        assert len(sent) < 10
        transport.read()
        await asyncio.to_thread(worker.join)
        await turns()
        assert len(transport.messages) == 10

    run(scenario)


def test_a_coroutine_that_sends_much_drains() -> None:
    async def scenario() -> None:
        client, transport = make()
        stream = Stream(client, 1, Mailbox())
        await stream.drain()
        transport.stuck = True
        stream.send(MEGABYTE)
        await turns()
        drained = asyncio.create_task(stream.drain())
        await turns()
        assert not drained.done()
        transport.read()
        await drained

    run(scenario)
