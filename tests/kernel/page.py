"""A page of a widget that has nothing but its comm."""

from collections.abc import Sequence
from typing import Any

from jupyter_trame.protocol.client_events import ClientEvent, Ready, StateChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.transports.comm_bytes import carried, carry
from jupyter_trame.types import Packed
from tests.kernel.support import Kernel

__all__ = ["FLOOD", "Page"]

FLOOD = """
import time
begin = time.perf_counter()
for number in range(1, 20_001):
    time.sleep(max(begin + number / 4000 - time.perf_counter(), 0))
    server.state.step = number
    server.state.flush()
print(time.perf_counter() - begin)
"""
"""20 000 writes in five seconds, or as long as the machine takes."""


class Page:
    """One view of the model `model_id`."""

    def __init__(self, kernel: Kernel, model_id: str, view: str = "v1", *, as_text: bool = False) -> None:
        self.kernel = kernel
        self.model_id = model_id
        self.view = view
        self.session = ClientSession()
        self.state: dict[str, Any] = {}
        self.events: list[ClientEvent] = []
        self.contents: list[dict[str, Any]] = []
        self.as_text = as_text
        self._sent = 0
        self._read = len(kernel.comm_messages)

    def post(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        data = {"method": "custom", "content": {**content, "view": self.view}}
        self.kernel.send_comm(self.model_id, data, buffers or [])

    def open(self, **more: Any) -> "Page":
        more |= {"as_text": True} if self.as_text else {}
        self.post({"jt": "open", **more})
        self.session.connected()
        self.flush()
        self.until(lambda: any(isinstance(event, Ready) for event in self.events))
        return self

    def flush(self) -> None:
        frames = self.session.take_output()
        if frames:
            text, buffers = carry(frames, as_text=self.as_text)
            self.post({"jt": "frames", "n": self._sent, **text}, [bytes(buffer) for buffer in buffers])
            self._sent += 1

    def write(self, **changes: Any) -> None:
        self.session.write(changes)
        self.flush()

    def until(self, condition: Any) -> Any:
        return self.kernel.until(lambda: self._take() or condition())

    def _take(self) -> None:
        new = self.kernel.comm_messages[self._read :]
        self._read += len(new)
        for message in new:
            content = message["content"]
            data = content.get("data", {})
            if content["comm_id"] != self.model_id or data.get("method") != "custom":
                continue
            if data["content"]["view"] != self.view:
                continue
            self.contents.append({**data["content"], "buffers": message["buffers"]})
            if data["content"]["jt"] == "frames":
                self._receive(carried(data["content"], message["buffers"]))

    def _receive(self, buffers: Sequence[Packed]) -> None:
        for buffer in buffers:
            for event in self.session.receive(bytes(buffer)):
                self.events.append(event)
                if isinstance(event, StateChanged):
                    self.state.update(event.changes)
        self.flush()
