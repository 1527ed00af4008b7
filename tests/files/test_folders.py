"""Files by address."""

from pathlib import Path

import pytest

from jupyter_trame.files.folders import Folders


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    for name in ("www/index.html", "www/pkg/old.js", "pkg/a.js", "pkg/deep/b.js", "deep/b.js", "secret.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.fixture
def folders(disk: Path) -> Folders:
    return Folders({"pkg": str(disk / "pkg"), "/pkg/deep/": (disk / "deep", {"x": 1})}, disk / "www")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("index.html", "www/index.html"),
        ("/index.html", "www/index.html"),
        ("./index.html", "www/index.html"),
        ("pkg/a.js", "pkg/a.js"),
        ("pkg//a.js", "pkg/a.js"),
        ("pkg/deep/b.js", "deep/b.js"),
    ],
)
def test_the_longest_prefix_answers(folders: Folders, disk: Path, address: str, name: str) -> None:
    assert folders.find(address) == (disk / name).resolve()


@pytest.mark.parametrize(
    "address",
    [
        "missing.js",
        "pkg/old.js",
        "pkgs/a.js",
        "../secret.txt",
        "pkg/../../secret.txt",
        "pkg/..",
        "a\0b",
        "a\ud800b",
        "x" * 5000,
        "index.html/more",
    ],
)
def test_what_is_not_there_is_none(folders: Folders, address: str) -> None:
    assert folders.locate(address) is None
    assert folders.find(address) is None


@pytest.mark.parametrize("address", ["", "/", "pkg", "pkg/", "pkg/deep"])
def test_a_directory_is_located_and_is_no_file(folders: Folders, address: str) -> None:
    located = folders.locate(address)
    assert located is not None
    assert located.is_dir()
    assert folders.find(address) is None


def test_a_link_that_leaves_its_folder_is_followed_on_demand_only(disk: Path) -> None:
    (disk / "www" / "out.txt").symlink_to(disk / "secret.txt")
    (disk / "www" / "in.html").symlink_to(disk / "www" / "index.html")
    strict = Folders({}, disk / "www")
    assert strict.find("out.txt") is None
    assert strict.find("in.html") == (disk / "www/index.html").resolve()
    assert Folders({}, disk / "www", follow_symlinks=True).find("out.txt") == (disk / "secret.txt").resolve()


def test_links_in_a_circle_are_nothing(disk: Path) -> None:
    (disk / "www" / "a").symlink_to(disk / "www" / "b")
    (disk / "www" / "b").symlink_to(disk / "www" / "a")
    assert Folders({}, disk / "www").locate("a") is None


def test_without_a_root_only_prefixes_answer(disk: Path) -> None:
    folders = Folders({"pkg": disk / "pkg"})
    assert folders.find("index.html") is None
    assert folders.find("pkg/a.js") is not None


def test_folders_may_be_added_later(disk: Path) -> None:
    table: dict[str, object] = {}
    folders = Folders(table, disk / "www")
    assert folders.find("new/a.js") is None
    table["new"] = disk / "pkg"
    assert folders.find("new/a.js") is not None
