"""Which file an address means, and uploads that are whole or nothing."""

import os
import threading
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.igor.shelf import GivenUpError, NoFileError, Shelf, Upload
from tests.igor.support import TIMEOUT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "sub").mkdir(parents=True)
    (tmp_path / "root" / "sub" / "a.txt").write_text("a")
    return (tmp_path / "root").resolve()


def test_files_of_the_folder(root: Path) -> None:
    shelf = Shelf(root)
    assert shelf.find("sub/a.txt") == root / "sub" / "a.txt"
    assert shelf.find(f"{root}/sub/a.txt".removeprefix("/")) == root / "sub" / "a.txt"
    assert shelf.place("sub/b.txt") == root / "sub" / "b.txt"


@pytest.mark.parametrize("address", ["", "sub", "sub/", "/sub/a.txt", "sub//a.txt", "no.txt", "sub/a.txt/b"])
def test_what_is_no_file(root: Path, address: str) -> None:
    with pytest.raises(NoFileError) as refused:
        Shelf(root).find(address)
    assert refused.value.status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("address", ["..", "../x", "sub/../sub/a.txt", "sub/./a.txt", "a\0", "a\\b"])
def test_what_leads_out(root: Path, address: str) -> None:
    for method in (Shelf(root).find, Shelf(root).place):
        with pytest.raises(NoFileError) as refused:
            method(address)
        assert refused.value.status == HTTPStatus.FORBIDDEN


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_fifo_is_no_file(root: Path) -> None:
    os.mkfifo(root / "fifo")
    with pytest.raises(NoFileError):
        Shelf(root).find("fifo")
    with pytest.raises(NoFileError):
        Shelf(root).place("fifo")


def test_nothing_is_put_through_a_link(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (root / "link").symlink_to(outside)
    (root / "file").symlink_to(outside / "new")
    for address in ("link/new", "file", "link", "sub"):
        with pytest.raises(NoFileError):
            Shelf(root).place(address)


def test_a_file_is_there_when_it_is_whole(root: Path) -> None:
    target = root / "sub" / "new"
    upload = Upload(target, 10)
    upload.write(b"12345")
    assert not target.exists()
    upload.write(b"67890")
    upload.commit()
    upload.abort()
    assert target.read_bytes() == b"1234567890"
    assert len(list(target.parent.iterdir())) == 2


def test_too_much_and_giving_up(root: Path) -> None:
    upload = Upload(root / "sub" / "new", 10)
    with pytest.raises(NoFileError) as refused:
        upload.write(b"12345678901")
    assert refused.value.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    upload.abort()
    upload.abort()
    assert [path.name for path in (root / "sub").iterdir()] == ["a.txt"]


class SlowFile:
    """A file on a disk that takes its time: `step` says when it goes on."""

    def __init__(self, file: Any, step: Callable[[str], None]) -> None:
        self._file = file
        self._step = step

    def write(self, data: bytes) -> None:
        self._step("write")
        self._file.write(data)

    def close(self) -> None:
        self._step("close")
        self._file.close()


@pytest.mark.parametrize("during", ["write", "close"])
def test_giving_up_waits_for_no_disk(root: Path, monkeypatch: pytest.MonkeyPatch, during: str) -> None:
    """The client leaves while a thread writes, or puts the file at its place: that thread takes it away."""
    begun, go_on = threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def step(what: str) -> None:
        if what == during and not begun.is_set():
            begun.set()
            assert go_on.wait(TIMEOUT)

    fdopen = os.fdopen
    monkeypatch.setattr(os, "fdopen", lambda *args: SlowFile(fdopen(*args), step))
    upload = Upload(root / "sub" / "new", 10)

    def work() -> None:
        try:
            upload.write(b"12345")
            upload.commit()
        except GivenUpError as error:
            raised.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(TIMEOUT)
    upload.abort()
    upload.abort()
    assert len(list((root / "sub").iterdir())) == 2
    go_on.set()
    worker.join()
    assert len(raised) == 1
    assert [path.name for path in (root / "sub").iterdir()] == ["a.txt"]


def test_what_was_given_up_is_not_written(root: Path) -> None:
    upload = Upload(root / "sub" / "new", 10)
    upload.abort()
    for use in (lambda: upload.write(b"1"), upload.commit):
        with pytest.raises(GivenUpError):
            use()
    assert [path.name for path in (root / "sub").iterdir()] == ["a.txt"]
