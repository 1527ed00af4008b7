"""The simulated link as the messages of a comm, of which some are lost: as behind a gateway."""

import json

from jupyter_trame.protocol.link import LinkOp
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.transports.message_streams import MessageStreams, StreamData, StreamMessage
from tests.conformance.simulation import SimLink, World

__all__ = ["BufferLink", "TextLink"]


class BufferLink(SimLink):
    """What is on its way are messages; `near` is the end of the replica, `far` that of the kernel."""

    as_text = False

    def __init__(self, world: World) -> None:
        self.near = MessageStreams(as_text=self.as_text, message=200, least=10)
        self.far = MessageStreams(as_text=self.as_text, message=200)
        self.number = self.near.open()
        opening = self.near.take()
        assert opening is not None
        self.far.receive(opening.data, opening.buffers)
        super().__init__(world)

    def send(self, *ops: LinkOp) -> bool:
        self.far.send(self.number, b"".join(buffer for op in ops for buffer in encode_op(op)))
        self._leave()
        return len(self.down) < self.world.link_room

    def send_up(self, op: LinkOp) -> None:
        self.near.send(self.number, b"".join(encode_op(op)))
        self._leave()

    def take_up(self, message: StreamMessage) -> None:  # type: ignore[override]
        match message.data["jt"]:
            case "streams":
                for data in self._arrived(self.far, message):
                    super().take_up(data)
            case "alive":
                self.down.extend(self.far.overdue(message.data["n"]))
            case "resume":
                self.far.expect(message.data["halvings"])
                self.down.append(StreamMessage(self.far.request(self.far.received), []))
                self.down.extend(self.far.again(message.data["n"]))
            case "again":
                self.down.extend(self.far.again(message.data["n"]))
        self._leave()

    def take_down(self, message: StreamMessage) -> None:  # type: ignore[override]
        if message.data["jt"] == "again":
            if message.data.get("halvings", 0) == self.near.halvings:
                self.up.extend(self.near.again(message.data["n"]))
        else:
            for data in self._arrived(self.near, message):
                super().take_down(data)
            if (gap := self.near.gap) is not None:
                self.up.append(StreamMessage({"jt": "again", "n": gap}, []))
        self._leave()

    def lose(self) -> None:
        """A Jupyter server drops what a kernel sends above its rate; one that is cut off is answered, or tries anew."""
        if self.down and self.down[0].data["jt"] == "streams":
            self.down.popleft()

    def interrupt(self) -> None:
        """The connection ends; messages that were on their way up are taken for too large."""
        self.up.clear()
        self.down.clear()
        self.near.halve()
        resume = {"jt": "resume", "n": self.near.received, "halvings": self.near.halvings}
        self.up.append(StreamMessage(resume, []))

    def sign_of_life(self) -> None:
        self.up.append(StreamMessage({"jt": "alive", "n": self.near.received}, []))

    def _leave(self) -> None:
        for streams, queue in ((self.near, self.up), (self.far, self.down)):
            while (message := streams.take()) is not None:
                queue.append(StreamMessage(json.loads(json.dumps(message.data)), message.buffers))

    def _arrived(self, streams: MessageStreams, message: StreamMessage) -> list[bytes]:
        data = [
            bytes(event.data)
            for event in streams.receive(message.data, message.buffers)
            if isinstance(event, StreamData)
        ]
        for piece in data:
            streams.acknowledge(self.number, len(piece))
        return data


class TextLink(BufferLink):
    """The same where buffers do not arrive."""

    as_text = True
