"""Names of a package that are loaded when they are first used."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from jupyter_trame.lazy_names import lazy_names


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A package ``lazy_example`` of which nothing is loaded yet but itself."""
    folder = tmp_path / "lazy_example"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from jupyter_trame.lazy_names import lazy_names\n"
        "__getattr__, __dir__ = lazy_names(__name__, {'loads': 'json', 'Inner': '.inner', 'Gone': '.inner'})\n"
    )
    (folder / "inner.py").write_text("class Inner: ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("lazy_example", "lazy_example.inner"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return __import__("lazy_example")


def test_a_name_is_loaded_when_it_is_used_and_kept(package: ModuleType) -> None:
    assert "lazy_example.inner" not in sys.modules
    assert {"loads", "Inner"} <= set(dir(package))
    found = package.Inner
    assert found is sys.modules["lazy_example.inner"].Inner
    assert vars(package)["Inner"] is found
    assert package.loads("[1]") == [1]


def test_what_is_not_there_is_an_attribute_error(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match=r"module 'lazy_example' has no attribute 'Iner'"):
        package.Iner  # noqa: B018 - the access is the test
    with pytest.raises(AttributeError, match="'Gone'"):
        package.Gone  # noqa: B018


def test_a_name_that_two_threads_want_is_one(package: ModuleType) -> None:
    load, names = lazy_names("lazy_example", {"Inner": ".inner"})
    assert load("Inner") is load("Inner") is package.Inner
    assert names().count("Inner") == 1
