"""Many viewers in a process of their own: ``python -m benchmarks.crowd <url> <token> <count>``.

They read each push of a large value; when all have it, one of them writes its number to ``seen``.
Prints ``ready`` when all are connected.
"""

import asyncio
import sys

from websockets.asyncio.client import ClientConnection, connect

from jupyter_trame.protocol.client_events import Ready
from jupyter_trame.protocol.client_session import ClientSession

LARGE = 500_000


async def join(url: str, token: str) -> tuple[ClientConnection, ClientSession]:
    """A viewer that has the state."""
    headers = {"Authorization": f"token {token}"}
    socket = await connect(url, additional_headers=headers, compression=None, max_size=None)
    session = ClientSession()
    session.connected()
    ready = False
    while not ready:
        for frame in session.take_output():
            await socket.send(frame)
        answer = await socket.recv(decode=False)
        ready = any(isinstance(event, Ready) for event in session.receive(answer))
    return socket, session


async def read_push(socket: ClientConnection) -> None:
    """Until a large frame has come."""
    while len(await socket.recv()) < LARGE:
        pass


async def main(url: str, token: str, count: int) -> None:
    """Runs until the server closes a connection."""
    viewers = [await join(url, token) for _ in range(count)]
    print("ready", flush=True)
    writer, session = viewers[0]
    number = 0
    while True:
        await asyncio.gather(*(read_push(socket) for socket, _ in viewers))
        number += 1
        session.write({"seen": number})
        for frame in session.take_output():
            await writer.send(frame)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
