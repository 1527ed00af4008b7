"""Which instances there are, with whom, and when one has been idle for too long. Nothing runs here: `now` is told."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import InstanceKey

__all__ = ["InstanceRecord", "InstanceTable", "SessionRecord", "Stage"]


class Stage(enum.Enum):
    """How far an instance is."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(slots=True)
class SessionRecord:
    """A session of an instance."""

    app_name: str
    opened_at: float
    """Seconds of the host's clock."""


@dataclass(slots=True, eq=False)
class InstanceRecord:
    """What a host knows of an instance."""

    key: InstanceKey
    service: RegisteredService
    stage: Stage = Stage.STARTING
    started_at: float = 0.0
    """Seconds of the host's clock, from `Stage.RUNNING` on."""
    sessions: dict[str, SessionRecord] = field(default_factory=dict)
    visits: int = 0
    """Clients that are about to open a session."""
    idle_since: float | None = None
    """None while somebody is there, or is about to come."""

    def uptime(self, now: float) -> int:
        """Whole seconds since it runs."""
        return 0 if self.stage is Stage.STARTING else max(int(now - self.started_at), 0)


class InstanceTable:
    """The instances of a host. One thread; an instance is in the table from `begin` to `ended`."""

    def __init__(self) -> None:
        self._records: dict[InstanceKey, InstanceRecord] = {}
        self._immortal: set[InstanceKey] = set()
        """Keys that were started by hand; they are exempt from the idle time until they are stopped by hand."""

    def __iter__(self) -> Iterator[InstanceRecord]:
        return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def find(self, key: InstanceKey) -> InstanceRecord | None:
        """The record of `key`, whatever its stage."""
        return self._records.get(key)

    def of_id(self, key: InstanceKey) -> list[InstanceRecord]:
        """All instances of a service id: one that is shared, or one for each session."""
        return [record for record in self if record.key.shared == key.shared]

    def begin(self, key: InstanceKey, service: RegisteredService) -> InstanceRecord:
        """An instance is about to start. Raises `ValueError` where there is one."""
        if key in self._records:
            raise ValueError(f"there is an instance {key} already")
        record = self._records[key] = InstanceRecord(key, service)
        return record

    def started(self, record: InstanceRecord, now: float) -> None:
        """It runs."""
        record.stage = Stage.RUNNING
        record.started_at = now
        self._look(record, now)

    def stopping(self, record: InstanceRecord) -> None:
        """It is to end: nobody is let in any more."""
        record.stage = Stage.STOPPING
        record.idle_since = None

    def ended(self, record: InstanceRecord) -> None:
        """It has ended, or could not be started. Again is harmless."""
        if self._records.get(record.key) is record:
            del self._records[record.key]

    # -- who is there

    def visit(self, record: InstanceRecord) -> None:
        """Somebody is about to open a session: until `open` or `leave` the instance is not idle."""
        record.visits += 1
        record.idle_since = None

    def leave(self, record: InstanceRecord, now: float) -> None:
        """Somebody who was about to come does not."""
        record.visits -= 1
        self._look(record, now)

    def open(self, record: InstanceRecord, session_id: str, app_name: str, now: float) -> None:
        """Who was about to come is there."""
        record.visits -= 1
        record.sessions[session_id] = SessionRecord(app_name, now)

    def close(self, record: InstanceRecord, session_id: str, now: float) -> bool:
        """A session has ended; False where it had before."""
        if record.sessions.pop(session_id, None) is None:
            return False
        self._look(record, now)
        return True

    # -- how long

    def keep(self, key: InstanceKey) -> None:
        """Instances of `key` are exempt from the idle time from now on."""
        self._immortal.add(key.shared)
        for record in self.of_id(key):
            record.idle_since = None

    def forget(self, key: InstanceKey) -> None:
        """The next instance of `key` is one like others."""
        self._immortal.discard(key.shared)

    def due(self, now: float) -> list[InstanceRecord]:
        """Those that are to be stopped, since nobody has been there for their idle time."""
        return [record for record in self if (end := self._end(record)) is not None and end <= now]

    def next_due(self) -> float | None:
        """When the first of them is, as far as is known now; None: never."""
        return min((end for record in self if (end := self._end(record)) is not None), default=None)

    def _end(self, record: InstanceRecord) -> float | None:
        return None if record.idle_since is None else record.idle_since + record.service.idle_timeout

    def _look(self, record: InstanceRecord, now: float) -> None:
        busy = record.stage is not Stage.RUNNING or record.sessions or record.visits
        mortal = record.service.ends_when_idle and record.key.shared not in self._immortal
        record.idle_since = now if mortal and not busy else None
