"""Sessions that read more slowly than is sent: who sends to them waits, but not for one that stalls."""

from __future__ import annotations

import threading
from collections.abc import Callable

from jupyter_trame.services.instance import InstanceKey

__all__ = ["SlowSessions"]


class SlowSessions:
    """The sessions of one host that are behind. Any thread."""

    def __init__(self) -> None:
        self._behind: dict[InstanceKey, dict[str, bool]] = {}
        """Instance -> session -> whether it reads; instances without such a session are not there."""
        self._news = threading.Condition()

    def put(self, instance: InstanceKey, session_id: str, *, reads: bool) -> None:
        """So much waits for this session that who sends more should wait; `reads`: it takes some of it."""
        with self._news:
            self._behind.setdefault(instance, {})[session_id] = reads
            self._news.notify_all()

    def discard(self, instance: InstanceKey, session_id: str) -> None:
        """It has read what waited, or is gone."""
        with self._news:
            sessions = self._behind.get(instance)
            if sessions is not None and sessions.pop(session_id, None) is not None:
                if not sessions:
                    del self._behind[instance]
                self._news.notify_all()

    def wait_for(self, instance: InstanceKey, session_id: str) -> None:
        """Block while the session is behind; its socket gives up one that reads nothing for long."""
        self._wait(instance, lambda sessions: session_id in sessions)

    def wait_for_all(self, instance: InstanceKey, but: str | None = None) -> None:
        """Block while a session of `instance`, but one, is behind and reads: one that stalls holds up nobody else."""
        self._wait(instance, lambda sessions: any(reads for one, reads in sessions.items() if one != but))

    def _wait(self, instance: InstanceKey, is_behind: Callable[[dict[str, bool]], bool]) -> None:
        if instance in self._behind:
            with self._news:
                self._news.wait_for(lambda: not is_behind(self._behind.get(instance, {})))
