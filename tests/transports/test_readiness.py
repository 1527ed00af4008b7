"""Links on a loop that cannot watch sockets, as on Windows."""

import asyncio
import socket

import pytest

from jupyter_trame.protocol.link import LinkOp, Pressure
from jupyter_trame.transports.listener import LinkListener, connect
from jupyter_trame.transports.readiness import selector_of
from jupyter_trame.transports.stream import StreamLink

TIMEOUT = 30
OPS: list[LinkOp] = [Pressure(1), Pressure(2)]


class Proactor(asyncio.SelectorEventLoop):
    """Cannot watch sockets. asyncio itself calls ``remove_writer`` when it has connected."""

    add_reader = asyncio.AbstractEventLoop.add_reader
    add_writer = asyncio.AbstractEventLoop.add_writer


def test_other_loops_watch_by_themselves() -> None:
    loop = asyncio.SelectorEventLoop()
    assert selector_of(loop) is loop
    loop.close()


def test_a_link_works_on_a_loop_that_watches_no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "ProactorEventLoop", Proactor, raising=False)

    async def scenario() -> list[LinkOp]:
        loop = asyncio.get_running_loop()
        got: asyncio.Queue[list[LinkOp]] = asyncio.Queue()
        accepted: asyncio.Future[socket.socket] = loop.create_future()
        listener = LinkListener("tcp:127.0.0.1:0")
        listener.start(loop, accepted.set_result)
        here = StreamLink(await connect(listener.address), loop, on_ops=got.put_nowait, on_closed=print)
        there = StreamLink(
            await accepted, loop, on_ops=lambda ops: there.send(*ops), on_closed=lambda _: None
        )
        here.send(*OPS)
        ops: list[LinkOp] = []
        while len(ops) < len(OPS):
            ops += await got.get()
        here.close()
        listener.close()
        return ops

    loop = Proactor()
    try:
        assert loop.run_until_complete(asyncio.wait_for(scenario(), TIMEOUT)) == OPS
    finally:
        loop.close()


def test_links_that_were_just_closed_do_not_end_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """tornado's thread may still wait for them, and one closed socket object ends it with all that it watches."""
    monkeypatch.setattr(asyncio, "ProactorEventLoop", Proactor, raising=False)

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(100):
            accepted: asyncio.Future[socket.socket] = loop.create_future()
            listener = LinkListener("tcp:127.0.0.1:0")
            listener.start(loop, accepted.set_result)
            sock = await connect(listener.address)
            for each in (sock, await accepted):
                StreamLink(each, loop, on_ops=print, on_closed=lambda _: None).close()
            listener.close()

    loop = Proactor()
    try:
        loop.run_until_complete(asyncio.wait_for(scenario(), TIMEOUT))
    finally:
        loop.close()
