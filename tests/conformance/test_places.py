"""Real kernels where the usual place for a record or a socket is none: the app starts, and views reach it."""

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kernel.page import Page
from tests.kernel.support import Kernel, Views, run, running_kernel

APP = """
from jupyter_trame import Server
server = Server("app")
server.state.n = 1
@server.change("n")
def on_n(n, **_):
    server.state.twice = 2 * n
server.start()
view = server.view()
"""

NO_TEMPORARY = """
import tempfile
from jupyter_trame.transports import places
tempfile.tempdir = places.listen.__kwdefaults__["short"] = {folder!r}
"""
"""A cell after which `folder` stands for TMPDIR and /tmp."""

FULL = """
import errno, os
_open = os.open
def full(path, flags, *rest, **options):
    if flags & os.O_CREAT and os.fsdecode(path).startswith({folder!r}):
        raise OSError(errno.{error}, os.strerror(errno.{error}), path)
    return _open(path, flags, *rest, **options)
os.open = full
"""
"""A cell after which no file can be made in `folder`."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Private, and with a short path."""
    with tempfile.TemporaryDirectory(prefix="jt") as name:
        yield Path(name)


def deep(folder: Path) -> Path:
    long = folder / ("d" * 100)
    long.mkdir(mode=0o700)
    return long


def check_linked(kernel: Kernel) -> None:
    """A view over the link writes, and sees what the listener sets."""

    async def scenario(views: Views) -> None:
        client = await views()
        client.write(n=21)
        await client.until(lambda: client.state["twice"] == 42)

    run(kernel, scenario)


def check_comm_alone(kernel: Kernel, reason: str) -> None:
    """The cell said once what failed where, the app runs, and a page uses the comm."""
    said = kernel.run(APP).stream
    assert said.count("RuntimeWarning") == 1, said
    assert f"record {kernel.record_path.parent}" in said
    assert f"cannot be written: {reason}" in said
    assert kernel.value("server.running") is True
    page = Page(kernel, str(kernel.value("view.model_id"))).open()
    page.write(n=4)
    page.until(lambda: page.state["twice"] == 8)


def test_a_long_runtime_folder_and_a_long_tmpdir(folder: Path) -> None:
    """Both as on clusters and macOS: the socket lies in /tmp."""
    (folder / "t").mkdir()
    with running_kernel(deep(folder), TMPDIR=str(deep(folder / "t"))) as kernel:
        assert kernel.run(APP).stream == ""
        kind, _, path = kernel.record.address.partition(":")
        assert (kind, Path(path).parents[1]) == ("unix", Path("/tmp"))
        check_linked(kernel)
        kernel.manager.shutdown_kernel()
        assert not Path(path).parent.exists(), "the folder goes with the kernel"


def test_no_folder_has_room_for_a_socket(folder: Path) -> None:
    (folder / "t").mkdir()
    with running_kernel(deep(folder)) as kernel:
        kernel.run(NO_TEMPORARY.format(folder=str(deep(folder / "t"))))
        said = kernel.run(APP).stream
        assert said.count("no Unix socket can be made") == 1, said
        assert "a socket's path has at most 103 bytes" in said
        assert kernel.record.address.startswith("tcp:127.0.0.1:")
        check_linked(kernel)


@pytest.mark.parametrize("error", ["ENOSPC", "EROFS", "EACCES"])
def test_no_record_can_be_made(folder: Path, error: str) -> None:
    with running_kernel(folder) as kernel:
        kernel.run(FULL.format(folder=str(folder), error=error))
        check_comm_alone(kernel, os.strerror(getattr(errno, error)))
        kernel.run("os.open = _open")
        assert kernel.run(APP).stream == ""
        check_linked(kernel)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 64 KiB; the test is skipped where none can be mounted."""
    disk = folder / "disk"
    disk.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("no file system can be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_is_full(folder: Path) -> None:
    with small_disk(folder) as disk, running_kernel(disk) as kernel:
        fill(disk / "filling")
        check_comm_alone(kernel, "No space left on device")
        (disk / "filling").unlink()
        assert kernel.run(APP).stream == ""
        check_linked(kernel)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_a_disk_that_is_only_read(folder: Path) -> None:
    with small_disk(folder) as disk, running_kernel(disk) as kernel:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        check_comm_alone(kernel, "Read-only file system")


def test_a_folder_that_became_a_file(folder: Path) -> None:
    runtime = folder / "runtime"
    runtime.mkdir()
    with running_kernel(runtime) as kernel:
        runtime.rename(folder / "away")
        runtime.touch()
        check_comm_alone(kernel, "Not a directory")


def test_a_runtime_folder_whose_name_is_no_text(folder: Path) -> None:
    runtime = Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe"))
    runtime.mkdir()
    with running_kernel(runtime) as kernel:
        assert kernel.run(APP).stream == ""
        assert kernel.record.address.startswith(f"unix:{runtime}/")
        check_linked(kernel)
