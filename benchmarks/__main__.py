"""Runs everything and writes the tables of ``docs/performance.md``: ``python -m benchmarks``, about fifteen minutes.

``python -m benchmarks <table> ...`` writes some: ``jupyter``, ``display``, ``peer``, ``turns``, ``memory``,
``upload``, ``trio``, ``igor``, ``narvi``, ``narvi-kernels``, ``gateway``, ``table``, ``weight``.
``quick`` prints the ratios of the hot paths within two minutes, and writes nothing.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks import (
    big,
    fanout,
    gateway,
    gateway_display,
    gateway_large,
    held,
    igor_calls,
    iopub,
    lab,
    narvi,
    narvi_kernels,
    relay,
    sizes,
    startup,
    trio_echo,
    ui_table,
    upload,
)
from benchmarks.lab_peer import table as lab_peer
from benchmarks.measure import Sample, percentile, ratio
from benchmarks.peer import table as peer

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"

Row = tuple[str, ...]
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
    messages, took = iopub.measure()
    measured = f"{messages} in {took:.2f} s"
    yield "20 000 changes in 5 s to a view on the comm, iopub messages of the kernel", measured, "", "<= 320"


def turns() -> Iterator[Row]:
    """How long a large value holds the loop of a server."""
    for (host, size), seen in held.measure().items():
        measured = (f"{seen.longest * 1e3:.1f} ms", f"{seen.delivered * 1e3:.0f} ms")
        yield f"{size} MB to {held.VIEWERS} viewers, {held.HOSTS[host]}", *measured, "<= 20 ms"


def memory() -> Iterator[Row]:
    """What a large value costs."""
    for (host, process), peak in big.measure().items():
        where = "the kernel" if process == "kernel" else held.HOSTS[host]
        yield (
            f"{big.SIZE} MB to {big.VIEWERS} viewers and one more, {where}",
            f"{peak:.0f} MB",
            f"<= {big.SIZE + 8} MB",
        )


def uploads() -> Iterator[Row]:
    """What a file from a client costs."""
    for host, cost in upload.measure().items():
        peaks = ", ".join(f"{process} {peak:.0f} MB" for process, peak in cost.peaks.items())
        where = held.HOSTS[host]
        goals = ("<= 4", "<= 64 MB") if host == "jupyter" else ("", "<= 64 MB")
        times = f"{cost.uploaded.p50:.2f} s, copy {cost.copied.p50:.2f} s"
        yield (
            f"{upload.SIZE} MB to {where}",
            times,
            _ratio(cost.uploaded, cost.copied),
            goals[0],
            peaks,
            goals[1],
        )


def echoes() -> Iterator[Row]:
    """Round trips of messages over trio."""
    found = trio_echo.measure()
    for name in trio_echo.SIZES:
        ours = found[name, "ours"]
        for kind, goal in trio_echo.GOALS.items():
            other = found[name, kind]
            measured = f"{1 / ours.p50:,.0f} a second, {kind} {1 / other.p50:,.0f}"
            yield f"echo of {name}, to {kind}", measured, _ratio(other, ours), f">= {goal}"


def calls() -> Iterator[Row]:
    """Calls of Igor's actions."""
    found = igor_calls.measure()
    for kind, words in igor_calls.KINDS.items():
        for clients in igor_calls.CLIENTS:
            igor, bare = (found[kind, clients, side] for side in ("igor", "bare"))
            measured = f"{1 / igor.p50:,.0f} a second, bare {1 / bare.p50:,.0f}"
            who = "1 client" if clients == 1 else f"{clients} clients"
            yield f"{words}, {who}", measured, _ratio(bare, igor), f">= {igor_calls.GOAL}"
    memory = igor_calls.idle()
    measured = f"{memory['igor']:.1f} kB, bare {memory['bare']:.1f} kB"
    beyond = f"{memory['igor'] - memory['bare']:.1f} kB"
    yield (
        f"one of {igor_calls.IDLE} clients that do nothing, beyond it",
        measured,
        beyond,
        f"<= {igor_calls.IDLE_GOAL:.0f} kB",
    )


def services() -> Iterator[Row]:
    """Messages and instances of services in a program."""
    found = narvi.round_trips()
    for size in narvi.SIZES:
        ours, bare, hop = (found[size, side] for side in ("narvi", "bare", "hop"))
        measured = (
            f"{ours.p50 * 1e6:.0f} µs, bare {bare.p50 * 1e6:.0f} µs, by a thread {hop.p50 * 1e6:.0f} µs"
        )
        what = f"page, service, page, {size}"
        yield what, measured, _ratio(ours, bare), _ratio(ours, hop), f"<= {narvi.GOAL} to the bare one"
    measured = f"{narvi.memory():.2f} MB"
    yield (
        f"one of {narvi.INSTANCES} instances that do nothing",
        measured,
        "",
        "",
        f"<= {narvi.MEMORY_GOAL:.0f} MB",
    )


