"""The proxy that the other tests trust: what it passes on, and what it cuts."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

from tests.faults.cutter import RESET, Cutter
from tests.faults.load import until

SOCKET = b"GET /trame/k/app/ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
OTHER = b"GET /api/kernels/k/channels HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
SIZE = 4 << 20
CONTENT = Random(1).randbytes(SIZE)


class Far:
    """A server that answers with what it gets."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.lengths: list[int] = []
        """How much came over each connection that ended."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = 0
        try:
            while data := await reader.read(1 << 16):
                length += len(data)
                self.got += data
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            self.lengths.append(length)
            writer.close()


@asynccontextmanager
async def between(seed: int = 0) -> AsyncIterator[tuple[Far, Cutter]]:
    far = Far()
    server = await asyncio.start_server(far.serve, "127.0.0.1", 0)
    cutter = Cutter(server.sockets[0].getsockname()[1], seed)
    try:
        yield far, cutter
    finally:
        await asyncio.to_thread(cutter.close)
        server.close()


async def exchange(cutter: Cutter, head: bytes) -> bytearray:
    """What comes back of `head` and four megabytes, until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", cutter.port)
    got = bytearray()

    async def send() -> None:
        writer.write(head + CONTENT)
        await writer.drain()

    sending = asyncio.create_task(send())
    try:
        while len(got) < len(head) + SIZE and (data := await reader.read(1 << 16)):
            got += data
        await sending
    except ConnectionError:
        pass
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()
    return got


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(60):
            await scenario()

    asyncio.run(main())


def test_everything_passes_until_cuts_are_asked_for() -> None:
    async def scenario() -> None:
        async with between() as (far, cutter):
            assert await exchange(cutter, SOCKET) == SOCKET + CONTENT == far.got
            await until(lambda: len(far.lengths) == 1 and not cutter.roads, "the end on both sides")
            assert cutter.cuts == 0

    run(scenario)


def test_a_cut_falls_into_what_is_sent_and_both_sides_hear_of_it() -> None:
    async def scenario() -> None:
        async with between() as (far, cutter):
            await asyncio.to_thread(cutter.cut_randomly, 20, 0.2)
            while cutter.left:
                assert (SOCKET + CONTENT).startswith(await exchange(cutter, SOCKET)), "nothing follows a gap"
            await until(lambda: len(far.lengths) == cutter.made and not cutter.roads, "the end on both sides")
            assert cutter.cuts == 20
            assert any(len(SOCKET) < length < SIZE for length in far.lengths), far.lengths
            assert len(await exchange(cutter, SOCKET)) > SIZE, "no more than that"

    run(scenario)


def test_what_is_no_app_s_socket_is_left_alone() -> None:
    async def scenario() -> None:
        async with between() as (_, cutter):
            await asyncio.to_thread(cutter.cut_randomly, 5, 0.05)
            assert len(await exchange(cutter, OTHER)) > SIZE
            assert cutter.left == 5

    run(scenario)


def test_a_silent_connection_passes_no_end_either() -> None:
    async def scenario() -> None:
        async with between() as (far, cutter):
            _, writer = await asyncio.open_connection("127.0.0.1", cutter.port)
            await until(lambda: cutter.roads, "the connection")
            await asyncio.to_thread(cutter.silence)
            writer.write(SOCKET)
            writer.close()
            assert len(await exchange(cutter, SOCKET)) > SIZE, "a new one passes everything"
            assert far.got.count(SOCKET) == 1
            assert len(far.lengths) <= 1
            await asyncio.to_thread(cutter.cut_all)
            await until(lambda: len(far.lengths) == 2 and not cutter.roads, "the end on both sides")

    run(scenario)


def test_a_reset_is_passed_on() -> None:
    """As of a client that is gone before it has read everything."""

    async def scenario() -> None:
        async with between() as (far, cutter):
            reader, writer = await asyncio.open_connection("127.0.0.1", cutter.port)
            writer.write(SOCKET)
            await reader.readexactly(1)
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()
            await until(lambda: len(far.lengths) == 1 and not cutter.roads, "the end on both sides")

    run(scenario)


def test_nothing_follows_what_was_cut_off() -> None:
    """Not even what had come to the proxy before."""

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readline()
            writer.write(CONTENT)
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(pour, "127.0.0.1", 0)
        cutter = Cutter(server.sockets[0].getsockname()[1], seed=5)
        await asyncio.to_thread(cutter.cut_randomly, 30, 0.5)
        try:
            while cutter.left:
                reader, writer = await asyncio.open_connection("127.0.0.1", cutter.port)
                writer.write(SOCKET)
                got = bytearray()
                try:
                    while data := await reader.read(1 << 16):
                        got += data
                except ConnectionError:
                    pass
                writer.close()
                assert CONTENT.startswith(got)
        finally:
            await asyncio.to_thread(cutter.close)
            server.close()

    run(scenario)
