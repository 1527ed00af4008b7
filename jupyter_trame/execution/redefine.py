"""A function taken from its source file again, with everything around it left as it is."""

import ast
import os
from functools import lru_cache
from pathlib import Path
from types import CellType, CodeType, FunctionType
from typing import Any, NamedTuple, TypeAlias, cast

__all__ = ["Definition", "Stamp", "Version", "definitions", "stamp_of", "update", "version_of"]

_REGISTRARS = frozenset(
    {"change", "controller", "ctrl", "hot_reload", "life_cycle", "server", "state", "trigger"}
)
"""A decorator that has one of these words in its dotted name binds the function: it is not applied again."""

_DESCRIPTORS = frozenset({"classmethod", "staticmethod"})
_ATTRIBUTE = "_jupyter_trame_version"

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
"""A function in a source file."""


class Stamp(NamedTuple):
    """What of a file changes when it is written."""

    mtime: int
    """Nanoseconds."""
    size: int


class Version:
    """The newest version of one function, and what it was made from."""

    def __init__(self, fn: FunctionType) -> None:
        self.of = fn  # `functools.wraps` copies attributes: a wrapper finds the record of what it wraps
        self.newest: Any = fn
        self.code: CodeType = fn.__code__
        self.stamp: Stamp | None = None
        self.header: str | None = None
        """Decorators and defaults of the newest version; None while they are only known from `of`."""


def version_of(fn: FunctionType) -> Version:
    """What is known of `fn`; it is kept as an attribute of the function."""
    version = fn.__dict__.get(_ATTRIBUTE)
    if version is None or version.of is not fn:
        version = fn.__dict__[_ATTRIBUTE] = Version(fn)
    return cast("Version", version)


def stamp_of(path: str) -> Stamp | None:
    """None where there is no such file (cells, ``exec``, the interactive prompt), or an editor just begins to write."""
    try:
        status = os.stat(path)  # noqa: PTH116 - asked before each call of a listener
    except (OSError, ValueError):
        return None
    return Stamp(status.st_mtime_ns, status.st_size) if status.st_size else None


@lru_cache(maxsize=16)
def definitions(path: str, stamp: Stamp) -> list[tuple[CodeType, Definition]]:  # noqa: ARG001 - the memo's key
    """All functions that the file defines. Raises `SyntaxError`, `OSError`."""
    tree = ast.parse(Path(path).read_bytes(), path)
    nodes = {
        (min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]), node.name): node
        for node in ast.walk(tree)
        if isinstance(node, Definition)
    }
    return [
        (code, nodes[code.co_firstlineno, code.co_name])
        for code in _nested_codes(compile(tree, path, "exec", dont_inherit=True))
        if (code.co_firstlineno, code.co_name) in nodes
    ]


def _nested_codes(code: CodeType) -> list[CodeType]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [found for constant in inner for found in (constant, *_nested_codes(constant))]


def update(version: Version, stamp: Stamp) -> None:
    """Bring the newest version of `version` up to date with the file. Raises what the file's code raises."""
    known = version.code
    candidates = [
        (code, definition)
        for code, definition in definitions(known.co_filename, stamp)
        if code.co_qualname == known.co_qualname
    ]
    if not candidates:
        raise LookupError(f"{known.co_filename} defines no {known.co_qualname} any more")
    plain = _without_lines(known)
    same = [candidate for candidate in candidates if _without_lines(candidate[0]) == plain]
    # Of functions with one name the unchanged one is meant, or else the one that stands where it stood.
    code, definition = min(
        same or candidates, key=lambda candidate: abs(candidate[0].co_firstlineno - known.co_firstlineno)
    )
    header = _header(definition)
    if same and (
        header == version.header if version.header is not None else _has_defaults_of(version.of, definition)
    ):
        version.code, version.header = code, header
        return
    version.newest = _define(version.of, code, definition)
    version.code, version.header = code, header


def _without_lines(code: CodeType) -> CodeType:
    """`code` as it would be at the top of its file."""
    constants = tuple(
        _without_lines(constant) if isinstance(constant, CodeType) else constant
        for constant in code.co_consts
    )
    return code.replace(co_firstlineno=1, co_linetable=b"", co_consts=constants, co_filename="")


def _header(definition: Definition) -> str:
    arguments = definition.args
    return repr([ast.dump(node) for node in (*definition.decorator_list, arguments)])


