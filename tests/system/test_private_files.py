"""What Windows wants done otherwise with files, asked about on any system."""

import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.program import certificates, redirect
from jupyter_trame.system import ownership, private_files
from jupyter_trame.system.private_files import patiently, write_private
from jupyter_trame.transports import places
from jupyter_trame.transports.rendezvous import Record, read_record, remove_record, write_record

RECORD = Record(1, "tcp:127.0.0.1:1", "secret")


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """Windows, as far as files go; the files whose access lists were set, and what they held then."""
    restricted: list[tuple[str, bytes]] = []
    monkeypatch.setattr(private_files, "on_windows", lambda: True)
    monkeypatch.setattr(ownership, "user_id", lambda: None)
    monkeypatch.setattr(places, "user_id", lambda: None)
    monkeypatch.setattr(
        "jupyter_core.paths.win32_restrict_file_to_user",
        lambda path: restricted.append((Path(path).name, Path(path).read_bytes())),
    )
    return restricted


class Held:
    """A function of files that fails while another process has the file open."""

    def __init__(self, times: int, function: Any) -> None:
        self.left = times
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.left:
            self.left -= 1
            raise PermissionError(13, "The process cannot access the file because it is being used")
        return self.function(*args, **kwargs)


def test_elsewhere_nothing_is_tried_twice_and_no_list_is_set(
    windows: list[tuple[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_files, "on_windows", lambda: False)
    with pytest.raises(PermissionError):
        patiently(Held(1, lambda: 1))
    path = tmp_path / "file"
    write_private(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), path, b"x")
    assert path.read_bytes() == b"x"
    assert windows == []


@pytest.mark.usefixtures("windows")
def test_a_file_that_is_open_is_tried_for_a_while() -> None:
    waits: list[float] = []
    assert patiently(Held(3, lambda: "done"), waits.append) == "done"
    assert waits == sorted(waits)
    assert len(waits) == 3
    with pytest.raises(PermissionError):
        patiently(Held(100, lambda: None), waits.append)
    with pytest.raises(FileNotFoundError):
        patiently(Path("there is no such file").unlink)


@pytest.mark.usefixtures("windows")
def test_a_record_is_replaced_read_and_removed_while_others_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "jupyter-trame-k.json"
    replace, unlink = Held(2, Path.replace), Held(2, Path.unlink)
    monkeypatch.setattr(Path, "replace", lambda self, target: replace(self, target))
    write_record(path, RECORD)
    opened = Held(2, os.open)
    monkeypatch.setattr(ownership.os, "open", opened)  # type: ignore[attr-defined]
    refused: list[str] = []
    assert read_record(path, refused.append) == RECORD
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: unlink(self, missing_ok))
    remove_record(path)
    assert not path.exists()
    assert [held.left for held in (replace, opened, unlink)] == [0, 0, 0]
    assert refused == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["record", "redirect", "certificate", "key"])
def test_a_file_with_a_secret_gets_its_access_list_before_the_secret(
    what: str, windows: list[tuple[str, bytes]], tmp_path: Path
) -> None:
    if what == "record":
        write_record(tmp_path / "jupyter-trame-k.json", RECORD)
    elif what == "redirect":
        file = redirect.RedirectFile()
        file.lead_to("http://localhost/?secret=x")
        file.remove()
    elif what == "certificate":
        certificates.make_context("adhoc", "localhost")
    else:
        certificates.save_private(b"key").unlink()
    assert [content for _, content in windows] == [b""]


@pytest.mark.usefixtures("windows")
def test_a_record_that_cannot_be_protected_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: str) -> None:
        raise RuntimeError("no rights")

    monkeypatch.setattr("jupyter_core.paths.win32_restrict_file_to_user", fail)
    with pytest.raises(OSError, match="kept from other users: no rights"):
        write_record(tmp_path / "jupyter-trame-k.json", RECORD)
    assert list(tmp_path.iterdir()) == []
