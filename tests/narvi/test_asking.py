"""Validators run beside the loop."""

import asyncio
import threading
from typing import Any

import pytest

from jupyter_trame.execution.mailbox import Mailbox
from jupyter_trame.execution.workers import Workers
from jupyter_trame.narvi.asking import AskInThread
from tests.narvi.support import run
from tests.services.support import service


def test_answers_of_threads() -> None:
    async def scenario() -> None:
        threads: list[int] = []

        def accept(service_id: str) -> bool:
            threads.append(threading.get_ident())
            return service_id == "x"

        ask = AskInThread(Mailbox())
        registered = service(service_id_validator=accept)
        assert await ask(registered, "x") is True
        assert await ask(registered, "y") is False
        assert threading.get_ident() not in threads
        ask.close()

    run(scenario)


def test_whatever_a_validator_raises_refuses_at_once(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: str) -> bool:
        raise KeyboardInterrupt

    async def scenario() -> None:
        ask = AskInThread(Mailbox())
        assert await ask(service(service_id_validator=fail), "x") is False
        ask.close()
        async with asyncio.timeout(20):
            while "KeyboardInterrupt" not in caplog.text:  # noqa: ASYNC110 - the thread logs it after its answer
                await asyncio.sleep(0.01)

    run(scenario)


def test_validators_that_never_return_refuse_nothing_of_other_services() -> None:
    async def scenario() -> None:
        go, ask = threading.Event(), AskInThread(Mailbox())
        stuck = service("stuck", service_id_validator=lambda _: go.wait(20))
        asking = [asyncio.ensure_future(ask(stuck, str(number))) for number in range(40)]
        await asyncio.sleep(0)
        assert await ask(service("fine", service_id_validator=lambda _: True), "x") is True
        assert not any(one.done() for one in asking)
        go.set()
        assert all(await asyncio.gather(*asking))
        ask.close()

    run(scenario)


def test_who_gives_up_does_no_harm() -> None:
    async def scenario() -> None:
        go, workers, mailbox = threading.Event(), Workers(), Mailbox()
        ask = AskInThread(mailbox)
        asking = asyncio.ensure_future(ask(service(service_id_validator=lambda _: go.wait(10)), "x"))
        await asyncio.sleep(0)
        asking.cancel()
        go.set()
        done: list[Any] = []
        workers.submit(lambda: mailbox.post(lambda: done.append(1)))
        while not done:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        mailbox.close()
        asking = asyncio.ensure_future(ask(service(service_id_validator=bool), "x"))
        await asyncio.wait([asking], timeout=0.05)
        assert not asking.done()  # the loop takes nothing any more
        asking.cancel()
        workers.close()
        ask.close()

    run(scenario)
