"""Files that another process asks for."""

from pathlib import Path

import pytest

from jupyter_trame.files.page_policy import PagePolicy
from jupyter_trame.files.shared import (
    PART,
    describe,
    folders_of,
    identify,
    is_here,
    look_up,
    read_part,
)
from jupyter_trame.protocol.link import Folder, PageFiles


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "inner").mkdir(parents=True)
    (folder / "style.css").write_text("p {}")
    return folder


def test_a_site_names_the_folders_that_exist(package: Path, tmp_path: Path) -> None:
    page_files = describe(
        {"/pkg_1.0/": str(package), "tuple": (package, "x"), "gone": tmp_path / "gone"}, None, {"A": "b"}
    )
    here = identify(package)
    assert here is not None
    assert page_files == PageFiles({"pkg_1.0": here, "tuple": here}, {"A": "b"}, False)


def test_the_page_is_the_folder_without_a_prefix(package: Path) -> None:
    page_files = describe({"": package, "/": package}, package.parent, {}, follow_symlinks=True)
    assert page_files == PageFiles({"": identify(package.parent) or Folder("", 0, 0)}, {}, True)


def test_a_site_says_what_its_pages_may_do(package: Path) -> None:
    page_files = describe({}, None, {}, policy=PagePolicy(("https://a",), ("https://b",)))
    assert (page_files.connect_src, page_files.frame_ancestors) == (("https://a",), ("https://b",))


def test_a_directory_is_known_by_more_than_its_path(package: Path) -> None:
    here = identify(package)
    assert here is not None
    assert is_here(here)
    assert not is_here(here._replace(inode=here.inode + 1))
    assert not is_here(here._replace(device=here.device + 1))
    assert not is_here(here._replace(path=str(package / "gone")))
    assert identify("a\0b") is None


def test_what_is_at_an_address(package: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (package / "leads_out").symlink_to(tmp_path / "secret")
    folders = folders_of(describe({"pkg": package}, None, {}))
    found = look_up(folders, "pkg/style.css")
    assert (found.status, found.size, found.path) == (200, 4, (package / "style.css").resolve())
    assert found.modified == (package / "style.css").stat().st_mtime_ns
    assert look_up(folders, "pkg/inner").status == 403
    assert look_up(folders, "pkg").status == 403
    for path in ("pkg/none", "none", "pkg/../secret", "pkg/leads_out", "pkg/style.css/x"):
        assert look_up(folders, path).status == 404, path


def test_parts(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(range(256)) * (PART // 128))
    assert len(read_part(path, 0, PART)) == PART
    assert read_part(path, 2, 3) == b"\x02\x03\x04"
    assert read_part(path, -1, 2) == b"\x00\x01"
    assert read_part(path, 1 << 30, 5) == b""
    assert read_part(path, 0, -1) == b""
    with pytest.raises(OSError, match="No such file"):
        read_part(tmp_path / "gone", 0, 1)
