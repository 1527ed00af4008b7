"""The server's end of all links: it packs each changed value once and gives the changes their order.

Threads: every method may be called from any thread; one lock keeps the table, the numbers and the order in
which operations go into the links. Outputs must not block.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.protocol.clients import ClientList, KnownClient, LinkEnd, LinkOutput
from jupyter_trame.protocol.envelope import (
    pack_error,
    pack_publication,
    pack_refusal,
    pack_result,
    publication_id,
)
from jupyter_trame.protocol.events import (
    CallEvent,
    Event,
    WriteEvent,
    by_reference,
    read_call,
    read_values,
)
from jupyter_trame.protocol.kept import Kept
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import (
    Call,
    ClientClosed,
    ClientOpened,
    CloseClient,
    Commit,
    LinkOp,
    Message,
    Resume,
    Resumed,
    Seen,
    Settle,
    Snapshot,
    Stopped,
    Write,
    cost_of,
)
from jupyter_trame.protocol.packing import pack_value, same_bytes, unpack
from jupyter_trame.types import ClientId, Epoch, Packed, Seq, StateKey

__all__ = ["UNPACKABLE_RESULT", "Primary"]

UNPACKABLE_RESULT = "Method result cannot be serialized"
"""What an answer says of a result that cannot be packed: wslink's words."""


_CALLS = 4096
"""Calls of one client whose answers are known to come; of older ones nobody knows."""


@dataclass(slots=True, eq=False)
class _Entry:
    packed: Packed
    seq: Seq
    forgotten: bool = False
    """Whether the next commit is sent whatever its bytes are."""


