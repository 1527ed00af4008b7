"""One client: frames leave together and in order, waiting is bounded, calls take turns."""

import asyncio
import logging
import threading

import pytest

from jupyter_trame.execution.mailbox import Mailbox
from jupyter_trame.igor import igor_client as module
from jupyter_trame.igor.igor_client import IgorClient, wait_in_thread
from jupyter_trame.system.log_limits import Complaints
from tests.igor.support import MemoryTransport, run, turns

MEGABYTE = "x" * 2**20


def make() -> tuple[IgorClient, MemoryTransport]:
    transport = MemoryTransport()
    return IgorClient(("127.0.0.1", 1), transport, Complaints(logging.getLogger(__name__))), transport


def test_frames_of_a_turn_leave_together() -> None:
    async def scenario() -> None:
        client, transport = make()
        for frame in ("1", "2", "3"):
            client.send(frame)
        assert transport.written == []
        await turns()
        client.send("4")
        await turns()
        assert transport.written == [["1", "2", "3"], ["4"]]

    run(scenario)


def test_what_is_queued_leaves_before_the_goodbye() -> None:
    async def scenario() -> None:
        client, transport = make()
        client.send("1")
        client.close(4001, "why")
        client.send("2")
        client.close(1001, "again")
        await turns()
        assert (transport.written, transport.closed) == ([["1"]], (4001, "why"))

    run(scenario)


def test_senders_wait_until_the_client_has_read() -> None:
    async def scenario() -> None:
        client, transport = make()
        transport.stuck = True
        client.send(MEGABYTE + "y")
        await turns()
        assert client.behind
        mailbox, passed = Mailbox(), threading.Event()

        def work() -> None:
            wait_in_thread(client, mailbox.post)
            passed.set()

        worker = threading.Thread(target=work)
        worker.start()
        await turns(20)
        assert not passed.is_set()
        transport.read()
        assert not client.behind
        assert await asyncio.to_thread(passed.wait, 10)
        worker.join()

    run(scenario)


def test_who_is_far_behind_is_given_up_with_the_next_frame(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        client, transport = make()
        transport.stuck = True
        client.send("x" * (32 << 20))
        await turns()
        assert not client.gone, "one large message is no reason"
        let_go: list[bool] = []
        client.wait_for_room(lambda: let_go.append(True))
        client.send("1")
        await turns()
        assert client.gone
        assert transport.aborted
        assert let_go == [True]

    run(scenario)
    assert "reads too slowly" in caplog.text


def test_who_takes_nothing_is_given_up_and_who_is_slow_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.01)

    async def scenario() -> None:
        stuck, nothing = make()
        slow, little = make()
        for transport in (nothing, little):
            transport.stuck = True
        for client in (stuck, slow):
            client.send(MEGABYTE + "y")
        async with asyncio.timeout(10):
            while not stuck.gone:
                little.waiting -= 1
                await asyncio.sleep(0)
        assert not slow.gone
        little.read()

    run(scenario)


def test_calls_take_turns() -> None:
    async def scenario() -> None:
        client, _ = make()
        ran: list[int] = []
        for number in range(3):
            client.take_turn(lambda number=number: ran.append(number))
        assert ran == [0]
        client.turn_over()
        assert ran == [0, 1]
        client.turn_over()
        client.turn_over()
        assert ran == [0, 1, 2]
        client.take_turn(lambda: ran.append(3))
        assert ran == [0, 1, 2, 3]

    run(scenario)


def test_reading_pauses_while_many_calls_are_open() -> None:
    async def scenario() -> None:
        client, _ = make()
        assert [client.begin(1) for _ in range(255)] == [None] * 255
        room = client.begin(1)
        assert room is not None
        for _ in range(128):
            client.end(1)
        assert not room.done()
        client.end(1)
        assert room.done()
        assert client.begin(1) is None

    run(scenario)


def test_reading_pauses_while_calls_hold_many_bytes() -> None:
    async def scenario() -> None:
        client, _ = make()
        assert client.begin(10 << 20) is None
        room = client.begin(6 << 20)
        assert room is not None
        assert client.begin(1) is room
        client.end(1)
        assert not room.done()
        client.end(6 << 20)
        assert room.done()

    run(scenario)


def test_one_large_call_never_pauses_its_connection() -> None:
    async def scenario() -> None:
        largest = 100 << 20
        client = IgorClient(("", 0), MemoryTransport(), Complaints(logging.getLogger(__name__)), largest)
        assert client.begin(largest) is None
        assert client.begin(1) is None
        assert client.begin(largest) is not None

    run(scenario)


def test_the_record_of_the_original() -> None:
    async def scenario() -> None:
        client, _ = make()
        client.id = 3
        assert (client["id"], client["address"]) == (3, ("127.0.0.1", 1))
        with pytest.raises(KeyError):
            client["handler"]

    run(scenario)
