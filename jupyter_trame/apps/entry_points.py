"""Which apps are registered: the entry points of the group ``jupyter_trame.apps``.

An app runs in a kernel, perhaps in another environment, and may take seconds to import. So its metadata is read
from its source: nothing of the app is imported here.
"""

import ast
import importlib.machinery
import inspect
import logging
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from jupyter_trame.apps.app_requirements import install_command, requirement_of
from jupyter_trame.errors import TrameError
from jupyter_trame.names import APP_GROUP

__all__ = ["RegisteredApp", "read_app", "read_apps"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RegisteredApp:
    """One registered app, as a launcher shows it."""

    name: str
    title: str
    """The function's attribute `title`, else made of the name."""
    icon: str
    """The function's attribute `icon`: an SVG document or the address of an image; empty for the default."""
    description: str
    """The function's attribute `description`, else the first paragraph of its docstring."""
    error: str | None = None
    """Why the registration is broken. It may work all the same: what counts is the kernel's environment."""
    install: str = ""
    """The command that installs what the app lacks; empty where it lacks nothing. What is said of `error` holds."""
    requirement: str = ""
    """What pip installs for the app, as ``name[extra]``; empty where nobody says which package it is of."""


def read_apps() -> list[RegisteredApp]:
    """All registered apps by their titles; broken registrations are logged and keep their place. Blocks on files."""
    apps = {entry.name: read_app(entry) for entry in entry_points(group=APP_GROUP)}
    return sorted(apps.values(), key=lambda app: (app.title.casefold(), app.name))


def read_app(entry: EntryPoint) -> RegisteredApp:
    """What the source of `entry` says about the app; never raises."""
    title = entry.name.replace("_", " ").replace("-", " ").capitalize()
    texts: dict[str, str] = {}
    problem = None
    try:
        texts = _read_texts(entry)
    except Exception as error:  # noqa: BLE001 - one broken package must not hide the others
        _logger.warning("the app %r (%s) cannot be read: %s", entry.name, entry.value, error)
        problem = str(error)
    return RegisteredApp(
        entry.name,
        texts.get("title", title),
        texts.get("icon", ""),
        texts.get("description", ""),
        problem,
        install_command(entry),
        requirement_of(entry),
    )


def _read_texts(entry: EntryPoint) -> dict[str, str]:
    module, _, function = entry.value.partition(":")
    path = _find_source(module.strip())
    tree = ast.parse(path.read_bytes(), str(path))
    name = function.partition("[")[0].strip()
    texts = dict(_attributes(tree.body, name))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            paragraph = inspect.cleandoc(ast.get_docstring(node) or "").partition("\n\n")[0]
            texts.setdefault("description", " ".join(paragraph.split()))
            return texts
    if name not in _assigned_names(tree.body):
        raise TrameError(f"{module} defines no {name}")
    return texts


def _find_source(module: str) -> Path:
    """The file of a dotted module name; its packages are looked through, not imported."""
    search: Iterable[str] | None = None
    spec: importlib.machinery.ModuleSpec | None = None
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        name = ".".join(parts[:count])
        spec = _find_spec(name, search)
        if spec is None:
            raise TrameError(f"there is no module {name}")
        search = spec.submodule_search_locations
        if search is None and count < len(parts):
            raise TrameError(f"{name} is no package")
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise TrameError(f"{module} has no Python source")
    return Path(spec.origin)


def _find_spec(name: str, search: Iterable[str] | None) -> importlib.machinery.ModuleSpec | None:
    """Ask the finders, since `importlib.util.find_spec` imports the packages on the way."""
    path = None if search is None else list(search)
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec: importlib.machinery.ModuleSpec | None = None if find is None else find(name, path)
        if spec is not None:
            return spec
    return None


def _attributes(body: list[ast.stmt], name: str) -> Iterable[tuple[str, str]]:
    """Texts that the module sets as attributes of its function: ``app.title = "Explore"``."""
    for node in body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)):
            continue
        if isinstance(node.value.value, str):
            for target in node.targets:
                if (
                    isinstance(target, ast.Attribute)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == name
                ):
                    yield target.attr, node.value.value


def _assigned_names(body: list[ast.stmt]) -> set[str]:
    """Names that a module has without defining them there: imported or assigned."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names
