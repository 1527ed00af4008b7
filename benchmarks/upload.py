"""What a file of 500 MB costs that a client uploads: time against a copy of the file, and memory of each process."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.big import memory
from benchmarks.held import HOSTS, MEGABYTE, Running, running
from benchmarks.measure import Sample

__all__ = ["SIZE", "Cost", "measure"]

SIZE = 500
ROUNDS = 5

APP = """
import os
from jupyter_trame import Server
server = Server("held")
server.state.update({"doc": None, "got": 0})
@server.change("doc")
def take(doc, **_):
    if doc and doc.path.stat().st_size == %d:
        server.state.update({"doc": None, "got": server.state.got + 1})
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What was seen in all rounds."""

    copied: Sample
    """Seconds of the file copies."""
    uploaded: Sample
    """Seconds from the first byte until the app has the file."""
    peaks: dict[str, float]
    """Megabytes by process, beyond what it had before the first upload."""


@contextmanager
def _uploader(server: Running, file: Path, rounds: int) -> Iterator["subprocess.Popen[str]"]:
    command = (server.url, server.token, server.secret, str(file), str(rounds))
    # At the end its input is closed, and it removes what it has made.
    with subprocess.Popen(
        (sys.executable, "-m", "benchmarks.uploader", *command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        if child.stdout.readline() != "ready\n":
            raise RuntimeError("the client did not connect")
        try:
            yield child
        except BaseException:
            child.kill()
            raise


def _cost(host: str, size: int, rounds: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        with file.open("wb") as stream:
            for _ in range(size // MEGABYTE):
                stream.write(os.urandom(MEGABYTE))
        with running(host, APP % size) as server, _uploader(server, file, rounds) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            before = {}
            for name, pid in server.pids.items():
                Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")  # the peak begins anew
                before[name] = memory(pid, "VmRSS")
            client.stdin.write("go\n")
            client.stdin.flush()
            times = [tuple(map(float, client.stdout.readline().split())) for _ in range(rounds)]
            peaks = {
                name: (memory(pid, "VmHWM") - before[name]) / MEGABYTE for name, pid in server.pids.items()
            }
    return Cost(Sample([[copied] for copied, _ in times]), Sample([[took] for _, took in times]), peaks)


def measure(hosts: Iterable[str] = HOSTS, size: int = SIZE, rounds: int = ROUNDS) -> dict[str, Cost]:
    """By host, for a file of `size` megabytes. The copy and the upload take turns."""
    return {host: _cost(host, size * MEGABYTE, rounds) for host in hosts}


if __name__ == "__main__":
    from benchmarks.measure import ratio

    for host, cost in measure(sys.argv[1:] or HOSTS).items():
        middle, low, high = ratio(cost.uploaded, cost.copied)
        peaks = ", ".join(f"{name} +{peak:.0f} MB" for name, peak in cost.peaks.items())
        print(
            f"{host}: {SIZE} MB in {cost.uploaded.p50:.2f} s, {middle:.2f} ({low:.2f} to {high:.2f}) times a file copy"
            f" of {cost.copied.p50:.2f} s; {peaks}"
        )
