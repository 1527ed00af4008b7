"""Two tunnels whose messages pass in turns of the loop, and are lost when a test says so."""

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any

from jupyter_trame.transports.message_streams import StreamMessage
from jupyter_trame.transports.message_tunnel import Tunnel
from tests.transports.support import until

__all__ = ["TunnelPair", "tunnel_sockets"]


class TunnelPair:
    """What a Jupyter server (`near`) and a kernel (`far`) have of one comm."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        as_text: bool,
        on_socket: Callable[[socket.socket], object] | None = None,
    ) -> None:
        """`on_socket(socket)` gets the kernel's ends; without it they are in `accepted`."""
        self._loop = loop
        self.accepted: list[socket.socket] = []
        self.lost: Callable[[StreamMessage], bool] = lambda _: False
        """Whether a message does not arrive."""
        self.messages = 0
        self._connection = 0
        self.near = Tunnel(loop, lambda message: self._pass(message, self.far), as_text=as_text)
        self.far = Tunnel(
            loop,
            lambda message: self._pass(message, self.near),
            as_text=as_text,
            on_socket=on_socket or self.accepted.append,
        )

    def _pass(self, message: StreamMessage, to: Tunnel) -> None:
        self.messages += 1
        if self.lost(message):
            return
        data = json.loads(json.dumps(message.data))
        self._loop.call_soon(self._arrive, data, message.buffers, to, self._connection)

    def _arrive(self, data: dict[str, Any], buffers: list[bytes], to: Tunnel, connection: int) -> None:
        if connection != self._connection:
            return
        if data["jt"] == "again":
            to.send_again(data["n"])
        else:
            to.receive(data, buffers)

    def break_off(self) -> None:
        """What is on its way is lost, and the next connection begins."""
        self._connection += 1
        self.cut()

    def cut(self) -> None:
        """Each side is told what the other one has got, as after a new connection."""
        self.far.send_again(self.near.received)
        self.near.send_again(self.far.received)

    def close(self) -> None:
        self.near.close()
        self.far.close()


async def tunnel_sockets(pair: TunnelPair) -> tuple[socket.socket, socket.socket]:
    """Both ends of a new stream."""
    count = len(pair.accepted)
    near = pair.near.connect()
    await until(lambda: len(pair.accepted) > count)
    return near, pair.accepted[-1]
