"""What the pages name is there: links, files, names of the package, options, variables of the environment."""

import argparse
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_trame import Server, ui
from jupyter_trame.core.translator import RESERVED_NAMES
from jupyter_trame.extension.extension_app import TrameExtension
from jupyter_trame.program import choice
from jupyter_trame.runtime import settings
from tests.docs.pages import PAGES, ROOT, anchors, first_column, links, names, prose, section

PACKAGE = ROOT / "jupyter_trame"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
SERVER = ROOT / "docs" / "server.md"
RECIPES = ROOT / "docs" / "recipes.md"
UI = ROOT / "docs" / "ui.md"
INDEX = ROOT / "docs" / "index.md"
GUIDE = ROOT / "docs" / "guide.md"

_DOTTED = re.compile(r"jupyter_trame(?:\.\w+)+")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*(?:\.(?:py|ts|css|md|json|ipynb|html|svg|png)|/)")
_TEST = re.compile(r"`(tests/[\w/]+\.py)?::(\w+(?:::\w+)?)")
_VARIABLE = re.compile(r'"([A-Z]+(?:_[A-Z]+)+)"')
_PLACES = (ROOT, PACKAGE, ROOT / "js" / "src")
"""Where paths in the pages begin."""
_EXAMPLES = {"jupyter_trame/x/y.py", "tests/x/test_y.py", "dist/", "site/", "trame/"}
"""Paths that stand for others, what commands make, and addresses."""
_OTHER_NAMES = {"jupyter_trame.apps", "jupyter_trame.log"}
"""A group of entry points, and a file."""


def test_the_index_lists_all_pages() -> None:
    listed = {target.partition("#")[0] for target in links(INDEX)}
    others = {page.name for page in INDEX.parent.glob("*.md")} - {INDEX.name}
    assert others <= listed, f"docs/index.md does not link {others - listed}"


def dead_links(page: Path) -> Iterator[str]:
    for target in links(page):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if not path.exists():
            yield f"{page.name} links {target}, which is not there"
        elif anchor and path.suffix == ".md" and anchor not in anchors(path):
            yield f"{page.name} links {target}, and {path.name} has no such heading"


def test_links_lead_somewhere() -> None:
    found = [dead for page in PAGES for dead in dead_links(page)]
    assert not found, "\n".join(found)


def missing_tests(page: Path) -> Iterator[str]:
    """Of ``tests/x.py::test_y``, and ``::test_z`` for another one of the same file."""
    file = ""
    for path, name in _TEST.findall(page.read_text("utf-8")):
        file = path or file
        tests = (ROOT / file).read_text("utf-8") if (ROOT / file).is_file() else ""
        if not re.search(rf"def {name.rpartition('::')[2]}\b", tests):
            yield f"{page.name}: {file} has no {name}"


def test_tests_that_hold_a_promise_are_there() -> None:
    found = [missing for page in PAGES for missing in missing_tests(page)]
    assert not found, "\n".join(found)


def resolve(dotted: str) -> Any:
    """The object of a dotted name; raises `AttributeError` or `ModuleNotFoundError` where there is none."""
    module, _, rest = dotted.partition(".")
    found: Any = importlib.import_module(module)
    path = module
    for name in rest.split("."):
        path = f"{path}.{name}"
        if not hasattr(found, name):
            importlib.import_module(path)
        found = getattr(found, name)
    return found


def is_there(dotted: str) -> bool:
    try:
        resolve(dotted)
    except (AttributeError, ModuleNotFoundError):
        return False
    return True


def test_names_of_the_package_exist() -> None:
    found = [
        f"{page.name} names {dotted}, which is not there"
        for page in PAGES
        for dotted in sorted(set(_DOTTED.findall(" ".join(names(page)))) - _OTHER_NAMES)
        if not (PACKAGE.parent / dotted).exists() and not is_there(dotted)
    ]
    assert not found, "\n".join(found)


def test_a_name_that_is_not_there_is_found() -> None:
    assert is_there("jupyter_trame.Server")
    assert not is_there("jupyter_trame.Nothing")
    assert not is_there("jupyter_trame.server.nothing.at_all")