def _has_defaults_of(fn: FunctionType, definition: Definition) -> bool:
    """Whether the literal defaults of `definition` are those of `fn`; of other expressions nobody can tell."""
    by_position, by_name = _defaulted(definition.args)
    wanted = {argument.arg: expression for argument, expression in (*by_position, *by_name)}
    mine = _defaults(fn)
    return mine.keys() == wanted.keys() and all(_may_be(mine[name], wanted[name]) for name in mine)


def _may_be(value: object, expression: ast.expr) -> bool:
    try:
        return bool(ast.literal_eval(expression) == value)
    except ValueError:
        return True


# -- the new function


def _define(old: FunctionType, code: CodeType, definition: Definition) -> Any:
    """The function of `code` and `definition`, in the place of `old`: with its module, its closure and its name."""
    cells = _cells(old, code)
    scope = {name: cell.cell_contents for name, cell in cells.items() if _is_filled(cell)}

    def evaluate(expression: ast.expr) -> Any:
        compiled = compile(ast.Expression(expression), code.co_filename, "eval", dont_inherit=True)
        return eval(compiled, old.__globals__, scope)  # the file is the app's own code

    before = _defaults(old)

    def default(argument: ast.arg, expression: ast.expr) -> Any:
        try:
            return evaluate(expression)
        except NameError:
            # A variable of the function around, which only that function's call could see.
            if argument.arg not in before:
                raise
            return before[argument.arg]

    by_position, by_name = _defaulted(definition.args)
    new = FunctionType(
        code,
        old.__globals__,
        old.__name__,
        tuple(default(argument, expression) for argument, expression in by_position),
        tuple(cells[name] for name in code.co_freevars),
    )
    new.__kwdefaults__ = {argument.arg: default(argument, expression) for argument, expression in by_name}
    new.__qualname__, new.__module__ = old.__qualname__, old.__module__
    new.__doc__, new.__annotations__ = ast.get_docstring(definition), old.__annotations__
    result: Any = new
    for decorator in reversed(_kept(definition.decorator_list)):
        result = evaluate(decorator)(result)
    return result


def _defaulted(
    arguments: ast.arguments,
) -> tuple[list[tuple[ast.arg, ast.expr]], list[tuple[ast.arg, ast.expr]]]:
    """The arguments that have defaults, positional ones and keyword-only ones."""
    positional = [*arguments.posonlyargs, *arguments.args]
    by_position = positional[len(positional) - len(arguments.defaults) :]
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return (
        [*zip(by_position, arguments.defaults, strict=True)],
        [(argument, expression) for argument, expression in named if expression is not None],
    )


def _defaults(fn: FunctionType) -> dict[str, Any]:
    names = fn.__code__.co_varnames[: fn.__code__.co_argcount]
    values = fn.__defaults__ or ()
    return {**dict(zip(names[len(names) - len(values) :], values, strict=True)), **(fn.__kwdefaults__ or {})}


def _cells(old: FunctionType, code: CodeType) -> dict[str, CellType]:
    """The variables of the functions around that `code` uses."""
    cells = dict(zip(old.__code__.co_freevars, old.__closure__ or (), strict=True))
    missing = ", ".join(name for name in code.co_freevars if name not in cells and name != "__class__")
    if missing:
        raise NameError(f"the running {old.__qualname__} holds no {missing} of the function around it")
    if "__class__" in code.co_freevars and "__class__" not in cells:
        cells["__class__"] = CellType(_class_of(old))
    return cells


def _class_of(method: FunctionType) -> type:
    found: Any = method.__globals__
    for name in method.__qualname__.split(".")[:-1]:
        found = found[name] if isinstance(found, dict) else getattr(found, name)
    return cast("type", found)


def _is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - the access is the question
    except ValueError:
        return False
    return True


def _kept(decorators: list[ast.expr]) -> list[ast.expr]:
    """The decorators that are applied again: below `hot_reload`, and none that binds the function."""
    words = [_words(decorator) for decorator in decorators]
    start = max((number + 1 for number, found in enumerate(words) if "hot_reload" in found), default=0)
    dropped = _REGISTRARS | _DESCRIPTORS
    return [
        decorator
        for decorator, found in zip(decorators[start:], words[start:], strict=True)
        if dropped.isdisjoint(found)
    ]


def _words(decorator: ast.expr) -> set[str]:
    """The parts of a decorator's dotted name."""
    found = set()
    while isinstance(decorator, ast.Call | ast.Attribute):
        if isinstance(decorator, ast.Attribute):
            found.add(decorator.attr)
            decorator = decorator.value
        else:
            decorator = decorator.func
    return found | ({decorator.id} if isinstance(decorator, ast.Name) else set())
