"""Whose a file or a peer is: the decisions for any user and system, and this system's own answers."""

import os
import socket
import stat
import struct
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.system import ownership
from jupyter_trame.system.ownership import (
    Status,
    directory_objection,
    file_objection,
    is_own_peer,
    peer_user,
    read_own_file,
    remove_own,
    user_id,
)
from tests.transports.support import NOBODY, AsOther, OtherProcess


def status(kind: int = stat.S_IFREG, mode: int = 0o600, user: int = 1000, names: int = 1) -> Status:
    return SimpleNamespace(st_mode=kind | mode, st_uid=user, st_nlink=names)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o644, 0o700])
def test_a_file_of_the_user_is_believed(mode: int) -> None:
    assert file_objection(status(mode=mode), 1000) is None


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (status(user=1001), "belongs to user 1001, not to 1000"),
        (status(user=0), "belongs to user 0"),
        (status(mode=0o660), "others may write it"),
        (status(mode=0o606), "others may write it"),
        (status(names=2), "second name"),
        (status(stat.S_IFIFO), "no regular file"),
        (status(stat.S_IFLNK), "no regular file"),
        (status(stat.S_IFSOCK), "no regular file"),
        (status(stat.S_IFCHR), "no regular file"),
        (status(stat.S_IFDIR), "no regular file"),
    ],
)
def test_no_other_file_is(found: Status, reason: str) -> None:
    assert reason in str(file_objection(found, 1000))


def test_root_is_no_exception() -> None:
    """What root's server shows must not come from a user, although root may read it."""
    assert file_objection(status(user=1000), 0) == "it belongs to user 1000, not to 0"
    assert file_objection(status(user=0), 0) is None


def test_where_users_have_no_numbers_the_kind_decides() -> None:
    """Windows says 0 and 0o666 of every file."""
    assert file_objection(status(mode=0o666, user=0), None) is None
    assert file_objection(status(stat.S_IFDIR, 0o777, 0), None) is not None
    assert directory_objection(status(stat.S_IFDIR, 0o777, 0), None) is None


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (status(stat.S_IFDIR, 0o700, 1001), "belongs to user 1001"),
        (status(stat.S_IFDIR, 0o770), "others may write it"),
        (status(stat.S_IFDIR, 0o1777), "others may write it"),
        (status(stat.S_IFLNK, 0o777), "no directory"),
    ],
)
def test_directories_of_others(found: Status, reason: str) -> None:
    assert reason in str(directory_objection(found, 1000))
    assert directory_objection(status(stat.S_IFDIR, 0o755), 1000) is None


def test_what_the_system_says_is_what_is_asked(tmp_path: Path, as_other: AsOther) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    path.chmod(0o600)
    assert read_own_file(path, 7) == b"content"
    with pytest.raises(PermissionError, match="more than 6 bytes"):
        read_own_file(path, 6)
    with as_other(path), pytest.raises(PermissionError, match="belongs to user"):
        read_own_file(path, 7)
    with pytest.raises(FileNotFoundError):
        read_own_file(tmp_path / "none", 7)
    assert remove_own(path, socket_file=False)
    assert not remove_own(path, socket_file=False)


def test_without_numbers_of_users_files_are_read_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(ownership.os, "geteuid")  # type: ignore[attr-defined]
    assert user_id() is None
    path = tmp_path / "file"
    path.write_bytes(b"x")
    path.chmod(0o666)
    assert read_own_file(path, 1) == b"x"
    assert not remove_own(path, socket_file=True)
    assert remove_own(path, socket_file=False)
    assert not remove_own(path, socket_file=False)


class Peer:
    """A socket whose system gives `answer`."""

    family = socket.AF_UNIX

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked: tuple[int, int] | None = None

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        self.asked = (level, option)
        return self.answer[:size]


def test_linux_names_the_peer() -> None:
    peer = Peer(struct.pack("3i", 7, 1000, 100))
    assert peer_user(peer, "linux") == 1000  # type: ignore[arg-type]
    assert peer.asked == (socket.SOL_SOCKET, 17)


@pytest.mark.parametrize("platform", ["darwin", "freebsd14"])
def test_macos_and_freebsd_name_the_peer(platform: str) -> None:
    groups = (20,) + 15 * (0,)
    peer = Peer(struct.pack("=IIh2x16I", 0, 501, 1, *groups))
    assert peer_user(peer, platform) == 501  # type: ignore[arg-type]
    assert peer.asked == (0, 1)
    with pytest.raises(LinkError, match="form 9"):
        peer_user(Peer(struct.pack("=II", 9, 501)), platform)  # type: ignore[arg-type]


def test_other_systems_do_not() -> None:
    assert peer_user(Peer(b""), "sunos5") is None  # type: ignore[arg-type]


def test_this_system_names_this_user(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = socket.socketpair()
    with one, two:
        assert peer_user(one) == os.geteuid()
        assert is_own_peer(one)
        monkeypatch.setattr(ownership, "user_id", lambda: NOBODY)
        assert not is_own_peer(two)


def test_a_process_of_another_user_is_no_own_peer(other_process: OtherProcess) -> None:
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as listener:
        path = Path(name) / "s"
        path.parent.chmod(0o711)
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen()
        if other_process(f"s = socket.socket(socket.AF_UNIX); s.connect({str(path)!r})"):
            sock, _ = listener.accept()
            with sock:
                assert peer_user(sock) == NOBODY
                assert not is_own_peer(sock)
