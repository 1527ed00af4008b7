"""A TCP proxy on which everything takes its time, as on a long road."""

import asyncio

from tests.e2e.loops import LoopThread

__all__ = ["SlowRoad"]

PIECE = 1 << 16


class SlowRoad:
    """From `port` to another one of this machine; on a thread of its own, from the constructor until `close`."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.delay = 0.0
        """Seconds that what passes from now on takes, in either direction."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = LoopThread()
        self.port = self._loop.run(self._start())

    def close(self) -> None:
        """End all connections, and the thread."""
        self._loop.run(self._stop())
        self._loop.close()

    async def _start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _stop(self) -> None:
        self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # transports close their sockets in the next turn of the loop

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.ensure_future(self._carry(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def collect() -> None:
            data = b"?"
            while data:
                try:
                    data = await source.read(PIECE)
                except OSError:
                    data = b""
                way.put_nowait((loop.time() + self.delay, data))

        collecting = asyncio.ensure_future(collect())
        try:
            while True:
                due, data = await way.get()
                await asyncio.sleep(due - loop.time())
                if not data:
                    return
                sink.write(data)
        finally:
            collecting.cancel()
            sink.close()
