import json
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.transports.rendezvous import (
    Record,
    ServerEntry,
    clear_stale,
    read_record,
    record_path,
    remove_record,
    service_record_path,
    write_record,
)
from jupyter_trame.types import Epoch
from tests.transports.support import AsOther, OtherProcess

KERNEL_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"


def make_record(**changes: object) -> Record:
    entry = ServerEntry("demo", "Demo", "A demo", Epoch("e1"))
    values = {"pid": 7, "address": "unix:/run/x", "secret": "s", "servers": (entry,)} | changes
    return Record(**values)  # type: ignore[arg-type]


@pytest.fixture
def runtime_dir() -> Iterator[Path]:
    """A private directory with a short path, as Jupyter's runtime directory has one."""
    with tempfile.TemporaryDirectory(prefix="jt") as name:
        yield Path(name)


@pytest.fixture
def path(runtime_dir: Path) -> Path:
    return record_path(runtime_dir / f"kernel-{KERNEL_ID}.json")


def test_lies_beside_the_connection_file(path: Path, runtime_dir: Path) -> None:
    assert path == runtime_dir / f"jupyter-trame-{KERNEL_ID}.json"


def test_what_is_written_is_read(path: Path) -> None:
    write_record(path, make_record())
    assert read_record(path) == make_record()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_names_the_server_it_is_asked_for() -> None:
    record = make_record()
    assert record.find("demo") == record.servers[0]
    assert record.find("other") is None


def test_is_replaced_in_one_step(path: Path) -> None:
    """A reader that opened the old record goes on reading the old one; nothing but the record is left."""
    write_record(path, make_record())
    with path.open() as before:
        write_record(path, make_record(pid=8))
        assert '"pid": 7' in before.read()
    assert read_record(path) == make_record(pid=8)
    assert list(path.parent.iterdir()) == [path]


def test_failed_write_leaves_nothing(path: Path) -> None:
    with pytest.raises(TypeError):
        write_record(path, make_record(secret=object()))
    assert list(path.parent.iterdir()) == []


def test_missing_record_is_none(path: Path) -> None:
    assert read_record(path) is None
    remove_record(path)


def test_removed_record_is_none(path: Path) -> None:
    write_record(path, make_record())
    remove_record(path)
    assert read_record(path) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "null",
        "{}",
        '{"version": 2, "pid": 1, "address": "unix:x", "secret": "s", "servers": []}',
        '{"version": 1, "pid": "1", "address": "unix:x", "secret": "s", "servers": []}',
        '{"version": 1, "pid": 1, "address": "unix:x", "secret": "s", "servers": [7]}',
        '{"version": 1, "pid": 1, "address": "unix:x", "secret": "s", "servers": [{"slug": "x"}]}',
        '{"version": 1, "pid": 1, "address": "unix:x", "secret": "s", "servers": {"slug": "x"}}',
    ],
)
def test_a_record_of_another_form_is_none(path: Path, text: str) -> None:
    path.write_text(text)
    assert read_record(path) is None


@pytest.mark.parametrize("started", ["1e300", "-1", "NaN", "true", '"now"'])
def test_a_server_was_started_at_a_time_of_the_calendar(path: Path, started: str) -> None:
    entry = '{"slug": "x", "name": "x", "title": "x", "epoch": "e", "started": STARTED}'
    record = '{"version": 1, "pid": 1, "address": "unix:x", "secret": "s", "servers": [ENTRY]}'
    path.write_text(record.replace("ENTRY", entry.replace("STARTED", "1.5")))
    assert read_record(path) is not None
    path.write_text(record.replace("ENTRY", entry.replace("STARTED", started)))
    assert read_record(path) is None


