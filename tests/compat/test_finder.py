"""The entry of `sys.meta_path`."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from jupyter_trame.compat.finder import CompanionFinder, DropInFinder, Patch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A package that is to be found in another place's stead, and one that is patched."""
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "__init__.py").write_text("WHERE = 'mirror'")
    (mirror / "part.py").write_text("import jt_original\nVALUE = jt_original.WHERE")
    for name in ("jt_original", "jt_patched"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("WHERE = 'original'")
    (tmp_path / "jt_patched" / "core.py").write_text("def f():\n    return 1\n")
    return tmp_path


@pytest.fixture
def find(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., DropInFinder]]:
    monkeypatch.syspath_prepend(str(folder))

    def make(**patches: Patch) -> DropInFinder:
        finder = DropInFinder(
            {"jt_original": folder / "mirror"},
            {key.replace("_core", ".core"): f for key, f in patches.items()},
        )
        monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
        return finder

    yield make
    for name in [name for name in sys.modules if name.startswith(("jt_original", "jt_patched"))]:
        del sys.modules[name]


def test_a_mirror_is_imported_under_the_others_name(find: Callable[..., DropInFinder], folder: Path) -> None:
    find()
    part = importlib.import_module("jt_original.part")
    assert part.VALUE == "mirror"
    assert part.__name__ == "jt_original.part"
    assert part.__file__ == str(folder / "mirror" / "part.py")


def test_find_spec_sees_the_mirror(find: Callable[..., DropInFinder], folder: Path) -> None:
    find()
    spec = importlib.util.find_spec("jt_original.part")
    assert spec is not None
    assert spec.origin == str(folder / "mirror" / "part.py")
    assert importlib.util.find_spec("jt_original.other") is None


def test_a_patch_runs_after_the_import(find: Callable[..., DropInFinder]) -> None:
    calls: list[object] = []

    def patch(module: ModuleType) -> Callable[[], None]:
        calls.append(module.f())
        return lambda: calls.append("undone")

    finder = find(jt_patched_core=patch)
    assert importlib.util.find_spec("jt_patched.core") is not None
    assert not calls
    module = importlib.import_module("jt_patched.core")
    assert calls == [1]
    finder.undo()
    finder.undo()
    assert calls == [1, "undone"]
    assert "return 1" in inspect.getsource(module.f)
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert module.__spec__ is not None
    assert module.__spec__.loader is module.__loader__


def test_a_loaded_module_is_patched_at_once(find: Callable[..., DropInFinder]) -> None:
    module = importlib.import_module("jt_patched.core")
    seen: list[ModuleType] = []

    def patch(found: ModuleType) -> Callable[[], None]:
        seen.append(found)
        return lambda: None

    finder = find(jt_patched_core=patch)
    finder.patch_loaded()
    assert seen == [module]


def test_a_module_that_is_not_installed_stays_so(find: Callable[..., DropInFinder]) -> None:
    find(jt_patched_absent=lambda module: lambda: None)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("jt_patched_absent")


def test_the_source_can_be_had_before_the_import(find: Callable[..., DropInFinder]) -> None:
    find(jt_patched_core=lambda module: lambda: None)
    spec = importlib.util.find_spec("jt_patched.core")
    assert spec is not None
    assert spec.loader is not None
    assert "return 1" in spec.loader.get_source("jt_patched.core")  # type: ignore[attr-defined]


def test_a_companion_is_found_where_nobody_else_has_the_package(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = {"jt_companion": folder / "mirror", "jt_original": folder / "mirror"}
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, CompanionFinder(folders)])
    try:
        assert importlib.import_module("jt_companion").WHERE == "mirror"
        assert importlib.import_module("jt_companion.part").VALUE == "original"
        assert importlib.import_module("jt_original").WHERE == "original"
        assert importlib.util.find_spec("jt_elsewhere") is None
    finally:
        for name in [name for name in sys.modules if name.startswith(("jt_companion", "jt_original"))]:
            del sys.modules[name]


def test_two_finders_patch_one_module(find: Callable[..., DropInFinder]) -> None:
    patched: list[str] = []

    def note(name: str) -> Patch:
        def patch(module: ModuleType) -> Callable[[], None]:
            patched.append(f"{name} {module.__name__}")
            return lambda: None

        return patch

    find(jt_patched_core=note("first"))
    find(jt_patched_core=note("second"))
    importlib.import_module("jt_patched.core")
    assert sorted(patched) == ["first jt_patched.core", "second jt_patched.core"]
