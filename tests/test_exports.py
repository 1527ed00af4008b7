"""Public means listed once, documented, and there."""

import ast
import importlib
import pkgutil
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

import jupyter_trame

PACKAGE = Path(jupyter_trame.__file__).parent

_NO_SUBJECT = re.compile(
    r"(Of|The ones?|Th(at|ose) of|One (a|for|of)|One's|See the module|Lives|Any thread|As)\b"
)
"""Beginnings of docstrings that are no sentence by themselves."""


def module_names() -> list[str]:
    return sorted(
        info.name
        for info in pkgutil.walk_packages(jupyter_trame.__path__, "jupyter_trame.", onerror=lambda _: None)
        if not info.name.endswith("__main__")
    )


def source_tree(name: str) -> ast.Module:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text("utf-8"))


def defined_names(tree: ast.Module) -> dict[str, ast.stmt]:
    """Classes and functions of the module itself that have no underscore."""
    return {
        node.name: node
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
    }


def test_all_names_exist_once() -> None:
    found = []
    for name in module_names():
        module = importlib.import_module(name)
        if not module_is_empty(name) and not hasattr(module, "__all__"):
            found.append(f"{name} does not say which of its names are public")
        public = list(getattr(module, "__all__", []))
        if twice := sorted({entry for entry in public if public.count(entry) > 1}):
            found.append(f"{name}.__all__ lists {twice} twice")
        if missing := [entry for entry in public if not hasattr(module, entry)]:
            found.append(f"{name}.__all__ lists {missing}, which are not there")
    assert not found, "\n".join(found)


def test_all_is_complete() -> None:
    found = []
    for name in module_names():
        listed = set(getattr(importlib.import_module(name), "__all__", ()))
        if unlisted := sorted(defined_names(source_tree(name)).keys() - listed - hooks(name)):
            found.append(f"{name}: {unlisted} have no underscore and are not in __all__")
    assert not found, "\n".join(found)


def test_public_things_have_docstrings() -> None:
    found = []
    for name in ["jupyter_trame", *module_names()]:
        tree = source_tree(name)
        if not ast.get_docstring(tree):
            found.append(f"{name} has no docstring")
        if bare := [label for label, node in documentable(tree) if not ast.get_docstring(node)]:
            found.append(f"{name}: no docstring on {bare}")
    assert not found, "\n".join(found)


def test_docstrings_of_classes_have_a_subject() -> None:
    """They say what an object is or does, and of what there is one: ``Of one server.`` leaves the reader to guess."""
    found = [
        f"{name}.{node.name}: {text.splitlines()[0]}"
        for name in module_names()
        for node in ast.walk(source_tree(name))
        if isinstance(node, ast.ClassDef) and _NO_SUBJECT.match(text := ast.get_docstring(node) or "")
    ]
    assert not found, "\n".join(found)


def documentable(tree: ast.Module) -> list[tuple[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Public classes and functions, and the public methods that are not overrides of a documented one."""
    found = []
    for name, node in defined_names(tree).items():
        assert isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        found.append((name, node))
        if isinstance(node, ast.ClassDef) and not node.bases:
            found += [
                (f"{name}.{method}", inner)
                for method, inner in defined_names(ast.Module(node.body, [])).items()
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not is_setter(inner)
            ]
    return found


def is_setter(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "deleter"}
        for decorator in node.decorator_list
    )


def hooks(name: str) -> set[str]:
    """Names that IPython calls, in whatever module is loaded with %load_ext."""
    return {"load_ipython_extension", "unload_ipython_extension"} if name == "jupyter_trame.kernel" else set()


def module_is_empty(name: str) -> bool:
    return all(isinstance(node, ast.Expr) for node in source_tree(name).body)


def test_lazy_names_resolve() -> None:
    for name in jupyter_trame.__all__:
        assert getattr(jupyter_trame, name) is not None
        assert name in dir(jupyter_trame)
    with pytest.raises(AttributeError, match="no attribute 'Sever'"):
        jupyter_trame.Sever  # type: ignore[attr-defined]  # noqa: B018 (the access is the test)


def test_version_is_the_one_of_the_browser_side() -> None:
    manifest = Path(__file__).parent.parent / "js" / "package.json"
    assert f'"version": "{jupyter_trame.__version__}"' in manifest.read_text("utf-8")


def test_both_languages_state_the_license() -> None:
    root = Path(__file__).parent.parent
    assert '"license": "BSD-3-Clause"' in (root / "js" / "package.json").read_text("utf-8")
    assert 'license = "BSD-3-Clause"' in (root / "pyproject.toml").read_text("utf-8")
