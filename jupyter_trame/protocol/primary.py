"""The server's end of all links: it packs each changed value once and gives the changes their order.

What it says beside the state is in `messages`, what its replicas send in `arrivals` and `handover`.

Threads: every method may be called from any thread; one lock keeps the table, the numbers and the order in
which operations go into the links. Outputs must not block.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.protocol.arrivals import Arrivals
from jupyter_trame.protocol.audience import Audience
from jupyter_trame.protocol.clients import LinkEnd, LinkOutput
from jupyter_trame.protocol.events import CallEvent, Event, WriteEvent, by_reference
from jupyter_trame.protocol.handover import Handover
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import (
    Call,
    ClientClosed,
    ClientOpened,
    Commit,
    LinkOp,
    Resume,
    Seen,
    Settle,
    Snapshot,
    Stopped,
    Write,
)
from jupyter_trame.protocol.messages import Messages
from jupyter_trame.protocol.packing import pack_value, same_bytes
from jupyter_trame.types import ClientId, Epoch, Packed, Seq, StateKey

__all__ = ["Primary"]


@dataclass(slots=True, eq=False)
class _Entry:
    packed: Packed
    seq: Seq
    forgotten: bool = False
    """Whether the next commit is sent whatever its bytes are."""


class Primary:
    """Commits what the server changes to all replicas; each server has one.

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
        self.info: dict[str, Any] = {
            "name": name,
            "slug": slug,
            "title": title,
            "started": 0.0,
            "secret": secret,
            "strict": strict,
            "tracebacks": False,
            "max_message_size": self.limits.message,
            "window": self.limits.window,
        }
        self._on_event = on_event
        self._on_unpackable = on_unpackable
        self._table: dict[StateKey, _Entry] = {}
        self._applying: WriteEvent | None = None
        self._applying_thread = 0
        self._audience = audience = Audience(self.limits.window // 4)
        self._lock = audience.lock
        self._links = audience.links
        self._clients = audience.clients
        self.messages = Messages(audience, history=self.limits.history, on_unpackable=on_unpackable)
        """Answers and publications."""
        self._handover = Handover(audience, self.messages)
        self._arrivals = Arrivals(
            audience, self.messages, self.limits, on_event=on_event, settle=self._settle_again
        )

    # -- links

    @property
    def has_clients(self) -> bool:
        """Whether there is anybody to send to. Any thread."""
        with self._audience.lock:
            return any(True for _ in self._audience.clients)

    @property
    def client_count(self) -> int:
        """How many clients there are, those included that are cut off and may come back. Any thread."""
        with self._audience.lock:
            return sum(1 for _ in self._audience.clients)

    def attach(self, output: LinkOutput, *, remote: bool = False) -> LinkEnd:
        """A replica joined, and gets the snapshot. `remote`: its clients may come back over another one if it dies."""
        with self._lock:
            link = LinkEnd(output, self.limits.link_queue, remote=remote)
            if remote:
                self.messages.keep()
            values = [(key, entry.seq, entry.packed) for key, entry in self._table.items()]
            self._links.append(link)
            link.send(Snapshot(self.epoch, self.seq, self.info, values))
            return link

    def detach(self, link: LinkEnd) -> None:
        """The link is gone. Its clients may come back over the next one, until `abandon`."""
        with self._lock:
            self._audience.detach(link)

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
            self.messages.tick()

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
                self._arrivals.write(link, op)
            case Call():
                self._arrivals.call(link, op)
            case ClientOpened():
                with self._lock:
                    new = self._clients.opened(op, link, self.messages.newest)
                    if new is not None and op.token and link.remote:
                        self.messages.keep_for(new)
                if new is not None:
                    self._on_event(op)
            case Resume():
                with self._lock:
                    self._handover.resume(link, op)
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

    def taken(self, event: WriteEvent | CallEvent) -> None:
        """The work on `event` begins, so that its replica may send another one. Any thread; once counts."""
        link, event.link = event.link, None
        if link is not None:
            with self._lock:
                self._audience.taken(link, event.client, event.cost)

    def stop(self, code: int = 1001, reason: str = "Server shutdown") -> None:
        """Tell all replicas that the server ended. The links are their owner's to close."""
        with self._lock:
            for link in list(self._links):
                self._audience.queue(link, Stopped(code, reason))

    @property
    def clients(self) -> list[ClientId]:
        """Clients with a session."""
        with self._lock:
            return list(self._clients)

    @property
    def client_packages(self) -> list[str]:
        """The version of jupyter_trame that each client has, empty where it does not say so."""
        with self._lock:
            return self._clients.packages

    def is_client(self, client: ClientId) -> bool:
        """Whether `client` has a session."""
        with self._lock:
            return client in self._clients

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

    @property
    def committed(self) -> frozenset[StateKey]:
        """The keys that replicas know."""
        with self._lock:
            return frozenset(self._table)

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
                self._audience.taken(link, write.client, write.cost)
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
            self._audience.queue(client.link, settle)
        else:
            client.link.held.append(settle)

    def _settle_again(self, link: LinkEnd, op: Write) -> None:
        self._audience.queue(link, Settle(op.client, op.number, self.seq))
