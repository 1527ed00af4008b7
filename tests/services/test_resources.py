"""The files of an app: rules in their order, and no way out."""

import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.services import resources
from jupyter_trame.services.resources import Resources


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name in (
        "app/index.html",
        "app/icon.png",
        "app/deep/a.png",
        "app/notes.txt",
        "secret.txt",
        "other/icon.png",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_single_files(files: Path) -> None:
    found = Resources({"index.html": str(files / "app/index.html"), "a/$x/c": str(files / "secret.txt")})
    assert found.find("index.html") == files / "app/index.html"
    assert found.find("index%2Ehtml") == files / "app/index.html"
    assert found.find("a/b/c") == files / "secret.txt"
    assert found.find("a/b/b/c") is None
    assert found.find("other.html") is None


def test_folders_with_a_prefix_and_without(files: Path) -> None:
    found = Resources({("images", "*.png"): str(files / "app"), ("", "*.txt"): str(files / "app")})
    assert found.find("images/icon.png") == files / "app/icon.png"
    assert found.find("images/deep/a.png") == files / "app/deep/a.png"  # a star crosses slashes
    assert found.find("images/notes.txt") is None
    assert found.find("imagesicon.png") is None
    assert found.find("notes.txt") == files / "app/notes.txt"
    assert found.find("icon.png") is None
    assert found.find("images") is None
    assert found.find("images/") is None


def test_the_first_rule_that_has_the_file_answers(files: Path) -> None:
    first, second = str(files / "other"), str(files / "app")
    found = Resources({("", "*.png"): first, ("", "*"): second, "icon.png": str(files / "secret.txt")})
    assert found.find("icon.png") == files / "other/icon.png"
    assert found.find("deep/a.png") == files / "app/deep/a.png"


def test_the_client_is_always_there(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = files / "client"
    client.mkdir()
    (client / "narvi.js").write_text("client")
    monkeypatch.setattr(resources, "CLIENT_FOLDER", client)
    assert Resources().find("narvi/narvi.js") == client / "narvi.js"
    assert Resources().find("narvi/../../secret.txt") is None


ATTEMPTS = (
    *(
        "../secret.txt",
        "deep/../../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "%2e%2e%2fsecret.txt",
    ),
    *(
        "/etc/passwd",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        "deep/..%5c..%5csecret.txt",
        "icon.png%00",
        "icon.png/",
    ),
    *("./icon.png/..", "deep", "%FF", "link.txt", "linked/secret.txt", "deep%2fa.png", "x" * 5000),
)


@pytest.mark.parametrize("path", ATTEMPTS)
def test_no_address_leads_out(files: Path, path: str) -> None:
    (files / "app/link.txt").symlink_to(files / "secret.txt")
    (files / "app/linked").symlink_to(files)
    assert Resources({("", "*"): str(files / "app")}).find(path) is None
    assert Resources({("pre", "*"): str(files / "app")}).find(f"pre/{path}") is None


def test_a_link_that_stays_inside_is_followed(files: Path) -> None:
    (files / "app/alias.png").symlink_to(files / "app/icon.png")
    assert Resources({("", "*"): str(files / "app")}).find("alias.png") == files / "app/icon.png"


def test_what_comes_and_goes(files: Path) -> None:
    found = Resources({"late.txt": str(files / "late.txt"), ("", "*"): str(files / "later")})
    assert found.find("late.txt") is None
    (files / "late.txt").write_text("now")
    assert found.find("late.txt") == files / "late.txt"
    os.remove(files / "late.txt")  # noqa: PTH107 - as short as it can be
    assert found.find("late.txt") is None


@pytest.mark.parametrize("rule", ["", 7, ("a",), ("a", 1), ("a", "b", "c"), None])
def test_a_rule_that_is_none_is_refused(rule: Any) -> None:
    with pytest.raises(TypeError, match="a key of resource_roots is"):
        Resources({rule: "/"})


def test_a_place_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match=r"resource_roots\['a'\] is a path, not 7"):
        Resources({"a": 7})  # type: ignore[dict-item]
