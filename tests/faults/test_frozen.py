"""Processes that stand still for a while, as on a machine that is suspended: afterwards everything goes on."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from tests.e2e.servers import JupyterServer
from tests.faults.conftest import BEAT, GRACE, MakePlace
from tests.faults.load import Viewer, until
from tests.faults.test_half_open import APP

FROZEN = 2 * GRACE
"""Seconds. Clients give a connection up, and sessions end, in less time than the processes stand still."""


@contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)


def test_a_kernel_that_stands_still_holds_nobody_else_up(
    steady_server: JupyterServer, make_place: MakePlace
) -> None:
    found = make_place(steady_server, APP)

    async def main() -> None:
        one, other = Viewer(found.url), Viewer(found.url)
        await one.start()
        await other.start()
        with frozen([found.kernel_pid]):
            with one.client.state as state:
                state.n = 7
            written = time.monotonic()
            await until(lambda: other.client.state.n == 7, "the value at the other client", 5)
            print(f"seen after {(time.monotonic() - written) * 1000:.0f} ms, while the kernel stood still")
            call = asyncio.create_task(one.client.call_trigger("wait"))
            late = Viewer(found.url)
            await asyncio.wait_for(late.start(), 10)
            assert late.client.state.n == 7
        found.run("go.set()")
        assert await asyncio.wait_for(call, 10) == "done"
        await one.settled()
        assert sorted(found.run("print(server.state.n, *heard)").split()) == ["7", "call", "in", "in", "in"]
        for each in (one, other, late):
            await each.stop()

    asyncio.run(main())


@pytest.mark.parametrize("who", ["server", "both"])
def test_suspended_and_woken(impatient_server: JupyterServer, make_place: MakePlace, who: str) -> None:
    found = make_place(impatient_server, APP)
    pids = [found.server.pid, *([found.kernel_pid] if who == "both" else [])]

    async def main() -> None:
        one = Viewer(found.url)
        await one.start()
        session = one.client._exchange.session.client_id
        call = asyncio.create_task(one.client.call_trigger("wait"))
        await until(lambda: found.run("print(*heard)").split() == ["in", "call"], "the call")
        with frozen(pids):
            stopped = time.monotonic()
            await until(lambda: not one.client.connected, "the client to notice")
            with one.client.state as state:
                state.n = 7
            await until(lambda: time.monotonic() - stopped > FROZEN, "the end of a sleep")
        woken = time.monotonic()
        await until(lambda: one.client.connected, "the client to be back")
        print(f"back {time.monotonic() - woken:.1f} s after the end of {FROZEN} s")
        found.run("go.set()")
        assert await asyncio.wait_for(call, 10) == "done"
        await one.settled()
        assert one.client._exchange.session.client_id == session
        assert found.run("print(server.state.n, *heard)").split() == ["7", "in", "call"]
        await one.stop()

    with patch("jupyter_trame.client.connections._HEART_BEAT", BEAT):
        asyncio.run(main())
