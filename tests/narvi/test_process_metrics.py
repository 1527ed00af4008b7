"""What processes use: sums, children that end meanwhile, processes that are not there."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from jupyter_trame.narvi import process_metrics
from jupyter_trame.narvi.process_metrics import ProcessMetrics

measure = ProcessMetrics.get_process_metrics


@contextmanager
def child(code: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has run `code` when this returns, and waits then."""
    program = f"{code}\nprint('ready', flush=True)\ninput()"
    command, pipe = [sys.executable, "-c", program], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        yield process
        process.communicate(b"\n")


def test_the_usual_metrics() -> None:
    found = measure(os.getpid())
    assert list(found) == ["pcpu", "pmem", "rss"]
    assert found["pcpu"] >= 0
    assert 0 < found["pmem"] < 100
    rss = psutil.Process().memory_info().rss / 1024
    assert found["rss"] == pytest.approx(rss, rel=0.2), "KiB, as ps has them"


def test_all_metrics_have_metadata() -> None:
    names = ["pcpu", "pmem", "rss", "vsz", "nlwp", "etimes"]
    found = measure(os.getpid(), names, include_nproc=True)
    assert list(found) == [*names, "nproc"]
    assert found["nproc"] == 1
    metadata = ProcessMetrics.get_metrics_metadata()
    assert set(metadata) == set(found)
    assert all(entry["min"] == 0 and entry["colour"] for entry in metadata.values())
    metadata["pcpu"]["min"] = 7
    assert ProcessMetrics.get_metrics_metadata()["pcpu"]["min"] == 0


def test_a_busy_process_and_an_idle_one() -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    with child(busy) as process:
        assert measure(process.pid, ["pcpu"])["pcpu"] > 1
        assert measure(process.pid, ["pcpu"])["pcpu"] == pytest.approx(0, abs=1), "since the last look"


def test_children_are_added() -> None:
    with child("x = bytearray(50_000_000)"):
        alone = measure(os.getpid(), ["rss"], include_nproc=True)
        both = measure(os.getpid(), ["rss"], include_nproc=True, include_children=True)
    assert both["nproc"] >= alone["nproc"] + 1
    assert both["rss"] > alone["rss"] + 40_000


def test_a_child_that_ends_meanwhile_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with child("") as process:
        gone = psutil.Process(process.pid)
    monkeypatch.setattr(psutil.Process, "children", lambda self: [gone])
    assert measure(os.getpid(), ["rss"], include_nproc=True, include_children=True)["nproc"] == 1


def test_a_process_that_is_not_there() -> None:
    with child("") as process:
        pid = process.pid
    with pytest.raises(ProcessLookupError, match=f"no process {pid}"):
        measure(pid)


def test_a_process_that_may_not_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object) -> None:
        raise psutil.AccessDenied(1)

    monkeypatch.setattr(psutil.Process, "num_threads", refuse)
    with pytest.raises(PermissionError, match="may not be looked at"):
        measure(os.getpid(), ["nlwp"])


@pytest.mark.parametrize("names", [["rss", "nothing"], "nothing"])
def test_unknown_metrics(names: Any) -> None:
    with pytest.raises(ValueError, match="'nothing'"):
        measure(os.getpid(), names)


def test_processes_of_the_past_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_metrics, "_REMEMBERED", 1)
    times = process_metrics._ProcessorTime()
    with child("") as process:
        for pid in (os.getpid(), process.pid):
            times.percent(psutil.Process(pid))
    assert [pid for pid, _ in times._last] == [process.pid]


def test_without_psutil_an_import_says_what_to_install() -> None:
    program = "import sys; sys.modules['psutil'] = None; import jupyter_trame.narvi.process_metrics"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "pip install 'jupyter-trame[narvi]'" in done.stderr.splitlines()[-1]
