"""Kernels that have something of services are found by their records, and those elsewhere when somebody asks."""

import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.narvi_watch import NarviWatch
from jupyter_trame.transports.rendezvous import Record, read_record, record_path, write_record
from tests.extension.support import until


class Kernels:
    """Kernels ``here`` and, if it is said, ``far``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ids = ["here"]
        self.far: Record | None = None
        self.asked = 0

    def list_kernel_ids(self) -> list[str]:
        return self.ids

    def record_path(self, kernel_id: str) -> Path | None:
        return record_path(self.folder / f"kernel-{kernel_id}.json") if kernel_id != "far" else None

    def remote(self, kernel_id: str) -> object | None:
        return self if kernel_id == "far" else None

    def read(self, path: Path) -> Record | None:
        return read_record(path)

    async def look_up(self, kernel_id: str) -> Record | None:
        self.asked += 1
        if self.far is None:
            raise LinkError("it is silent")
        return self.far

    def write(self, *services: str, pid: int = 1) -> None:
        path = self.record_path("here")
        assert path is not None
        write_record(path, Record(pid, "unix:/nowhere", "s", (), services))


@pytest.fixture
def kernels(tmp_path: Path) -> Kernels:
    return Kernels(tmp_path)


async def test_what_is_written_is_found_once_and_again_when_it_changes(kernels: Kernels) -> None:
    found: list[tuple[str, tuple[str, ...]]] = []
    kernels_: Any = kernels
    watch = NarviWatch(kernels_, kernels_, lambda *what: found.append(what), period=0.01)
    watch.start()
    kernels.write()
    kernels.write("a.b")
    await until(lambda: found == [("here", ("a.b",))])
    kernels.write("a.b")
    kernels.write("a.b", "c.d")
    await until(lambda: found[1:] == [("here", ("a.b", "c.d"))])
    kernels.write("a.b", "c.d", pid=2)
    await until(lambda: len(found) == 3)
    watch.lost("here")
    await until(lambda: len(found) == 4)
    await watch.close()
    os.utime(kernels.folder)


async def test_kernels_elsewhere_are_asked_when_somebody_looks_and_not_all_the_time(kernels: Kernels) -> None:
    found: list[tuple[str, tuple[str, ...]]] = []
    kernels_: Any = kernels
    kernels.ids.append("far")
    watch = NarviWatch(kernels_, kernels_, lambda *what: found.append(what))
    await watch.look()
    await watch.look()
    assert kernels.asked == 1
    kernels.far = Record(1, "messages:", "s", (), ("a.b",))
    watch.lost("far")
    await watch.look()
    assert found == [("far", ("a.b",))]
    await watch.look()
    assert kernels.asked == 2
    await watch.close()
