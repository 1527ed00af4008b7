"""Names of files, as POSIX and Windows take them."""

from functools import partial
from pathlib import Path

import pytest

from jupyter_trame.errors import TrameError
from jupyter_trame.files import folders
from jupyter_trame.files.file_names import is_taken_apart
from jupyter_trame.igor import shelf

PARTS = ["..\\secret.txt", "C:", "a.txt:stream", "a\\b"]
"""Each leads out of a folder of Windows, or into a file's other streams."""


@pytest.mark.parametrize("part", PARTS)
def test_windows_takes_them_apart_and_posix_does_not(part: str) -> None:
    assert is_taken_apart(part, "nt")
    assert not is_taken_apart(part, "posix")
    assert not is_taken_apart("a.b-c", "nt")


@pytest.mark.parametrize("part", PARTS)
def test_no_address_means_such_a_file_on_windows(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / part).write_text("")
    assert folders.Folders({}, tmp_path).find(part) == tmp_path / part, "elsewhere it is a name like others"
    for module in (folders, shelf):
        monkeypatch.setattr(module, "is_taken_apart", partial(is_taken_apart, system="nt"))
    assert folders.Folders({}, tmp_path).find(part) is None
    with pytest.raises(TrameError, match="leads out of the folder"):
        shelf.Shelf(tmp_path).find(part)
