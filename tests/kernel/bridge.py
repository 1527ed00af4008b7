"""Trame's own Jupyter bridge, played by hand."""

import itertools
import uuid
from typing import Any

from jupyter_trame.protocol import unpack
from jupyter_trame.protocol.chunking import Assembler, split
from jupyter_trame.protocol.envelope import pack_request
from tests.kernel.support import Kernel

__all__ = ["Bridge"]


class Bridge:
    """One page: a comm for all servers of the kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.comm_id = uuid.uuid4().hex
        self.messages: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.chunks: list[int] = []
        self._assemblers: dict[tuple[str, str], Assembler] = {}
        self._ids = itertools.count(1)
        self._read = len(kernel.comm_messages)
        self._send("comm_open", {"target_name": "wslink_comm", "data": {}})

    def close(self) -> None:
        self._send("comm_close", {"data": {}})

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        session = self.kernel.client.session
        message = session.msg(kind, {"comm_id": self.comm_id, **content})
        session.send(self.kernel.client.shell_channel.socket, message)

    def request(
        self,
        server: str,
        client: str,
        method: str,
        *args: Any,
        request_id: str = "rpc:x:1",
        limit: int = 1 << 20,
    ) -> None:
        payload = pack_request(request_id, method, args)
        for frame in split([payload], next(self._ids), limit):
            self.kernel.send_comm(self.comm_id, {"server": server, "client": client}, [frame])

    def answer(self, server: str, client: str, request_id: str) -> Any:
        """The result of a request."""

        def find() -> Any:
            self.take()
            return [m for m in self.messages.get((server, client), []) if m["id"] == request_id]

        return self.kernel.until(find)[0]

    def hello(self, server: str, client: str = "0") -> Any:
        self.request(server, client, "wslink.hello", {"secret": "wslink-secret"}, request_id="system:c0:0")
        return self.answer(server, client, "system:c0:0")

    def pushed(self, server: str, client: str = "0") -> dict[str, Any]:
        self.take()
        state: dict[str, Any] = {}
        for message in self.messages.get((server, client), []):
            if message["id"] == "publish:trame.state.topic:0":
                state |= message["result"]
        return state

    def take(self) -> None:
        new = self.kernel.comm_messages[self._read :]
        self._read += len(new)
        for message in new:
            content = message["content"]
            if content["comm_id"] != self.comm_id or message["msg_type"] != "comm_msg":
                continue
            key = (content["data"]["server"], content["data"]["client"])
            self.chunks.append(len(message["buffers"]))
            assembler = self._assemblers.setdefault(key, Assembler(1 << 30, 4))
            for buffer in message["buffers"]:
                payload = assembler.feed(bytes(buffer))
                if payload is not None:
                    self.messages.setdefault(key, []).append(unpack(payload))
