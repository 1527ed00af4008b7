"""A client on a slow link, and another user of the machine."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

__all__ = ["INTERVAL", "NOBODY", "SLOW", "AsOther", "OtherProcess", "read_slowly"]

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
