"""What a process and its children use of the machine, as metrics of a service: psutil measures it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

try:
    import psutil
except ImportError as error:
    raise ImportError("ProcessMetrics needs psutil: pip install 'jupyter-trame[narvi]'") from error

__all__ = ["ProcessMetrics"]

_GONE = (psutil.NoSuchProcess, psutil.AccessDenied)
"""A child that has ended meanwhile, or that is another user's."""

_REMEMBERED = 1000
"""Processes whose processor time is kept, the latest."""

_MEASURES: dict[str, Callable[[Any], float]] = {
    "pmem": lambda process: process.memory_percent(),
    "rss": lambda process: process.memory_info().rss / 1024,
    "vsz": lambda process: process.memory_info().vms / 1024,
    "nlwp": lambda process: process.num_threads(),
    "etimes": lambda process: time.time() - process.create_time(),
}
"""Metric, by the name that ps has for it -> how it is measured; ``pcpu`` needs two looks."""

_METADATA: dict[str, dict[str, Any]] = {
    "pcpu": {"min": 0, "colour": "#1461c4", "minmax_decimal_places": 1},
    "pmem": {"min": 0, "colour": "#8250df", "minmax_decimal_places": 1},
    "rss": {"min": 0, "colour": "#1a7f4b", "minmax_decimal_places": 1},
    "vsz": {"min": 0, "colour": "#0b7c86", "minmax_decimal_places": 1},
    "nlwp": {"min": 0, "colour": "#a4550a", "minmax_decimal_places": 0},
    "etimes": {"min": 0, "colour": "#59636e", "minmax_decimal_places": 0},
    "nproc": {"min": 0, "colour": "#c22d2d", "minmax_decimal_places": 0},
}


class ProcessMetrics:
    """Metrics for `WebAppServices.set_metrics_callback`. Any thread."""

    @staticmethod
    def get_process_metrics(
        pid: int,
        ps_metrics: Iterable[str] = ("pcpu", "pmem", "rss"),
        include_nproc: bool = False,
        include_children: bool = False,
    ) -> dict[str, float]:
        """Metric -> its value, summed over the process and, with `include_children`, its direct children.

        ``pcpu``: percent of one processor, since the last call for that process or else since it began; ``pmem``:
        percent of the memory; ``rss`` and ``vsz``: KiB; ``nlwp``: threads; ``etimes``: seconds since it began.
        `include_nproc` adds ``nproc``, the number of processes. Raises `ProcessLookupError` where there is no such
        process, `PermissionError` where it may not be looked at, and `ValueError` for an unknown metric.
        """
        names = [ps_metrics] if isinstance(ps_metrics, str) else list(ps_metrics)
        if unknown := [name for name in names if name != "pcpu" and name not in _MEASURES]:
            known = ", ".join(sorted({"pcpu", *_MEASURES}))
            raise ValueError(f"ps_metrics are of {known}; got {', '.join(map(repr, unknown))}")
        try:
            process = psutil.Process(pid)
            found = [_measure(process, names)]
            children = process.children() if include_children else []
        except psutil.NoSuchProcess:
            raise ProcessLookupError(f"there is no process {pid}") from None
        except psutil.AccessDenied:
            raise PermissionError(f"the process {pid} may not be looked at") from None
        for child in children:
            try:
                found.append(_measure(child, names))
            except _GONE:
                continue
        sums = {name: sum(values[name] for values in found) for name in names}
        return {**sums, "nproc": len(found)} if include_nproc else sums

    @staticmethod
    def get_metrics_metadata() -> dict[str, dict[str, Any]]:
        """How the monitor draws each metric that `get_process_metrics` knows."""
        return {name: dict(metadata) for name, metadata in _METADATA.items()}


def _measure(process: Any, names: Iterable[str]) -> dict[str, float]:
    with process.oneshot():
        return {
            name: _processor_time.percent(process) if name == "pcpu" else _MEASURES[name](process)
            for name in names
        }


class _ProcessorTime:
    """How much each process had used when it was last looked at: a percentage is of the time between two looks."""

    def __init__(self) -> None:
        self._last: dict[tuple[int, float], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def percent(self, process: Any) -> float:
        used, began = sum(process.cpu_times()[:2]), process.create_time()
        key = (process.pid, began)
        with self._lock:
            now = time.time()
            before, then = self._last.pop(key, (0.0, began))
            self._last[key] = (used, now)
            if len(self._last) > _REMEMBERED:
                del self._last[next(iter(self._last))]
        # The clock may be set back.
        return 100 * (used - before) / (now - then) if now > then else 0.0


_processor_time = _ProcessorTime()
