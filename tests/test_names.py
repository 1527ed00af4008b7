"""Pages and servers call everything alike."""

import ast
import re
from collections import Counter
from pathlib import Path

from jupyter_trame import names

PAGES = Path(__file__).parent.parent / "js" / "src" / "protocol" / "names.ts"


def test_pages_use_the_same_names() -> None:
    of_pages = dict(re.findall(r'^export const (\w+) = "([^"]+)";$', PAGES.read_text("utf-8"), re.MULTILINE))
    assert of_pages
    assert of_pages.items() <= {name: getattr(names, name) for name in names.__all__}.items()


def test_no_name_is_there_twice() -> None:
    values = [getattr(names, name) for name in names.__all__]
    assert len(values) == len(set(values))


PACKAGE = Path(__file__).parent.parent / "jupyter_trame"
ONE_JOB = {
    "aiohttp": "clients and pages of one web server",
    "tornado": "clients and pages of one web server",
    "backend": "the contract, and the backend of kernels",
    "files": "both ends of a request for a file",
    "state": "the state, and what user code sees of it on the loop that owns it",
    "stock_comm": "the transport, and its place in a kernel",
    "FileHandler": "the same address in a program and in a Jupyter server",
    "LauncherHandler": "the same address in a program and in a Jupyter server",
    "Client": "a client of an app on asyncio, and one on trio",
    "Controller": "the registry, and what user code sees of it on the loop that owns it",
    "State": "the state, and what user code sees of it on the loop that owns it",
}
"""Names that stand twice, since what they name does one job at two places."""


def test_modules_and_classes_have_names_of_their_own() -> None:
    """Whoever searches for a name finds one place. Names in `compat` are those of the modules that it replaces."""
    found: Counter[str] = Counter()
    for path in PACKAGE.rglob("*.py"):
        if "compat" in path.relative_to(PACKAGE).parts or path.stem.startswith("__"):
            continue
        found[path.stem] += 1
        found.update(
            node.name
            for node in ast.parse(path.read_text("utf-8")).body
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        )
    assert {name for name, count in found.items() if count > 1} == ONE_JOB.keys()
