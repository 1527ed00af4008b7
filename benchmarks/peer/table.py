"""Ours beside the peer: trame-server on aiohttp, its default, and ours on both backends, round by round in turn."""

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.peer.cases import CASES, server

__all__ = ["HEAD", "rows"]

HEAD = (
    "what",
    "trame-server on aiohttp",
    "tornado",
    "ratio",
    "aiohttp",
    "ratio",
    "ratio of the floor",
    "goal",
)
ROUNDS = 3
SHORT = {"round trip": 9, "pipelined": 9}
"""Rounds of what is over soon, and so depends on what else the machine does."""
PEER = ("peer", "aiohttp")
OURS = (("ours", "tornado"), ("ours", "aiohttp"))
FLOOR = (("floor", "tornado"), ("floor", "aiohttp"))
FLOORED = {"round trip", "pipelined"}
"""Cases that the least that speaks the wire can run as well."""
QUICK = {"round trip": 3, "pipelined": 3, "collaboration": 1, "many keys": 1}
"""Cases that show the hot paths within two minutes, and their rounds."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    case: str
    name: str
    text: str
    goal: str
    scale: float = 1.0
    unit: str = ""

    def show(self, values: list[float]) -> str:
        """The median of `values`."""
        value = statistics.median(values) * self.scale
        return f"{value:,.0f}{self.unit}" if value >= 100 else f"{value:.3g}{self.unit}"


FIGURES = (
    Figure(
        "round trip", "seconds", "a client's write to the answer of a listener, p50", "<= 0.7", 1e6, " µs"
    ),
    Figure("pipelined", "a second", "pipelined triggers, a second", ">= 1.0"),
    Figure("fan-out", "MB/s", "1 MB to 100 viewers, delivered", ">= 1.5", 1, " MB/s"),
    Figure("fan-out", "cpu seconds", "1 MB to 100 viewers, cpu of 20 pushes", "<= 0.5", 1, " s"),
    Figure("deflate", "MB/s", "1 MB to 10 viewers that offer deflate, delivered", ">= 10", 1, " MB/s"),
    Figure("collaboration", "seconds", "50 clients, one writes: all others have it", "<= 0.1", 1e3, " ms"),
    Figure("collaboration", "cpu seconds", "50 clients, one writes: the server's cpu", "<= 0.1", 1e3, " ms"),
    Figure("collaboration", "frames", "50 clients, one writes: frames to each other", "2 frames"),
    Figure("many keys", "seconds", "100 000 keys, one changed, 10 listeners", "<= 0.25", 1e3, " ms"),
    Figure("many keys", "get seconds", "`state.get` of 100 000 keys", "<= 0.1", 1e3, " ms"),
    Figure("stalled", "delivered", "one of four viewers stalled: pushes to the others, of 200", "200"),
    Figure("stalled", "MB over idle", "one of four viewers stalled: memory over idle", "< 64 MB", 1, " MB"),
)

Runs = dict[tuple[str, str], list[dict[str, float]]]


def _run(case: str, rounds: int) -> Runs:
    """Some rounds of each server, one after the other, each in a fresh process."""
    order = [PEER, *OURS, *(FLOOR if case in FLOORED else ())]
    runs: Runs = {which: [] for which in order}
    for _ in range(rounds):
        for which in order:
            with server(*which) as running:
                runs[which].append(CASES[case](running))
        order.reverse()
    return runs


def _row(figure: Figure, runs: Runs) -> tuple[str, ...]:
    theirs = [figures[figure.name] for figures in runs[PEER]]
    cells = [figure.text, figure.show(theirs)]
    for which in OURS:
        values = [figures[figure.name] for figures in runs[which]]
        ratios = _ratios(values, theirs)
        span = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        cells += [figure.show(values), span]
    floors = [[figures[figure.name] for figures in runs[which]] for which in FLOOR if which in runs]
    cells.append(" / ".join(f"{statistics.median(_ratios(values, theirs)):.2f}" for values in floors))
    return (*cells, figure.goal)


def _ratios(values: list[float], bases: list[float]) -> list[float]:
    return [value / base for value, base in zip(values, bases, strict=True)]


def rows(cases: Iterable[str] | None = None, *, quick: bool = False) -> Iterator[tuple[str, ...]]:
    """One row a figure of `cases`, all unless some are named; `quick`: those of the hot paths, in few rounds."""
    for case in cases or (QUICK if quick else CASES):
        runs = _run(case, QUICK.get(case, 1) if quick else SHORT.get(case, ROUNDS))
        yield from (_row(figure, runs) for figure in FIGURES if figure.case == case)
