"""Clients on a slow link or with bytes of their own, and another user of the machine."""

import asyncio
import gc
import socket
import struct
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

__all__ = [
    "INTERVAL",
    "NOBODY",
    "SLOW",
    "AsOther",
    "OtherProcess",
    "forgotten",
    "masked",
    "read_slowly",
    "until",
    "upgraded",
]

NOBODY = 65_534
"""A user that no test runs as."""

AsOther = Callable[[Path], AbstractContextManager[None]]
"""Within the block, the file belongs to another user."""
OtherProcess = Callable[[str], bool]
"""Run Python code as another user; False where we may not become one."""

INTERVAL = 0.1
"""Seconds between pings."""
SLOW = 40 << 20
"""Bytes that take several intervals."""

_UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_STEP = 1 << 20
_PAUSE = 0.02


async def until(condition: Callable[[], object]) -> None:
    """Wait for `condition`; the test run's time-out ends it otherwise."""
    while not condition():  # noqa: ASYNC110 - most conditions here have no event of their own
        await asyncio.sleep(0.001)


@asynccontextmanager
async def forgotten(what: object) -> AsyncIterator[None]:
    """What the block ends is gone without the collector: what waits for that takes memory meanwhile."""
    left = weakref.ref(what)
    del what
    gc.collect()
    gc.disable()
    try:
        yield
        await until(lambda: left() is None)
    finally:
        gc.enable()


@asynccontextmanager
async def read_slowly(port: int) -> AsyncIterator[Callable[[int], Awaitable[int]]]:
    """An open websocket; the function reads so many bytes in small steps, and gives how many came."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=1 << 16)
    writer.write(_UPGRADE)
    await reader.readuntil(b"\r\n\r\n")

    async def read(size: int) -> int:
        done = 0
        while done < size:
            wanted = min(done + _STEP, size)
            while done < wanted:
                data = await reader.read(wanted - done)
                if not data:
                    return done
                done += len(data)
            await asyncio.sleep(_PAUSE)
        return done

    yield read
    writer.close()


async def upgraded(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An open websocket."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_UPGRADE)
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def masked(payload: bytes, mask: bytes, *, opcode: int = 2, final: bool = True) -> bytes:
    """One frame of a client (RFC 6455, section 5.2)."""
    size = len(payload)
    first = 0x80 * final | opcode
    if size < 126:
        header = struct.pack("!BB", first, 0x80 | size)
    elif size < 1 << 16:
        header = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        header = struct.pack("!BBQ", first, 0x80 | 127, size)
    return header + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