def test_files_that_are_named_exist() -> None:
    found = [
        f"{page.name} names {name}, which is not there"
        for page in PAGES
        for name in sorted(set(names(page)) - _EXAMPLES)
        if _PATH.fullmatch(name) and "/" in name and not any((place / name).exists() for place in _PLACES)
    ]
    assert not found, "\n".join(found)


# -- docs/architecture.md


def module_folders() -> list[str]:
    """Folders of the package with modules of their own; those of the drop-in hold names only."""
    folders = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    return sorted(folder for folder in folders if folder != "." and not folder.startswith("compat/"))


def test_every_module_has_its_place_in_the_architecture() -> None:
    found = []
    for folder in module_folders():
        top = folder.partition("/")[0]
        named = {word.strip("`") for word in re.findall(r"`\w+`", section(ARCHITECTURE, top))}
        there = {path.stem for path in (PACKAGE / folder).glob("*.py")} - {"__init__"}
        if missing := sorted(there - named):
            found.append(f"docs/architecture.md, section {top}: {missing} are missing")
    assert not found, "\n".join(found)


# -- docs/server.md


def options_of(text: str) -> set[str]:
    return {option for row in first_column(text) for option in row}


def test_the_command_line_is_the_parsers() -> None:
    parser: argparse.ArgumentParser = settings.make_parser()
    there = {option for action in parser._actions for option in action.option_strings}
    assert options_of(section(SERVER, "Command line")) == there


def test_the_environment_is_the_settings() -> None:
    written = set(_VARIABLE.findall(Path(settings.__file__).read_text("utf-8")))
    read = written - set(settings.__all__) - set(settings.IGNORED)
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", prose(SERVER)))
    assert {row[0] for row in first_column(section(SERVER, "Environment"))} == read
    assert named <= read


def test_the_arguments_of_start() -> None:
    parameters = set(inspect.signature(Server.start).parameters) - {"self"}
    assert options_of(section(SERVER, "Starting")) == parameters


def test_the_backends() -> None:
    assert options_of(section(SERVER, "Backends")) == {"jupyter", *choice.HTTP_SERVERS}


def test_the_events_of_the_life_cycle() -> None:
    text = section(SERVER, "Life cycle")
    assert options_of(text) | {"on_server_reload"} == RESERVED_NAMES
    assert "`on_server_reload`" in text


def test_the_options_have_their_defaults() -> None:
    text = section(SERVER, "Environment")
    for name, value in settings.default_options({}).items():
        assert f"`{name}`" in text
        assert not isinstance(value, int) or value is False or f"{value:,}".replace(",", " ") in text


# -- docs/drop-in.md


def test_the_names_of_the_drop_in_exist() -> None:
    text = section(ROOT / "docs" / "drop-in.md", "What resolves to what")
    named = {name for name in re.findall(r"`([\w.]+)`", text) if name.startswith(("trame_server", "wslink"))}
    assert len(named) > 8
    for name in named:
        resolve(f"jupyter_trame.compat.{name}")


# -- docs/guide.md


def test_the_settings_of_the_extension() -> None:
    traits = TrameExtension.class_own_traits(config=True)
    named = {name.removeprefix("c.TrameExtension.") for name in options_of(section(GUIDE, "Settings"))}
    assert named == set(traits)


def test_the_recipes_and_the_page_of_ui_name_all_parts() -> None:
    parts = {name for name in ui.__all__ if not inspect.isclass(getattr(ui, name))}
    at_the_end = RECIPES.read_text("utf-8").partition("### What `ui` has\n")[2].partition("\n## ")[0]
    for text in (at_the_end, UI.read_text("utf-8")):
        assert parts <= set(re.findall(r"\bui\.(\w+)", text))


def test_each_app_of_a_page_has_a_variable_of_its_own() -> None:
    notebook = ROOT / "notebooks" / "05_ui.ipynb"
    for page in (RECIPES, UI, notebook):
        names = re.findall(
            r"with ui\.app\(\\?\"\w+\\?\"\) as (\w+)|^(\w+) = Server\(", page.read_text(), re.MULTILINE
        )
        variables = ["".join(name) for name in names]
        assert len(variables) >= 3
        assert len(set(variables)) == len(variables), f"{page.name}: {variables}"
