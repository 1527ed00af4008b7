"""A listener that follows its file, and the ones that must not be touched."""

import asyncio
import importlib.util
import io
import logging
import os
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

from jupyter_trame.core import State
from jupyter_trame.execution import hot_reload as module
from jupyter_trame.execution.hot_reload import HotReload, hot_reload, reload


class Source:
    """A module of the test, written again and again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._times = count(1_000_000_000)

    def write(self, text: str) -> None:
        self.path.write_text(dedent(text), "utf-8")
        # Two saves within one tick of the file system's clock would look like one.
        when = next(self._times)
        os.utime(self.path, (when, when))

    def load(self, text: str) -> ModuleType:
        self.write(text)
        spec = importlib.util.spec_from_file_location("app_of_the_test", self.path)
        assert spec is not None
        assert spec.loader is not None
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        return loaded


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path / "app.py")


def test_the_saved_version_is_called(source: Source) -> None:
    app = source.load("def f(x): return x + 1")
    assert reload(app.f) is app.f
    source.write("# a line more\ndef f(x): return x + 2")
    newest = reload(app.f)
    assert newest(1) == 3
    assert reload(app.f) is newest, "the file has not changed since"
    assert app.f(1) == 2, "the module is left as it is"
    source.write("def f(x): return x + 1")
    assert reload(app.f)(1) == 2


def test_a_file_that_changed_elsewhere_leaves_the_function_alone(source: Source) -> None:
    app = source.load("def f(x, y=1): return x\ndef g(): return 1")
    reload(app.f)
    source.write("import json\n\ndef g(): return 2\ndef f(x, y=1): return x\n")
    assert reload(app.f) is app.f
    assert reload(app.g)() == 2


def test_an_unchanged_file_is_only_looked_at(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    app = source.load("def f(): return 1")
    reload(app.f)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the file is read again"))
    assert reload(app.f) is app.f


def test_defaults_alone_count(source: Source) -> None:
    app = source.load("def f(x=1, *, y=2): return x + y\ndef g(x=[]): return x")
    source.write("def f(x=1, *, y=3): return x + y\ndef g(x=[]): return x")
    assert reload(app.f)() == 4
    assert reload(app.g) is app.g
    source.write("z = 5\ndef f(x=z, *, y=3): return x + y\ndef g(x=[1]): return x")
    app.__dict__["z"] = 7
    assert reload(app.f)() == 10
    assert reload(app.g)() == [1]


def test_a_change_made_before_the_first_look_is_seen(source: Source) -> None:
    app = source.load("def f(): return 1")
    source.write("def f(): return 2")
    assert reload(app.f)() == 2


def test_methods_stay_bound_and_keep_their_class(source: Source) -> None:
    first = """
        class Base:
            def name(self): return "base"
        class App(Base):
            __secret = 4
            def name(self): return 1
            def other(self): return super().name()
            @classmethod
            def of(cls): return 1
            @staticmethod
            def alone(): return 1
        """
    app = source.load(first)
    instance = app.App()
    source.write(
        first.replace('"base"', '"root"')
        .replace("self): return 1", "self): return (self.__secret, super().name())")
        .replace("cls): return 1", "cls): return cls.__name__")
        .replace("alone(): return 1", "alone(): return 2")
    )
    newest = reload(instance.name)
    assert newest() == (4, "base")
    assert newest.__self__ is instance
    assert newest.__qualname__ == "App.name"
    assert reload(instance.other)() == "base"
    assert reload(app.App.of)() == "App"
    assert reload(app.App.alone)() == 2


def test_closures_are_kept(source: Source) -> None:
    text = """
        def make(start):
            total, other = start, 10
            def add(n=start):
                nonlocal total
                total += n
                return total
            def look(): return total
            return add, look
        """
    add, look = source.load(text).make(1)
    assert add() == 2
    source.write(text.replace("total += n", "total += n * 100"))
    assert reload(add)() == 102
    assert look() == 102, "both still share the variable"
    source.write(text.replace("total += n", "total += n + other"))
    errors: list[tuple[str, Exception]] = []
    assert HotReload(lambda *error: errors.append(error))(add)() == 202
    assert [where for where, _ in errors] == ["hot reload of make.<locals>.add"]
    assert str(errors[0][1]) == "the running make.<locals>.add holds no other of the function around it"


def test_decorators_that_bind_are_not_applied_again(source: Source) -> None:
    text = """
        calls = []
        class state:
            @staticmethod
            def change(*names):
                calls.append(names)
                return lambda fn: fn
        class self_:
            server = ctrl = controller = state
            state = state
        def doubled(fn):
            return lambda: fn() * 2
        @state.change("a")
        @self_.server.change("b")
        @doubled
        def f(): return 1
        """
    app = source.load(text)
    assert app.calls == [("a",), ("b",)]
    assert reload(app.f) is app.f, "the decorator hides what it wraps"
    source.write(text.replace("lambda: fn() * 2", "__import__('functools').wraps(fn)(lambda: fn() * 2)"))
    app = source.load(source.path.read_text("utf-8"))
    app.calls.clear()
    source.write(source.path.read_text("utf-8").replace("def f(): return 1", "def f(): return 5"))
    assert reload(app.f)() == 10
    assert app.calls == []


def test_functions_of_one_name_are_told_apart(source: Source) -> None:
    text = """
        found = []
        def keep(fn): found.append(fn); return fn
        @keep
        def update(): return 1
        @keep
        def update(): return 2
        """
    first, second = source.load(text).found
    source.write("import json\n" + dedent(text).replace("return 1", "return 10"))
    assert (reload(first)(), reload(second)()) == (10, 2)
    assert reload(second) is second


def test_a_broken_file_keeps_the_version_before(source: Source) -> None:
    app = source.load("def f(): return 1")
    errors: list[Exception] = []
    newest = HotReload(lambda _, error: errors.append(error))
    source.write("def f(): return 2")
    assert newest(app.f)() == 2
    source.write("def f(: return 3")
    assert newest(app.f)() == 2
    assert newest(app.f)() == 2
    assert [type(error) for error in errors] == [SyntaxError], "told once, not at each call"
    source.write("x = 1")
    assert newest(app.f)() == 2
    assert "defines no f any more" in str(errors[-1])
    source.write("")
    assert newest(app.f)() == 2
    assert len(errors) == 2, "an editor empties a file before it writes it"
    source.write("def f(): return 4")
    assert newest(app.f)() == 4
    source.path.unlink()
    assert newest(app.f)() == 4


def test_errors_are_logged_where_nobody_else_takes_them(
    source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    app = source.load("def f(): return 1")
    source.write("def f(:")
    with caplog.at_level(logging.ERROR):
        assert reload(app.f)() == 1
    assert "hot reload of f failed" in caplog.text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "result"), [("\n", 2), ("k\n", 1), ("", 1)])
def test_a_terminal_is_asked(
    source: Source, monkeypatch: pytest.MonkeyPatch, answer: str, result: int
) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    app = source.load("def f(): return 1")
    source.write("def f(:")
    monkeypatch.setattr(sys, "stdin", Terminal(answer))

    class Report:
        def __call__(self, *_: object) -> None:
            source.write("def f(): return 2")

    monkeypatch.setattr(module, "_log", Report())
    assert reload(app.f)() == (result if answer != "k\n" else 1)


def test_a_kernel_is_not_asked(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.setattr(sys, "stdin", Terminal("\n"))
    app = source.load("def f(): return 1")
    source.write("def f(:")
    assert reload(app.f)() == 1


def test_what_is_left_alone(source: Source, tmp_path: Path) -> None:
    app = source.load("f = lambda: 1\nclass C:\n    def __call__(self): return 1\n")
    cell: dict[str, Any] = {}
    exec(compile("def f(): return 1", "/tmp/ipykernel_1/2.py", "exec"), cell)
    unchanged: list[Callable[..., Any]] = [app.f, app.C(), print, cell["f"], State().flush, asyncio.run]
    for fn in unchanged:
        assert reload(fn) == fn
    packages = tmp_path / "site-packages"
    packages.mkdir()
    installed = Source(packages / "p.py")
    package = installed.load("def f(): return 1")
    installed.write("def f(): return 2")
    assert reload(package.f)() == 1
    assert reload(package.f, perform_checks=False)() == 2


def test_widgets_and_layouts_are_left_alone(source: Source) -> None:
    text = """
        from trame_client.widgets.core import AbstractElement
        class Mine(AbstractElement):
            def __init__(self): pass
            def look(self): return 1
        """
    mine = source.load(text).Mine()
    source.write(text.replace("return 1", "return 2"))
    assert reload(mine.look)() == 1


def test_the_decorator(source: Source) -> None:
    text = """
        from jupyter_trame.execution.hot_reload import hot_reload
        def loud(fn): raise RuntimeError("is above the decorator")
        @hot_reload
        def f(x): return x
        @hot_reload
        async def g(x): return x
        class C:
            @hot_reload
            def m(self): return 1
        """
    app = source.load(text)
    source.write(
        text.replace(
            "@hot_reload\n        def f(x): return x",
            "@loud\n        @hot_reload\n        def f(x): return -x",
        )
        .replace("async def g(x): return x", "async def g(x): return -x")
        .replace("return 1", "return 2")
    )
    assert app.f(1) == -1
    assert app.C().m() == 2
    assert asyncio.iscoroutinefunction(app.g)
    assert asyncio.run(app.g(1)) == -1
    assert hot_reload(app.f)(1) == -1


def test_listeners_of_a_state_follow(source: Source) -> None:
    text = """
        seen = []
        def on_change(x, **_): seen.append(x)
        """
    app = source.load(text)
    state = State(hot_reload=HotReload(), ready=True)
    state.change("x")(app.on_change)
    with state:
        state.x = 1
    source.write(text.replace("append(x)", "append(-x)"))
    with state:
        state.x = 2
    assert app.seen == [1, -2]
