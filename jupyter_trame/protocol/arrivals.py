"""The writes and calls that replicas send: read, counted, and handed on as events.

Threads: every method may be called from any thread.
"""

from collections.abc import Callable

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.protocol.audience import Audience
from jupyter_trame.protocol.clients import LinkEnd
from jupyter_trame.protocol.envelope import pack_refusal
from jupyter_trame.protocol.events import CallEvent, Event, read_call, read_values
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import Call, Message, Write, cost_of
from jupyter_trame.protocol.messages import Messages

__all__ = ["Arrivals"]


class Arrivals:
    """Reads what replicas send, and hands it on; each server has one.

    `on_event(event)` is called on the thread that calls; it must not block. `settle(link, op)` tells the replica, with
    the lock held, that a write which came again, or of nobody, is settled.
    """

    def __init__(
        self,
        audience: Audience,
        messages: Messages,
        limits: Limits,
        *,
        on_event: Callable[[Event], None],
        settle: Callable[[LinkEnd, Write], None],
    ) -> None:
        self._audience = audience
        self._lock = audience.lock
        self._messages = messages
        self._limits = limits
        self._on_event = on_event
        self._settle = settle

    def write(self, link: LinkEnd, op: Write) -> None:
        """A client wrote keys, or has a replica that tells of that once more."""
        cost = cost_of(op)
        with self._lock:
            client = self._audience.clients.get(op.client)
            if client is None:
                # Sent before this server's life, or by a client that left and whose writes all are applied.
                self._audience.taken(link, op.client, cost)
                self._settle(link, op)
                return
            client.link = link
            if op.number <= client.received:
                self._audience.taken(link, op.client, cost)
                if op.number <= client.applied:
                    self._settle(link, op)
                return
            client.received = op.number
        event, refused = read_values(op)
        if refused:
            # The replica has looked at them, so this process lacks something: numpy, say. The settlement gives
            # everybody the committed values back.
            self._messages.send(Message(pack_refusal(None, refused), client=op.client))
        event.link, event.cost = link, cost
        if client.kept is not None:
            with self._lock:
                client.open[op.number] = tuple(key for key, _ in op.values), event.packed
        self._on_event(event)

    def call(self, link: LinkEnd, op: Call) -> None:
        """A client called a method. What cannot be read at all costs it its connection."""
        cost = cost_of(op)
        with self._lock:
            known = self._audience.clients.get(op.client)
            if known is not None:
                known.got = op.index
        try:
            event = read_call(op, self._limits)
        except MalformedMessageError as error:
            # It costs this client its connection, not everybody the link.
            with self._lock:
                self._audience.taken(link, op.client, cost)
                self._audience.close_client(op.client, error.close_code, str(error))
            return
        if isinstance(event, CallEvent):
            event.link, event.cost = link, cost
            if known is not None and known.kept is not None:
                with self._lock:
                    known.asked(event.request_id)
            self._on_event(event)
            return
        with self._lock:
            self._audience.taken(link, op.client, cost)
        if event is not None:
            self._messages.send(event)
