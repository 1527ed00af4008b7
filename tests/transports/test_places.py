"""Where a kernel listens, on machines where the usual place is none."""

import asyncio
import errno
import logging
import os
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_trame.transports import places
from jupyter_trame.transports.listener import LinkListener, connect
from jupyter_trame.transports.places import listen
from jupyter_trame.transports.rendezvous import Record, read_record, record_path, write_record
from tests.transports.support import AsOther

KERNEL_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"

Listen = Callable[[Path], str]


@pytest.fixture
def runtime_dir() -> Iterator[Path]:
    """A private directory with a short path, as Jupyter's runtime directory has one."""
    with tempfile.TemporaryDirectory(prefix="jt") as name:
        yield Path(name)


@pytest.fixture
def path(runtime_dir: Path) -> Path:
    return record_of(runtime_dir)


@pytest.fixture
def temporary(runtime_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What TMPDIR names."""
    folder = runtime_dir / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def short(runtime_dir: Path) -> Path:
    """What stands for /tmp."""
    folder = runtime_dir / "short"
    folder.mkdir()
    return folder


@pytest.fixture
def listening(short: Path) -> Iterator[Listen]:
    """Listen for a record; gives the address."""
    listeners: list[LinkListener] = []

    def start(path: Path) -> str:
        listeners.append(listen(path, short=str(short)))
        return listeners[-1].address

    yield start
    for listener in listeners:
        listener.close()


def record_of(folder: Path) -> Path:
    return record_path(folder / f"kernel-{KERNEL_ID}.json")


def deep(folder: Path) -> Path:
    """A private folder below `folder` that leaves no room for the name of a socket."""
    long = folder / ("d" * 100)
    long.mkdir(mode=0o700)
    return long


def where(address: str) -> Path:
    kind, _, name = address.partition(":")
    assert kind == "unix", address
    return Path(name)


def test_beside_the_record(path: Path, listening: Listen) -> None:
    socket_path = where(listening(path))
    assert socket_path.parent == path.parent
    assert socket_path.name.startswith(f"jt-{KERNEL_ID[:8]}-{os.getpid()}")
    assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600


def test_a_path_of_103_bytes_is_the_longest(runtime_dir: Path, temporary: Path, listening: Listen) -> None:
    """macOS has no room for more, and Linux is not asked whether it has."""
    name = len(f"/jt-{KERNEL_ID[:8]}-{os.getpid()}-0123")
    fits = runtime_dir / ("d" * (103 - name - len(f"{runtime_dir}/")))
    fits.mkdir(mode=0o700)
    address = where(listening(record_of(fits)))
    assert (len(os.fsencode(address)), address.parent) == (103, fits)
    over = runtime_dir / f"{fits.name}d"
    over.mkdir(mode=0o700)
    assert where(listening(record_of(over))).is_relative_to(temporary)


@pytest.mark.parametrize("name", ["d" * 100, "ä" * 45], ids=["characters", "bytes"])
def test_long_directory_gives_a_private_temporary_one(runtime_dir: Path, temporary: Path, name: str) -> None:
    long = runtime_dir / name
    long.mkdir(mode=0o700)
    listener = listen(record_of(long))
    folder = where(listener.address).parent
    assert folder.parent == temporary
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    listener.close()
    assert not list(temporary.iterdir()), "the listener removes the directory that was made for it"


def test_a_directory_that_others_enter_gives_a_private_temporary_one(
    path: Path, temporary: Path, listening: Listen, as_other: AsOther
) -> None:
    path.parent.chmod(0o755)
    assert where(listening(path)).is_relative_to(temporary)
    path.parent.chmod(0o700)
    # Root may still write to its folder, which another one could remove the socket from.
    with as_other(path.parent):
        assert where(listening(path)).is_relative_to(temporary)


def test_two_long_ones_give_a_short_one(
    runtime_dir: Path, temporary: Path, short: Path, listening: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(deep(temporary)))
    assert where(listening(record_of(deep(runtime_dir)))).is_relative_to(short)
    assert not list((temporary / ("d" * 100)).iterdir()), "what was made in vain is gone"


def test_a_file_in_place_of_each_folder_gives_loopback_and_says_why(
    runtime_dir: Path, temporary: Path, short: Path, listening: Listen, caplog: pytest.LogCaptureFixture
) -> None:
    for folder in (temporary, short):
        folder.rmdir()
        folder.touch()
    record = record_of(runtime_dir / "gone")
    address = listening(record)
    assert address.startswith("tcp:127.0.0.1:")
    (said,) = (line.getMessage() for line in caplog.records if line.levelno >= logging.WARNING)
    assert address in said
    for place, reason in (
        (record.parent, "No such file"),
        (temporary, "Not a directory"),
        (short, "Not a directory"),
    ):
        assert f"{place}: {reason}" in said


def test_a_full_disk_gives_the_next_place(
    path: Path,
    temporary: Path,
    listening: Listen,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bind = LinkListener._bind_unix

    def full(self: LinkListener, where: Path) -> None:
        if where.parent == path.parent:
            self._sock.close()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        bind(self, where)

    monkeypatch.setattr(LinkListener, "_bind_unix", full)
    assert where(listening(path)).is_relative_to(temporary)
    assert not caplog.records, "a place as good as the first is no news"


def test_a_path_that_is_taken_gives_the_next_place(
    path: Path, temporary: Path, listening: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no socket of ours stays: here a file lies where the socket would."""
    monkeypatch.setattr(places.secrets, "token_hex", lambda size: "0" * 2 * size)  # type: ignore[attr-defined]
    taken = path.with_name(f"jt-{KERNEL_ID[:8]}-{os.getpid()}-0000")
    taken.write_text("data")
    assert where(listening(path)).is_relative_to(temporary)
    assert taken.read_text() == "data"
    taken.unlink()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(taken))
    assert where(listening(path)) == taken, "a stale socket of ours makes room"


