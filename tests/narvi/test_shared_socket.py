"""A socket that two threads write to: no frame lands in another one, and nothing is written behind the end."""

import asyncio
import random
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tornado.iostream import IOStream

from jupyter_trame.narvi.shared_socket import SharedSocket
from jupyter_trame.transports.incoming import PING
from tests.narvi.support import run


@asynccontextmanager
async def pair(buffer: int = 1 << 16) -> AsyncIterator[tuple[SharedSocket, IOStream, socket.socket]]:
    """A shared socket, its stream, and the other end, with small buffers of the system."""
    ours, theirs = socket.socketpair()
    for end, option in ((ours, socket.SO_SNDBUF), (theirs, socket.SO_RCVBUF)):
        end.setsockopt(socket.SOL_SOCKET, option, buffer)
    stream = IOStream(ours)
    theirs.settimeout(10)
    try:
        yield SharedSocket(stream), stream, theirs
    finally:
        stream.close()
        theirs.close()


def read(sock: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes."""
    found = b""
    while len(found) < size:
        found += sock.recv(min(size - len(found), 1 << 16))
    return found


def test_what_a_thread_writes_leaves_without_the_loop() -> None:
    async def scenario() -> None:
        async with pair() as (shared, _, theirs):
            thread = threading.Thread(target=lambda: written.append(shared.write_now(b"hello")))
            written: list[bool] = []
            thread.start()
            thread.join()  # while the loop stands still
            assert written == [True]
            assert read(theirs, 5) == b"hello"

    run(scenario)


def test_the_rest_of_a_thread_s_frame_goes_before_all_others() -> None:
    async def scenario() -> None:
        async with pair(4096) as (shared, stream, theirs):
            large = random.Random(1).randbytes(1 << 20)
            assert await asyncio.to_thread(shared.write_now, large)
            assert not await asyncio.to_thread(shared.write_now, b"too early")
            shared.add_control(PING, b"ping")
            assert shared.unsent() > 0
            assert not shared.write_now(b"still too early")
            found = await asyncio.to_thread(read, theirs, len(large) + 6)
            assert found == large + bytes([0x80 | PING, 4]) + b"ping"
            while stream.writing():  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.001)
            assert shared.write_now(b"now")
            assert read(theirs, 3) == b"now"

    run(scenario)


def test_control_frames_are_done_when_they_were_sent() -> None:
    async def scenario() -> None:
        async with pair() as (shared, _, theirs):
            await shared.add_control(PING, b"x")
            assert read(theirs, 3) == bytes([0x80 | PING, 1]) + b"x"

    run(scenario)


def test_behind_the_end_no_thread_writes() -> None:
    async def scenario() -> None:
        async with pair() as (shared, stream, theirs):
            shared.end()
            assert not shared.write_now(b"x")
            assert shared.write(b"goodbye") is None
            assert read(theirs, 7) == b"goodbye"
            stream.close()
            assert shared.write(b"x") is None
            assert not shared.write_now(b"x")
            await shared.add_control(PING, b"x")
            assert shared.unsent() == 0

    run(scenario)


def test_frames_of_two_threads_stay_whole() -> None:
    """Each frame is a byte that says whose it is, its length, and as many of that byte."""
    rounds = 300

    def frame(who: int, chance: random.Random) -> bytes:
        size = chance.choice([1, 10, 1000, 30_000])
        return bytes([who]) + size.to_bytes(2) + bytes([who]) * size

    async def scenario() -> None:
        async with pair(8192) as (shared, _, theirs):
            sent = {1: 0, 2: 0}

            def work() -> None:
                chance = random.Random(2)
                for _ in range(rounds):
                    sent[2] += shared.write_now(frame(2, chance))

            def receive() -> dict[int, int]:
                found = {1: 0, 2: 0}
                while True:
                    who, *size = read(theirs, 3)
                    if who == 3:
                        return found
                    length = int.from_bytes(bytes(size))
                    assert set(read(theirs, length)) == {who}
                    found[who] += 1

            receiving = asyncio.create_task(asyncio.to_thread(receive))
            working = asyncio.create_task(asyncio.to_thread(work))
            chance = random.Random(3)
            while not working.done() or sent[1] < rounds:
                shared.write(frame(1, chance))
                sent[1] += 1
                await asyncio.sleep(0)
            shared.write(bytes([3, 0, 0]))
            assert await receiving == sent
            assert sent[1] >= rounds

    run(scenario)