@given(st.binary(max_size=200))
def test_no_content_raises(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "record.json"
        path.write_bytes(data)
        read_record(path)


def test_keys_of_a_later_version_are_ignored(path: Path) -> None:
    path.write_text('{"version": 1, "pid": 1, "address": "unix:x", "secret": "s", "servers": [], "more": 1}')
    assert read_record(path) == Record(1, "unix:x", "s")


def check_not_believed(path: Path, reason: str) -> None:
    said: list[str] = []
    assert read_record(path, said.append) is None
    assert len(said) == 1
    assert reason in said[0]
    assert str(path) in said[0]


def test_a_record_behind_a_link_is_not_believed(path: Path) -> None:
    """Somebody put a link beside the connection file, to a file whose content they chose."""
    real = path.with_name("mine.json")
    write_record(real, make_record())
    path.symlink_to(real)
    check_not_believed(path, "it is a link")
    remove_record(path)
    assert path.is_symlink()
    assert real.exists()


def test_a_second_name_of_a_file_of_ours_is_not_believed(path: Path) -> None:
    real = path.with_name("mine.json")
    write_record(real, make_record())
    path.hardlink_to(real)
    check_not_believed(path, "a second name")


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666, 0o777])
def test_a_record_that_others_may_write_is_not_believed(path: Path, mode: int) -> None:
    write_record(path, make_record())
    path.chmod(mode)
    check_not_believed(path, f"others may write it (mode {mode:o})")


def test_a_fifo_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    check_not_believed(path, "no regular file")
    remove_record(path)
    assert path.is_fifo()


def test_a_socket_or_a_folder_is_no_record(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))
        check_not_believed(path, "is not read")
    path.unlink()
    path.mkdir()
    check_not_believed(path, "no regular file")


def test_a_record_without_end_is_not_read_to_its_end(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)  # as a whole it would need a terabyte of memory
    check_not_believed(path, f"more than {1 << 20} bytes")


def test_another_user_s_record_is_neither_believed_nor_removed(path: Path, as_other: AsOther) -> None:
    write_record(path, make_record())
    with as_other(path):
        check_not_believed(path, "it belongs to user")
        remove_record(path)
        assert path.exists()


def test_a_process_of_another_user_does_not_get_into_the_record(
    path: Path, other_process: OtherProcess
) -> None:
    """A runtime folder that all may write to, as Jupyter's is where somebody set it so."""
    path.parent.chmod(0o777)
    document = json.dumps({"version": 1, "pid": 1, "address": "unix:/nowhere", "secret": "s", "servers": []})
    if other_process(f"open({str(path)!r}, 'w').write({document!r})"):
        check_not_believed(path, "it belongs to user")
    path.unlink(missing_ok=True)


def bind_stale(where: Path) -> Record:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(where))
    return make_record(address=f"unix:{where}")


def test_a_socket_in_a_folder_of_others_stays(runtime_dir: Path, as_other: AsOther) -> None:
    folder = runtime_dir / "d"
    folder.mkdir(mode=0o700)
    record = bind_stale(folder / "s")
    for mode in (0o770, 0o707, 0o1777):
        folder.chmod(mode)
        clear_stale(record)
        assert (folder / "s").exists()
    folder.chmod(0o700)
    with as_other(folder):
        clear_stale(record)
        assert (folder / "s").exists()
    with as_other(folder / "s"):
        clear_stale(record)
        assert (folder / "s").exists()
    clear_stale(record)
    assert not (folder / "s").exists()


def test_a_socket_behind_a_link_stays(runtime_dir: Path) -> None:
    folder = runtime_dir / "d"
    folder.mkdir(mode=0o700)
    bind_stale(folder / "s")
    (runtime_dir / "way").symlink_to(folder)
    (runtime_dir / "link").symlink_to(folder / "s")
    for address in (runtime_dir / "way" / "s", runtime_dir / "link"):
        clear_stale(make_record(address=f"unix:{address}"))
        assert (folder / "s").exists()
    assert (runtime_dir / "link").is_symlink()


@pytest.mark.parametrize(
    "address", ["unix:", "unix:relative", "unix:/", "unix:/a\0b", "unix:/\ud800", "tcp:127.0.0.1:1", "x", ""]
)
def test_a_record_may_say_anything(address: str, runtime_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(runtime_dir)
    bind_stale(Path("relative"))
    clear_stale(make_record(address=address))
    assert Path("relative").exists()


def test_what_shows_a_record_shows_no_secret() -> None:
    assert "private" not in repr(Record(1, "unix:x", "private"))


def test_records_of_services_lie_beside_the_kernels(tmp_path: Path) -> None:
    file = tmp_path / "kernel-1234.json"
    assert service_record_path(file, "igor", "robot") == tmp_path / "jupyter-trame-1234.igor.robot.json"
    for wrong in ("", ".", "..", "../x", "a/b", "a\\b", "a\0", ".x", "x" * 65):
        with pytest.raises(ValueError, match="a name is"):
            service_record_path(file, "igor", wrong)