def test_a_path_of_other_bytes_than_text(runtime_dir: Path, listening: Listen) -> None:
    """On Linux a name is any bytes; the record says it so that the other process finds the socket."""
    folder = Path(os.fsdecode(os.fsencode(runtime_dir) + b"/\xff\xfe"))
    folder.mkdir(mode=0o700)
    path = record_of(folder)
    address = listening(path)
    assert where(address).parent == folder
    write_record(path, Record(1, address, "s"))
    record = read_record(path)
    assert record is not None
    assert record.address == address
    asyncio.run(connect(record.address)).close()


def test_a_reason_has_no_bytes_that_a_log_cannot_write(
    runtime_dir: Path, temporary: Path, short: Path, listening: Listen, caplog: pytest.LogCaptureFixture
) -> None:
    for folder in (temporary, short):
        folder.rmdir()
    listening(record_of(Path(os.fsdecode(os.fsencode(runtime_dir) + b"/\xff\n"))))
    (said,) = (line.getMessage() for line in caplog.records)
    assert "\n" not in said
    said.encode()


def test_without_unix_sockets_loopback_is_no_news(
    path: Path, listening: Listen, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    assert listening(path).startswith("tcp:127.0.0.1:")
    assert not caplog.records


def test_no_place_at_all_is_an_error_that_names_them(
    runtime_dir: Path, temporary: Path, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (temporary, short):
        folder.rmdir()

    def refuse(address: tuple[str, int]) -> socket.socket:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(OSError, match=r"No such file.*; .*; .*; 127\.0\.0\.1: Permission denied"):
        listen(record_of(runtime_dir / "gone"), short=str(short))


def test_socket_of_a_killed_process_is_removed(path: Path, listening: Listen) -> None:
    """A kernel's restarter starts the next process under the same id: what the record names is nobody's then."""
    stale = path.with_name("jt-stale")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(stale))
    write_record(path, Record(os.getpid() + 1, f"unix:{stale}", "s"))
    listening(path)
    assert not stale.exists()


def test_only_a_socket_is_removed(path: Path, listening: Listen) -> None:
    precious = path.parent / "precious"
    precious.write_text("data")
    write_record(path, Record(os.getpid() + 1, f"unix:{precious}", "s"))
    listening(path)
    assert precious.exists()


def test_own_socket_is_not_stale(path: Path, listening: Listen) -> None:
    address = listening(path)
    write_record(path, Record(os.getpid(), address, "s"))
    listening(path)
    assert where(address).exists()
