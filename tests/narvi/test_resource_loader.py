"""Row 14: classes and files by dotted names."""

import json.decoder
from pathlib import Path

import pytest

from jupyter_trame.narvi.resource_loader import ResourceLoader

find = ResourceLoader.get_path_of_resource


def test_classes() -> None:
    assert ResourceLoader.get_class("json.decoder.JSONDecoder") is json.decoder.JSONDecoder


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("no_such_package.Class", ModuleNotFoundError, "no_such_package"),
        ("json.decoder.Nothing", AttributeError, "the module json.decoder has no class Nothing"),
        ("Class", ValueError, "package.module.Class, not 'Class'"),
        (".Class", ValueError, "package.module.Class"),
        ("json.", ValueError, "package.module.Class"),
    ],
)
def test_classes_that_are_not_there(name: str, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        ResourceLoader.get_class(name)


def test_files() -> None:
    folder = Path(json.__file__).parent
    assert find("json") == str(folder)
    assert find("json", "decoder.py") == str(folder / "decoder.py")
    assert find("json.decoder", "tool.py") == str(folder / "tool.py"), "beside a module"


def test_files_of_a_package_without_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bare_package" / "sub").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path)
    assert find("bare_package.sub", "page.html") == str(tmp_path / "bare_package" / "sub" / "page.html")


@pytest.mark.parametrize("name", ["no_such_package", "no_such_package.sub", "json.nothing", "", "sys"])
def test_packages_that_are_not_there(name: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        find(name, "file")


@pytest.mark.parametrize(
    ("path", "parts"),
    [("/pkg/sub/file", ("pkg.sub", "file")), ("pkg/file.txt", ("pkg", "file.txt")), ("file", ("", "file"))],
)
def test_paths_are_split(path: str, parts: tuple[str, str]) -> None:
    assert ResourceLoader.split_resource_path(path) == parts
