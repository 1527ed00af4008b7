"""A file from a page, as an app sees it."""

import copy
import pickle
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.core.values import same_value
from jupyter_trame.protocol.packing import pack_value, unpack
from jupyter_trame.rpc.upload_folder import UploadError, UploadFolder
from jupyter_trame.rpc.uploaded_file import UploadedFile

MEMBERS = {
    "name": "a.csv",
    "type": "text/csv",
    "lastModified": 7,
    "size": 99,
    "error": None,
    "_filter": ["content"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UploadFolder:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return UploadFolder(1000)


def small(folder: UploadFolder) -> UploadedFile:
    return UploadedFile(MEMBERS | {"content": b"a,b"}, b"a,b", folder)


def large(folder: UploadFolder) -> UploadedFile:
    stored = folder.create("a.csv", 3)
    stored.append(memoryview(b"a,b"))
    return UploadedFile(MEMBERS, stored, folder)


both = pytest.mark.parametrize("make", [small, large])


@pytest.fixture(params=[small, large])
def file(request: pytest.FixtureRequest, folder: UploadFolder) -> UploadedFile:
    found: UploadedFile = request.param(folder)
    return found


def test_what_it_tells(file: UploadedFile) -> None:
    assert (file.name, file.size, file.type, file.error) == ("a.csv", 3, "text/csv", None)
    assert repr(file) == "<UploadedFile 'a.csv', 3 bytes>"


def test_its_bytes(file: UploadedFile) -> None:
    assert file.read() == bytes(file) == b"a,b"
    with file.open() as stream:
        assert (stream.read(1), stream.read()) == (b"a", b",b")
    assert file.path.read_bytes() == b"a,b"
    assert file.path == file.path
    assert file.read() == b"a,b"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_it_is_what_trames_dict_is(file: UploadedFile) -> None:
    plain = MEMBERS | {"size": 3, "content": b"a,b"}
    assert dict(file) == {**file} == plain
    assert (file["content"], file.get("content"), file.get("missing", 5)) == (b"a,b", b"a,b", 5)
    assert "content" in file
    assert "missing" not in file
    assert len(file) == len(plain)
    with pytest.raises(KeyError):
        file["missing"]


def test_clients_do_not_get_the_content(file: UploadedFile) -> None:
    shown = MEMBERS | {"size": 3}
    for value, expected in [(file, shown), ([file], [shown]), ({"x": file}, {"x": shown})]:
        assert unpack(pack_value(value, "doc")) == expected
    file.close()
    assert unpack(pack_value(file, "doc")) == shown


@both
def test_it_is_gone_when_nobody_holds_it(
    make: Callable[[UploadFolder], UploadedFile], folder: UploadFolder
) -> None:
    file = make(folder)
    path = file.path
    assert (path.exists(), folder.used) == (True, 3)
    del file
    assert (path.exists(), folder.used) == (False, 0)


def test_it_is_gone_when_it_is_closed(file: UploadedFile, folder: UploadFolder) -> None:
    with file:
        path = file.path
        stream = file.open()
    assert not path.exists()
    assert folder.used == 0
    with stream:
        assert stream.read() == b"a,b"
    file.close()
    assert file.closed
    for use in (file.read, file.open, lambda: file.path, lambda: file["content"]):
        with pytest.raises(ValueError, match="the file is closed"):
            use()
    assert (file.name, file.size, file["name"]) == ("a.csv", 3, "a.csv")
    assert repr(file) == "<UploadedFile 'a.csv', closed>"


def test_it_may_be_moved_away(file: UploadedFile, tmp_path: Path, folder: UploadFolder) -> None:
    kept = file.path.rename(tmp_path / "kept")
    file.close()
    assert kept.read_bytes() == b"a,b"
    assert folder.used == 0


def test_another_file_is_another_value(file: UploadedFile, folder: UploadFolder) -> None:
    assert same_value(file, file)
    assert not same_value(file, UploadedFile(MEMBERS, b"a,b", folder))
    assert copy.copy(file) is copy.deepcopy(file) is file
    assert {file: 1}[file] == 1
    with pytest.raises(TypeError, match=r"cannot be pickled.*read\(\) gives its bytes"):
        pickle.dumps(file)


def test_a_small_one_that_finds_no_room_can_still_be_read(folder: UploadFolder) -> None:
    large = UploadedFile(MEMBERS, bytes(1001), folder)
    with pytest.raises(
        UploadError, match="has 1 KB: the server keeps files of 0 bytes already, and 1 KB is the most"
    ):
        _ = large.path
    assert large.read() == bytes(1001)
    assert folder.used == 0


@pytest.mark.parametrize("odd", [None, 5, ["x"], {"a": 1}])
def test_members_are_whatever_a_client_says(odd: Any, folder: UploadFolder) -> None:
    file = UploadedFile({"name": odd, "type": odd, "size": odd, "error": odd}, b"a", folder)
    assert (file.size, file.error, file.read()) == (1, None, b"a")
    assert isinstance(file.name, str)
    assert isinstance(file.type, str)
    assert isinstance(UploadedFile({"size": odd}, None, folder).size, int)
