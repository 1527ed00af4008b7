"""One function from its file; what it is for is in test_hot_reload.py."""

import os
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from jupyter_trame.execution.redefine import Stamp, Version, definitions, stamp_of, update, version_of


def test_stamps(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    assert stamp_of(str(path)) is None
    assert stamp_of("\0") is None
    path.write_text("")
    assert stamp_of(str(path)) is None, "it is being written"
    path.write_text("x = 1")
    os.utime(path, ns=(5, 5))
    assert stamp_of(str(path)) == Stamp(5, 5)


def test_definitions_are_found_at_any_depth(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        "class A:\n  @d\n  def f(self):\n    async def g(): return [x for x in ()]\n    return lambda: 1\n"
    )
    found = definitions(str(path), Stamp(0, 0))
    assert [(code.co_qualname, node.name) for code, node in found] == [("A.f", "f"), ("A.f.<locals>.g", "g")]


def test_a_version_belongs_to_one_function() -> None:
    def f() -> int:
        return 1

    def g() -> int:
        return 2

    version = version_of(f)  # type: ignore[arg-type]
    assert isinstance(version, Version)
    assert version_of(f) is version  # type: ignore[arg-type]
    g.__dict__.update(f.__dict__)
    assert version_of(g) is not version  # type: ignore[arg-type]


def test_what_raises_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    space: dict[str, Any] = {}
    path.write_text("def f(x=1): return x\n")
    exec(compile(path.read_text(), str(path), "exec"), space)
    fn = space["f"]
    version = version_of(fn)
    path.write_text("def f(x=1/0): return x + 1\n")
    with pytest.raises(ZeroDivisionError):
        update(version, Stamp(1, 1))
    assert version.newest is fn
    assert isinstance(version.newest, FunctionType)
    path.write_text("def f(x=2): return x + 1\n")
    update(version, Stamp(2, 2))
    assert version.newest() == 3
