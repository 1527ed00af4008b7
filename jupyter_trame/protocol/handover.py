"""Sessions whose replica died go on over another one, which asks for them; `adoption` is that replica's side."""

from jupyter_trame.protocol.audience import Audience
from jupyter_trame.protocol.clients import KnownClient, LinkEnd
from jupyter_trame.protocol.link import Message, Resume, Resumed
from jupyter_trame.protocol.messages import Messages
from jupyter_trame.protocol.packing import unpack
from jupyter_trame.types import ClientId

__all__ = ["Handover"]


class Handover:
    """Gives the sessions of replicas that died to others; each server has one."""

    def __init__(self, audience: Audience, messages: Messages) -> None:
        self._audience = audience
        self._messages = messages

    def resume(self, link: LinkEnd, op: Resume) -> None:
        """Reach the client that `op` asks for over `link`, with all that it has not read. With the lock held.

        Nobody is found whose replica lives, or who misses a message that is not kept.
        """
        found = self._audience.clients.find(op)
        if found is None or found[1].link in self._audience.links:
            missed = None
        else:
            missed = self._messages.after(op.heard, *found)
        if found is None or missed is None:
            self._audience.queue(link, Resumed(op.request))
            return
        client, known = found
        known.link = link
        resumed, size = _resumed(op, client, known, missed)
        self._audience.queue(link, resumed, size)
        for message in missed:
            copy = Message(message.envelope, client, number=message.number)
            self._audience.queue(link, copy, len(message.envelope))


def _resumed(op: Resume, client: ClientId, known: KnownClient, missed: list[Message]) -> tuple[Resumed, int]:
    """What the replica is told of the session, and the bytes of the values in it."""
    answers = [str(unpack(m.envelope, any_keys=True)["id"]) for m in missed if m.client == client]
    calls = [*known.calls, *(call for call in answers if not call.startswith("publish:"))]
    writes = [
        (number, [(key, shared.get(key)) for key in keys]) for number, (keys, shared) in known.open.items()
    ]
    size = sum(len(packed or b"") for _, values in writes for _, packed in values)
    return Resumed(op.request, client, known.received, known.applied, known.got, calls, writes), size
