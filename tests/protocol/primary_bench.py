"""A primary, and links of which all is seen."""

from typing import Any

from jupyter_trame.errors import SerializationError
from jupyter_trame.protocol import Limits, LinkEnd, Primary, WriteEvent, pack, unpack
from jupyter_trame.protocol.link import (
    ClientOpened,
    LinkOp,
    Message,
    Write,
)
from jupyter_trame.types import ClientId, Epoch

__all__ = ["Bench", "Output", "sent"]


class Output:
    """A link that takes operations while `room` is left."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.room = room
        self.ops: list[LinkOp] = []
        self.sends = 0
        self.closed: list[str] = []

    def send(self, *ops: LinkOp) -> bool:
        self.sends += 1
        self.ops += ops
        self.room -= len(ops)
        return self.room > 0

    def close(self, reason: str) -> None:
        self.closed.append(reason)

    def take(self) -> list[LinkOp]:
        taken, self.ops = self.ops, []
        return taken


class Bench:
    """A primary, and what its owner loop and its error report were told."""

    def __init__(self, limits: Limits | None = None, **values: Any) -> None:
        self.events: list[Any] = []
        self.errors: list[SerializationError] = []
        self.primary = Primary(
            name="demo",
            slug="demo-1",
            title="Demo",
            secret="s",
            epoch=Epoch("e"),
            on_event=self.events.append,
            on_unpackable=self.errors.append,
            limits=limits,
        )
        if values:
            self.primary.commit(values)

    def link(self, *clients: ClientId, room: int = 1 << 30) -> tuple[Output, LinkEnd]:
        """A link over which `clients` are known."""
        output = Output(room)
        end = self.primary.attach(output)
        for client in clients:
            self.primary.receive(end, ClientOpened(client, True))
        self.events.clear()
        if room > 1:
            output.take()
        return output, end

    def write(self, end: LinkEnd, client: ClientId, number: int = 1, **values: Any) -> WriteEvent:
        pairs = [(key, pack(value)) for key, value in values.items()]
        self.primary.receive(end, Write(client, number, None, pairs))
        event = self.events.pop()
        assert isinstance(event, WriteEvent)
        return event

    def apply(self, write: WriteEvent) -> None:
        with self.primary.applying(write):
            self.primary.commit(write.values)


def sent(output: Output) -> list[Any]:
    return [(unpack(op.envelope), op.client, op.skip) for op in output.take() if isinstance(op, Message)]
