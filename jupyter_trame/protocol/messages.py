"""What a server says beside its state: answers and publications, each with a number.

What clients of a replica in another process may not have read when that one dies is kept (`kept`).

Threads: every method may be called from any thread, unless it says that the lock has to be held.
"""

from collections.abc import Callable

from jupyter_trame.errors import SerializationError
from jupyter_trame.protocol.audience import Audience
from jupyter_trame.protocol.clients import KnownClient
from jupyter_trame.protocol.envelope import pack_error, pack_publication, pack_result, publication_id
from jupyter_trame.protocol.events import CallEvent, WriteEvent
from jupyter_trame.protocol.kept import Kept
from jupyter_trame.protocol.link import Message
from jupyter_trame.types import ClientId

__all__ = ["UNPACKABLE_RESULT", "Messages"]

UNPACKABLE_RESULT = "Method result cannot be serialized"
"""What an answer says of a result that cannot be packed: wslink's words."""


class Messages:
    """Numbers and sends the answers and publications of one server.

    `on_unpackable(error)` hears of each result or publication that cannot be packed.
    """

    def __init__(
        self, audience: Audience, *, history: int, on_unpackable: Callable[[SerializationError], None]
    ) -> None:
        """`history`: bytes that are kept of messages to all, and of those to each client."""
        self.newest = 0
        """Number of the newest message."""
        self._audience = audience
        self._lock = audience.lock
        self._history = history
        self._on_unpackable = on_unpackable
        self._kept: Kept | None = None
        """Messages to all, once there is a replica that may die."""

    # -- answers

    def acknowledge(self, write: WriteEvent) -> None:
        """Answer `write`, whose author waits for that, with nil; inside `Primary.applying` it leaves with what comes
        of it.
        """
        if write.request_id is None:
            return
        message = Message(pack_result(write.request_id, None), client=write.client)
        with self._lock:
            known = self._audience.reached(write.client)
            if known is None or known.link.blocked or write.settled:
                self.send(message)
            else:
                self._number(message)
                known.link.held.append(message)

    def reply(self, event: CallEvent | WriteEvent, result: object) -> None:
        """Answer `event`; a result that cannot be packed becomes the error -32002."""
        try:
            self.try_reply(event, result)
        except SerializationError as error:
            self._on_unpackable(error)
            self.reply_error(event, error.code, UNPACKABLE_RESULT, event.method)

    def try_reply(self, event: CallEvent | WriteEvent, result: object) -> None:
        """Answer `event`. Raises `SerializationError` for a result that cannot be packed; nothing is sent then."""
        if event.request_id is None:
            return
        try:
            envelope = pack_result(event.request_id, result)
        except SerializationError as error:
            raise SerializationError(event.called, result, error.reason, "result") from error
        self._answer(event, envelope)

    def reply_error(
        self, event: CallEvent | WriteEvent, code: int, message: str, data: object = None
    ) -> None:
        """Answer `event` with an error."""
        if event.request_id is not None:
            self._answer(event, pack_error(event.request_id, code, message, data))

    def _answer(self, event: CallEvent | WriteEvent, envelope: bytes) -> None:
        with self._lock:
            known = self._audience.clients.get(event.client)
            if known is not None and event.request_id is not None:
                known.calls.pop(event.request_id, None)
            self.send(Message(envelope, client=event.client))

    # -- whatever else

    def publish(
        self, topic: str, data: object, *, client: ClientId | None = None, skip: ClientId | None = None
    ) -> None:
        """Send `data`, as it is now, to one client, or to all but `skip`."""
        try:
            envelope = pack_publication(topic, data)
        except SerializationError as error:
            self._on_unpackable(SerializationError(topic, data, error.reason, "publication"))
            envelope = pack_error(publication_id(topic), error.code, UNPACKABLE_RESULT)
        self.send(Message(envelope, client=client, skip=skip))

    def send(self, message: Message) -> None:
        """Number `message`, and send it to whom it names as far as links lead there."""
        with self._lock:
            self._number(message)
            if message.client is None:
                links = list(self._audience.links)
            else:
                known = self._audience.reached(message.client)
                links = [] if known is None else [known.link]
            for link in links:
                self._audience.queue(link, message, len(message.envelope))

    def _number(self, message: Message) -> None:
        """Number `message`, and keep it for clients whose replica may die before they read it."""
        self.newest += 1
        message.number = self.newest
        kept = self._kept
        if message.client is not None:
            known = self._audience.clients.get(message.client)
            kept = None if known is None else known.kept
        if kept is not None:
            kept.add(message)

    # -- what is kept; all with the lock held

    def keep(self) -> None:
        """There is a replica that may die: messages to all are kept from now on."""
        if self._kept is None:
            self._kept = Kept(self._history)

    def keep_for(self, client: KnownClient) -> None:
        """The replica of `client` may die, and another one may go on with its session: messages to it are kept."""
        client.kept = Kept(self._history)

    def tick(self) -> None:
        """Time goes by: see `Kept.tick`."""
        if self._kept is not None:
            self._kept.tick()
        self._audience.clients.tick()

    def after(self, heard: int, client: ClientId, known: KnownClient) -> list[Message] | None:
        """The messages for `client` after `heard`, in their order; None where one of them is not kept."""
        kept = [kept for kept in (known.kept, self._kept) if kept is not None]
        since = max(heard, known.since)
        if len(kept) < 2 or any(some.floor(client) > since for some in kept):
            return None
        return sorted((m for some in kept for m in some.after(since, client)), key=lambda m: m.number)
