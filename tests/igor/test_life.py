"""A life of a server: its thread, and what is left when it has ended."""

import asyncio
import gc
import threading
from typing import Any

import psutil
import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.igor import IgorServer
from jupyter_trame.igor.life import Life
from jupyter_trame.igor.service import Service
from tests.igor.support import TIMEOUT, client, run, serving


def test_what_happens_when_a_place_cannot_be_opened() -> None:
    with serving({}) as server:
        taken = int(server.url.rpartition(":")[2])
        before = threading.active_count()
        second = IgorServer({}, {"logging": {"file_name": None}}, port=taken)
        for _ in range(3):
            with pytest.raises(OSError, match="in use"):
                second.start()
        assert second.wait(TIMEOUT)
        assert threading.active_count() == before


def test_clients_are_told_of_the_end() -> None:
    async def scenario() -> None:
        async with client(server) as raw:
            server.stop()
            await raw.connection.wait_closed()
            assert raw.connection.close_code == 1001

    with serving({}) as server:
        run(scenario)


def test_a_client_that_does_not_say_goodbye_holds_up_nothing() -> None:
    async def scenario() -> None:
        async with client(server) as raw:
            raw.connection.transport.pause_reading()
            server.stop()
            assert await asyncio.to_thread(server.wait, TIMEOUT)
            raw.connection.transport.abort()

    with serving({}) as server:
        run(scenario)


def test_a_stop_before_there_is_a_loop_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Life.start

    def stop_and_start(life: Life) -> Service:
        life.stop()
        return start(life)

    monkeypatch.setattr(Life, "start", stop_and_start)
    server = IgorServer({}, {"logging": {"file_name": None}}, port=0)
    server.start()
    assert server.wait(TIMEOUT)
    assert not server.running


def test_nothing_is_left_after_fifty_lives() -> None:
    async def echo(output: Any, data: Any) -> None:
        output.send(data)

    async def use(server: IgorServer) -> None:
        async with client(server) as raw:
            assert await raw.call("echo", 1) == [1]

    def live() -> None:
        with serving({"echo": echo}) as server:
            asyncio.run(use(server))

    live()
    gc.collect()
    process = psutil.Process()
    threads, descriptors = threading.active_count(), process.num_fds()
    for _ in range(50):
        live()
    gc.collect()
    assert threading.active_count() <= threads
    assert process.num_fds() <= descriptors


def test_a_process_cannot_be_started_by_a_server_that_has_ended() -> None:
    with serving({}) as server:
        life = server._life
        assert life is not None
    with pytest.raises(ServerError):
        life.run(lambda: None)
    life.stop()
