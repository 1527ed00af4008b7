"""The replica's packed copy of the state, and the messages that are made of it."""

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from operator import is_

from jupyter_trame.names import SETTLED_TOPIC
from jupyter_trame.protocol.chunking import gather, join_small
from jupyter_trame.protocol.envelope import pack_publication, state_head, state_response_head
from jupyter_trame.protocol.link import Snapshot
from jupyter_trame.protocol.packing import pack_key
from jupyter_trame.protocol.session import Frames, Session, StateItem
from jupyter_trame.types import Epoch, Packed, Seq, StateKey

__all__ = ["Entry", "Table"]


@dataclass(slots=True, eq=False)
class Entry:
    """A committed value, with its key packed once."""

    name: bytes
    packed: Packed
    seq: Seq


class Table:
    """Committed values of one epoch. A message that goes to many clients is made once."""

    def __init__(self, frame_limit: int) -> None:
        self.epoch: Epoch | None = None
        """None until the first snapshot."""
        self.seq: Seq = 0
        self._frame_limit = frame_limit
        self._name = ""
        self._entries: dict[StateKey, Entry] = {}
        self._message_ids = itertools.count(1)
        self._last: tuple[Seq, list[Packed], Frames] | None = None
        self._all: list[Packed] | None = None

    def get(self, key: StateKey) -> Entry | None:
        """The committed value of `key`."""
        return self._entries.get(key)

    @property
    def keys(self) -> Collection[StateKey]:
        """All keys that have a value."""
        return self._entries

    def store(self, key: StateKey, packed: Packed, seq: Seq) -> None:
        """`packed` is the value of `key` since commit `seq`."""
        self._all = None
        entry = self._entries.get(key)
        if entry is None:
            self._entries[key] = Entry(pack_key(key), packed, seq)
        else:
            entry.packed, entry.seq = packed, seq

    def load(self, snapshot: Snapshot) -> list[StateKey]:
        """Take over what the server holds; the keys that are new or newer."""
        if snapshot.epoch != self.epoch:
            self._entries.clear()
        self.epoch, self.seq = snapshot.epoch, snapshot.seq
        self._name = str(snapshot.info.get("name", ""))
        self._all = self._last = None
        changed = []
        for key, seq, packed in snapshot.values:
            entry = self._entries.get(key)
            if entry is None or entry.seq != seq:
                changed.append(key)
                self.store(key, packed, seq)
        return changed

    def frames(self, parts: list[Packed]) -> Frames:
        """The chunks of one message."""
        return tuple(gather(parts, next(self._message_ids) & 0xFFFFFFFF, self._frame_limit))

    def encode(self, session: Session, item: StateItem) -> Frames:
        """See `StateEncoder`."""
        return self.response(session, item) if isinstance(item, str) else self.publication(session, item)

    def publication(self, session: Session, keys: dict[StateKey, None]) -> Frames:
        """The state publication of `keys` as `session` is to see them; empty when there is nothing to say.

        It carries the notice of a settlement; without any value the notice is a publication of its own.
        """
        pairs: list[Packed] = []
        for key in keys:
            entry = self._entries.get(key)
            packed = self._seen_by(session, key, entry)
            if packed is None:
                continue
            pairs += (entry.name if entry is not None else pack_key(key), packed)
            if not session.native:
                session.pushed[key] = packed
        notice, session.notice = session.notice, None
        if self.epoch is None or not (pairs or notice is not None):
            return ()
        if not session.outbox.holds_keys:
            session.seq = self.seq
        if not pairs:
            return self.frames([pack_publication(SETTLED_TOPIC, notice, [self.epoch, session.seq])])
        if notice is not None:
            return self.frames([state_head(self.epoch, session.seq, len(pairs) // 2, notice), *pairs])
        return self._shared(self.epoch, session.seq, pairs)

    def response(self, session: Session, request_id: str) -> Frames:
        """The answer to ``trame.state.get``: all values as `session` sees them. Of a key with an own write on its way
        it holds the committed value.
        """
        assert self.epoch is not None
        session.seq = self.seq
        others: dict[StateKey, Packed] = {}
        for key, write in session.provisional.items():
            if write.author is not session:
                others[key] = write.shared
            elif not session.native and key in self._entries:
                session.pushed[key] = self._entries[key].packed
        if others:
            parts = self._pairs(others)
        else:
            if self._all is None:
                self._all = join_small(self._pairs(others))
            parts = self._all
        count = len(self._entries.keys() | others.keys())
        return self.frames([state_response_head(request_id, self._name, self.epoch, self.seq, count), *parts])

    def _pairs(self, others: dict[StateKey, Packed]) -> list[Packed]:
        """All keys and values, those of `others` in the place of committed ones."""
        parts: list[Packed] = []
        for key, entry in self._entries.items():
            parts += (entry.name, others.get(key, entry.packed))
        for key, packed in others.items():
            if key not in self._entries:
                parts += (pack_key(key), packed)
        return parts

    def _seen_by(self, session: Session, key: StateKey, entry: Entry | None) -> Packed | None:
        written = session.provisional.get(key)
        if written is not None:
            return None if written.author is session else written.shared
        return None if entry is None else entry.packed

    def _shared(self, epoch: Epoch, seq: Seq, pairs: list[Packed]) -> Frames:
        """The frames of `pairs`; those of the last call when it was the same message, for another client."""
        if self._last is not None:
            last_seq, last_pairs, frames = self._last
            if last_seq == seq and _same_pairs(last_pairs, pairs):
                return frames
        frames = self.frames([state_head(epoch, seq, len(pairs) // 2), *pairs])
        self._last = (seq, pairs, frames)
        return frames


def _same_pairs(a: list[Packed], b: list[Packed]) -> bool:
    """Whether the keys are equal and the values the same objects."""
    return a[::2] == b[::2] and all(map(is_, a[1::2], b[1::2]))