class Primary:
    """See the module.

    `on_event(event)` is called on the thread that called `receive`; it must not block and hands the event to
    the owner loop. `on_unpackable(error)` hears of each value that cannot be packed; the other values go on.
    """

    def __init__(
        self,
        *,
        name: str,
        slug: str,
        title: str,
        epoch: Epoch,
        on_event: Callable[[Event], None],
        on_unpackable: Callable[[SerializationError], None],
        secret: str = "",
        strict: bool = True,
        limits: Limits | None = None,
    ) -> None:
        self.epoch = epoch
        self.seq: Seq = 0
        self.limits = limits or Limits()
        self.info = {
            "name": name,
            "slug": slug,
            "title": title,
            "secret": secret,
            "strict": strict,
            "max_message_size": self.limits.message,
            "window": self.limits.window,
        }
        self._on_event = on_event
        self._on_unpackable = on_unpackable
        self._lock = threading.RLock()
        self._table: dict[StateKey, _Entry] = {}
        self._links: list[LinkEnd] = []
        self._clients = ClientList()
        self._messages = 0
        """Number of the newest message."""
        self._kept: Kept | None = None
        """Messages to all, once there is a replica that may die."""
        self._applying: WriteEvent | None = None
        self._applying_thread = 0
        self._tell_at = self.limits.window // 4

    # -- links

    def attach(self, output: LinkOutput, *, remote: bool = False) -> LinkEnd:
        """A replica joined, and gets the snapshot. `remote`: its clients may come back over another one if it dies."""
        with self._lock:
            link = LinkEnd(output, self.limits.link_queue, remote=remote)
            if remote and self._kept is None:
                self._kept = self._new_kept()
            values = [(key, entry.seq, entry.packed) for key, entry in self._table.items()]
            self._links.append(link)
            link.send(Snapshot(self.epoch, self.seq, self.info, values))
            return link

    def detach(self, link: LinkEnd) -> None:
        """The link is gone. Its clients may come back over the next one, until `abandon`."""
        with self._lock:
            if link in self._links:
                self._links.remove(link)

    def abandon(self, link: LinkEnd) -> None:
        """The replica of a link that is gone had time enough: clients that did not come back have left."""
        with self._lock:
            if link in self._links:
                return
            left = self._clients.drop(link)
        for client in left:
            self._on_event(ClientClosed(client))

    def tick(self) -> None:
        """Time goes by: what is kept for clients that come back gets older, see `Kept`."""
        with self._lock:
            if self._kept is not None:
                self._kept.tick()
            self._clients.tick()

    def drained(self, link: LinkEnd) -> None:
        """The link's output takes operations again."""
        with self._lock:
            link.blocked = False
            while not link.blocked and (item := link.outbox.pop()) is not None:
                if isinstance(item, dict):
                    values = [(key, self._table[key].packed) for key in item]
                    item = Commit(self.seq, values)
                link.send(item)

    def receive(self, link: LinkEnd, op: LinkOp) -> None:
        """An operation of a replica. Raises `MalformedMessageError` for one that only a server sends."""
        match op:
            case Write():
                self._receive_write(link, op)
            case Call():
                self._receive_call(link, op)
            case ClientOpened():
                with self._lock:
                    new = self._clients.opened(op, link, self._messages)
                    if new is not None and op.token and link.remote:
                        new.kept = self._new_kept()
                if new is not None:
                    self._on_event(op)
            case Resume():
                with self._lock:
                    self._resume(link, op)
            case ClientClosed():
                with self._lock:
                    known = self._clients.get(op.client)
                    elsewhere = known is not None and known.link is not link and known.link in self._links
                    left = not elsewhere and self._clients.closed(op.client)
                if left:
                    self._on_event(op)
            case Seen():
                pass  # it matters to who carries several lives over one link
            case _:
                raise MalformedMessageError(f"a replica does not send {type(op).__name__}")

    def _new_kept(self) -> Kept:
        return Kept(self.limits.history)

    def _resume(self, link: LinkEnd, op: Resume) -> None:
        """Reach the client of a replica that died over `link`, with all that it has not read."""
        found = self._clients.find(op)
        client, known = found if found is not None else (None, None)
        missed = None
        if client is not None and known is not None and known.link not in self._links:
            missed = self._missed(client, known, op.heard)
        if client is None or known is None or missed is None:
            self._queue(link, Resumed(op.request))
            return
        known.link = link
        answers = [str(unpack(m.envelope, any_keys=True)["id"]) for m in missed if m.client == client]
        writes = [
            (number, [(key, shared.get(key)) for key in keys])
            for number, (keys, shared) in known.open.items()
        ]
        size = sum(len(packed or b"") for _, values in writes for _, packed in values)
        calls = [*known.calls, *(call for call in answers if not call.startswith("publish:"))]
        counts = known.received, known.applied, known.got
        self._queue(link, Resumed(op.request, client, *counts, calls, writes), size)
        for message in missed:
            copy = Message(message.envelope, client, number=message.number)
            self._queue(link, copy, len(message.envelope))

    def _missed(self, client: ClientId, known: KnownClient, heard: int) -> list[Message] | None:
        """The messages for `client` after `heard`, in their order; None where one of them is not kept."""
        kept = [kept for kept in (known.kept, self._kept) if kept is not None]
        since = max(heard, known.since)
        if len(kept) < 2 or any(some.floor(client) > since for some in kept):
            return None
        return sorted((m for some in kept for m in some.after(since, client)), key=lambda m: m.number)

    def _receive_call(self, link: LinkEnd, op: Call) -> None:
        cost = cost_of(op)
        with self._lock:
            known = self._clients.get(op.client)
            if known is not None:
                known.got = op.index
        try:
            event = read_call(op, self.limits)
        except MalformedMessageError as error:
            # It costs this client its connection, not everybody the link.
            self._count_taken(link, op.client, cost)
            self.close_client(op.client, error.close_code, str(error))
            return
        if isinstance(event, CallEvent):
            event.link, event.cost = link, cost
            if known is not None and known.kept is not None:
                with self._lock:
                    known.calls[event.request_id] = None
                    if len(known.calls) > _CALLS:
                        del known.calls[next(iter(known.calls))]
            self._on_event(event)
            return
        self._count_taken(link, op.client, cost)
        if event is not None:
            self._send_message(event)

    def _receive_write(self, link: LinkEnd, op: Write) -> None:
        cost = cost_of(op)
        with self._lock:
            client = self._clients.get(op.client)
            if client is None:
                # Sent before this server's life, or by a client that left and whose writes all are applied.
                self._count_taken(link, op.client, cost)
                self._queue(link, Settle(op.client, op.number, self.seq))
                return
            client.link = link
            if op.number <= client.received:
                self._count_taken(link, op.client, cost)
                if op.number <= client.applied:
                    self._queue(link, Settle(op.client, op.number, self.seq))
                return
            client.received = op.number
        event, refused = read_values(op)
        if refused:
            # The replica has looked at them, so this process lacks something: numpy, say. The settlement gives
            # everybody the committed values back.
            self._send_message(Message(pack_refusal(None, refused), client=op.client))
        event.link, event.cost = link, cost
        if client.kept is not None:
            with self._lock:
                client.open[op.number] = tuple(key for key, _ in op.values), event.packed
        self._on_event(event)

    def taken(self, event: WriteEvent | CallEvent) -> None:
        """The work on `event` begins, so that its replica may send another one. Any thread; once counts."""
        link, event.link = event.link, None
        if link is not None:
            self._count_taken(link, event.client, event.cost)

    def _count_taken(self, link: LinkEnd, client: ClientId, cost: int) -> None:
        with self._lock:
            self._count_locked(link, client, cost)

    def _count_locked(self, link: LinkEnd, client: ClientId, cost: int) -> None:
        """`_count_taken` with the lock held, as it is for each write that is applied."""
        told = link.taken(client, cost, self._tell_at)
        if told is not None and link in self._links:
            self._queue(link, told)

    def _queue(self, link: LinkEnd, op: LinkOp, size: int = 64) -> None:
        """`LinkEnd.queue`; a link on which too much waits is dropped."""
        if not link.queue(op, size):
            link.outbox.clear()
            self.detach(link)
            link.output.close(f"over {link.outbox.limit} bytes wait for the replica: it is too slow")

    # -- state

    def commit(self, changes: Mapping[StateKey, Any]) -> None:
        """One round of changes, in the order of the calls; values whose bytes did not change are left out."""
        with self._lock:
            write = self._applying if self._applying_thread == threading.get_ident() else None
            if write is not None and write.settled:
                write = None  # from here on the values are the listeners', changed in place perhaps
            values = []
            for key, value in changes.items():
                packed = self._pack(key, value, write)
                if packed is None:
                    continue
                entry = self._table.get(key)
                if entry is None or entry.forgotten or not same_bytes(entry.packed, packed):
                    values.append((key, packed))
            if values:
                self._publish_commit(values, write)
            if write is not None:
                self._settle(write)

    def push(self, keys: Iterable[StateKey]) -> None:
        """Send the committed values of `keys` again, to every client."""
        with self._lock:
            if values := [(key, self._table[key].packed) for key in keys if key in self._table]:
                self._publish_commit(values, None, force=True)

    def forget(self, keys: Iterable[StateKey]) -> None:
        """Send the next commit of `keys` whatever its bytes are; unknown keys are ignored."""
        with self._lock:
            for key in keys:
                if (entry := self._table.get(key)) is not None:
                    entry.forgotten = True

    @contextmanager
    def applying(self, write: WriteEvent) -> Iterator[None]:
        """Apply `write` inside: its keys set, then the state flushed. Owner thread.

        The first commit inside settles the write; if there is none, it is settled at the end. Its author's replica
        hears of both with the next thing that it is told, at the latest when the block ends: what listeners answer
        to a write leaves with it.
        """
        with self._lock:
            link, write.link = write.link, None
            if link is not None:
                self._count_locked(link, write.client, write.cost)
            outer, outer_thread = self._applying, self._applying_thread
            self._applying, self._applying_thread = write, threading.get_ident()
        try:
            yield
        finally:
            with self._lock:
                self._applying, self._applying_thread = outer, outer_thread
                if not write.settled:
                    self._settle(write)
                for link in self._links:
                    if link.held:
                        link.send()

    def _pack(self, key: StateKey, value: Any, write: WriteEvent | None) -> Packed | None:
        if write is not None and key in write.packed and write.values[key] is value:
            return write.packed[key]
        try:
            return pack_value(value, key)
        except SerializationError as error:
            self._on_unpackable(error)
            return None

    def _publish_commit(
        self, values: list[tuple[StateKey, Packed]], write: WriteEvent | None, *, force: bool = False
    ) -> None:
        self.seq += 1
        for key, packed in values:
            self._table[key] = _Entry(packed, self.seq)
        home = None if write is None else self._clients.get(write.client)
        op = Commit(self.seq, values, None, force)
        for link in list(self._links):
            if link.blocked:
                link.outbox.add_keys(key for key, _ in values)
            elif home is not None and home.link is link and write is not None:
                link.held.append(by_reference(op, write))
            else:
                link.send(op)

    def _settle(self, write: WriteEvent) -> None:
        write.settled = True
        client = self._clients.applied(write.client, write.number)
        if client is None or client.link not in self._links:
            return
        settle = Settle(write.client, write.number, self.seq)
        if client.link.blocked:
            self._queue(client.link, settle)
        else:
            client.link.held.append(settle)

    # -- messages

    def acknowledge(self, write: WriteEvent) -> None:
        """Answer `write`, whose author waits for that, with nil; inside `applying` it leaves with what comes of it."""
        if write.request_id is None:
            return
        message = Message(pack_result(write.request_id, None), client=write.client)
        with self._lock:
            known = self._clients.get(write.client)
            if known is None or known.link not in self._links or known.link.blocked or write.settled:
                self._send_message(message)
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

    def publish(
        self, topic: str, data: object, *, client: ClientId | None = None, skip: ClientId | None = None
    ) -> None:
        """Send `data`, as it is now, to one client, or to all but `skip`."""
        try:
            envelope = pack_publication(topic, data)
        except SerializationError as error:
            self._on_unpackable(SerializationError(topic, data, error.reason, "publication"))
            envelope = pack_error(publication_id(topic), error.code, UNPACKABLE_RESULT)
        self._send_message(Message(envelope, client=client, skip=skip))

    def close_client(self, client: ClientId, code: int, reason: str) -> None:
        """End a client's connection with a websocket close code."""
        with self._lock:
            known = self._clients.get(client)
            if known is not None and known.link in self._links:
                self._queue(known.link, CloseClient(client, code, reason))

    def stop(self, code: int = 1001, reason: str = "Server shutdown") -> None:
        """Tell all replicas that the server ended. The links are their owner's to close."""
        with self._lock:
            for link in list(self._links):
                self._queue(link, Stopped(code, reason))

    @property
    def clients(self) -> list[ClientId]:
        """Clients with a session."""
        with self._lock:
            return list(self._clients)

    def is_client(self, client: ClientId) -> bool:
        """Whether `client` has a session."""
        with self._lock:
            return client in self._clients

    def _answer(self, event: CallEvent | WriteEvent, envelope: bytes) -> None:
        with self._lock:
            known = self._clients.get(event.client)
            if known is not None and event.request_id is not None:
                known.calls.pop(event.request_id, None)
            self._send_message(Message(envelope, client=event.client))

    def _number(self, message: Message) -> None:
        """Number `message`, and keep it for clients whose replica may die before they read it."""
        self._messages += 1
        message.number = self._messages
        kept = self._kept
        if message.client is not None:
            known = self._clients.get(message.client)
            kept = None if known is None else known.kept
        if kept is not None:
            kept.add(message)

    def _send_message(self, message: Message) -> None:
        with self._lock:
            self._number(message)
            links = list(self._links)
            if message.client is not None:
                known = self._clients.get(message.client)
                links = [known.link] if known is not None and known.link in links else []
            for link in links:
                self._queue(link, message, len(message.envelope))
