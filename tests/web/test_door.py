"""Who keeps a place at a web server, and who has to give it up: real sockets against each kind of server."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from tornado.websocket import WebSocketProtocol13

from jupyter_trame.protocol import Limits
from jupyter_trame.server import Server
from jupyter_trame.transports.aiohttp import AiohttpSocket
from jupyter_trame.web import site
from jupyter_trame.web.door import Door, Guest, max_strangers
from tests.transports.support import masked

SOON = 0.05
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
REQUEST = b"GET /index.html HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

Open = Callable[[bytes], "asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]"]


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 - most conditions here have no event of their own
        await asyncio.sleep(0.002)


@asynccontextmanager
async def running(**changes: Any) -> AsyncIterator[tuple[Server, Open]]:
    """A server with other limits, and what connects to it and sends bytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "Limits", lambda **given: replace(Limits(**given), **changes))
        server = Server("app")
        # With the secret that all know, files are public.
        life = server.start(exec_mode="task", port=0, timeout=0, args=["--authKey", "wslink-secret"])
        await server.ready
        writers = []

        async def connect(data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writers.append(writer)
            writer.write(data)
            return reader, writer

        try:
            yield server, connect
        finally:
            for writer in writers:
                writer.close()
            await server.stop()
            assert life is not None
            await life


async def page(connect: Open) -> bool:
    reader, writer = await connect(REQUEST)
    answer = await reader.readuntil(b"</title>")
    writer.close()
    return answer.startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("web_backend")
@pytest.mark.parametrize(
    "said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: 1\r\nX: "], ids=["nothing", "line", "head"]
)
def test_who_does_not_finish_a_request_is_given_up(said: bytes) -> None:
    async def main() -> None:
        async with running(silence=SOON) as (_, connect):
            reader, _ = await connect(said)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            assert await page(connect)

    asyncio.run(main())


@pytest.mark.usefixtures("web_backend")
def test_who_asks_for_a_websocket_in_vain_is_still_watched() -> None:
    upgrade = b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"

    async def main() -> None:
        async with running(silence=SOON) as (_, connect):
            reader, _ = await connect(upgrade + b"Sec-WebSocket-Version: 13\r\n\r\nGET /ind")
            with contextlib.suppress(ConnectionError):
                assert (await reader.read()).startswith(b"HTTP/1.1 400")

    asyncio.run(main())


