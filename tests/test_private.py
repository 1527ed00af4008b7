"""What other packages have for themselves is used in one module for each, ``_<package>_private.py``, and nowhere else.

Two ways lead to it: a name on an object of theirs, and a name of ours in a class that is derived from theirs.
"""

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tornado.web import RequestHandler, StaticFileHandler

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "jupyter_trame"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if not path.stem.endswith("_private"))

PROMISED = frozenset(
    {"_ipython_display_", "_repr_html_", "_repr_mimebundle_", "_repr_mimebundle", "_repr_pretty_", "_make"}
)
"""Documented names: of IPython's display protocol, and of named tuples."""
COMPANIONS = {
    "compat/quoting.py": "it replaces a method of trame-client, if it is there",
    "compat/element_mistakes.py": "it reads what trame-client's elements left out, if they say so",
    "compat/elements.py": "it replaces methods of trame-client, and reads the elements",
    "compat/layouts.py": "it replaces methods of trame-client",
}
"""Modules whose purpose is to change another package, and why."""


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PROMISED and name != "_"


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _ours() -> frozenset[str]:
    """Private names that the package defines: of functions and attributes, and in slots."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(_tree(path)):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    found.add(name)
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    found.add(name)
                case ast.Name(id=name, ctx=ast.Store()):
                    found.add(name)
                case ast.Assign(targets=[ast.Name(id="__slots__")], value=ast.Tuple(elts=slots)):
                    found.update(str(slot.value) for slot in slots if isinstance(slot, ast.Constant))
    return frozenset(found | {path.stem for path in PACKAGE.rglob("*.py")})


def test_private_names_on_objects_are_ours() -> None:
    ours = _ours()
    foreign = [
        f"{path.relative_to(PACKAGE)}, line {node.lineno}: {ast.unparse(node)}"
        for path in MODULES
        if str(path.relative_to(PACKAGE)) not in COMPANIONS
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute) and _is_private(node.attr) and node.attr not in ours
    ]
    assert not foreign, f"another package has for itself: {foreign}"


def test_companions_are_there() -> None:
    assert set(COMPANIONS) <= {str(path.relative_to(PACKAGE)) for path in MODULES}


def _classes() -> Iterator[type]:
    for path in MODULES:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if path.stem == "__main__":
            continue
        module = importlib.import_module(name)
        for value in vars(module).values():
            if inspect.isclass(value) and value.__module__ == name and _foreign_bases(value):
                yield value


def _foreign_bases(cls: type) -> list[type]:
    return [
        base
        for base in cls.__mro__
        if base.__module__.partition(".")[0] not in {"abc", "builtins", "jupyter_trame", "tests", "typing"}
    ]


@cache
def _sources(file: str) -> dict[str, ast.ClassDef]:
    """The classes of a file by name; of several the last."""
    return {node.name: node for node in ast.walk(_tree(Path(file))) if isinstance(node, ast.ClassDef)}


@cache
def _names(cls: type) -> frozenset[str]:
    """Private names that the class defines in its source, or uses on itself."""
    try:
        body = _sources(inspect.getfile(cls))[cls.__name__]
    except (KeyError, OSError, TypeError, UnicodeDecodeError):  # it is written in C, or made while it runs
        return frozenset(filter(_is_private, vars(cls)))
    found: set[str] = set()
    for node in ast.walk(body):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                found.add(name)
    lines = [line for line in body.body if isinstance(line, ast.Assign | ast.AnnAssign)]
    found.update(node.id for line in lines for node in ast.walk(line) if isinstance(node, ast.Name))
    return frozenset(filter(_is_private, found))


def _clashes(cls: type) -> dict[str, list[str]]:
    """By foreign base, the names that the class shares with it."""
    shared = {base.__qualname__: sorted(_names(cls) & _names(base)) for base in _foreign_bases(cls)}
    return {base: names for base, names in shared.items() if names}


def test_private_names_of_a_class_are_not_its_foreign_bases() -> None:
    classes = list(_classes())
    assert {"ClientSocket", "AiohttpSocket", "StateTraits", "TrameView"} <= {cls.__name__ for cls in classes}
    clashes = {f"{cls.__module__}.{cls.__qualname__}": found for cls in classes if (found := _clashes(cls))}
    assert not clashes, f"classes have, or use, what their bases have for themselves: {clashes}"


class _Uses(StaticFileHandler):
    def size(self) -> int:
        return self._stat().st_size


class _Replaces(RequestHandler):
    _headers_written = True

    def _request_summary(self) -> str:
        return ""


def test_what_is_used_or_replaced_of_a_base_is_found() -> None:
    assert _clashes(_Uses) == {"StaticFileHandler": ["_stat"]}
    assert _clashes(_Replaces) == {"RequestHandler": ["_headers_written", "_request_summary"]}