def kernels() -> Iterator[Row]:
    """The same of services in kernels."""
    trips = narvi_kernels.round_trips()
    ours, trame = trips["service"], trips["trame"]
    measured = f"{ours.p50 * 1e6:.0f} µs, trame {trame.p50 * 1e6:.0f} µs"
    what = "page, service, page, 100 bytes, to a trame write and its answer"
    yield what, measured, _ratio(ours, trame), f"<= {narvi_kernels.TRIP_GOAL}"
    begun = narvi_kernels.starts()
    visit, bare = begun["visit"], begun["bare"]
    measured = f"{visit.p50 * 1e3:.0f} ms, bare {bare.p50 * 1e3:.0f} ms"
    what = "first visit, to the start of a kernel and an empty cell"
    yield what, measured, _ratio(visit, bare), f"<= {narvi_kernels.START_GOAL}"


def elsewhere() -> Iterator[Row]:
    """An app on a kernel behind a gateway."""
    trips = gateway.round_trips()
    app, bare = trips["app"], trips["bare"]
    measured = f"{_milliseconds(app)}, bare {_milliseconds(bare)}"
    yield "a write to the answer of a listener, to a bare echo comm", measured, _ratio(app, bare), "<= 1.3"
    shown = gateway_display.measure()
    app, widget = shown["app"], shown["widget"]
    measured = f"{app.p50 * 1e3:.0f} ms, widget {widget.p50 * 1e3:.0f} ms"
    yield (
        "display in a cell to first text, cold, to a plain anywidget",
        measured,
        _ratio(app, widget),
        "<= 1.3",
    )
    one, many = gateway.messages(1), gateway.messages(100)
    measured = f"{many}, one viewer {one}"
    name = f"{gateway.PUSHES} pushes to 100 viewers, messages of the kernel"
    yield name, measured, f"{many / one:.2f}", "<= 1"
    found = gateway_large.measure()
    nothing, comm = (_answers(found[case]) for case in ("nothing", "comm"))
    for case, words in {"down": "come from the kernel", "up": "go to the kernel"}.items():
        measured = f"{_answers(found[case])}; without {nothing}, a bare comm {comm}"
        yield f"answers of the control channel while 10 MB {words}", measured, "", "<= 100 ms"


def _answers(answers: gateway_large.Answers) -> str:
    return f"p99 {answers.p99 * 1e3:.0f} ms, longest {answers.worst * 1e3:.0f} ms"


def many_rows() -> Iterator[Row]:
    """What a table with many rows costs a page."""
    cost = ui_table.measure()
    many, few = (cost.first_rows[size] for size in ("many", "few"))
    measured = f"{_milliseconds(many)}, {ui_table.ROWS['few']} rows {_milliseconds(few)}"
    yield f"page of {ui_table.ROWS['many']:,} rows to the first ones", measured, _ratio(many, few), "<= 2"
    scripts = f"{percentile(cost.scripts, 0.5) * 1e3:.2f} / {percentile(cost.scripts, 0.95) * 1e3:.2f} ms"
    yield "script while they are scrolled, in a frame", scripts, "", "p95 <= 4 ms"
    yield "one cell changes, bytes to a page", f"{cost.change}", "", "<= 1000"


def weights() -> Iterator[Row]:
    """What is loaded before anything happens."""
    for name, sample in startup.measure().items():
        yield f"import, {name}, beyond its dependencies", f"{sample.p50 * 1e3:.0f} ms", "< 150 ms"
    for name, size in sizes.measure().items():
        yield f"`{name}`, compressed", f"{size / 1e3:.1f} kB", f"<= {sizes.LIMITS[name] / 1e3:.0f} kB"


def write(name: str, head: Row, rows: Iterable[Row]) -> None:
    """Print the rows as they come and put them into the page, between the marks of the table `name`."""
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for row in rows:
        lines.append("| " + " | ".join(row) + " |")
        print(lines[-1], flush=True)
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, rest = PAGE.read_text("utf-8").split(begin)
    _, after = rest.split(end)
    PAGE.write_text(before + begin + "\n".join(lines) + "\n" + end + after, "utf-8")


HEAD = ("what", "p50 / p95", "ratio", "goal")
TABLES: dict[str, tuple[Row, Callable[[], Iterator[Row]]]] = {
    "jupyter": (HEAD, rows),
    "display": (HEAD, lab_peer.rows),
    "peer": (peer.HEAD, peer.rows),
    "memory": (("what", "peak beyond before", "goal"), memory),
    "upload": (
        ("what", "until the app has it", "ratio to a file copy", "goal", "peak beyond before", "goal"),
        uploads,
    ),
    "trio": (("what", "p50", "ratio of rates", "goal"), echoes),
    "igor": (("what", "measured", "to a bare tornado websocket", "goal"), calls),
    "narvi": (("what", "p50", "to a bare tornado websocket", "to one by a thread", "goal"), services),
    "narvi-kernels": (("what", "p50", "ratio", "goal"), kernels),
    "turns": (("what", "longest turn", "all have it after", "goal"), turns),
    "gateway": (HEAD, elsewhere),
    "table": (HEAD, many_rows),
    "weight": (("what", "measured", "goal"), weights),
}


def main(wanted: list[str]) -> None:
    """Write the tables that are `wanted`, all of them unless some are named; ``quick`` alone prints."""
    if wanted == ["quick"]:
        for row in (peer.HEAD, *peer.rows(quick=True)):
            print("| " + " | ".join(row) + " |", flush=True)
        return
    for name in wanted or TABLES:
        head, table = TABLES[name]
        write(name, head, table())


if __name__ == "__main__":
    main(sys.argv[1:])