@pytest.mark.usefixtures("web_backend")
@pytest.mark.parametrize("said", [masked(b"no hello", bytes(4)), b"\x82\x00"], ids=["noise", "no mask"])
def test_who_is_refused_and_stays_makes_room(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client has a while to answer a close frame, here for ever, and keeps its socket until it does."""
    monkeypatch.setattr(WebSocketProtocol13, "_abort", lambda _: None)
    patient = partial(AiohttpSocket, goodbye=1000.0)
    monkeypatch.setattr("jupyter_trame.web.aiohttp.AiohttpSocket", patient)

    async def main() -> None:
        async with running(strangers=4, hello=64) as (_, connect):
            readers = []
            for _ in range(12):
                reader, _ = await connect(UPGRADE + said)
                await reader.readuntil(b"\r\n\r\n")
                assert (await reader.readexactly(4))[0] == 0x88
                readers.append(reader)
            await until(lambda: sum(not _ended(reader) for reader in readers) <= 5)
            assert not _ended(readers[-1])

    asyncio.run(main())


def _ended(reader: asyncio.StreamReader) -> bool:
    return reader.at_eof() or reader.exception() is not None or reader._eof  # type: ignore[attr-defined]


@pytest.mark.usefixtures("web_backend")
def test_a_connection_that_is_kept_alive_is_not_kept_for_ever() -> None:
    async def main() -> None:
        async with running(silence=SOON) as (_, connect):
            reader, _ = await connect(REQUEST)
            with contextlib.suppress(ConnectionError):
                assert (await reader.read()).endswith(b"</title>")

    asyncio.run(main())


@pytest.mark.usefixtures("web_backend")
def test_the_oldest_silent_connection_makes_room() -> None:
    async def main() -> None:
        async with running(strangers=4) as (_, connect):
            first, _ = await connect(b"")
            readers = [first]
            for _ in range(40):
                readers.append((await connect(b"GET /"))[0])
                assert await page(connect)
            with contextlib.suppress(ConnectionError):
                assert await first.read() == b""
            await until(
                lambda: sum(not reader.at_eof() and not reader.exception() for reader in readers) <= 5
            )

    asyncio.run(main())


@pytest.mark.usefixtures("web_backend")
@pytest.mark.parametrize("kind", ["bodies that drip", "answers that are not read"])
def test_who_is_slow_makes_room(kind: str, tmp_path: Path) -> None:
    """They are neither idle nor silent, and yet keep nobody out."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(64 << 20)

    async def main() -> None:
        async with running(strangers=4) as (server, connect):
            server.serve["files"] = str(tmp_path)
            request = (
                b"POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nx"
                if kind == "bodies that drip"
                else b"GET /files/large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            )
            for _ in range(12):
                await connect(request)
            for _ in range(3):
                assert await page(connect)

    asyncio.run(main())


@pytest.mark.usefixtures("web_backend")
@pytest.mark.parametrize("hangs_up", [False, True])
def test_an_answer_that_nobody_reads_is_given_up(hangs_up: bool, tmp_path: Path) -> None:
    """Also where no more can come, so that the connection is closed and only its last bytes are to leave."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(64 << 20)

    async def main() -> None:
        async with running(silence=SOON) as (server, connect):
            server.serve["files"] = str(tmp_path)
            reader, writer = await connect(b"GET /files/large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            if hangs_up:
                writer.write_eof()
            async with asyncio.timeout(60):
                await until(lambda: not _held(server.port))
            writer.transport.abort()

    asyncio.run(main())


def _held(port: int) -> list[object]:
    """The sockets of this process at the port, but for the one that listens."""
    ours = psutil.Process().net_connections("tcp")
    return [found for found in ours if found.laddr.port == port and found.status != psutil.CONN_LISTEN]


@pytest.mark.usefixtures("web_backend")
def test_silent_connections_do_not_keep_a_server_up() -> None:
    """Neither a connection nor an open websocket is a client."""

    async def main() -> None:
        server = Server("app")
        life = server.start(exec_mode="task", port=0, timeout=0.2)
        await server.ready
        writers = []
        for said in (b"", b"GET /", UPGRADE):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(said)
            writers.append(writer)
        assert life is not None
        await life
        assert not server.running
        for writer in writers:
            writer.close()

    asyncio.run(main())


@pytest.mark.usefixtures("web_backend")
def test_pings_are_not_the_rest_of_a_message() -> None:
    """A browser answers pings also for a page that is stuck in the middle of a message."""

    async def main() -> None:
        async with running(silence=SOON) as (_, connect):
            reader, writer = await connect(UPGRADE)
            await reader.readuntil(b"\r\n\r\n")
            writer.write(masked(b"x", bytes(4), final=False))
            said = b""
            async with asyncio.timeout(20):
                while b"the rest of a message did not come" not in said:
                    writer.write(masked(b"", bytes(4), opcode=9))
                    said = said[-100:] + await reader.read(1000)
                    # `read` does not wait for what is there, and then no time-out would come.
                    await asyncio.sleep(0.001)

    asyncio.run(main())


class Stub(Guest):
    def __init__(self, *, idle: bool = True, owes: bool = False) -> None:
        self._idle, self._owes = idle, owes
        self.aborted = False
        self.bytes = 0

    @property
    def gone(self) -> bool:
        return self.aborted

    @property
    def idle(self) -> bool:
        return self._idle

    @property
    def owes(self) -> bool:
        return self._owes

    @property
    def moved(self) -> int:
        return self.bytes

    def abort(self) -> None:
        self.aborted = True


class Scene:
    """A door whose guests are stubs."""

    def __init__(self, **limits: float) -> None:
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.sock.setblocking(False)
        self.guests: list[Stub] = []
        self.make: Callable[[], Stub] = Stub
        self.door = Door(self.sock, self._admit, replace(Limits(), **limits), pause=0.001)  # type: ignore[arg-type]

    def _admit(self, sock: socket.socket) -> Guest:
        sock.close()
        self.guests.append(self.make())
        return self.guests[-1]

    async def enter(self) -> Stub:
        before = len(self.guests)
        _, writer = await asyncio.open_connection(*self.sock.getsockname())
        await until(lambda: len(self.guests) > before)
        writer.close()
        return self.guests[-1]


def test_an_answer_that_takes_long_is_not_the_clients_silence() -> None:
    async def main() -> None:
        scene = Scene(silence=SOON)
        scene.make = lambda: Stub(idle=False)
        slow = await scene.enter()
        scene.make = Stub
        silent = await scene.enter()
        await until(lambda: silent.aborted)
        assert not slow.aborted
        scene.door.close()

    asyncio.run(main())


def test_a_body_that_stops_and_an_answer_that_is_not_read_are() -> None:
    async def main() -> None:
        scene = Scene(silence=SOON)
        scene.make = lambda: Stub(idle=False, owes=True)
        stopped, slow = await scene.enter(), await scene.enter()
        while not stopped.aborted:
            slow.bytes += 1
            await asyncio.sleep(0.001)
        assert not slow.aborted
        scene.door.close()

    asyncio.run(main())


def test_who_comes_last_is_not_the_one_who_makes_room() -> None:
    """Where all others send or read, slowly enough, nobody is idle but the one who came now."""

    async def main() -> None:
        scene = Scene(strangers=2)
        scene.make = lambda: Stub(idle=False, owes=True)
        oldest, other = await scene.enter(), await scene.enter()
        scene.make = Stub
        newest = await scene.enter()
        assert oldest.aborted
        assert not other.aborted
        assert not newest.aborted
        scene.door.close()

    asyncio.run(main())


def test_who_always_asks_for_something_keeps_nobody_out() -> None:
    """Whose answers are being made is neither idle nor owes anything."""

    async def main() -> None:
        scene = Scene(strangers=2)
        scene.make = lambda: Stub(idle=False)
        oldest, other = await scene.enter(), await scene.enter()
        scene.make = Stub
        newest = await scene.enter()
        assert [guest.aborted for guest in (oldest, other, newest)] == [True, False, False]
        scene.door.close()

    asyncio.run(main())


def test_without_descriptors_the_oldest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        scene = Scene()
        loop = asyncio.get_running_loop()
        silent = await scene.enter()
        real, failures = loop.sock_accept, [OSError(errno.EMFILE, "Too many open files")] * 2

        async def accept(sock: socket.socket) -> tuple[socket.socket, object]:
            if failures:
                raise failures.pop()
            return await real(sock)

        monkeypatch.setattr(loop, "sock_accept", accept)
        await scene.enter()  # the call that waits already is the real one
        await scene.enter()
        assert silent.aborted
        scene.door.close()

    asyncio.run(main())


def test_without_descriptors_one_makes_room_and_not_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncio's transports give their descriptor back at the next turn of the loop."""

    async def main() -> None:
        scene = Scene()
        loop = asyncio.get_running_loop()
        real, freed = loop.sock_accept, [True]

        class Later(Stub):
            def abort(self) -> None:
                super().abort()
                loop.call_soon(freed.append, True)

        async def accept(sock: socket.socket) -> tuple[socket.socket, object]:
            if not freed:
                raise OSError(errno.EMFILE, "Too many open files")
            return await real(sock)

        scene.make = Later
        guests = [await scene.enter() for _ in range(4)]
        monkeypatch.setattr(loop, "sock_accept", accept)
        guests.append(await scene.enter())  # the call that waits already is the real one
        freed.clear()
        await scene.enter()
        await scene.enter()
        assert [guest.aborted for guest in guests] == [True, False, False, False, False]
        scene.door.close()

    asyncio.run(main())


def test_a_system_without_limits_has_all_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Windows, which has no module `resource`."""
    monkeypatch.setitem(sys.modules, "resource", None)
    assert max_strangers(Limits()) == Limits().strangers


def test_places_leave_descriptors_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (128, 128))
    assert max_strangers(Limits()) == 32
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    assert max_strangers(Limits()) == Limits().strangers
