"""Where uploaded files lie: private, bounded, and gone in time."""

import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_trame.rpc import upload_folder
from jupyter_trame.rpc.upload_folder import PREFIX, StoredFile, UploadError, UploadFolder, human

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither modes nor locks of folders")

PROCESS = """
import gc, os, sys
from jupyter_trame.rpc.upload_folder import UploadFolder
folder = UploadFolder(100)
kept = folder.create("a", 3)
kept.append(memoryview(b"abc"))
gc.disable()
circle = [folder.create("b", 3)]
circle.append(circle)
print(kept.path, flush=True)
%s
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def folders(temporary: Path) -> list[Path]:
    return list(temporary.glob(f"{PREFIX}*"))


def start(end: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (sys.executable, "-c", PROCESS % end), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_where_folders_have_no_locks_files_come_and_go(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, which has no module `fcntl`; what a killed process leaves there stays."""
    monkeypatch.setattr(upload_folder, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(upload_folder, "user_id", lambda: None)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    left = temporary / f"{PREFIX}left"
    left.mkdir()
    os.utime(left, (0, 0))
    folder = UploadFolder(100)
    file = folder.create("a", 3)
    file.append(memoryview(b"abc"))
    assert file.path.read_bytes() == b"abc"
    path = file.path
    del file
    assert not path.exists()
    assert left.is_dir()


@posix
def test_it_is_for_this_user_alone() -> None:
    file = UploadFolder(100).create("a", 3)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


def test_nothing_is_there_before_the_first_file(temporary: Path) -> None:
    folder = UploadFolder(100)
    assert folders(temporary) == []
    one, two = folder.create("a", 3), folder.create("a", 4)
    assert len(folders(temporary)) == 1
    assert one.path.parent == two.path.parent
    assert folder.used == 7


def test_a_file_grows_and_goes(temporary: Path) -> None:
    folder = UploadFolder(100)
    file = folder.create("a", 6)
    file.append(memoryview(b"abc"))
    file.append(memoryview(b"def"))
    assert file.path.read_bytes() == b"abcdef"
    file.remove()
    assert file.removed
    file.remove()
    with pytest.raises(FileNotFoundError):
        file.append(memoryview(b"ghi"))
    assert not file.path.exists()
    assert folder.used == 0
    del file, folder
    assert folders(temporary) == []


def test_the_folder_stays_as_long_as_a_file_is_held(temporary: Path) -> None:
    file = UploadFolder(100).create("a", 3)
    assert file.path.exists()
    del file
    assert folders(temporary) == []


def test_the_quota_counts_what_is_still_to_come() -> None:
    folder = UploadFolder(100)
    first = folder.create("a", 60)
    with pytest.raises(
        UploadError, match="b has 50 bytes: the server keeps files of 60 bytes already, and 100 bytes is"
    ):
        folder.create("b", 50)
    folder.create("b", 40)
    folder.create("c", 40)
    first.remove()
    kept = [folder.create("d", 100)]
    with pytest.raises(UploadError):
        folder.create("e", 1)
    kept.clear()
    folder.create("e", 1)


def test_threads_do_not_exceed_the_quota() -> None:
    folder, made, gate = UploadFolder(10), list[StoredFile](), threading.Barrier(8)

    def fill() -> None:
        gate.wait()
        for _ in range(5):
            try:
                made.append(folder.create("a", 1))
            except UploadError:
                return

    threads = [threading.Thread(target=fill) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == folder.used == 10


def test_a_file_that_cannot_be_made_takes_nothing_of_the_quota(temporary: Path) -> None:
    folder = UploadFolder(100)
    first = folder.create("a", 3)
    first.path.unlink()
    first.path.parent.rmdir()
    first.path.parent.write_text("in its place")
    tempfile.tempdir = str(temporary / "missing")
    with pytest.raises(OSError):  # noqa: PT011 - which one is the system's
        folder.create("b", 5)
    assert folder.used == 3


def test_a_folder_that_somebody_removed_is_made_again() -> None:
    folder = UploadFolder(100)
    first = folder.create("a", 3)
    first.path.unlink()
    first.path.parent.rmdir()
    second = folder.create("b", 3)
    assert second.path.exists()
    first.remove()
    assert folder.used == 3


@posix
@pytest.mark.parametrize("mode", [0o700, 0o777])
def test_a_folder_that_somebody_put_in_its_place_is_left_alone(mode: int, temporary: Path) -> None:
    folder = UploadFolder(100)
    first = folder.create("a", 3)
    ours = first.path.parent
    ours.rename(temporary / "moved")  # so that its inode is not given to the next one
    ours.mkdir()
    ours.chmod(mode)
    second = folder.create("b", 3)
    assert second.path.parent != ours
    assert list(ours.iterdir()) == []


@posix
def test_a_folder_that_others_may_write_is_not_used() -> None:
    folder = UploadFolder(100)
    ours = folder.create("a", 3).path.parent
    ours.chmod(0o777)
    assert folder.create("b", 3).path.parent != ours


@pytest.mark.parametrize("end", ["", "sys.exit(3)", "raise ValueError"])
def test_nothing_is_left_when_the_process_ends(end: str, temporary: Path) -> None:
    with start(end) as process:
        assert process.stdout is not None
        assert Path(process.stdout.readline().strip()).parent.parent == temporary
    assert folders(temporary) == []


@posix
def test_a_fork_that_ends_removes_nothing(temporary: Path) -> None:
    with start("if os.fork() == 0: sys.exit()\nos.wait()\nprint(kept.path.read_text())") as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert process.stdout.readline() == "abc\n"
    assert folders(temporary) == []


@posix
def test_what_a_killed_process_left_is_removed_by_the_next_one(temporary: Path) -> None:
    (temporary / f"{PREFIX}file").write_text("no folder")
    with start("sys.stdin.read()") as alive, start("sys.stdin.read()") as killed:
        assert alive.stdout is not None
        assert killed.stdout is not None
        paths = [Path(process.stdout.readline().strip()) for process in (alive, killed) if process.stdout]
        killed.kill()
        killed.wait()
        first = UploadFolder(100).create("a", 3)
        assert all(path.exists() for path in paths), "a young folder is left alone: it may not be locked yet"
        second = UploadFolder(100, young=0.0).create("a", 3)
        assert [path.exists() for path in paths] == [True, False]
        assert not paths[1].parent.exists()
        assert first.path.exists()
        assert second.path.exists()
        alive.kill()


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (999, "999 bytes"), (5_000_000, "5 MB"), (4_300_000_000, "4.3 GB")]
)
def test_sizes_are_said_as_people_do(size: int, text: str) -> None:
    assert human(size) == text
