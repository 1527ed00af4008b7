"""Runs everything and writes the table of ``docs/performance.md``: ``python -m benchmarks``, about five minutes."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks import fanout, lab, relay, startup
from benchmarks.measure import Sample, ratio

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"

Row = tuple[str, str, str, str]
"""What, measured, ratio with its range over the rounds, goal."""


def _milliseconds(sample: Sample) -> str:
    return f"{sample.p50 * 1e3:.2f} / {sample.p95 * 1e3:.2f} ms"


def _ratio(a: Sample, b: Sample) -> str:
    middle, low, high = ratio(a, b)
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def rows() -> Iterator[Row]:
    """One row a question."""
    trips = lab.measure()
    yield "state round trip inline, websocket", _milliseconds(trips["websocket"]), "", "p50 <= 2 ms"
    comm, bare = trips["comm"], trips["bare comm"]
    measured = f"{_milliseconds(comm)}, bare {_milliseconds(bare)}"
    yield "state round trip inline, comm, to a bare echo comm", measured, _ratio(comm, bare), "<= 1.15"
    trips = relay.measure()
    replica, floor = trips["replica"], trips["floor"]
    measured = f"{_milliseconds(replica)}, floor {_milliseconds(floor)}"
    yield "replica in jupyter-server, to a bare relay", measured, _ratio(replica, floor), "<= 1.25"
    crowds = fanout.measure()
    many, one = crowds["100"], crowds["1"]
    measured = f"{many.p50 * 1e3:.2f} ms of cpu, one viewer {one.p50 * 1e3:.2f} ms"
    yield "1 MB to 100 viewers, kernel's cpu to one viewer", measured, _ratio(many, one), "<= 1.2"
    for name, sample in startup.measure().items():
        yield f"import, {name}, beyond its dependencies", f"{sample.p50 * 1e3:.0f} ms", "", "< 150 ms"


def main() -> None:
    """Print the rows as they come and put them into the page."""
    lines = ["| what | p50 / p95 | ratio | goal |", "|---|---|---|---|"]
    for row in rows():
        lines.append("| " + " | ".join(row) + " |")
        print(lines[-1], flush=True)
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + after, "utf-8")


if __name__ == "__main__":
    main()
