"""What the monitor remembers of each instance, and what the overview says. Nothing is asked here: samples are told."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

from jupyter_trame.services.instance import InstanceKey
from jupyter_trame.services.instances import InstanceRecord, Stage
from jupyter_trame.services.service_registry import ServiceRegistry

__all__ = ["MOST_SAMPLES", "Monitor", "clean_metadata", "clean_metrics", "overview", "status"]

MOST_SAMPLES = 10_000
"""Samples of an instance where a retention was not asked for."""
_MOST_STOPPED = 100
"""Instances that have stopped, and are shown until their samples have aged out."""

_METADATA = frozenset({"min", "max", "colour", "minmax_decimal_places", "minmax_display"})

Sample = tuple[float, dict[str, float] | None]
"""Unix time, and the metrics of then; None where there were none."""


class Monitor:
    """The samples of all instances, newest first. One thread."""

    def __init__(
        self,
        interval: float | None,
        retention: float | None,
        logger: logging.Logger,
    ) -> None:
        """Seconds; `interval` None: nothing is monitored, `retention` None: `MOST_SAMPLES` are kept.

        Raises `ValueError` and `TypeError`.
        """
        self.interval: float | None = None
        self.most = MOST_SAMPLES
        """Samples of an instance."""
        self._logger = logger
        self._capped = True
        self._samples: dict[InstanceKey, deque[Sample]] = {}
        self._metadata: dict[InstanceKey, dict[str, Any]] = {}
        self.configure(interval, retention)

    def configure(self, interval: float | None, retention: float | None) -> None:
        """As the constructor, from the next sample on. Raises likewise."""
        _check("monitoring_interval_s", interval)
        _check("monitoring_retention_s", retention)
        self.interval = interval
        self._capped = retention is None
        self.most = MOST_SAMPLES
        if interval is not None and retention is not None:
            # 0.6 has three times 0.2, whatever floating point says.
            self.most = max(int(retention / interval + 1e-9), 1)

    @property
    def is_on(self) -> bool:
        """Whether there are rounds."""
        return self.interval is not None

    def record(
        self, key: InstanceKey, now: float, metrics: Mapping[str, Any] | None, metadata: Mapping[str, Any]
    ) -> None:
        """What an instance that has metrics said in a round at `now`, the unix time; None: it said nothing."""
        self._metadata[key] = clean_metadata(metadata)
        self._add(key, (now, None if metrics is None else clean_metrics(metrics)))

    def end_round(self, now: float, running: Iterable[InstanceKey]) -> None:
        """All that were asked have answered. Who has stopped gets an empty sample, until none is of their life."""
        alive = set(running)
        stopped = [key for key in self._samples if key not in alive]
        for key in stopped:
            self._add(key, (now, None))
            if all(metrics is None for _, metrics in self._samples[key]):
                self._forget(key)
        # The oldest go first: where each session has an instance, there are as many as there were sessions.
        for key in [key for key in stopped if key in self._samples][:-_MOST_STOPPED]:
            self._forget(key)

    @property
    def known(self) -> list[InstanceKey]:
        """All instances of which there are samples, also those that have stopped."""
        return list(self._samples)

    def samples(self, key: InstanceKey) -> list[list[Any]]:
        """The samples of an instance as JSON has them, newest first."""
        return [list(sample) for sample in self._samples.get(key, ())]

    def metadata(self, key: InstanceKey) -> dict[str, Any]:
        """How the metrics of an instance are drawn."""
        return self._metadata.get(key, {})

    def _forget(self, key: InstanceKey) -> None:
        del self._samples[key]
        del self._metadata[key]

    def _add(self, key: InstanceKey, sample: Sample) -> None:
        found = self._samples.setdefault(key, deque(maxlen=self.most))
        if self._capped and len(found) == self.most:
            self._capped = False
            self._logger.info(
                "an instance has %d samples of its metrics, and older ones are dropped from now on; "
                "monitoring_retention_s says for how long they are kept",
                self.most,
            )
        found.appendleft(sample)


def clean_metrics(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The metrics that are finite numbers: one value that JSON cannot hold would hide all others."""
    found: dict[str, float] = {}
    for name, value in dict(metrics).items():
        number = _number(value)
        if number is not None and isinstance(name, str):
            found[name] = number
    return found


def clean_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What of `metadata` a page understands: metric -> min, max, colour and the like, each a number, text or flag."""
    found: dict[str, Any] = {}
    for name, hints in dict(metadata).items():
        if isinstance(name, str):
            given = dict(hints) if isinstance(hints, Mapping) else {}
            found[name] = {
                hint: value
                for hint, value in given.items()
                if hint in _METADATA and (isinstance(value, str | bool) or _number(value) is not None)
            }
    return found


def status(record: InstanceRecord, now: float) -> dict[str, Any]:
    """What anybody may know of an instance."""
    return {"uptime": record.uptime(now), "session_count": len(record.sessions)}


def overview(
    registry: ServiceRegistry, records: Iterable[InstanceRecord], monitor: Monitor, now: float
) -> dict[str, Any]:
    """Workspace -> service -> its instances and apps; `now` is of the clock that the records have."""
    found: dict[str, Any] = {}
    for service in registry.services:
        names = [{"app_name": app.app_name} for app in registry.apps_of(service)]
        entry = {"instances": {}, "apps": names}
        found.setdefault(service.workspace, {})[service.app_service_name] = entry
    running = {record.key: record for record in records if record.stage is Stage.RUNNING}
    for key in [*running, *(key for key in monitor.known if key not in running)]:
        entry = found.get(key.workspace, {}).get(key.service)
        if entry is not None:
            entry["instances"].setdefault(key.service_id, []).append(
                _info(key, running.get(key), monitor, now)
            )
    return found


def _info(key: InstanceKey, record: InstanceRecord | None, monitor: Monitor, now: float) -> dict[str, Any]:
    sessions = {} if record is None else record.sessions
    info: dict[str, Any] = {
        "uptime": 0 if record is None else record.uptime(now),
        "sessions": {
            session_id: {"app_name": session.app_name, "uptime": max(int(now - session.opened_at), 0)}
            for session_id, session in list(sessions.items())
        },
    }
    if record is None:
        info["stopped"] = True
    samples = monitor.samples(key)
    if samples:
        info["metrics"] = samples
        info["metrics_metadata"] = monitor.metadata(key)
    return info


def _number(value: object) -> float | None:
    if isinstance(value, int | float):
        number: float = value
    elif isinstance(value, Real):  # such as those of numpy
        number = float(value)
    else:
        return None
    try:
        return number if math.isfinite(number) else None
    except OverflowError:  # an int that is no float is none of a page either
        return None


def _check(name: str, seconds: object) -> None:
    if seconds is None:
        return
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{name} is a number of seconds, or None; got {seconds!r}")
    if not 0 < seconds < math.inf:
        raise ValueError(f"{name} is more than 0 seconds, or None; got {seconds!r}")
