"""A TCP proxy that loses connections: at random moments, in the middle of a frame, on one side before the other."""

import asyncio
import socket
import struct
from random import Random

from tests.e2e.loops import LoopThread

__all__ = ["Cutter"]

PIECE = 1 << 16
LONGEST = 1.5
LATER = 0.4
"""Seconds after one side for which the other may go on to believe that it is connected."""
RESET = struct.pack("ii", 1, 0)
"""What has a socket end with a reset, and lose what was not sent."""


class Cutter:
    """Between clients and a server of this machine; on a thread of its own, from the constructor until `close`.

    Cuts are for websockets of apps. What else goes through, a lab's own sockets among it, is left alone.
    """

    def __init__(self, target: int, seed: int = 0) -> None:
        """Connections go on to the port `target`. `seed` says how the first, second, ... of them ends."""
        self.target = target
        self.seed = seed
        self.cuts = 0
        """How many connections have ended by chance."""
        self.left = 0
        """How many are still to do so."""
        self.made = 0
        """How many connections there have been."""
        self.longest = LONGEST
        self.roads: set[_Road] = set()
        self._loop = LoopThread()
        self.port = self._loop.run(self._start())

    def cut_randomly(self, count: int, longest: float = LONGEST) -> None:
        """Give every connection a short life, those that are open too, until `count` have ended by it.

        `longest`: seconds that a life takes at most.
        """
        self._loop.run(self._begin(count, longest))

    def cut_all(self) -> None:
        """End every connection, those that pass nothing too."""
        self._loop.run(self._cut_all())

    def silence(self) -> None:
        """The connections that are open stay so and pass nothing on from now on, an end neither; new ones do."""
        self._loop.run(self._silence())

    def close(self) -> None:
        """End all connections, and the thread."""
        self._loop.run(self._stop())
        self._loop.close()

    async def _start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _stop(self) -> None:
        self.left = 0
        self._server.close()
        tasks = [road.task for road in self.roads if road.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Transports close their sockets in the next turn of the loop.
        await asyncio.sleep(0)

    async def _begin(self, count: int, longest: float) -> None:
        self.left, self.longest = count, longest
        for road in self.roads:
            road.shorten()

    async def _cut_all(self) -> None:
        for road in self.roads:
            road.end(reset=True)

    async def _silence(self) -> None:
        for road in self.roads:
            road.passes.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        road = _Road(self, Random(f"{self.seed}:{self.made}"), reader, writer)
        self.roads.add(road)
        road.task = asyncio.current_task()
        try:
            await road.serve()
        finally:
            self.roads.discard(road)


class _Road:
    """One connection, from the client, which is near, to the server, which is far."""

    def __init__(
        self, cutter: Cutter, random: Random, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.task: asyncio.Task[None] | None = None
        self.passes = asyncio.Event()
        self.passes.set()
        self._cutter = cutter
        self._random = random
        self._near = reader, writer
        self._far: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._is_app = False
        self._room: float = float("inf")
        """Bytes that it still passes on."""
        self._timer: asyncio.TimerHandle | None = None
        self._cut_already = False
        self._torn = False
        """Whether it was cut within what came: nothing follows the gap."""
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()

    def shorten(self) -> None:
        """Draw how long it lives."""
        if self._is_app and self._timer is None and self._cutter.left > 0:
            draw = self._random
            if draw.random() < 0.5:
                self._room = int(10 ** draw.uniform(2, 6.3))
            self._timer = self._loop.call_later(draw.uniform(0.02, self._cutter.longest), self._cut)

    def end(self, *, reset: bool = False) -> None:
        """Both sides hear of it, who has not yet."""
        for _, writer in filter(None, (self._near, self._far)):
            _abort(writer, reset=reset)
        if not self._ended.done():
            self._ended.set_result(None)

    async def serve(self) -> None:
        passing: list[asyncio.Task[None]] = []
        try:
            self._far = far = await asyncio.open_connection("127.0.0.1", self._cutter.target)
            ways = (self._near[0], far[1]), (far[0], self._near[1])
            passing = [asyncio.create_task(self._pass(*way)) for way in ways]
            for passed in passing:
                passed.add_done_callback(lambda _: self._passed(passing))
            await self._ended
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            if self._timer is not None:
                self._timer.cancel()
            for way in passing:
                way.cancel()
            await asyncio.gather(*passing, return_exceptions=True)
            self.end()

    def _passed(self, ways: list[asyncio.Task[None]]) -> None:
        if not self._cut_already and all(way.done() for way in ways):
            self.end()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(PIECE):
                await self.passes.wait()
                if source is self._near[0]:
                    self._look(data)
                await self._send(target, data)
            await self.passes.wait()
            if not self._cut_already:
                target.write_eof()
        except OSError:  # a reset, which is passed on too
            await self.passes.wait()
            if not self._cut_already:
                self.end(reset=True)

    async def _send(self, target: asyncio.StreamWriter, data: bytes) -> None:
        if self._torn or target.transport.is_closing():
            return
        part = data[: int(min(self._room, PIECE))]
        self._room -= len(part)
        self._torn = len(part) < len(data)
        target.write(part)
        if self._room <= 0:
            self._cut()
        await target.drain()

    def _look(self, data: bytes) -> None:
        if self._is_app or b"/trame/" not in data.partition(b"\r\n")[0]:
            return
        self._is_app = b"\nupgrade: websocket" in data.lower()
        self.shorten()

    def _cut(self) -> None:
        """End it by chance: on both sides, or on one of them first."""
        cutter, draw = self._cutter, self._random
        self._room = float("inf")
        if self._cut_already or cutter.left <= 0:
            return
        self._cut_already = True
        cutter.left -= 1
        cutter.cuts += 1
        reset, side = draw.random() < 0.5, draw.randrange(3)
        if side == 2 or self._far is None:
            self.end(reset=reset)
            return
        _abort((self._near, self._far)[side][1], reset=reset)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(draw.uniform(0, LATER), lambda: self.end(reset=reset))


def _abort(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    sock = writer.get_extra_info("socket")
    if reset and sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
