"""Calls of threads arrive in order, wait for room, and end with the loop."""

import asyncio
import threading

import pytest

from jupyter_trame.execution import mailbox as module
from jupyter_trame.execution.mailbox import ClosedError, Mailbox
from tests.igor.support import run


def test_order_and_thread() -> None:
    async def scenario() -> None:
        mailbox = Mailbox()
        found: list[int] = []
        home = threading.get_ident()

        def note(number: int) -> None:
            assert threading.get_ident() == home
            found.append(number)

        def work() -> None:
            for number in range(1000):
                mailbox.post(lambda number=number: note(number))
            mailbox.post(done.set)

        done = asyncio.Event()
        mailbox.post(lambda: note(-1))
        assert found == [-1], "at once on the loop's own thread"
        await asyncio.to_thread(work)
        await done.wait()
        assert found == [-1, *range(1000)]

    run(scenario)


def test_a_call_that_fails_costs_no_other() -> None:
    async def scenario() -> None:
        mailbox, done = Mailbox(), asyncio.Event()
        errors: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))

        def work() -> None:
            mailbox.post(lambda: 1 / 0)
            mailbox.post(done.set)

        await asyncio.to_thread(work)
        await done.wait()
        assert len(errors) == 1

    run(scenario)


def test_calls_without_end_hold_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TURN", 0.0)

    async def scenario() -> None:
        mailbox = Mailbox()
        found: list[int] = []
        worker = threading.Thread(
            target=lambda: [mailbox.post(lambda number=number: found.append(number)) for number in range(10)]
        )
        worker.start()
        worker.join()  # the loop does not turn meanwhile
        seen = set()
        while len(found) < 10:
            seen.add(len(found))
            await asyncio.sleep(0)
        assert found == list(range(10))
        assert seen == set(range(10)), "others have their turn between two calls"

    run(scenario)


def test_who_posts_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROOM", 100)

    async def scenario() -> None:
        mailbox = Mailbox()
        posted = 0

        def work() -> None:
            nonlocal posted
            for _ in range(10):
                mailbox.post(lambda: None, 60)
                posted += 1

        worker = threading.Thread(target=work)
        worker.start()
        worker.join(0.2)  # the loop does not turn meanwhile
        assert posted == 2
        await asyncio.to_thread(worker.join)
        assert posted == 10

    run(scenario)


def test_the_end_lets_everybody_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROOM", 100)

    async def scenario() -> None:
        mailbox = Mailbox()
        ran: list[bool] = []
        ended = threading.Event()

        def work() -> None:
            mailbox.post(lambda: ran.append(True), 200)
            with pytest.raises(ClosedError):
                mailbox.post(lambda: ran.append(False))
            ended.set()

        worker = threading.Thread(target=work)
        worker.start()
        worker.join(0.1)
        mailbox.close()
        assert ran == [True], "what was posted before runs"
        assert await asyncio.to_thread(ended.wait, 10)
        worker.join()

    run(scenario)
