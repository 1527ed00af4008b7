"""Interleaved measurement: a machine's speed drifts, so cases run in turn and only ratios are believed."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Sample", "interleave", "percentile", "ratio", "warm"]

Case = Callable[[], list[float]]
"""Runs once and gives its figures, each in seconds."""


def percentile(values: list[float], fraction: float) -> float:
    """The value below which `fraction` (0 to 1) of `values` lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * fraction), len(ordered) - 1)]


@dataclass(frozen=True, slots=True)
class Sample:
    """All rounds of one case."""

    rounds: list[list[float]]

    @property
    def p50(self) -> float:
        """Median of the medians of the rounds."""
        return statistics.median(statistics.median(values) for values in self.rounds)

    @property
    def p95(self) -> float:
        """Median of the 95th percentiles of the rounds."""
        return statistics.median(percentile(values, 0.95) for values in self.rounds)


def interleave(cases: Mapping[str, Case], rounds: int) -> dict[str, Sample]:
    """Run the cases one after the other, `rounds` times; the order turns round each time."""
    results: dict[str, list[list[float]]] = {name: [] for name in cases}
    order = list(cases)
    for _ in range(rounds):
        for name in order:
            results[name].append(cases[name]())
        order.reverse()
    return {name: Sample(values) for name, values in results.items()}


def ratio(a: Sample, b: Sample) -> tuple[float, float, float]:
    """Median, lowest and highest of the ratios a / b of the rounds' medians, round by round."""
    pairs = [statistics.median(x) / statistics.median(y) for x, y in zip(a.rounds, b.rounds, strict=True)]
    return statistics.median(pairs), min(pairs), max(pairs)


def warm(case: Case) -> None:
    """One round that does not count."""
    case()
